"""Objects in place of ids: an argument that takes the id of an asset also takes the asset that a call returned."""

from __future__ import annotations

import enum
import uuid
from typing import Any, Final

from .params import is_list

_IDS: Final = (str, int, uuid.UUID, enum.Enum, type(None))
"""Types whose values are sent as an id, or checked where they are quoted for a path."""


def id_of(name: str, value: Any, kind: str) -> Any:
    """The id of an object that was passed where an id is expected. An id is returned unchanged.

    Args:
        name: Name of the argument, for the error message.
        value: The argument: an object or an id.
        kind: The kind of object that the argument accepts.

    Raises:
        ValueError: It is neither an id nor an object of this kind.
    """
    cls = value.__class__
    if cls is str or isinstance(value, _IDS):
        return value
    if kind not in getattr(cls, "_kinds", ()):
        noun = _with_article(kind.replace("_", " "))
        raise ValueError(f"{name} must be {noun} or its id, not {_with_article(cls.__name__)}")
    return value.id


def ids_of(name: str, value: Any, kind: str) -> Any:
    """Like `id_of`, for an argument that may also be a list.

    Raises:
        ValueError: One is neither an id nor an object of this kind.
    """
    if is_list(value):
        return [id_of(f"{name}[{at}]", item, kind) for at, item in enumerate(value)]
    return id_of(name, value, kind)


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
