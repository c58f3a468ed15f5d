"""Lazy loading of public names, so that importing the package loads no model."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ._generated import index

if TYPE_CHECKING:
    from collections.abc import Mapping

_PACKAGE = __package__ or "twelvelabs_async"


def load(name: str, modules: Mapping[str, str]) -> Any:
    """The value of a public name: of a hand-written module, or a model.

    Raises:
        AttributeError: There is no such name; a similar one is suggested.
    """
    if name in modules:
        return getattr(import_module(f"{_PACKAGE}.{modules[name]}"), name)
    if name in index.NAMES:
        return index.load(name)
    if name.isidentifier() and find_spec(f"{_PACKAGE}.{name}") is not None:
        return import_module(f"{_PACKAGE}.{name}")  # `twelvelabs_async.webhooks` without importing it
    from difflib import get_close_matches

    similar = get_close_matches(name, [*index.NAMES, *modules], n=1)
    hint = f"; did you mean {similar[0]}?" if similar else ""
    raise AttributeError(f"{_PACKAGE} has no {name!r}{hint}")


def names() -> list[str]:
    """The names of all models and of their TypedDicts."""
    return [*index.NAMES]
