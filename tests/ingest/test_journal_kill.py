"""Processes that are killed while they write: what a call returned from is in the journal."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from pathlib import Path

from twelvelabs_async.ingest.journal import Journal

from .test_journal import TARGET

ROUNDS = 6

WRITER = """
import asyncio, os, sys
from twelvelabs_async.ingest.journal import Journal
from tests.ingest.test_journal import TARGET, make_item, make_outcome

async def one(journal, key):
    [record] = await journal.register([make_item(key)])
    if record.state == "done":
        return
    os.write(1, f"registered {key}\\n".encode())
    await journal.intend(key, "asset")
    os.write(1, f"intended {key}\\n".encode())
    await journal.record(key, asset_id=key + "-asset")
    os.write(1, f"recorded {key}\\n".encode())
    await journal.finish(key, make_outcome(key))
    os.write(1, f"finished {key}\\n".encode())

async def main():
    keys = iter(range(100_000))
    async def work(journal):
        for key in keys:
            await one(journal, str(key))
    async with await Journal.open(sys.argv[1], target=TARGET) as journal:
        await asyncio.gather(*(work(journal) for _ in range(50)))

asyncio.run(main())
"""


async def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    chance = random.Random(12)
    said: dict[str, set[str]] = {word: set() for word in ("registered", "intended", "recorded", "finished")}
    for _ in range(ROUNDS):
        for word, key in await asyncio.to_thread(_write_until_killed, path, chance.randrange(200, 3000)):
            said[word].add(key)
        async with await Journal.open(path, target=TARGET) as journal:
            rows = await journal._read(
                lambda file: file.connection.execute("SELECT key, intended_at, asset_id, state FROM items").fetchall()
            )
            assert {row[0] for row in rows} >= said["registered"]
            assert {row[0] for row in rows if row[1]} >= said["intended"]
            assert {row[0] for row in rows if row[2] == f"{row[0]}-asset"} >= said["recorded"]
            assert {row[0] for row in rows if row[3] == "done"} >= said["finished"]
            done = {outcome.key async for outcome in journal.outcomes("done")}
            assert done >= said["finished"]
            # What is done but was not reported so: at most one for each of the fifty that were at work in each round.
            assert len(done - said["finished"]) <= 50 * ROUNDS
    assert len(said["finished"]) > 100


def _write_until_killed(path: Path, lines: int) -> list[list[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    said += process.communicate()[0].splitlines(keepends=True)
    return [line.decode().split() for line in said if line.endswith(b"\n")]
