"""An ingestion on a Ray of its own, in a process that can be killed: `python -m tests.ray.child < SETTINGS`.

Settings are the JSON object of the arguments of `on_ray`. It prints a line when the first source is done.
"""

from __future__ import annotations

import json
import sys

from twelvelabs_async.ingest import on_ray
from twelvelabs_async.ingest.ray import Progress


def tell(progress: Progress) -> None:
    if progress.done:
        sys.stdout.write("working\n")
        sys.stdout.flush()


if __name__ == "__main__":
    on_ray(**json.load(sys.stdin), on_progress=tell)
