"""File arguments: which values are accepted, and the checks before anything is sent."""

from __future__ import annotations

import errno
import inspect
import io
import mimetypes
import os
import stat
from collections.abc import AsyncIterable
from typing import IO, Any, Final, Protocol

import attrs

from .._value import Value
from .sources import BytesSource, FileSource, PathSource, Source
from .streams import AsyncReader, FileStream, SpooledSource, StreamSource, pieces_of, pieces_of_file, spool
from .threads import in_thread


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


FileContent = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | IO[bytes]
    | UploadFileLike
    | AsyncIterable[bytes]
    | AsyncReader
    | FileStream
)
"""A path, bytes, an open binary file, an upload of Starlette or FastAPI, or an asynchronous stream of bytes.

A `str` is a path. A `FileStream` is a stream with its size, or with limits for its temporary file.
"""

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


@attrs.frozen(eq=False, repr=False)
class PreparedFile(Value):
    """A file that has been checked and can be sent.

    Attributes:
        source: Its content.
        name: The file name that is sent.
        content_type: The media type that is sent.
    """

    source: Source | StreamSource
    name: str
    content_type: str

    async def aclose(self) -> None:
        """Close a stream, and delete a temporary file; files of the caller stay open."""
        await close_source(self.source)


def guess_type(name: str) -> str:
    """The media type for a file name."""
    return _TYPES.guess_type(name)[0] or _DEFAULT_TYPE


def is_blocking(value: Any) -> bool:
    """Whether `prepare_file` has to access the file system and must run in a thread."""
    content = value[1] if isinstance(value, tuple) and len(value) > 1 else value
    return not isinstance(content, bytes | bytearray | memoryview | PreparedFile)


async def load_file(argument: str, value: Any) -> PreparedFile:
    """Check a file, outside of the event loop, and write a stream of unknown size to a temporary file.

    The caller closes the result.

    Raises:
        ValueError: As `prepare_file`; or the stream is empty, too long, or returned something else than bytes.
        OSError: As `prepare_file`; or the temporary file could not be written.
    """
    if is_blocking(value):
        file = await in_thread(prepare_file, argument, value)
    else:
        file = prepare_file(argument, value)
    if isinstance(file.source, StreamSource) and not file.source.has_size:
        limits = _stream_of(value)
        source = await spool(argument, file.source, limits.spool_dir, limits.max_spool_bytes)
        return attrs.evolve(file, source=source)
    return file


def with_stream_options(
    value: Any,
    size: int | None,
    spool_dir: str | os.PathLike[str] | None,
    max_spool_bytes: int | None,
) -> Any:
    """A file argument with what was passed beside it; None stands for what was not."""
    given: dict[str, Any] = {"size": size, "spool_dir": spool_dir, "max_spool_bytes": max_spool_bytes}
    given = {name: option for name, option in given.items() if option is not None}
    if not given:
        return value
    if isinstance(value, tuple):
        if len(value) < 2 or isinstance(value[1], str):
            return value  # `prepare_file` says what is wrong with it
        return value[0], with_stream_options(value[1], size, spool_dir, max_spool_bytes), *value[2:]
    return attrs.evolve(_stream_of(value), **given)


async def close_source(source: object) -> None:
    """Close a source that belongs to a single call."""
    if isinstance(source, StreamSource):
        await source.aclose()
    elif isinstance(source, SpooledSource):
        await in_thread(source.close)


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


def _stream_of(value: Any) -> FileStream:
    """What is known about a stream that was passed as a file."""
    content = value[1] if isinstance(value, tuple) else value
    return content if isinstance(content, FileStream) else FileStream(content)


def _source(argument: str, value: Any) -> tuple[Source | StreamSource, str | None, str | None]:
    if isinstance(value, FileStream):
        source, name, content_type = _source(argument, value.content)
        if value.size is None:
            return source, name, content_type
        if isinstance(source, StreamSource):
            source.give_size(value.size)
        elif source.size != value.size:
            raise ValueError(f"{argument}: its size was given as {value.size:,} bytes, but it has {source.size:,}")
        return source, name, content_type
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        if not data:
            raise ValueError(f"{argument}: the bytes are empty; there is nothing to send")
        return BytesSource(data), None, None
    if isinstance(value, str | os.PathLike):
        path = os.fsdecode(value)
        return _path_source(argument, path), os.path.basename(path), None  # noqa: PTH119 - may not be a valid Path
    inner = getattr(value, "file", None)
    if inspect.iscoroutinefunction(getattr(value, "read", None)) and hasattr(inner, "read"):  # UploadFileLike
        name, content_type = getattr(value, "filename", None), getattr(value, "content_type", None)
        return _file_source(argument, inner), name or None, content_type or None
    try:
        pieces = pieces_of(value)
    except ValueError as problem:
        raise ValueError(f"{argument}: {problem}") from None
    if pieces is not None:
        return StreamSource(pieces), _text(value, "filename"), _media_type(value)
    if hasattr(value, "read"):
        name = getattr(value, "name", None)
        return _file_source(argument, value), os.path.basename(name) if isinstance(name, str) else None, None  # noqa: PTH119
    raise ValueError(
        f"{argument}: a file is required (a path, bytes, an open binary file, an asynchronous stream of bytes, or "
        f"(name, content, media type)), not {type(value).__name__}"
    )


def _text(value: Any, name: str) -> str | None:
    found = getattr(value, name, None)
    return found if isinstance(found, str) and found else None


def _media_type(value: Any) -> str | None:
    """The media type that the headers of a part name."""
    found = (getattr(value, "headers", None) or {}).get("Content-Type")
    return found if isinstance(found, str) and found else None


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


def _file_source(argument: str, file: Any) -> FileSource | StreamSource:
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
    except (AttributeError, OSError):
        return StreamSource(pieces_of_file(file))
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
