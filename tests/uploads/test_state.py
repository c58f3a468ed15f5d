"""What is kept of an upload: the identity of a file, and the content and the lock of a state file."""

from __future__ import annotations

import io
import json
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async._request.files import prepare_file
from twelvelabs_async._request.sources import BytesSource, FileSource, PathSource, Source, SourceError
from twelvelabs_async.errors import UploadError
from twelvelabs_async.uploads import UploadResult
from twelvelabs_async.uploads.state import EDGE_BYTES, FileIdentity, UploadState, headers_to_keep
from twelvelabs_async.uploads.state_file import MAX_BYTES, StateFile

if TYPE_CHECKING:
    from pathlib import Path

STATE = UploadState(
    origin="https://api.test",
    upload_id="up_1",
    asset_id="as_1",
    file=FileIdentity(25, 1, "ab"),
    chunk_size=10,
    upload_headers={"Content-Type": "video/mp4"},
)


def names(folder: Path) -> list[str]:
    """The files of a folder."""
    return [path.name for path in folder.iterdir()]


class Counting:
    """A source that counts the bytes that are read from it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.size = source.size
        self.replayable = True
        self.mtime_ns = getattr(source, "mtime_ns", None)
        self.read_bytes = 0

    def read(self, offset: int, length: int) -> bytes:
        self.read_bytes += length
        return self._source.read(offset, length)


def test_of_a_file_only_its_edges_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(EDGE_BYTES) + b"middle" + bytes(EDGE_BYTES))
    source = Counting(PathSource.of(path))
    before = FileIdentity.of(source, complete=True)
    assert source.read_bytes == 2 * EDGE_BYTES
    assert (before.size, before.mtime_ns) == (2 * EDGE_BYTES + 6, path.stat().st_mtime_ns)
    for data, digest in ((b"x" + bytes(EDGE_BYTES + 5), "begins"), (bytes(2 * EDGE_BYTES + 5) + b"x", "ends")):
        path.write_bytes(data.ljust(before.size, b"\0"))
        os.utime(path, ns=(before.mtime_ns or 0, before.mtime_ns or 0))
        other = FileIdentity.of(PathSource.of(path), complete=True)
        assert before.difference(other) == "its content is another one", digest
    path.write_bytes(bytes(EDGE_BYTES) + b"middle" + bytes(EDGE_BYTES))
    os.utime(path, ns=(1, 1))
    assert before.difference(FileIdentity.of(PathSource.of(path), complete=True)) == (
        "its time of modification is another one"
    )
    path.write_bytes(b"x")
    assert before.difference(FileIdentity.of(PathSource.of(path), complete=True)) == (
        f"it had {before.size:,} bytes and has 1 now"
    )


def test_an_open_file_is_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(1000))
    by_path = FileIdentity.of(PathSource.of(path), complete=True)
    for opened in (path.open("rb"), path.open("rb", buffering=0)):
        with opened as file:
            assert FileIdentity.of(prepare_file("f", file).source, complete=True) == by_path


def test_what_has_no_time_is_read_completely() -> None:
    data = bytes(3_000_000)
    source = Counting(BytesSource(data))
    assert FileIdentity.of(source, complete=False) == FileIdentity(3_000_000)
    assert source.read_bytes == 0
    whole = FileIdentity.of(source, complete=True)
    assert source.read_bytes == 3_000_000
    other = FileIdentity.of(
        FileSource(io.BytesIO(data[:-1_500_000] + b"x" + data[-1_499_999:]), 0, 3_000_000), complete=True
    )
    assert whole.difference(other) == "its content is another one"
    assert whole.difference(FileIdentity(3_000_000)) is None


def test_a_file_that_cannot_be_read_has_no_identity(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x")
    source = PathSource.of(path)
    path.unlink()
    with pytest.raises(SourceError):
        FileIdentity.of(source, complete=False)


@pytest.mark.parametrize("values", [{}, {"size": "1"}, {"size": 1, "mtime_ns": "1"}, {"size": 1, "sha256": 1}])
def test_no_identity(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="does not identify"):
        FileIdentity.from_dict(values)


def test_a_state_is_written_and_read(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "upload.json")
    assert file.load() is None
    file.save(STATE)
    assert file.load() == STATE
    assert STATE.result is None
    done = STATE.finished(UploadResult("as_1", "https://files.test/as_1"))
    file.save(done)
    assert file.load() == done
    assert done.result == UploadResult("as_1", "https://files.test/as_1")
    assert stat.S_IMODE((tmp_path / "upload.json").stat().st_mode) == 0o600
    assert names(tmp_path) == ["upload.json"]


def test_no_secret_is_kept() -> None:
    signed = STATE.finished(UploadResult("as_1", "https://files.test/as_1?Signature=s3cr3t"))
    assert b"s3cr3t" not in signed.to_json()
    assert signed.result == UploadResult("as_1", "")
    assert headers_to_keep({"Content-Type": "a", "x-amz-server-side-encryption-aws-kms-key-id": "b"}) is not None
    for name in ("Authorization", "x-amz-security-token", "X-Amz-Server-Side-Encryption-Customer-Key", "Cookie"):
        assert headers_to_keep({"Content-Type": "a", name: "s3cr3t"}) is None


def test_a_state_without_headers_has_no_session() -> None:
    session = STATE.session()
    assert session is not None
    assert (session.upload_id, session.asset_id, session.layout.total_chunks) == ("up_1", "as_1", 3)
    assert session.headers == {"Content-Type": "video/mp4"}
    state = UploadState.from_json(STATE.to_json().replace(b'{\n    "Content-Type": "video/mp4"\n  }', b"null"))
    assert state.session() is None


@pytest.mark.parametrize("value", ["../up", "", "a b", "x" * 600])
def test_an_id_that_someone_wrote_into_the_state(value: str) -> None:
    with pytest.raises(UploadError, match="upload_id"):
        UploadState.from_json(STATE.to_json().replace(b"up_1", value.encode())).session()


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(STATE.to_json()), **changes}).encode()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "it is damaged, or not the state of an upload"),
        (STATE.to_json()[:-5], "it is damaged, or not the state of an upload"),
        (b"\xff\xfe\0", "it is damaged, or not the state of an upload"),
        (b"[" * 100_000, "it is damaged, or not the state of an upload"),
        (b"[]", "it is not the state of an upload"),
        (b'{"name": "mine"}', "it is not the state of an upload"),
        (b"\0" * (MAX_BYTES + 1), "it is too large"),
        (changed(version=2), "its version is 2, and this release knows version 1"),
        (changed(version=True), "its version is True"),
        (changed(origin=None), "it is damaged"),
        (changed(upload_id=5), "it is damaged"),
        (changed(asset_id=None), "it is damaged"),
        (changed(chunk_size="10"), "it is damaged"),
        (changed(file=[]), "it is damaged"),
        (changed(file={}), "it does not identify a file"),
        (changed(upload_headers=[]), "it is damaged"),
        (changed(asset_url=5), "it is damaged"),
    ],
)
def test_a_file_that_is_no_state_is_left_alone(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "upload.json"
    path.write_bytes(data)
    with pytest.raises(UploadError, match=rf"upload\.json cannot be used: {problem}.*delete it, or pass another file"):
        StateFile(path).load()
    assert path.read_bytes() == data


def test_a_state_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match=r"cannot be used: it cannot be read \(Is a directory\)"):
        StateFile(tmp_path).load()


def test_a_state_that_cannot_be_written_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = StateFile(tmp_path / "upload.json")
    file.save(STATE)
    (tmp_path / "upload.json.tmp").write_text("of a process that was killed")

    def no_space(_: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="no space"):
        file.save(STATE.finished(UploadResult("as_1", "")))
    assert file.load() == STATE
    assert names(tmp_path) == ["upload.json"]


def test_a_system_that_cannot_write_folders_to_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError("not supported")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    file = StateFile(tmp_path / "upload.json")
    file.save(STATE)
    assert file.load() == STATE


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "upload.json").symlink_to(tmp_path / "there" / "real.json")
    StateFile(tmp_path / "upload.json").save(STATE)
    assert (tmp_path / "upload.json").is_symlink()
    assert StateFile(tmp_path / "there" / "real.json").load() == STATE


def test_one_upload_at_a_time(tmp_path: Path) -> None:
    first, second = StateFile(tmp_path / "a.json"), StateFile(tmp_path / "a.json")
    first.acquire()
    with pytest.raises(UploadError, match="in use by another upload"):
        second.acquire()
    second.release()
    assert names(tmp_path) == ["a.json.lock"]
    first.release()
    assert names(tmp_path) == []
    second.acquire()
    second.release()
    with pytest.raises(FileNotFoundError):
        StateFile(tmp_path / "missing" / "a.json").acquire()


def test_a_lock_that_its_holder_removed_is_no_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, lock = StateFile(tmp_path / "a.json"), tmp_path / "a.json.lock"
    real, opened, other = os.open, 0, tmp_path / "other"
    other.touch()

    def removing(path: Any, *arguments: Any) -> int:
        nonlocal opened
        descriptor = real(path, *arguments)
        opened += 1
        if opened == 1:
            lock.unlink()
        elif opened == 2:  # another process has made it anew
            other.replace(lock)
        return descriptor

    monkeypatch.setattr(os, "open", removing)
    file.acquire()
    assert opened == 3
    with pytest.raises(UploadError):
        StateFile(tmp_path / "a.json").acquire()
    file.release()


def test_without_locks_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, which has no O_CLOEXEC either: what Python opens is closed in other programs anyway."""
    monkeypatch.setattr("twelvelabs_async.uploads.state_file.fcntl", None)
    monkeypatch.delattr(os, "O_CLOEXEC")
    first, second = StateFile(tmp_path / "a.json"), StateFile(tmp_path / "a.json")
    first.acquire()
    second.acquire()
    first.save(STATE)
    first.release()
    second.release()
    assert names(tmp_path) == ["a.json"]
