"""An ingestion in a process of its own, which can be killed: `python -m tests.ingest.child < SETTINGS`.

Settings are the JSON object of the arguments of `client.ingest`, and of the client under `client`. Files of more than
`direct_bytes` are sent in chunks. The exit code is 0 if nothing failed, else 1.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.ingest import stages


async def ingest(client: dict[str, Any], sources: str, direct_bytes: int | None = None, **arguments: Any) -> int:
    """Run it to the end."""
    if direct_bytes is not None:
        vars(stages)["DIRECT_BYTES"] = direct_bytes  # files of 200 MiB would make slow tests
    async with AsyncTwelveLabs(**client) as opened, opened.ingest(sources, **arguments) as run:
        stats = await run.wait()
    return 1 if stats.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(ingest(**json.load(sys.stdin))))
