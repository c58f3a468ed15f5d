"""What extensions say whose value is a map. `openapi/README.md` tells what their members mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from . import readers
from .readers import UnexpectedValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

MEDIA_KINDS = ("video", "audio", "image", "document")


@attrs.frozen
class Pages:
    """An `x-pagination`."""

    style: str
    items: str
    info: str = ""
    next: str = ""
    next_body_field: str = ""
    next_operation: str = ""
    next_parameter: str = ""


@attrs.frozen
class Stream:
    """An `x-stream`."""

    kind: str
    event: str
    field: str = ""
    method: tuple[str, ...] = ()
    argument: bool = False


@attrs.frozen
class MediaSizes:
    """An `x-media-limits`."""

    file: Mapping[str, int] = attrs.Factory(dict)
    url: Mapping[str, int] = attrs.Factory(dict)
    base64: Mapping[str, int] = attrs.Factory(dict)
    min_seconds: int | None = None
    max_seconds: Mapping[str, int] = attrs.Factory(dict)


@attrs.frozen
class Notice:
    """An `x-outdated`, or one of `x-outdated-values`."""

    successor: str
    announced: str


@attrs.frozen
class WaitSource:
    """The `list` of an `x-wait`."""

    operation: str
    ids: str = ""
    status: str = ""
    newest: Mapping[str, Any] = attrs.Factory(dict)
    changed: Mapping[str, Any] = attrs.Factory(dict)
    narrow: str = ""
    complete: bool = False


@attrs.frozen
class WaitStates:
    """An `x-wait`."""

    noun: str
    until: str
    done: tuple[str, ...]
    failed: tuple[str, ...] = ()
    note: str = ""
    timeout: float | None = None
    list: WaitSource | None = None


@attrs.frozen
class Conditions:
    """An `x-rules`, without its notes for readers."""

    exactly_one_of: tuple[str, ...] = ()
    at_least_one_of: tuple[str, ...] = ()
    at_most_one_of: tuple[str, ...] = ()
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()


def seconds_by_model(value: Any) -> dict[str, int]:
    """A number for all models, or a map from model to number."""
    return readers.mapping(readers.positive)(value) if isinstance(value, dict) else {"*": readers.positive(value)}


def state(value: Any) -> str:
    """A value of `status`."""
    if not isinstance(value, str) or not value or value != value.lower():
        raise UnexpectedValueError("a state in lower case")
    return value


def groups(value: Any) -> tuple[tuple[str, ...], ...]:
    """A list of names, or a list of such lists."""
    is_one = isinstance(value, list) and not all(isinstance(group, list) for group in value)
    return readers.many(readers.many(readers.text))([value] if is_one else value)


def conditions(value: Any) -> Conditions:
    """Conditions; members that are none of them are notes."""
    known = [field.name for field in attrs.fields(Conditions)]
    given = {name: entry for name, entry in readers.mapping(readers.anything)(value).items() if name in known}
    listed = readers.many(readers.text)
    read = readers.record(
        Conditions, exactly_one_of=listed, at_least_one_of=listed, at_most_one_of=listed, mutually_exclusive=groups
    )
    return read(given)


sizes = readers.mapping(readers.positive, MEDIA_KINDS)

pages = readers.record(
    Pages,
    style=readers.one_of("page", "token", "token-page"),
    items=readers.text,
    info=readers.text,
    next=readers.text,
    next_body_field=readers.text,
    next_operation=readers.text,
    next_parameter=readers.text,
)

stream = readers.record(
    Stream,
    kind=readers.one_of("ndjson", "sse", "jsonl"),
    event=readers.text,
    field=readers.text,
    method=readers.attribute_path,
    argument=readers.flag,
)

media_sizes = readers.record(
    MediaSizes, file=sizes, url=sizes, base64=sizes, min_seconds=readers.positive, max_seconds=seconds_by_model
)

notice = readers.record(Notice, successor=readers.text, announced=readers.text)

wait = readers.record(
    WaitStates,
    noun=readers.text,
    until=readers.text,
    done=readers.many(state),
    failed=readers.many(state),
    note=readers.text,
    timeout=readers.seconds,
    list=readers.record(
        WaitSource,
        operation=readers.text,
        ids=readers.text,
        status=readers.text,
        newest=readers.mapping(readers.anything),
        changed=readers.mapping(readers.anything),
        narrow=readers.text,
        complete=readers.flag,
    ),
)
