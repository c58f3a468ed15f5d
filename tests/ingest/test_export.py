# ruff: noqa: ASYNC240 - small files, and nothing else runs
from __future__ import annotations

import asyncio
import csv
import errno
import io
import json
import os
import sys
import threading
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.ingest import export as export_module
from twelvelabs_async.ingest.export import COLUMNS, export
from twelvelabs_async.ingest.values import IngestOutcome

DONE = IngestOutcome(
    key="a.mp4|5|7", source="/videos/a.mp4", status="done", asset_id="a1", timings={"upload": 1.25, "ready": 2.0}
)
FAILED = IngestOutcome(
    key="b", source='ü, "b"\n.mp4', status="failed", stage="asset", error="E", message="=1+1", retryable=True
)


async def given_as(outcomes: Iterable[IngestOutcome]) -> AsyncIterator[IngestOutcome]:
    for outcome in outcomes:
        yield outcome


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    assert await export(given_as([DONE, FAILED]), path) == 2
    read = [IngestOutcome.from_dict(json.loads(line)) for line in path.read_text().splitlines()]
    assert read == [DONE, FAILED]
    assert await export(given_as([]), path) == 0
    assert path.read_bytes() == b""
    assert await export(given_as([DONE]), path.with_suffix(".csv"), format="jsonl") == 1
    assert json.loads(path.with_suffix(".csv").read_text())["key"] == "a.mp4|5|7"


async def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "out.CSV"
    assert await export(given_as([DONE, FAILED]), path) == 2
    done, failed = rows(path)
    assert tuple(done) == COLUMNS
    assert (done["key"], done["seconds"], done["adopted"], done["item_id"]) == ("a.mp4|5|7", "3.25", "false", "")
    assert (failed["source"], failed["retryable"], failed["message"]) == ('ü, "b"\n.mp4', "true", "'=1+1")
    await export(given_as([]), path)
    assert path.read_text() == ",".join(COLUMNS) + "\n"
    await export(given_as([DONE]), tmp_path / "out", format="csv")
    assert len(rows(tmp_path / "out")) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
async def test_no_cell_is_a_formula(tmp_path: Path, start: str) -> None:
    text = f"{start}cmd|'/c calc'!A0"
    outcome = IngestOutcome(key=text, source=text, status="done", analysis=text)
    await export(given_as([outcome]), tmp_path / "out.csv")
    [row] = rows(tmp_path / "out.csv")
    assert {row["key"], row["source"], row["analysis"]} == {f"'{text}"}


@given(st.lists(st.text(st.characters(exclude_characters="\0")), min_size=1, max_size=5))
def test_texts_survive(texts: list[str]) -> None:
    outcomes = [IngestOutcome(key=text, source=text, status="done") for text in texts]
    lines = export_module._jsonl(outcomes, True).splitlines()
    assert [IngestOutcome.from_dict(json.loads(line)) for line in lines] == outcomes
    table = csv.DictReader(io.StringIO(export_module._csv(outcomes, True).decode(), newline=""))
    expected = [text.encode("utf-8", "backslashreplace").decode() for text in texts]
    assert [row["key"].removeprefix("'") for row in table] == [text.removeprefix("'") for text in expected]


async def test_many_in_batches(tmp_path: Path) -> None:
    outcomes = [IngestOutcome(key=str(n), source="x", status="done") for n in range(1000)]
    assert await export(given_as(outcomes), tmp_path / "out.csv") == 1000
    assert [row["key"] for row in rows(tmp_path / "out.csv")] == [str(n) for n in range(1000)]


async def test_a_file_is_replaced_only_when_it_is_complete(tmp_path: Path) -> None:
    path, link = tmp_path / "out.jsonl", tmp_path / "link"
    path.write_text("before")
    path.chmod(0o640)
    link.symlink_to(path)

    async def breaks() -> AsyncIterator[IngestOutcome]:
        for n in range(500):
            yield IngestOutcome(key=str(n), source="x", status="done")
        assert len(os.listdir(tmp_path)) == 3  # noqa: PTH208
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        await export(breaks(), link)
    assert path.read_text() == "before"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link", "out.jsonl"]
    await export(given_as([DONE]), link)
    assert link.is_symlink()
    assert json.loads(path.read_text())["key"] == "a.mp4|5|7"
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


async def test_an_export_that_is_cancelled(tmp_path: Path) -> None:
    reached = asyncio.Event()

    async def hangs() -> AsyncIterator[IngestOutcome]:
        yield DONE
        reached.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(export(hangs(), tmp_path / "out.jsonl"))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk(tmp_path: Path) -> None:
    if Path("/dev/full").exists():
        with pytest.raises(OSError, match="No space left on device") as caught:
            await export(given_as([DONE]), "/dev/full")
        assert caught.value.errno == errno.ENOSPC
        assert Path("/dev/full").is_char_device()
    with pytest.raises(FileNotFoundError):
        await export(given_as([DONE]), tmp_path / "no" / "out.jsonl")
    with pytest.raises(IsADirectoryError):
        await export(given_as([DONE]), tmp_path)


async def test_a_pipe(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", bytearray()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.extend(pipe.read_bytes()))
    reader.start()
    await export(given_as([DONE]), pipe)
    await asyncio.to_thread(reader.join)
    assert json.loads(read)["key"] == "a.mp4|5|7"


async def test_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw))
    assert await export(given_as([DONE, FAILED]), "-") == 2
    assert len(raw.getvalue().splitlines()) == 2
    await export(given_as([DONE]), "-", format="csv")
    assert raw.getvalue().decode().splitlines()[-1].startswith("a.mp4|5|7,")
