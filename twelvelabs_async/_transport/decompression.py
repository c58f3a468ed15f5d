"""Undoes the Content-Encoding of responses, in bounded steps, and knows whether what was compressed came as a whole.

aiohttp decompresses, too, but accepts a body that ends in the middle of a gzip member: a response that was cut short
looks complete then. Therefore requests are sent with `auto_decompress=False`.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from typing import TYPE_CHECKING, Any, Final, Protocol

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from multidict import CIMultiDictProxy

STEP_INPUT: Final = 8 * 1024
"""Compressed bytes that one step takes. At the end of a member, a decompressor copies what follows it: with more at a
time, thousands of empty members would take quadratic time.
"""

STEP_OUTPUT: Final = 64 * 1024
"""Bytes after which a step stops; what a few bytes expand to can be a thousand times their size."""


ZSTD_WINDOW_LOG: Final = 23
"""Memory that a zstd frame may ask for, as a power of two: the 8 MiB that RFC 9659 allows in HTTP, not the 128 MiB that
a frame of a few bytes could otherwise take.
"""


class _Member(Protocol):
    """Decompresses one gzip member, zlib stream, zstd frame or brotli stream."""

    @property
    def eof(self) -> bool:
        """Whether its end was read, and all of its output was returned."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What follows its end in the latest input."""
        ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Take input, and return about so many bytes at most; without input, return what is left of the output."""
        ...


class _Zlib:
    def __init__(self, wbits: int) -> None:
        self._inflate = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)


class _Deflate(_Zlib):
    """Some servers send `deflate` without the header of zlib that the standard requires."""

    def __init__(self) -> None:
        super().__init__(zlib.MAX_WBITS)
        self._started = False

    def decompress(self, data: bytes, max_length: int) -> bytes:
        if data and not self._started:
            self._started = True
            if data[0] & 0xF != zlib.DEFLATED:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        return super().decompress(data, max_length)


class _Brotli:
    unused_data = b""

    def __init__(self) -> None:
        self._stream = _import("brotlicffi", "brotli").Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out: bytes = self._stream.process(data, output_buffer_limit=max_length)
        return out


def _zstd() -> _Member:
    zstd = _import("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    frame: _Member = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})
    return frame


def _import(*names: str) -> Any:
    """The first module of these that is installed: those that aiohttp looks for before it offers an encoding."""
    for name in names[:-1]:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return importlib.import_module(names[-1])


_CONCATENATED: Final = frozenset({"gzip", "x-gzip", "zstd"})
"""Encodings of which a body may hold several members or frames, one after the other."""

_MEMBERS: Final[dict[str, Callable[[], _Member]]] = {
    "gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "x-gzip": lambda: _Zlib(16 + zlib.MAX_WBITS),
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _zstd,
}


def decompressor_for(headers: CIMultiDictProxy[str]) -> Decompressor | None:
    """What decompresses a response with these headers; None if it is not compressed, or in no way that is known."""
    if "Content-Encoding" not in headers:
        return None
    names = [name.strip().lower() for line in headers.getall("Content-Encoding") for name in line.split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    make = _MEMBERS.get(names[0]) if len(names) == 1 else None
    return None if make is None else Decompressor(names[0], make)


class Decompressor:
    """Decompresses one body: `feed` it, then call `step` as long as it is `pending`.

    Attributes:
        consumed: Compressed bytes that were taken so far.
    """

    __slots__ = ("_at", "_draining", "_encoding", "_input", "_make", "_member", "consumed")

    def __init__(self, encoding: str, make: Callable[[], _Member]) -> None:
        self._encoding = encoding
        self._make = make
        self._member: _Member | None = None
        self._input = b""
        self._at = 0
        self._draining = False
        self.consumed = 0

    @property
    def pending(self) -> bool:
        """Whether a further step may bring something without further input."""
        return self._draining or self._at < len(self._input)

    @property
    def complete(self) -> bool:
        """Whether the body may end here: nothing is left, and the last member came with its end."""
        return not self.pending and (self._member is None or self._member.eof)

    def feed(self, data: bytes) -> None:
        """Add input, when nothing is pending."""
        self._input = data
        self._at = 0

    def step(self) -> bytes:
        """Decompress a little; it may be nothing.

        Raises:
            aiohttp.ClientPayloadError: What was received is damaged; its cause is a ContentEncodingError.
        """
        data = b""
        if not self._draining:
            data = self._input[self._at : self._at + STEP_INPUT]
            self._at += len(data)
            self.consumed += len(data)
        member = self._member
        if member is not None and member.eof and self._encoding not in _CONCATENATED:
            raise aiohttp.ClientPayloadError("damaged") from _damage(self._encoding)  # something follows its end
        try:
            if member is None or member.eof:
                member = self._member = self._make()
            out = member.decompress(data, STEP_OUTPUT)
        except Exception as error:
            # Each library has errors of its own, whose only common base this is.
            raise aiohttp.ClientPayloadError("damaged") from _damage(self._encoding, error)
        if member.eof:
            self._at -= len(member.unused_data)
            self.consumed -= len(member.unused_data)
        self._draining = bool(out) and not member.eof
        return out


def _damage(encoding: str, cause: Exception | None = None) -> ContentEncodingError:
    """What aiohttp gives as the cause of its error for such a body."""
    error = ContentEncodingError(f"cannot decode {encoding}")
    error.__cause__ = cause
    return error
