"""Kinds of objects, as the document states them: which models stand for an id, and which arguments take one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tests.openapi import document, models, samples
from twelvelabs_async._codec.decode import decode

if TYPE_CHECKING:
    from tests.openapi.document import Field


def kinds_of(name: str) -> tuple[str, ...]:
    """The kinds of object that a schema describes."""
    given = document.schemas()[name].get("x-object", ())
    return (given,) if isinstance(given, str) else tuple(given)


@functools.cache
def models_of(kind: str) -> tuple[str, ...]:
    """The schemas that describe an object of a kind."""
    return tuple(name for name in document.schemas() if kind in kinds_of(name))


def kind_of(field: Field) -> str:
    """The kind of the objects that an argument accepts in place of an id; empty where it is no id."""
    return str(field.schema.get("x-id-of", ""))


def another_model(kind: str) -> str:
    """A schema that describes an object of another kind."""
    return "IndexSchema" if kind != "index" else "TasksCreateResponse"


def received(name: str) -> Any:
    """An object as a call returns it."""
    return decode(models.model(name), samples.Builder(members="required").build(document.schemas()[name], name))
