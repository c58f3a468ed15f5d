"""Lets schemathesis loose on an emulator: `python -m tests.api.run .venv-api/bin/schemathesis [its arguments]`."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import yaml

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.openapi import document

from .bindings import configuration
from .document import STREAMS, plain
from .seed_data import MEDIA, Seeder, write_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .seed_data import Known

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "openapi" / "twelvelabs-v1.3.yaml"

LIMIT = 300.0
"""Seconds after which schemathesis is stopped: several times what it needs on a busy machine."""

LINE = 2000
"""Characters of a line of its output that are shown."""

BUILDING: dict[str, Any] = {"speed": 0}
"""Settings of the emulator while the first things are made: at once."""

TESTING: dict[str, Any] = {
    "speed": 1000,
    # Analyses that wait can be canceled; those that were made before are done.
    "durations": {"analyze.queued": 3_600_000},
    "check_responses": True,
    "redirect_uri_limit": 20,
}
"""Settings while it is tested. It validates each response and each event of a stream against the document, too."""


async def check(st: str, arguments: Sequence[str], folder: Path) -> int:
    """Runs schemathesis on a fresh emulator; returns its exit code."""
    media = folder / "media"
    media.mkdir()
    await asyncio.to_thread(write_files, media)
    state: dict[str, Any] = {"state": folder / "state", "media_folder": media}
    async with aiohttp.ClientSession() as session:
        async with Emulator(**BUILDING, **state) as emulator:
            kept, spare = await Seeder(session, emulator, media).build()
        async with Emulator(**TESTING, **state) as emulator:
            kept |= await Seeder(session, emulator, media).waiting(kept["asset"][0])
            await asyncio.to_thread(_write, folder, kept, spare)
            return await _run(st, arguments, folder, emulator)


def _write(folder: Path, kept: Known, spare: Known) -> None:
    """Writes what schemathesis reads: the document and its configuration."""
    known = kept | {
        "file": list(MEDIA),
        "url": [f"file:///{name}" for name in MEDIA],
        "base64": [base64.b64encode((folder / "media" / "red.png").read_bytes()).decode()],
    }
    raw = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    (folder / "openapi.json").write_text(json.dumps(plain(raw, known, spare)), encoding="utf-8")
    settings = (HERE / "schemathesis.toml").read_text(encoding="utf-8")
    text = f"{settings}\n{configuration(document.load(), known, spare)}"
    (folder / "schemathesis.toml").write_text(text, encoding="utf-8")


async def _run(st: str, arguments: Sequence[str], folder: Path, emulator: Emulator) -> int:
    process = await asyncio.create_subprocess_exec(
        *(st, "--config-file", str(folder / "schemathesis.toml"), "run", str(folder / "openapi.json")),
        *("--url", emulator.base_url, "--header", f"x-api-key: {emulator.api_key}", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        limit=2**26,
        env=os.environ | {"CHECK_API_FOLDER": str(folder), "SCHEMATHESIS_HOOKS": "tests.api.hooks"},
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(None if arguments else LIMIT):
            async for line in process.stdout:
                _say(_shortened(line.decode(errors="replace").rstrip()))
            return await process.wait()
    except TimeoutError:
        _say(f"schemathesis was stopped after {LIMIT:.0f} seconds: something hangs")
        return 1
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def missed(calls: Sequence[tuple[str, int, str]]) -> list[str]:
    """What a run must have met and has not: a success of each operation, and a response of each kind of stream."""
    statuses: dict[str, set[int]] = defaultdict(set)
    kinds: dict[str, set[str]] = defaultdict(set)
    for identifier, status, kind in calls:
        statuses[identifier].add(status)
        if status < 300:
            kinds[identifier].add(kind)
    problems = []
    for operation in document.load().operations.values():
        if not any(status < 300 for status in statuses[operation.id]):
            problems.append(f"{operation.id} never succeeded; it answered {sorted(statuses[operation.id])}")
        streams = STREAMS & operation.responses[operation.success].content.keys()
        problems += [f"{operation.id} never answered {kind}" for kind in streams - kinds[operation.id]]
    return problems


def _shortened(line: str) -> str:
    """Commands that reproduce a request hold whole videos."""
    return line if len(line) <= LINE else f"{line[:LINE]} ... ({len(line) - LINE} more characters)"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main(st: str, *arguments: str) -> int:
    """The command; further arguments are those of `schemathesis run`."""
    # Some tests send invalid HTTP; the server's log line on each of them is of no use.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="check-api-") as name:
        folder = Path(name)
        code = asyncio.run(check(st, arguments, folder))
        calls = [json.loads(line) for line in (folder / "calls.jsonl").read_text().splitlines()]
    # Chosen operations or phases need not meet everything.
    problems = [] if arguments else missed(calls)
    for problem in problems:
        _say(f"Missed: {problem}")
    seconds = time.monotonic() - started
    _say(f"{len(calls)} calls in {seconds:.0f} seconds: {'passed' if not code and not problems else 'FAILED'}")
    return code or int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
