"""Kinds of objects: which models an argument accepts where it takes an id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import extensions, names, types
from .errors import GenerationError
from .escape import Doc
from .types import Name, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .document import Document

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
        place: Where the document has the first schema of it, for messages.
    """

    name: str
    alias: str
    type: Type
    doc: Doc
    hint: str
    place: str


class Objects:
    """Every kind of object in the document.

    Attributes:
        kinds: The kinds by name, sorted.
    """

    def __init__(self, document: Document, classes: Mapping[str, str]) -> None:
        models: dict[str, list[Type]] = {}
        places: dict[str, str] = {}
        for name, node in document.schemas.items():
            for kind in extensions.OBJECT.of(node):
                models.setdefault(kind, []).append(Name("models", classes[name]))
                places.setdefault(kind, document.place(node, extensions.OBJECT.name))
        taken = set(classes.values())
        self.kinds = {kind: self._kind(kind, models[kind], taken, places[kind]) for kind in sorted(models)}

    @staticmethod
    def _kind(kind: str, models: list[Type], taken: set[str], place: str) -> Kind:
        alias = f"{names.pascal((kind,))}OrId"
        if alias in taken:
            raise GenerationError(
                f"the schema {alias} has the name of the type for x-object {kind}", "rename one of the two", place
            )
        noun = f"{'an' if kind[0] in 'aeiou' else 'a'} {kind.replace('_', ' ')}"
        return Kind(
            name=kind,
            alias=alias,
            type=types.union([types.STR, *models, *_HAND_WRITTEN.get(kind, ())]),
            doc=Doc(f"The id of {noun}, or a model of it, as a call has returned it."),
            hint=f"A model of {noun} is accepted in place of its id.",
            place=place,
        )

    def accepting(self, kind: str, type_: Type) -> Type:
        """The type of an argument that takes ids of a kind, with the objects in place of the ids."""
        if kind not in self.kinds:
            raise GenerationError(
                f"x-id-of {kind!r} is the x-object of no schema", "correct the name, or give x-object to a schema"
            )
        accepting = types.replace(type_, types.STR, Name("ids", self.kinds[kind].alias))
        if accepting == type_:
            raise GenerationError("x-id-of is for a string or a list of strings", "correct the type, or remove x-id-of")
        return accepting
