"""Classes that describe outputs, at the top level of a module, as programs have them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NewType, NotRequired, Required, TypedDict

import attrs

Title = NewType("Title", str)


class Mood(enum.Enum):
    CALM = "calm"
    TENSE = "tense"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclasses.dataclass
class Person:
    """Somebody in the video.

    Attributes:
        name: What they are called,
            or what they look like.
        age: Years, estimated.

    Example:
        other: This is no member.
    """

    name: str
    age: int | None = None


@attrs.frozen
class Part:
    """Anything with a length.

    Attributes:
        seconds: How long it is.
    """

    seconds: float


@attrs.frozen
class Scene(Part):
    """A part of the video."""

    title: Title
    mood: Mood = Mood.CALM
    kind: Literal["indoor", "outdoor"] | None = None
    people: list[Person] = attrs.field(factory=list)


@attrs.frozen(kw_only=True)
class Report:
    """What happens in a video.

    Attributes:
        title: A short title.
        summary: This loses against the annotation.
        keywords: This loses against the metadata.
    """

    title: str
    summary: Annotated[str, "Two sentences."]
    scenes: list[Scene]
    keywords: tuple[str, ...] = attrs.field(default=(), metadata={"description": "At most five."})
    rating: Literal[1, 2, 3] = 1
    suitable: bool = True
    _note: str = ""
    made: str = attrs.field(default="here", init=False)


class Base(TypedDict):
    """The base."""

    id: int


class Entry(Base, total=False):
    """An entry."""

    name: Required[Annotated[str, "Its name."]]
    level: Level
    at: dt.datetime
    next: Entry | None


class Loose(TypedDict):
    name: str
    note: NotRequired[str]


@attrs.frozen
class Node:
    name: str
    parent: Node | None
    children: Sequence[Node]


@attrs.frozen
class Times:
    at: dt.datetime
    day: dt.date
    hour: dt.time
    key: uuid.UUID
    since: dt.timedelta
    value: int | float | str | None
    choice: Literal[Mood.CALM, True, 1, None]


@attrs.frozen
class Checked:
    score: int = attrs.field(validator=attrs.validators.le(10))
    names: list[str] = attrs.field(factory=list)


@dataclasses.dataclass
class WithInitVar:
    name: str
    seed: dataclasses.InitVar[int]


@dataclasses.dataclass
class WithComputed:
    name: str
    size: int = dataclasses.field(init=False, default=3)
    words: list[str] = dataclasses.field(default_factory=list, metadata={"description": "Its words."})


@attrs.frozen
class BadMap:
    counts: dict[str, int]


@attrs.frozen
class BadNested:
    inner: list[BadMap]


@attrs.frozen
class BadList:
    items: list  # type: ignore[type-arg]


@attrs.frozen
class BadAny:
    value: Any


@attrs.frozen
class BadPair:
    pair: tuple[int, str]


@attrs.frozen
class BadBytes:
    data: bytes | None


@attrs.frozen
class BadChoice:
    data: Literal[b"x"]


@attrs.frozen
class Moment:
    start_time: float
    end_time: float
    label: Literal["goal", "foul"]
    players: list[str] = attrs.field(factory=list)


@attrs.frozen
class Shot:
    """A continuous shot, from cut to cut.

    Attributes:
        subject: What it shows.
    """

    subject: str
    mood: Mood
    peak: dt.timedelta | None = None
    brightness: float = 0.0
    people: int = 0
    indoor: bool = False
    colors: list[Literal["red", "blue"]] = attrs.field(factory=list)
    words: list[str] = attrs.field(factory=list)
    moments: Annotated[list[Moment], "What happens in it."] = attrs.field(factory=list)


class Timed(TypedDict):
    """Any part."""

    start_time: float
    end_time: float
    title: str
