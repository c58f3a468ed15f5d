"""Stored documents: new ones, the ones that an operation requires, and what a response shows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import ApiError, not_exist

if TYPE_CHECKING:
    from ..api.call import Call
    from ..state.store import Document, Transaction

PRIVATE = "private"
"""Member of a stored document that no response shows."""


def public(document: Mapping[str, Any]) -> Document:
    """A stored document without its private member."""
    return {name: value for name, value in document.items() if name != PRIVATE}


def new_document(identifier: str | None = None, **fields: Any) -> Document:
    """A new document with its identifier and times; fields that are None are left out."""
    stamp = clock.now()
    document: Document = {"_id": identifier or clock.new_id(), "created_at": stamp, "updated_at": stamp}
    document.update({name: value for name, value in fields.items() if value is not None})
    return document


def _missing(call: Call, collection: str, identifier: str) -> ApiError:
    """The error for a resource that does not exist, with the status that the operation documents."""
    return not_exist(collection, identifier, status=404 if 404 in call.operation.responses else 400)


def require(call: Call, tx: Transaction, kind: str, identifier: str, collection: str) -> Document:
    """A document that must exist.

    Raises:
        ApiError: It does not.
    """
    document = tx.get(kind, identifier)
    if document is None:
        raise _missing(call, collection, identifier)
    return document
