"""What the handlers share: lists, filters, user metadata, private parts of documents."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import clock
from ..errors import ApiError, not_exist, parameter_invalid
from ..platform import Reply
from ..store import Document, Transaction

if TYPE_CHECKING:
    from ..reading import Call

PRIVATE = "private"
"""Member of a stored document that is never answered."""

_SAFE_INTEGER = 2**53 - 1

Where = Callable[[Document], bool]


def public(document: Mapping[str, Any]) -> Document:
    """A stored document as it is answered."""
    return {name: value for name, value in document.items() if name != PRIVATE}


def fresh(identifier: str | None = None, **fields: Any) -> Document:
    """A new document with its identifier and times; fields that are None are left out."""
    stamp = clock.now()
    document: Document = {"_id": identifier or clock.new_id(), "created_at": stamp, "updated_at": stamp}
    document.update({name: value for name, value in fields.items() if value is not None})
    return document


def missing(call: Call, collection: str, identifier: str) -> ApiError:
    """The error for a resource that is not there, with the status that the operation documents."""
    return not_exist(collection, identifier, status=404 if 404 in call.operation.answers else 400)


def need(call: Call, tx: Transaction, kind: str, identifier: str, collection: str) -> Document:
    """A document that must be there.

    Raises:
        ApiError: It is not.
    """
    document = tx.get(kind, identifier)
    if document is None:
        raise missing(call, collection, identifier)
    return document


async def listing(
    call: Call,
    kind: str,
    *,
    parent: str | None = None,
    where: Where | None = None,
    shape: Callable[[Document], Document] = public,
    before: Callable[[Transaction], Any] | None = None,
    descending: bool | None = None,
) -> Reply:
    """Answers one page of documents, sorted as the query says.

    Args:
        call: The request.
        kind: Kind of the documents.
        parent: Only documents of this parent.
        where: Only documents for which this holds.
        shape: Makes an answer of a stored document.
        before: Runs in the same transaction, to check that a parent exists.
        descending: Order by creation when the query says nothing; newest first when None.
    """
    query = call.query
    page, limit = query.get("page", 1), query.get("page_limit", 10)
    order = query.get("sort_option")
    newest_first = (descending is not False) if order is None else order == "desc"

    def find(tx: Transaction) -> tuple[list[Document], int]:
        if before is not None:
            before(tx)
        found = tx.page(
            kind,
            parent=parent,
            where=where,
            sort_by=query.get("sort_by", "created_at"),
            descending=newest_first,
            page=page,
            limit=limit,
        )
        return [shape(document) for document in found.items], found.total

    items, total = await call.platform.store.run(find)
    return Reply({"data": items, "page_info": page_info(page, limit, total)})


def page_info(page: int, limit: int, total: int) -> Document:
    """Position of a page in its list."""
    return {"limit_per_page": limit, "page": page, "total_page": math.ceil(total / limit), "total_results": total}


def both(*conditions: Where | None) -> Where | None:
    """All conditions together; None when there is none."""
    given = [condition for condition in conditions if condition is not None]
    return (lambda document: all(condition(document) for condition in given)) if given else None


def since(name: str, text: str | None) -> Where | None:
    """A condition on a time: at or after a moment."""
    if text is None:
        return None
    try:
        moment = clock.seconds_of(text)
    except ValueError:
        raise parameter_invalid(name, "It must be a date-time.") from None
    return lambda document: name in document and clock.seconds_of(document[name]) >= moment


def equals(name: str, wanted: Any) -> Where | None:
    """A condition on a field: one value, or one of several."""
    if wanted is None or wanted == []:
        return None
    if isinstance(wanted, list):
        return lambda document: document.get(name) in wanted
    return lambda document: document.get(name) == wanted


def matches(found: Any, wanted: Any) -> bool:
    """Whether a value fits a condition: a number, a text, a boolean, or a range with `gte` and `lte`."""
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


def system_filter(query: Mapping[str, Any], *names: str) -> Where | None:
    """Conditions of a query on the system metadata of a document."""
    wanted = {name: query[name] for name in names if query.get(name) is not None}
    if not wanted:
        return None
    return lambda d: all(matches(d.get("system_metadata", {}).get(name), value) for name, value in wanted.items())


def metadata_filter(wanted: Mapping[str, Any] | None) -> Where | None:
    """Conditions of a query on user metadata."""
    if not wanted:
        return None
    return lambda d: all(matches(d.get("user_metadata", {}).get(name), value) for name, value in wanted.items())


def check_metadata(values: Mapping[str, Any] | None, name: str = "user_metadata") -> None:
    """Refuses what an answer could not give back: integers beyond 53 bits, objects, lists of anything but text.

    The older operations document any value in requests, but not in answers.
    """
    for key, value in (values or {}).items():
        texts = value if isinstance(value, list) else []
        if isinstance(value, dict) or any(not isinstance(text, str) for text in texts):
            raise parameter_invalid(f"{name}.{key}", "Store objects as text.")
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _SAFE_INTEGER:
            raise parameter_invalid(f"{name}.{key}", "Integers must fit in 53 bits.")


def clean_metadata(values: Mapping[str, Any] | None) -> Document:
    """User metadata without the values that mean nothing: null, empty text, empty list."""
    return {name: value for name, value in (values or {}).items() if value is not None and value not in ("", [])}


def merge_metadata(old: Mapping[str, Any] | None, changes: Mapping[str, Any], *, ignore_empty: bool) -> Document:
    """User metadata after a change: null deletes a field."""
    merged = dict(old or {})
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif not (ignore_empty and value in ("", [])):
            merged[name] = value
    return merged
