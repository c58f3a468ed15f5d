"""File arguments: which values are accepted, and the checks before anything is sent."""

from __future__ import annotations

import errno
import inspect
import io
import mimetypes
import os
import stat
from typing import IO, Any, Final, Protocol

import attrs

from .sources import BytesSource, FileSource, PathSource, Source


class UploadFileLike(Protocol):
    """An `UploadFile` of Starlette or FastAPI: a plain binary file, and asynchronous methods around it.

    The plain file is what is read, in a thread; its name and media type are sent unless others are given.
    """

    @property
    def file(self) -> IO[bytes]:
        """The plain file."""
        ...

    @property
    def filename(self) -> str | None:
        """The name that the browser sent."""
        ...

    @property
    def content_type(self) -> str | None:
        """The media type that the browser sent."""
        ...

    async def read(self, size: int = -1, /) -> bytes:
        """Read from the file. Not used: a sign that the object is an upload, and no file itself."""
        ...


FileContent = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | UploadFileLike
"""A path, bytes, an open binary file, or an upload of Starlette or FastAPI. A `str` is a path."""

FileInput = FileContent | tuple[str | None, FileContent] | tuple[str | None, FileContent, str | None]
"""A file: its content, or `(name, content)`, or `(name, content, media type)`."""

_DEFAULT_TYPE: Final = "application/octet-stream"

# Without arguments `mimetypes` reads files of the operating system: slow, and different on every machine.
_TYPES: Final = mimetypes.MimeTypes(filenames=())
for _suffix, _type in {
    ".avi": "video/x-msvideo",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4v": "video/x-m4v",
    ".md": "text/markdown",
    ".mkv": "video/x-matroska",
    ".ogg": "audio/ogg",
    ".webm": "video/webm",
    ".webp": "image/webp",
}.items():
    _TYPES.add_type(_type, _suffix)


@attrs.frozen
class PreparedFile:
    """A file that has been checked and can be sent.

    Attributes:
        source: Its content.
        name: The file name that is sent.
        content_type: The media type that is sent.
    """

    source: Source
    name: str
    content_type: str


def guess_type(name: str) -> str:
    """The media type for a file name."""
    return _TYPES.guess_type(name)[0] or _DEFAULT_TYPE


def is_blocking(value: Any) -> bool:
    """Whether `prepare_file` has to access the file system and must run in a thread."""
    content = value[1] if isinstance(value, tuple) and len(value) > 1 else value
    return not isinstance(content, bytes | bytearray | memoryview | PreparedFile)


def prepare_file(argument: str, value: Any) -> PreparedFile:
    """Check a file and determine its size, name and media type. Blocks.

    Args:
        argument: Name of the argument, for errors.
        value: The value that the caller passed.

    Raises:
        ValueError: It is empty, closed, opened in text mode or for writing, of unknown size, or not a file.
        OSError: It does not exist, is a directory, or is not readable.
    """
    if isinstance(value, PreparedFile):
        return value
    name: str | None = None
    content_type: str | None = None
    if isinstance(value, tuple):
        name, value, content_type = _parts(argument, value)
        if isinstance(value, str):
            raise ValueError(  # noqa: TRY004 - one kind of error for everything that is not a file
                f"{argument}: the content in (name, content) is a str, but bytes are required. Pass bytes, an open "
                "binary file, or a pathlib.Path."
            )
    source, found_name, found_type = _source(argument, value)
    name = name or found_name or argument
    if not name.isascii():
        # Names in a file system may contain bytes that are not valid UTF-8; the file can still be sent.
        name = name.encode("utf-8", "replace").decode()
    content_type = content_type or found_type or guess_type(name)
    if not content_type.isascii() or not content_type.isprintable():
        raise ValueError(f"{argument}: {content_type!r} is not a valid media type")
    return PreparedFile(source, name, content_type)


def _parts(argument: str, value: tuple[Any, ...]) -> tuple[str | None, Any, str | None]:
    if len(value) not in {2, 3}:
        raise ValueError(
            f"{argument}: a tuple is (name, content) or (name, content, media type), not {len(value)} values"
        )
    name, content, content_type = (*value, None)[:3]
    for part, what in ((name, "name"), (content_type, "media type")):
        if part is not None and not isinstance(part, str):
            raise ValueError(f"{argument}: the {what} must be a str or None, not {type(part).__name__}")
    return name, content, content_type


def _source(argument: str, value: Any) -> tuple[Source, str | None, str | None]:
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        if not data:
            raise ValueError(f"{argument}: the bytes are empty; there is nothing to send")
        return BytesSource(data), None, None
    if isinstance(value, str | os.PathLike):
        path = os.fsdecode(value)
        return _path_source(argument, path), os.path.basename(path), None  # noqa: PTH119 - may not be a valid Path
    if inspect.iscoroutinefunction(getattr(value, "read", None)):  # UploadFileLike
        inner = getattr(value, "file", None)
        if not hasattr(inner, "read"):
            raise ValueError(
                f"{argument}: this file reads asynchronously; pass its path, bytes, or a plain binary file"
            )
        name, content_type = getattr(value, "filename", None), getattr(value, "content_type", None)
        return _file_source(argument, inner), name or None, content_type or None
    if hasattr(value, "read"):
        name = getattr(value, "name", None)
        return _file_source(argument, value), os.path.basename(name) if isinstance(name, str) else None, None  # noqa: PTH119
    raise ValueError(
        f"{argument}: a file is required (a path, bytes, an open binary file, or (name, content, media type)), not "
        f"{type(value).__name__}"
    )


def _path_source(argument: str, path: str) -> PathSource:
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - may not be a valid Path
    except FileNotFoundError:
        hint = "" if len(path) < 256 else " (a str is a path; pass bytes to send content)"
        if path.startswith(("http://", "https://")):
            hint = " (pass a URL to the argument for URLs, not to this one)"
        raise FileNotFoundError(errno.ENOENT, f"{argument}: there is no such file{hint}", path[:256]) from None
    except ValueError as error:
        raise ValueError(
            f"{argument}: this is not a valid path ({error}); a str is a path, pass bytes to send content"
        ) from None
    except OSError as error:
        raise type(error)(error.errno, f"{argument}: {error.strerror}", path[:256]) from None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, f"{argument}: this is a directory, but a file is required", path)
    if not stat.S_ISREG(mode):
        raise ValueError(f"{argument}: {path} is not a regular file, so its size is unknown; copy it to a file first")
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, f"{argument}: this file is not readable", path)
    source = PathSource.of(path)
    if not source.size:
        raise ValueError(f"{argument}: {path} is empty (0 bytes)")
    return source


def _file_source(argument: str, file: Any) -> FileSource:
    if getattr(file, "closed", False):
        raise ValueError(
            f"{argument}: the file object is closed. A pager sends its request when it is first read: read it inside "
            "the `with open(...)` block, or pass the path or the bytes."
        )
    if isinstance(file, io.TextIOBase) or ("b" not in getattr(file, "mode", "b") and hasattr(file, "encoding")):
        raise ValueError(f"{argument}: the file was opened in text mode; open it with mode 'rb'")
    if hasattr(file, "readable") and not file.readable():
        raise ValueError(f"{argument}: the file was opened for writing only; open it with mode 'rb'")
    try:
        start = file.tell()
        end = file.seek(0, os.SEEK_END)
        end = file.tell() if end is None else end
        file.seek(start)
    except (AttributeError, OSError) as error:
        raise ValueError(
            f"{argument}: the size of this file object is unknown, because it is not seekable; write it to a file, or "
            "read it and pass the bytes"
        ) from error
    if start >= end:
        if start:
            raise ValueError(f"{argument}: the file object is at its end, nothing is left to send; call seek(0)")
        raise ValueError(f"{argument}: the file object is empty (0 bytes)")
    if not isinstance(file.read(0), bytes):
        raise ValueError(  # noqa: TRY004 - one kind of error for everything that is not a file
            f"{argument}: the file object returns str, but bytes are required; open it with mode 'rb'"
        )
    return FileSource(file, start, end - start, mtime_ns=_mtime(file))


def _mtime(file: Any) -> int | None:
    """When a file was changed last; None for an object that is no file in a file system."""
    if isinstance(file, io.BufferedReader | io.BufferedRandom):
        file = file.raw
    return os.fstat(file.fileno()).st_mtime_ns if isinstance(file, io.FileIO) else None
