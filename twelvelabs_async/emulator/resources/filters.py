"""Filters of lists and searches: conditions on stored documents."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import parameter_invalid

if TYPE_CHECKING:
    from ..state.store import Document

Filter = Callable[["Document"], bool]


def all_of(*filters: Filter | None) -> Filter | None:
    """All filters together; None when there is none."""
    given = [condition for condition in filters if condition is not None]
    return (lambda document: all(condition(document) for condition in given)) if given else None


def since(name: str, text: str | None) -> Filter | None:
    """A filter on a time: at or after a moment."""
    if text is None:
        return None
    try:
        moment = clock.seconds_of(text)
    except ValueError:
        raise parameter_invalid(name, "It must be a date-time.") from None
    return lambda document: name in document and clock.seconds_of(document[name]) >= moment


def equals(name: str, wanted: Any) -> Filter | None:
    """A filter on a field: one value, or one of several."""
    if wanted is None or wanted == []:
        return None
    if isinstance(wanted, list):
        return lambda document: document.get(name) in wanted
    return lambda document: document.get(name) == wanted


def matches(found: Any, wanted: Any) -> bool:
    """Whether a value satisfies a condition: a number, a text, a boolean, or a range with `gte` and `lte`."""
    if isinstance(wanted, Mapping):
        if isinstance(found, bool) or not isinstance(found, (int, float)):
            return False
        return bool(wanted.get("gte", -math.inf) <= found <= wanted.get("lte", math.inf))
    if isinstance(found, list):
        return any(matches(item, wanted) for item in found)
    if isinstance(found, bool) or isinstance(wanted, bool):
        return _text(found) == _text(wanted)
    if isinstance(found, (int, float)):
        try:
            return math.isclose(found, float(wanted), rel_tol=1e-9)
        except (TypeError, ValueError):
            return False
    return bool(found == wanted)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def system_filter(query: Mapping[str, Any], *names: str) -> Filter | None:
    """A filter on the system metadata of a document."""
    wanted = {name: query[name] for name in names if query.get(name) is not None}
    if not wanted:
        return None
    return lambda d: all(matches(d.get("system_metadata", {}).get(name), value) for name, value in wanted.items())
