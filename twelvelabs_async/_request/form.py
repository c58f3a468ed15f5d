"""multipart/form-data: bodies that may hold files."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from .._safe_repr import SafeRepr
from .._value import Value
from .body import SLICE_BYTES
from .headers import check_header
from .slices import Part, Slices, Whole
from .sources import BytesSource
from .streams import StreamSource

if TYPE_CHECKING:
    from .body import Payload
    from .sources import Source


@attrs.frozen(eq=False, repr=False)
class FormField(Value):
    """One field of a form.

    Attributes:
        name: Name of the field.
        value: A string, or the content of a file.
        filename: File name that is sent; None for fields that are not files.
        content_type: Media type that is sent; None for fields that are not files.
    """

    name: str
    value: str | Part = attrs.field(repr=lambda value: f"<{type(value).__name__}>")
    filename: str | None = None
    content_type: str | None = None


class FormBody(SafeRepr):
    """multipart/form-data. The headers of the parts are built once; files are read while they are sent."""

    __slots__ = ("_parts", "content_length", "content_type", "replayable")

    def __init__(self, fields: Sequence[FormField]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type: str = f"multipart/form-data; boundary={boundary}"
        self._parts: list[Part] = list(_join(_form_parts(fields, boundary.encode())))
        self.content_length: int = sum(part.size if not isinstance(part, bytes) else len(part) for part in self._parts)
        self.replayable: bool = all(isinstance(part, bytes) or part.replayable for part in self._parts)

    def __repr__(self) -> str:
        return f"FormBody(<{self.content_length} bytes>)"

    def open(self) -> Payload:
        """The encoded form; plain bytes if it is small and in memory."""
        if self.content_length <= SLICE_BYTES:
            in_memory = [
                part if isinstance(part, bytes) else part.data
                for part in self._parts
                if isinstance(part, bytes | BytesSource)
            ]
            if len(in_memory) == len(self._parts):
                return b"".join(in_memory)
            plain = [part for part in self._parts if not isinstance(part, StreamSource)]
            if len(plain) == len(self._parts):
                return Whole(plain)
        return Slices([_sliceable(part) for part in self._parts], SLICE_BYTES)

    @property
    def sources(self) -> Sequence[Source | StreamSource]:
        """The files."""
        return [part for part in self._parts if not isinstance(part, bytes)]


def _sliceable(part: Part) -> Part:
    """A part for `Slices`, which cuts sources; short bytes are left unchanged."""
    return BytesSource(part) if isinstance(part, bytes) and len(part) > SLICE_BYTES else part


def _form_parts(fields: Sequence[FormField], boundary: bytes) -> Iterator[Part]:
    for field in fields:
        head = f'Content-Disposition: form-data; name="{_quote(field.name)}"'
        if field.filename is not None:
            head += f'; filename="{_quote(field.filename)}"'
        if field.content_type is not None:
            check_header("Content-Type", field.content_type)
            head += f"\r\nContent-Type: {field.content_type}"
        yield b"--" + boundary + b"\r\n" + head.encode() + b"\r\n\r\n"
        yield field.value.encode() if isinstance(field.value, str) else field.value
        yield b"\r\n"
    yield b"--" + boundary + b"--\r\n"


def _join(parts: Iterator[Part]) -> Iterator[Part]:
    """Merge adjacent byte strings."""
    pending: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            pending.append(part)
            continue
        yield b"".join(pending)
        pending.clear()
        yield part
    yield b"".join(pending)


def _quote(text: str) -> str:
    """Quote a name as browsers do, which also prevents header injection."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")
