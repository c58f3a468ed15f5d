"""Lists: one page of documents, filtered and sorted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..api.call import Call, Response
from ..state.terms import terms_for
from .documents import public

if TYPE_CHECKING:
    from ..state.store import Document, Transaction
    from .filters import Filter


async def listing(
    call: Call,
    kind: str,
    *,
    parent: str | None = None,
    fields: Mapping[str, Any] | None = None,
    where: Filter | None = None,
    shape: Callable[[Document], Document] = public,
    before: Callable[[Transaction], Any] | None = None,
    descending: bool | None = None,
) -> Response:
    """Responds with one page of documents, sorted as the query says.

    Args:
        call: The request.
        kind: Kind of the documents.
        parent: Only documents of this parent.
        fields: Only documents that have these values; the fields are those of `state/terms.py`. A list holds
            alternatives; None and an empty list are no condition.
        where: Only documents for which this holds.
        shape: Turns a stored document into an item of the response.
        before: Runs in the same transaction, to check that a parent exists.
        descending: Order by creation where the query names none; newest first when None.
    """
    query = call.query
    page, limit = query.get("page", 1), query.get("page_limit", 10)
    wanted = {name: value for name, value in (fields or {}).items() if value is not None and value != []}
    terms = [terms_for(kind, parent, name, value) for name, value in wanted.items()]
    order = query.get("sort_option")
    newest_first = (descending is not False) if order is None else order == "desc"

    def find(tx: Transaction) -> tuple[list[Document], int]:
        if before is not None:
            before(tx)
        found = tx.page(
            kind,
            parent=parent,
            terms=terms,
            where=where,
            sort_by=query.get("sort_by", "created_at"),
            descending=newest_first,
            page=page,
            limit=limit,
        )
        return [shape(document) for document in found.items], found.total

    items, total = await call.services.store.run(find)
    return Response({"data": items, "page_info": page_info(page, limit, total)})


def page_info(page: int, limit: int, total: int) -> Document:
    """Position of a page in its list."""
    return {"limit_per_page": limit, "page": page, "total_page": math.ceil(total / limit), "total_results": total}
