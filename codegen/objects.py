"""Kinds of objects: which models an argument accepts where it takes an id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from . import names, types
from .document import Document, extension
from .errors import GenerationError
from .escape import Doc
from .types import Name, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openapi_python_client import schema as oai

_HAND_WRITTEN = {"asset": (Name("runtime", "UploadResult"),)}
"""Classes that are not generated and describe an object, by kind."""


@attrs.frozen
class Kind:
    """A kind of object.

    Attributes:
        name: As stated in the document.
        alias: Name of the type of an argument: one of the models, or the id.
        type: What the alias stands for.
        doc: Its docstring.
        hint: A sentence for the docstring of an argument.
    """

    name: str
    alias: str
    type: Type
    doc: Doc
    hint: str


class Objects:
    """Every kind of object in the document.

    Attributes:
        kinds: The kinds by name, sorted.
    """

    def __init__(self, document: Document, classes: Mapping[str, str]) -> None:
        models: dict[str, list[Type]] = {}
        for name in document.schemas:
            for kind in kinds_of(document.schema(document.schemas[name]), name):
                models.setdefault(kind, []).append(Name("models", classes[name]))
        taken = set(classes.values())
        self.kinds = {kind: self._kind(kind, models[kind], taken) for kind in sorted(models)}

    @staticmethod
    def _kind(kind: str, models: list[Type], taken: set[str]) -> Kind:
        alias = f"{names.pascal((kind,))}OrId"
        if alias in taken:
            raise GenerationError(f"The schema {alias} has the name of the type for x-object {kind}")
        noun = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind.replace('_', ' ')}"
        return Kind(
            name=kind,
            alias=alias,
            type=types.union([types.STR, *models, *_HAND_WRITTEN.get(kind, ())]),
            doc=Doc(f"The id of {noun}, or a model of it, as a call has returned it."),
            hint=f"A model of {noun} is accepted in place of its id.",
        )

    def accepting(self, kind: str, type_: Type, where: str) -> Type:
        """The type of an argument that takes ids of a kind, with the objects in place of the ids."""
        if kind not in self.kinds:
            raise GenerationError(f"{where}: x-id-of {kind!r} is the x-object of no schema")
        accepting = types.replace(type_, types.STR, Name("ids", self.kinds[kind].alias))
        if accepting == type_:
            raise GenerationError(f"{where}: x-id-of is for a string or a list of strings")
        return accepting


def kinds_of(schema: oai.Schema, where: str) -> tuple[str, ...]:
    """The kinds of object that a schema describes."""
    given = extension(schema, "x-object", ())
    found = tuple(str(kind) for kind in (given if isinstance(given, list | tuple) else [given]))
    if wrong := [kind for kind in found if not re.fullmatch(r"[a-z][a-z0-9_]*", kind)]:
        raise GenerationError(f"{where}: x-object {wrong[0]!r} is not a name in snake case")
    return found
