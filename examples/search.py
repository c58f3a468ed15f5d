"""Search an index by text, by image, or by both.

    python -m examples.search                                  # lists the indexes
    python -m examples.search INDEX_ID "somebody scores a goal"
    python -m examples.search INDEX_ID --image ball.png --limit 5

The key comes from TWELVE_LABS_API_KEY. Without a key, start `python -m twelvelabs_async.emulator` and set the two
variables that it prints.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from twelvelabs_async import AsyncTwelveLabs, TwelveLabsError

if TYPE_CHECKING:
    from collections.abc import Sequence


async def list_indexes(client: AsyncTwelveLabs) -> None:
    """Print the indexes of the account."""
    async for index in client.indexes.list():
        print(f"{index.id}  {index.index_name} ({index.video_count} videos)")


async def search(client: AsyncTwelveLabs, index_id: str, text: str | None, image: Path | None, limit: int) -> int:
    """Print the best hits and return how many there were."""
    hits = client.search.query(
        index_id=index_id,
        query_text=text,
        query_media_type="image" if image else None,
        query_media_file=image,
        search_options=["visual", "audio"] if image is None else ["visual"],
        operator="or",
        page_limit=min(limit, 50),
    )
    found = 0
    async for hit in hits:
        found += 1
        print(f"{hit.rank or '-':>4}  {hit.start or 0:8.1f} s to {hit.end or 0:8.1f} s  in video {hit.video_id}")
        if found == limit:
            break
    return found


async def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    async with AsyncTwelveLabs() as client:
        if options.index_id is None:
            await list_indexes(client)
            return 0
        found = await search(client, options.index_id, options.text, options.image, options.limit)
        if not found:
            print("No results.")
        return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m examples.search", description="Search an index.")
    parser.add_argument("index_id", nargs="?", help="id of the index; without it, the indexes are listed")
    parser.add_argument("text", nargs="?", help="text to search for")
    parser.add_argument("--image", type=Path, help="image to search for")
    parser.add_argument("--limit", type=int, default=10, help="number of hits (default: 10)")
    options = parser.parse_args(arguments)
    if options.index_id is not None and options.text is None and options.image is None:
        parser.error("a text, --image, or both are required")
    try:
        return asyncio.run(run(options))
    except (TwelveLabsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
