from __future__ import annotations

import io
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fastapi
import pytest
import starlette.datastructures

from twelvelabs_async import FileInput
from twelvelabs_async._request.files import PreparedFile, guess_type, is_blocking, prepare_file
from twelvelabs_async._request.sources import Source
from twelvelabs_async._request.streams import StreamSource

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"0123456789")
    return path


def prepared_file(value: Any) -> tuple[PreparedFile, Source]:
    file = prepare_file("video_file", value)
    assert not isinstance(file.source, StreamSource)
    return file, file.source


def content(value: Any) -> tuple[str, str, bytes]:
    file, source = prepared_file(value)
    return file.name, file.content_type, source.read(0, source.size)


def test_paths(movie: Path) -> None:
    assert content(movie) == ("film.mp4", "video/mp4", b"0123456789")
    assert content(str(movie)) == ("film.mp4", "video/mp4", b"0123456789")
    assert content(("other.mov", movie)) == ("other.mov", "video/quicktime", b"0123456789")
    assert content((None, movie, "x/y")) == ("film.mp4", "x/y", b"0123456789")


def test_bytes() -> None:
    assert content(b"abc") == ("video_file", "application/octet-stream", b"abc")
    assert content(memoryview(bytearray(b"abc"))) == ("video_file", "application/octet-stream", b"abc")
    assert content(("a.webm", b"abc")) == ("a.webm", "video/webm", b"abc")
    data = bytearray(b"abc")
    _, source = prepared_file(data)
    data[0] = 0
    assert source.read(0, 3) == b"abc"


def test_file_objects_from_where_they_stand(movie: Path) -> None:
    with movie.open("rb") as file:
        file.seek(4)
        prepared, source = prepared_file(file)
        assert (prepared.name, source.size, source.replayable) == ("film.mp4", 6, True)
        assert source.read(0, 6) == b"456789"
        assert source.read(2, 2) == b"67"
        assert not file.closed
    assert content(io.BytesIO(b"abc")) == ("video_file", "application/octet-stream", b"abc")
    with tempfile.SpooledTemporaryFile() as spooled:
        spooled.write(b"abc")
        spooled.seek(0)
        assert content(("a.mp4", spooled))[2] == b"abc"


def test_a_prepared_file_stays_as_it_is() -> None:
    prepared = prepare_file("f", b"abc")
    assert prepare_file("g", prepared) is prepared


class Upload:
    """Like Starlette's UploadFile."""

    filename = "up.mp4"
    content_type = "video/mp4"

    def __init__(self, data: bytes) -> None:
        self.file = io.BytesIO(data)

    async def read(self, size: int = -1) -> bytes:
        return self.file.read(size)


class AsyncOnly:
    async def read(self) -> bytes:
        return b""


class TextLike:
    """Reads text, and looks binary from outside."""

    def __init__(self) -> None:
        self._at = 0

    def read(self, size: int = -1) -> str:
        return ""

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> None:
        self._at = 5 if whence == os.SEEK_END else offset


def test_upload_files_of_web_frameworks() -> None:
    assert content(Upload(b"abc")) == ("up.mp4", "video/mp4", b"abc")


@pytest.mark.parametrize("framework", [fastapi.UploadFile, starlette.datastructures.UploadFile])
def test_upload_files_of_starlette_and_fastapi(framework: type[starlette.datastructures.UploadFile]) -> None:
    headers = starlette.datastructures.Headers({"content-type": "video/mp4"})
    upload: FileInput = framework(io.BytesIO(b"abc"), filename="up.mp4", headers=headers)
    assert content(upload) == ("up.mp4", "video/mp4", b"abc")
    named: FileInput = ("mine.webm", framework(io.BytesIO(b"abc"), filename="up.mp4"), None)
    assert content(named) == ("mine.webm", "video/webm", b"abc")
    without: FileInput = framework(io.BytesIO(b"abc"))
    assert content(without) == ("video_file", "application/octet-stream", b"abc")


def test_names_that_are_no_text(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"film\xff.mp4")
    odd.write_bytes(b"x")
    assert prepare_file("video_file", odd).name == "film?.mp4"
    assert prepare_file("video_file", ("\udcff.mp4", b"x")).name == "?.mp4"


def test_a_url_in_the_place_of_a_file() -> None:
    with pytest.raises(FileNotFoundError, match="argument for URLs"):
        prepare_file("video_file", "https://videos.example/a.mp4")


def closed_file() -> io.BytesIO:
    file = io.BytesIO(b"abc")
    file.close()
    return file


def at_its_end() -> io.BytesIO:
    file = io.BytesIO(b"abc")
    file.read()
    return file


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"", "empty"),
        (io.BytesIO, "empty"),
        (lambda: io.StringIO("abc"), "in text mode"),
        (closed_file, "closed"),
        (at_its_end, "seek"),
        (lambda: ("a.mp4", "text"), "bytes are required"),
        (lambda: ("a.mp4",), "tuple"),
        (lambda: (1, b"x"), "name"),
        (lambda: ("a", b"x", 5), "media type"),
        (lambda: 17, "int"),
        (lambda: None, "NoneType"),
        (AsyncOnly, "asynchronously"),
        (TextLike, "returns str"),
        (lambda: "nul\0byte", "path"),
        (lambda: ("a.mp4", b"x", "video/mp4\r\nX-Evil: 1"), "media type"),
        (lambda: ("a.mp4", b"x", "vidéo/mp4"), "media type"),
    ],
)
def test_what_is_refused(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"^video_file: ") as caught:
        prepare_file("video_file", make())
    assert words in str(caught.value)


def test_what_the_file_system_refuses(tmp_path: Path, movie: Path) -> None:
    with pytest.raises(FileNotFoundError, match="video_file") as caught:
        prepare_file("video_file", tmp_path / "missing.mp4")
    assert "missing.mp4" in str(caught.value)
    with pytest.raises(IsADirectoryError, match="video_file"):
        prepare_file("video_file", tmp_path)
    with pytest.raises(NotADirectoryError, match="video_file"):
        prepare_file("video_file", movie / "x")
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(ValueError, match=r"video_file.*empty"):
        prepare_file("video_file", str(empty))
    with pytest.raises(OSError, match="video_file"):
        prepare_file("video_file", "some text content " * 100)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with pytest.raises(ValueError, match="not a regular file"):
        prepare_file("video_file", fifo)


def test_a_file_that_may_not_be_read(movie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    movie.chmod(0)
    if os.geteuid() == 0:  # who may read everything, so the system's refusal has to be played
        monkeypatch.setattr(os, "access", lambda path, mode: not (Path(path) == movie and mode & os.R_OK))
    with pytest.raises(PermissionError, match="video_file"):
        prepare_file("video_file", movie)


def test_files_opened_in_the_wrong_way(movie: Path) -> None:
    with movie.open() as text, pytest.raises(ValueError, match="rb"):
        prepare_file("video_file", text)
    with movie.open("ab") as writing, pytest.raises(ValueError, match="writing"):
        prepare_file("video_file", writing)


def test_what_goes_to_a_thread(movie: Path) -> None:
    assert is_blocking(movie)
    assert is_blocking(("a", io.BytesIO()))
    assert not is_blocking(b"x")
    assert not is_blocking(("a", b"x"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.MP4", "video/mp4"), ("a.mkv", "video/x-matroska"), ("a.jpg", "image/jpeg"), ("a", "application/octet-stream")],
)
def test_media_types(name: str, kind: str) -> None:
    assert guess_type(name) == kind
    assert sys.version_info >= (3, 11)
