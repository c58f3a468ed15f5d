"""Terms: what documents can be found by without reading all of them, because the store keeps them in an index.

A term is one value of one field, as a number: a hash of kind, scope, field and value, so that an entry of the index is
as small as it can be.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ..._safe_repr import SafeRepr

Document = dict[str, Any]

VERSION: Final = 1
"""Version of the rules below. A state folder of another version is indexed again when it is opened."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field(SafeRepr):
    """A field of the documents of a kind.

    Attributes:
        values: The names and values of a document; a field has one name unless it is a map.
        scoped: Whether documents are looked up below one parent, or among all of their kind.
    """

    values: Callable[[Document], Iterable[tuple[str, Any]]]
    scoped: bool = False


def _member(name: str, *path: str) -> Callable[[Document], Iterable[tuple[str, Any]]]:
    def values(document: Document) -> Iterator[tuple[str, Any]]:
        found: Any = document
        for part in path or (name,):
            found = found.get(part) or {}
        if found:
            yield name, found

    return values


def _metadata(document: Document) -> Iterator[tuple[str, Any]]:
    for name, value in (document.get("user_metadata") or {}).items():
        yield f"user_metadata.{name}", value


_STATUS: Final = Field(_member("status"))
_ASSET: Final = Field(_member("asset_id"))

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "asset": (Field(_member("_id")), Field(_member("filename"))),
    "video": (
        Field(_member("status")),
        Field(_member("status"), scoped=True),
        Field(_member("filename", "system_metadata", "filename"), scoped=True),
        Field(_metadata, scoped=True),
        _ASSET,
    ),
    "task": (_STATUS, Field(_member("index_id")), Field(_member("filename", "system_metadata", "filename"))),
    "item": (Field(_member("status"), scoped=True), _ASSET),
    "entity": (Field(_member("asset_ids")),),
    "upload": (_STATUS,),
}
"""The fields that documents can be looked up by."""


def terms_of(kind: str, parent: str, document: Document) -> set[int]:
    """The terms of a document."""
    return {
        _term(kind, parent if field.scoped else None, name, text)
        for field in FIELDS.get(kind, ())
        for name, value in field.values(document)
        for text in _stored(value)
    }


def terms_for(kind: str, parent: str | None, name: str, wanted: Any) -> list[int]:
    """The terms of which a document has at least one if its field has a value, or one of several.

    Args:
        kind: Kind of the documents.
        parent: Their parent, for a field that is scoped; None for other fields.
        name: Name of the field.
        wanted: A value, or a list of values. A text also stands for the number that it spells, because all values of a
            query are text.
    """
    values = wanted if isinstance(wanted, list) else [wanted]
    return list(dict.fromkeys(_term(kind, parent, name, text) for value in values for text in _wanted(value)))


def _stored(value: Any) -> Iterator[str]:
    for single in value if isinstance(value, list) else (value,):
        if isinstance(single, bool):
            yield f"text {str(single).lower()}"
        elif isinstance(single, (int, float)):
            yield f"number {float(single)!r}"
        elif isinstance(single, str):
            yield f"text {single}"


def _wanted(value: Any) -> Iterator[str]:
    yield from _stored(value)
    if isinstance(value, str):
        try:
            yield f"number {float(value)!r}"
        except ValueError:
            return


def _term(kind: str, parent: str | None, name: str, text: str) -> int:
    # A name or a value may hold any character but not every one: a lone surrogate is no UTF-8.
    key = "\0".join((kind, "" if parent is None else f"in {parent}", name, text)).encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), signed=True)
