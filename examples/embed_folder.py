"""Embed every file of a directory, and print one line of JSON for each: its name and its vector.

    python -m examples.embed_folder films/ > vectors.jsonl
    python -m examples.embed_folder films/ --model marengo3.5 --option audio

Videos, sounds, images and documents are recognized by their content. Nothing stays on the platform.

The key comes from TWELVE_LABS_API_KEY. Without a key, start `python -m twelvelabs_async.emulator` and set the two
variables that it prints.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from twelvelabs_async import AsyncTwelveLabs, TwelveLabsError

if TYPE_CHECKING:
    from collections.abc import Sequence


async def embed(client: AsyncTwelveLabs, path: Path, model: str, option: str | None) -> bool:
    """Print the vector of a whole file, or the error; return whether it succeeded."""
    try:
        found = await client.embed.v_2.embed_file(path, model_name=model)
        vector = found.vector(scope="asset", option=option)
    except (TwelveLabsError, OSError, LookupError) as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return False
    print(json.dumps({"file": path.name, "vector": vector.tolist()}))
    return True


async def run(options: argparse.Namespace) -> int:
    """Embed the files and return the exit code."""
    paths = await asyncio.to_thread(lambda: sorted(path for path in options.folder.iterdir() if path.is_file()))
    async with AsyncTwelveLabs() as client:
        done = await asyncio.gather(*(embed(client, path, options.model, options.option) for path in paths))
    return 0 if all(done) else 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m examples.embed_folder", description="Embed files.")
    parser.add_argument("folder", type=Path, help="directory with the files")
    parser.add_argument("--model", default="marengo3.0", help="model (default: marengo3.0)")
    parser.add_argument("--option", default="visual", help="what is embedded: visual, audio ... (default: visual)")
    options = parser.parse_args(arguments)
    try:
        return asyncio.run(run(options))
    except (TwelveLabsError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
