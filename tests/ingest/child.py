"""An ingestion in a process of its own, which can be killed: `python -m tests.ingest.child < SETTINGS`.

Settings are the JSON object of the arguments of `client.ingest`, and of the client under `client`. The exit code is 0
if nothing failed, else 1.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from twelvelabs_async import AsyncTwelveLabs


async def ingest(client: dict[str, Any], sources: str, **arguments: Any) -> int:
    """Run it to the end."""
    async with AsyncTwelveLabs(**client) as opened, opened.ingest(sources, **arguments) as run:
        stats = await run.wait()
    return 1 if stats.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(ingest(**json.load(sys.stdin))))
