"""Classes as `segment_definitions`, and the segments of a video as instances of them.

A class describes one kind of segment: its docstring says which parts of a video are meant, its fields what to extract
for each. A field may be a `str`, `bool`, `int` or `float`, a `Literal` or an enum of texts, a list of one of these, a
`timedelta` (a point in the video, from its start), or a list of a class with `start_time` and `end_time` (parts of the
segment). Fields `start_time` and `end_time` of the class itself receive the times of the segment.
"""

from __future__ import annotations

import datetime as dt
import re
import types
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, Union, get_args, get_origin

import attrs

from .._codec.scalars import Mismatch, decode_float, wrong
from .._codec.serialize import show_path
from .._safe_repr import SafeRepr
from ..errors import StructuredOutputError
from ._members import Member, description_of, is_described, members_of
from ._output import load_text, off_loop
from ._shapes import ChoiceShape, ListShape, ObjectShape, Shape, parse_list, plain, shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

MAX_CHOICES: Final = 100
"""Maximum number of values of a field that the platform accepts."""

_TIMES: Final = ("start_time", "end_time")
_TYPES: Final = {str: "string", bool: "boolean", int: "integer", float: "number"}


@attrs.frozen
class Segment(SafeRepr, Generic[T]):
    """A part of a video.

    Attributes:
        start_time: Its start, in seconds from the start of the video.
        end_time: Its end, in seconds from the start of the video.
        value: What was extracted: an instance of the class.
        definition: Which kind of segment it is: the identifier of the class in the request.
    """

    start_time: float
    end_time: float
    value: T
    definition: str


class SegmentKind(Generic[T]):
    """A class as a kind of segment.

    Attributes:
        id: Identifier of its definition: the name of the class in lower case, with underscores.
    """

    def __init__(self, cls: type[T]) -> None:
        """Read the class.

        Raises:
            TypeError: It has no docstring, or a field of a type that the platform cannot extract, which is named.
        """
        if not is_described(cls):
            name = getattr(cls, "__name__", None) or repr(cls)
            raise TypeError(f"{name} must be an attrs class, a dataclass or a TypedDict")
        self.id: str = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        self._description = description_of(cls)
        if not self._description:
            raise TypeError(f"{cls.__name__} needs a docstring, which says which parts of a video are meant")
        self._fields: list[dict[str, Any]] = []
        shapes: dict[str, tuple[Shape, str, bool]] = {}
        for member in members_of(cls):
            where = f"{cls.__name__}.{member.name}"
            if member.name not in _TIMES:
                self._fields.append(_field(member, where))
            shapes[member.name] = shape_of(member.type, where), member.description, member.required
        self._shape = ObjectShape(cls, shapes)
        self._times = [name for name in _TIMES if name in shapes]

    def definition(self, time_ranges: Sequence[tuple[float, float]] | None = None) -> dict[str, Any]:
        """The definition to send.

        Args:
            time_ranges: Start and end of the segments in seconds, if they are not to be found by the platform.
        """
        found: dict[str, Any] = {"id": self.id, "description": self._description}
        if self._fields:
            found["fields"] = self._fields
        if time_ranges is not None:
            found["time_ranges"] = [{"start_time": start, "end_time": end} for start, end in time_ranges]
        return found

    def parse(self, entry: Any) -> Segment[T]:
        """One segment of the response; raises Mismatch."""
        if not isinstance(entry, dict):
            raise wrong("an object", entry)
        times = {}
        for name in _TIMES:
            try:
                times[name] = decode_float(entry.get(name), None)
            except Mismatch as mismatch:
                mismatch.parts.append(name)
                raise
        metadata = entry.get("metadata") or {}
        if isinstance(metadata, dict):
            metadata = {**metadata, **{name: times[name] for name in self._times}}
        try:
            value: T = self._shape.parse(metadata)
        except Mismatch as mismatch:
            mismatch.parts.append("metadata")
            raise
        return Segment(times["start_time"], times["end_time"], value, self.id)


def segment_format_for(kinds: Sequence[SegmentKind[Any]], time_ranges: Sequence[tuple[float, float]] | None) -> Any:
    """The `response_format` that asks for segments, with times in seconds; see `response_format_for` for its type.

    Raises:
        ValueError: There is no kind of segment, or two of them have the same identifier.
    """
    if not kinds:
        raise ValueError("segments needs at least one class that describes a kind of segment")
    names = [kind.id for kind in kinds]
    if len({*names}) < len(names):
        raise ValueError(f"the classes of segments need different names, not {', '.join(names)}")
    return {
        "type": "segment_definitions",
        "segment_definitions": [kind.definition(time_ranges) for kind in kinds],
        "segment_time_format": "seconds",
    }


async def parse_segments(
    kinds: Sequence[SegmentKind[T]], text: str | None, finish_reason: str | None, request_id: str | None
) -> list[Segment[T]]:
    """The segments in a generated text, of all kinds together, in the order of their times.

    Raises:
        OutputTruncatedError: The text was cut off at the token limit; it is attached.
        StructuredOutputError: The text is not JSON, or does not match the classes; it is attached.
    """
    return await off_loop(text, lambda: _parse(kinds, text, finish_reason, request_id))


def _parse(
    kinds: Sequence[SegmentKind[T]], text: str | None, finish_reason: str | None, request_id: str | None
) -> list[Segment[T]]:
    value = load_text(text, finish_reason, noun="list of segments", request_id=request_id)
    try:
        found = _segments({kind.id: kind for kind in kinds}, value)
    except Mismatch as mismatch:
        path, problem, cause = show_path(mismatch.parts), mismatch.problem, mismatch.__cause__
    else:
        return sorted(found, key=lambda segment: (segment.start_time, segment.end_time))
    raise StructuredOutputError(
        f"the text does not hold the segments: {path or 'it'} {problem}",
        text=text or "",
        path=path,
        finish_reason=finish_reason,
        request_id=request_id,
    ) from cause


def _segments(kinds: dict[str, SegmentKind[T]], value: Any) -> list[Segment[T]]:
    if not isinstance(value, dict):
        raise wrong("an object", value)
    found: list[Segment[T]] = []
    for name, entries in value.items():
        try:
            found += parse_list(_kind_of(kinds, name).parse, entries)
        except Mismatch as mismatch:
            mismatch.parts.append(name)
            raise
    return found


def _kind_of(kinds: dict[str, SegmentKind[T]], name: str) -> SegmentKind[T]:
    if name not in kinds:
        raise Mismatch("is of a kind that was not asked for")
    return kinds[name]


def _field(member: Member, where: str) -> dict[str, Any]:
    """A field of a definition, or of the elements of a list of parts."""
    kind = _without_none(member.type)
    field: dict[str, Any] = {"name": member.name, "description": member.description or member.name.replace("_", " ")}
    if kind is dt.timedelta:
        return {**field, "type": "timestamp", "format": "seconds"}
    shape = shape_of(kind, where)
    if not isinstance(shape, ListShape):
        return {**field, **_simple(kind, where, shape)}
    item = _without_none(get_args(kind)[0])
    if isinstance(shape.item, ObjectShape):
        return {**field, "type": "time_array", "items": {"type": "object", "fields": _parts(item, where)}}
    simple = _simple(item, where, shape.item)
    enum = {"enum": simple.pop("enum")} if "enum" in simple else {}
    return {**field, "type": "array", "items": simple, **enum}


def _parts(cls: type, where: str) -> list[dict[str, Any]]:
    """The fields of the elements of a list of parts."""
    members = members_of(cls)
    if not {*_TIMES} <= {member.name for member in members}:
        raise TypeError(f"{where}: {cls.__name__} is for parts of a segment, and needs start_time and end_time")
    fields = [_field(member, f"{cls.__name__}.{member.name}") for member in members if member.name not in _TIMES]
    for field in fields:
        if field["type"] in {"timestamp", "time_array"}:
            raise TypeError(f"{cls.__name__}.{field['name']}: not supported inside of a list")
    if not fields:
        raise TypeError(f"{where}: {cls.__name__} needs another field than start_time and end_time")
    return fields


def _simple(kind: Any, where: str, shape: Shape) -> dict[str, Any]:
    """A field with one value."""
    if kind in _TYPES:
        return {"type": _TYPES[kind]}
    if isinstance(shape, ChoiceShape):
        values = [value for value, _ in shape.choices]
        if all(isinstance(value, str) for value in values):
            if len(values) > MAX_CHOICES:
                raise TypeError(f"{where}: {len(values)} choices are more than the {MAX_CHOICES} that are allowed")
            return {"type": "string", "enum": values}
    raise TypeError(f"{where}: {kind} is not supported in a segment")


def _without_none(kind: Any) -> Any:
    """`T | None` as `T`: the platform extracts a value or none."""
    kind = plain(kind)
    if get_origin(kind) in {Union, types.UnionType}:
        members = [member for member in get_args(kind) if member is not type(None)]
        if len(members) == 1:
            return plain(members[0])
    return kind
