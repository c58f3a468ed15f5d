from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from twelvelabs_async import JournalError
from twelvelabs_async.ingest import lock as lock_module
from twelvelabs_async.ingest.lock import FileLock


def open_files(folder: Path) -> list[str]:
    """What this process has open in a folder; sockets of other threads come and go."""
    if not Path("/proc/self/fd").exists():
        return []
    links = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            links.append(str(link.readlink()))
    return [link for link in links if link.startswith(str(folder))]


def test_only_one_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    lock = FileLock(path)
    assert open_files(tmp_path) == [f"{path}.lock"] or not Path("/proc/self/fd").exists()
    assert path.with_name("run.sqlite.lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(JournalError, match=f"in use by this process .pid {os.getpid()}."):
        FileLock(path)
    lock.release()
    assert list(tmp_path.iterdir()) == []
    FileLock(path).release()
    assert open_files(tmp_path) == []


def test_a_holder_that_has_not_said_who_it_is(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    lock = FileLock(path)
    path.with_name("run.sqlite.lock").write_bytes(b"")
    with pytest.raises(JournalError, match=r"in use by another process .pid unknown."):
        FileLock(path)
    lock.release()


@pytest.mark.parametrize("way", ["removed", "replaced"])
def test_a_lock_file_that_its_last_holder_removes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    path, real, tries = tmp_path / "run.sqlite", lock_module._lock, [0]

    def lock(descriptor: int) -> None:
        real(descriptor)
        tries[0] += 1
        if tries[0] == 1:
            path.with_name("run.sqlite.lock").unlink()
            if way == "replaced":
                path.with_name("run.sqlite.lock").touch()

    monkeypatch.setattr(lock_module, "_lock", lock)
    made = FileLock(path)
    assert tries[0] == 2
    with pytest.raises(JournalError, match="in use by this process"):
        FileLock(path)
    made.release()


def test_file_systems_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lock(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock_module, "_lock", lock)
    with pytest.raises(JournalError, match=r"cannot be locked .No locks available.. Choose a local disk"):
        FileLock(tmp_path / "run.sqlite")
    assert open_files(tmp_path) == []


def test_folders_where_no_file_can_be_made(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"run.sqlite.lock cannot be created .No such file or directory."):
        FileLock(tmp_path / "no" / "run.sqlite")


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(JournalError, match=r"No space left on device. Free space"):
        FileLock(tmp_path / "run.sqlite")


def test_on_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    locked: list[tuple[int, int, int]] = []

    def locking(descriptor: int, mode: int, count: int) -> None:
        locked.append((os.lseek(descriptor, 0, os.SEEK_CUR), mode, count))
        if len(locked) > 1:
            raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    spec = importlib.util.spec_from_file_location("twelvelabs_async.ingest._lock_on_windows", lock_module.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.FileLock(tmp_path / "run.sqlite")
    assert made is not None
    assert locked == [(1 << 30, 2, 1)]
    assert (tmp_path / "run.sqlite.lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(JournalError, match="in use by"):
        module.FileLock(tmp_path / "run.sqlite")
    made.release()
