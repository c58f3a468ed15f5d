"""What calls warn about: deprecated operations, and deprecated members and values of their bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from . import extensions
from .document import Document, Node, text
from .errors import GenerationError
from .escape import literal
from .parser import oai

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .calls import Call
    from .extension_values import Notice

_UNLISTED: Final = "The platform no longer lists it."


@attrs.frozen
class OutdatedMember:
    """A member of a body that calls warn about, always or with some values.

    Attributes:
        path: Wire names of the members that lead to it.
        values: The warning by value.
        given: The warning for any value; empty where there is none.
    """

    path: tuple[str, ...]
    values: dict[str, str]
    given: str

    @property
    def texts(self) -> tuple[str, ...]:
        """Every warning."""
        return (*self.values.values(), *([self.given] if self.given else []))

    @property
    def source(self) -> str:
        """It as an argument of the constant of the operation."""
        names = ", ".join(literal(name) for name in self.path)
        parts = [f"({names})" if len(self.path) > 1 else f"({names},)"]
        parts += [f"values={literal(self.values)}"] if self.values else []
        parts += [f"given={literal(self.given)}"] if self.given else []
        return f"Outdated({', '.join(parts)})"


def of_operation(operation: oai.Operation, call: Call) -> str:
    """The warning of every call of an operation; empty where it is current."""
    if call.lifecycle == "current":
        return ""
    return _sentences(".".join(call.path), call.successor, reason(operation))


def reason(operation: oai.Operation) -> str:
    """Why an operation is deprecated, in a sentence."""
    announced = extensions.ANNOUNCED.of(operation)
    if announced:
        return _announcement(announced)
    state = extensions.LIFECYCLE.of(operation)
    return {"announced": _announcement("its removal"), "unlisted": _UNLISTED}.get(state, "")


def of_body(document: Document, operation: oai.Operation) -> tuple[OutdatedMember, ...]:
    """The deprecated members of an operation's body, and those with deprecated values."""
    if operation.request_body is None:
        return ()
    content = document.body(operation.request_body).content or {}
    nodes = [media.media_type_schema for media in content.values() if media.media_type_schema]
    return tuple(member for node in nodes for member in _of_members(document, node, (), frozenset()))


def _of_members(
    document: Document, node: Node, path: tuple[str, ...], above: frozenset[str]
) -> Iterator[OutdatedMember]:
    """Those of the members of an object, or of the objects in a list or a union."""
    if isinstance(node, oai.Reference):
        name = document.schema_name(node)
        if name in above:
            return
        above |= {name}
    schema = document.schema(node)
    for part in (*schema.anyOf, *schema.oneOf, *([schema.items] if schema.items else [])):
        yield from _of_members(document, part, path, above)
    for key, member in (schema.properties or {}).items():
        name = text(key)
        with document.at(member):
            found = _of_member(document, member, (*path, name))
            if found.texts and extensions.ATTRIBUTE.of(member):
                raise GenerationError("a member that calls warn about has one name", "remove its x-attribute")
            yield from [found] if found.texts else []
            yield from _of_members(document, member, (*path, name), above)


def _of_member(document: Document, member: Node, path: tuple[str, ...]) -> OutdatedMember:
    given = extensions.OUTDATED.of(member)
    values = extensions.OUTDATED_VALUES.of(document.schema(member))
    return OutdatedMember(
        path,
        {value: _sentence_of(f"{path[-1]} {value!r}", notice) for value, notice in values.items()},
        _sentence_of(path[-1], given) if given else "",
    )


def _sentence_of(what: str, notice: Notice) -> str:
    return _sentences(what, notice.successor, _announcement(notice.announced))


def _announcement(announced: str) -> str:
    return f"The platform has announced {announced}."


def _sentences(what: str, successor: str, why: str) -> str:
    return f"{what} is deprecated: use {successor} instead. {why}".strip()
