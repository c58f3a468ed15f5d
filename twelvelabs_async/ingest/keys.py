"""What identifies a source: its place below the root, its key, its name at the platform, and its shard."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final, Self
from urllib.parse import unquote, urlsplit

import attrs

from .._safe_repr import SafeRepr

MAX_KEY_LENGTH: Final = 512
"""Characters of a key. A default key that is longer is shortened, with a digest of the whole at its end."""

MAX_FILENAME_LENGTH: Final = 255
"""Characters of a file name at the platform."""


def place_of(path: str | os.PathLike[str], root: str | os.PathLike[str] | None) -> str:
    """A path as it is below the root, with `/`; an absolute path if there is no root or it is elsewhere.

    The root is where the folder is on this machine: below it, the same file has the same place on every machine.
    """
    absolute = os.path.abspath(os.fspath(path))  # noqa: PTH100 - Path.absolute keeps `..`
    if root is not None:
        start = os.path.join(os.path.abspath(os.fspath(root)), "")  # noqa: PTH100, PTH118 - as above
        absolute = absolute.removeprefix(start)
    return encodable(PurePath(absolute).as_posix())


def encodable(text: str) -> str:
    """A text that can be sent; two different texts stay different.

    Names in a file system may hold bytes that are not valid UTF-8. They become escapes, with a digest of the name.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        return f"{text.encode('utf-8', 'backslashreplace').decode()}|{digest}"
    return text


def file_key(place: str, size: int, modified_ns: int) -> str:
    """The default key of a file. Its content is not read."""
    return shortened(f"{place}|{size}|{modified_ns}")


def content_key(name: str, content: Any) -> str:
    """The default key of content that has no path; empty where there is none.

    What is in memory goes by a digest. An open file goes by its size and the time of its last change.
    """
    if isinstance(content, io.BytesIO):
        content = content.getbuffer()
    if isinstance(content, bytes | bytearray | memoryview):
        return shortened(f"{encodable(name)}|{memoryview(content).nbytes}|{hashlib.sha256(content).hexdigest()[:32]}")
    if isinstance(content, io.BufferedReader | io.BufferedRandom | io.FileIO):
        status = os.fstat(content.fileno())
        return file_key(encodable(name), status.st_size, status.st_mtime_ns)
    return ""


def content_size(content: Any) -> int | None:
    """Bytes of content that has no path; None where that is not known."""
    if isinstance(content, io.BytesIO):
        content = content.getbuffer()
    if isinstance(content, bytes | bytearray | memoryview):
        return memoryview(content).nbytes
    if isinstance(content, io.BufferedReader | io.BufferedRandom | io.FileIO):
        return os.fstat(content.fileno()).st_size
    return None


def shortened(key: str) -> str:
    """A key that is not too long; two different keys stay different."""
    if len(key) <= MAX_KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"{key[: MAX_KEY_LENGTH - len(digest) - 1]}|{digest}"


def unreadable_key(place: str) -> str:
    """The key of what was found at a place and cannot be read."""
    return shortened(f"{place}|unreadable")


def check_key(key: Any) -> str:
    """The key, if it can be used.

    Raises:
        ValueError: It cannot.
    """
    if not isinstance(key, str) or not key:
        raise ValueError(f"the key must be a non-empty string, not {key!r:.100}")
    if len(key) > MAX_KEY_LENGTH:
        raise ValueError(f"the key has {len(key)} characters, more than {MAX_KEY_LENGTH}: {key[:100]}...")
    if encodable(key) != key:
        raise ValueError(f"the key {key!r:.100} is not valid Unicode: it holds a lone surrogate")
    return key


def file_name(source: str | os.PathLike[str]) -> str:
    """The name of a file or URL at the platform: its base name, with every character that can be printed."""
    text = os.fspath(source)
    if is_url(text):
        parts = urlsplit(text)
        text = unquote(PurePosixPath(parts.path).name) or parts.hostname or ""
    name = (
        text.replace("\\", "/").rpartition("/")[2] if os.sep == "\\" or is_url(os.fspath(source)) else Path(text).name
    )
    name = "".join(character if character.isprintable() else "_" for character in name) or "unnamed"
    if len(name) > MAX_FILENAME_LENGTH:
        suffix = PurePosixPath(name).suffix[:20]
        name = name[: MAX_FILENAME_LENGTH - len(suffix)] + suffix
    return name


def is_url(text: str) -> bool:
    """Whether a text is an HTTP URL."""
    return text[:8].lower().startswith(("http://", "https://"))


@attrs.frozen
class Shard(SafeRepr):
    """One of several parts of the sources; which one a source is in goes by a digest of its key.

    Attributes:
        number: Which part, counting from 1.
        count: How many parts.
    """

    number: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """A shard as it is written: `2/8`.

        Raises:
            ValueError: It is not written so.
        """
        number, slash, count = text.partition("/")
        if not (slash and _is_number(number) and _is_number(count) and 1 <= int(number) <= int(count)):
            raise ValueError(
                f"shard: {text!r} is not a shard; the second of eight is written 2/8, and the first is 1/8"
            )
        return cls(int(number), int(count))

    def holds(self, key: str) -> bool:
        """Whether the source with this key is in this part."""
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") % self.count == self.number - 1


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10
