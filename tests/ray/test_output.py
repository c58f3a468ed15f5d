"""The folder of Parquet files: complete files, one row for each key, and what a kill or somebody else leaves there."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import pytest

from tests.ray.table import read_rows
from twelvelabs_async import JournalError
from twelvelabs_async.ingest import IngestOutcome
from twelvelabs_async.ingest.lookup import SETTLE
from twelvelabs_async.ingest.ray_driver import FLUSH
from twelvelabs_async.ingest.ray_output import SMALL, OutputFolder, count_outcomes
from twelvelabs_async.ingest.ray_protocol import LEASE

TARGET = {"index_id": "i", "knowledge_store_id": None}


def outcome(key: str, status: Any = "done", **values: Any) -> IngestOutcome:
    return IngestOutcome(key=key, source=f"/{key}", status=status, timings={"upload": 0.5}, **values)


def fill(path: Path, *batches: list[IngestOutcome]) -> None:
    with OutputFolder(path, TARGET) as folder:
        for batch in batches:
            for one in batch:
                folder.add(one)
            folder.flush()


def parquet(path: Path) -> list[str]:
    return sorted(file.name for file in path.glob("*.parquet"))


def test_rows_are_outcomes(tmp_path: Path) -> None:
    kept = outcome("a", asset_id="1", indexed_asset_id="2", adopted=True, attempts=3)
    odd = outcome("b\ud83c"[:1], "failed", stage="upload", error="ValueError", message="odd \udcff")
    fill(tmp_path, [kept, odd])
    first, second = read_rows(tmp_path)
    timings = first.pop("timings")
    assert first == {**{k: v for k, v in kept.to_dict().items() if k != "timings"}}
    assert timings["upload"] == 0.5
    assert timings["index"] is None
    assert second["message"] == "odd \\udcff"


def test_states_and_counts(tmp_path: Path) -> None:
    fill(tmp_path, [outcome("a"), outcome("b", "failed"), outcome("c", "failed", retryable=True)])
    with OutputFolder(tmp_path, TARGET) as folder:
        assert [folder.state(key) for key in "abcd"] == ["done", "failed", "retryable", None]
        assert folder.counts() == count_outcomes(tmp_path) == {"done": 1, "failed": 2, "failed_retryable": 1}


def test_a_new_outcome_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    fill(tmp_path, [outcome("a"), outcome("b", "failed")])
    fill(tmp_path, [outcome("b")], [outcome("c", "failed")], [outcome("c")])
    assert sorted((row["key"], row["status"]) for row in read_rows(tmp_path)) == [
        ("a", "done"), ("b", "done"), ("c", "done"),
    ]  # fmt: skip
    assert len(parquet(tmp_path)) == 2
    fill(tmp_path, [outcome("a", "failed")])
    with OutputFolder(tmp_path, TARGET) as folder:
        folder.discard("b")
        folder.discard("b")
    assert sorted((row["key"], row["status"]) for row in read_rows(tmp_path)) == [("a", "failed"), ("c", "done")]


def test_a_folder_without_outcomes_is_a_table(tmp_path: Path) -> None:
    fill(tmp_path)
    assert read_rows(tmp_path) == []
    fill(tmp_path, [outcome("a")])
    with OutputFolder(tmp_path, TARGET) as folder:
        folder.discard("a")
        assert len(folder.files()) == 1
    assert read_rows(tmp_path) == []


def test_small_files_become_one(tmp_path: Path) -> None:
    with OutputFolder(tmp_path, TARGET) as folder:
        for number in range(2 * SMALL + 3):
            folder.add(outcome(f"{number}"))
            folder.add(outcome("again"))
            folder.flush()
            assert len(parquet(tmp_path)) <= SMALL + 3
            assert count_outcomes(tmp_path)["done"] == number + 2
    assert len(parquet(tmp_path)) <= 4
    assert len(read_rows(tmp_path)) == 2 * SMALL + 4


def test_killed_while_small_files_became_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    folder = OutputFolder(tmp_path, TARGET)
    for key in "aab":
        folder.add(outcome(key))
        folder.flush()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", fail)
        with pytest.raises(KeyboardInterrupt):
            folder._merge()
    folder._lock.release()
    assert count_outcomes(tmp_path)["done"] == 2
    fill(tmp_path)
    assert sorted(row["key"] for row in read_rows(tmp_path)) == ["a", "b"]


def test_what_a_kill_leaves_is_removed(tmp_path: Path) -> None:
    fill(tmp_path, [outcome("a")])
    (tmp_path / ".outcomes-00000007.parquet.part").write_bytes(b"PAR1")
    (tmp_path / "_output.lock").write_text("1\n")
    assert count_outcomes(tmp_path)["done"] == 1
    fill(tmp_path, [outcome("b")])
    assert len(read_rows(tmp_path)) == 2
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("damage", ["cut", "empty", "foreign", "noise"])
def test_damaged_files_are_set_aside(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    import pyarrow as pa  # pyright: ignore[reportMissingImports]
    import pyarrow.parquet as pq  # pyright: ignore[reportMissingImports]

    fill(tmp_path, [outcome("a")])
    fill(tmp_path, [outcome("b")])
    path = tmp_path / parquet(tmp_path)[-1]
    data = path.read_bytes()
    if damage == "foreign":
        pq.write_table(pa.table({"x": [1]}), path)
    else:
        path.write_bytes({"cut": data[:-20], "empty": b"", "noise": data[:-60] + b"\xff" * 52 + data[-8:]}[damage])
    assert count_outcomes(tmp_path)["done"] == 1
    with caplog.at_level(logging.WARNING), OutputFolder(tmp_path, TARGET) as folder:
        assert (folder.state("a"), folder.state("b")) == ("done", None)
    assert f"{path} cannot be read" in caplog.text
    assert len(read_rows(tmp_path)) == 1


def test_one_folder_for_one_target_and_one_process(tmp_path: Path) -> None:
    with OutputFolder(tmp_path, TARGET), pytest.raises(JournalError, match=r"The output .* is in use by this process"):
        OutputFolder(tmp_path, TARGET)
    with pytest.raises(JournalError, match="belongs to another target: index_id i"):
        OutputFolder(tmp_path, {"index_id": "j"})
    (tmp_path / "_target.json").write_text("{")
    with pytest.raises(JournalError, match="damaged"):
        OutputFolder(tmp_path, TARGET)
    fill_error = tmp_path / "file"
    fill_error.write_text("")
    with pytest.raises(JournalError, match="cannot be used"):
        OutputFolder(fill_error, TARGET)
    with pytest.raises(JournalError, match="is not an output"):
        count_outcomes(tmp_path / "nothing")


def test_outcomes_that_cannot_be_written_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with OutputFolder(tmp_path, TARGET) as folder:
        folder.add(outcome("a"))
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(JournalError, match="No space left"):
                folder.flush()
        assert folder.state("a") is None
    assert [row["key"] for row in read_rows(tmp_path)] == ["a"]


def test_the_lease_of_a_killed_driver_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    with OutputFolder(tmp_path, TARGET) as folder:
        folder.wait_for_lease()
        folder.renew_lease()
        folder.wait_for_lease()
        os.utime(tmp_path / "_lease", (time.time() + 1e6,) * 2)  # another clock
        folder.wait_for_lease()
        os.utime(tmp_path / "_lease", (0, 0))
        folder.wait_for_lease()
        folder.end_lease()
        folder.wait_for_lease()
        folder.end_lease()
    longest = FLUSH + LEASE + SETTLE
    assert len(waits) == 2
    assert all(longest - 3 < seconds <= longest for seconds in waits)


def test_files_that_cannot_be_opened_are_not_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq  # pyright: ignore[reportMissingImports]

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    fill(tmp_path, [outcome("a")])
    names = parquet(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(pq, "read_table", fail)
        with pytest.raises(JournalError, match="Permission denied"):
            OutputFolder(tmp_path, TARGET)
    assert parquet(tmp_path) == names
