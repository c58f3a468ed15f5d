"""Removes what a verification made: this one at its end, and an earlier one that was killed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._safe_repr import SafeRepr
from .calls import BudgetError, StepError, UnreachableError
from .names import FILES, NAMES, PICTURE, VIDEO
from .visit import PER_REMOVAL, usable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .visit import Visit


@attrs.frozen(repr=False)
class Place(SafeRepr):
    """Where things are that a verification may have left behind.

    Attributes:
        kind: What they are.
        listed: operationId of the list.
        query: Filter of the list. It may be ignored: names are compared in any case.
        member: Member of a row that holds the name.
        names: The names.
        deleted: operationId that deletes one.
        parameter: Its path parameter.
        id_from: Member of a row that is its id.
    """

    kind: str
    listed: str
    query: Mapping[str, Any]
    member: str
    names: frozenset[str]
    deleted: str
    parameter: str
    id_from: str = "_id"


_PAGE: Final = 50

_NEWEST: Final = {"sort_by": "created_at", "sort_option": "desc"}

PLACES: Final = (
    Place("store", "listKnowledgeStores", _NEWEST, "name", NAMES, "deleteKnowledgeStore", "knowledge_store_id"),
    *(
        Place("collection", "listEntityCollections", {"name": name}, "name", NAMES, "deleteEntityCollection",
              "entity_collection_id")
        for name in sorted(NAMES)
    ),
    *(
        Place("index", "listIndexes", {"index_name": name}, "index_name", NAMES, "deleteIndex", "index_id")
        for name in sorted(NAMES)
    ),
    Place("analysis", "listAnalyzeTasks", {}, "custom_id", NAMES, "deleteAnalyzeTask", "task_id", "task_id"),
    *(
        Place("asset", "listAssets", {"filename": name}, "filename", FILES, "deleteAsset", "asset_id")
        for name in (VIDEO, PICTURE)
    ),
)  # fmt: skip
"""In the order in which they can be deleted: an asset that is in use cannot."""

SWEEP: Final = len(PLACES)
"""Requests that looking for leftovers takes at least."""

_CALLS_WITHOUT_RESPONSE: Final = 2
"""After how many a service counts as unreachable that has never responded."""

_PAGES: Final = 10
"""Pages of a list in which leftovers are looked for."""


async def remove_made(visit: Visit, *, checked: bool) -> None:
    """Remove what was made; what cannot be removed is noted.

    Args:
        visit: The verification.
        checked: Whether to ask afterwards if it is gone.
    """
    # The latest first, but assets last: one that is in use cannot be deleted.
    visit.removals.sort(key=lambda removal: removal.operation != "deleteAsset")
    while visit.removals:
        removal = visit.removals.pop()
        gone = await _delete(visit, removal.operation, removal.path)
        visit.calls.budget.release(PER_REMOVAL)
        if gone and checked:
            with contextlib.suppress(BudgetError):
                retrieved = removal.operation.replace("delete", "retrieve")
                gone = await visit.gone(removal.operation, retrieved, removal.path)
        if not gone:
            visit.findings.leave(removal.kind, *removal.path.values())


async def sweep(visit: Visit, *, final: bool = False) -> None:
    """Remove what has the names of a verification.

    Args:
        visit: The verification.
        final: Whether something may have been made that is found only here: it is noted where that cannot be found out.

    Raises:
        BudgetError: The budget does not allow to look for it everywhere.
        UnreachableError: There was no response to the first calls of the verification.
    """
    for number, place in enumerate(PLACES, 1):
        try:
            rows = await _rows(visit, place)
        except StepError:
            if number == _CALLS_WITHOUT_RESPONSE and not visit.findings.seen:
                raise UnreachableError from None
            if final:
                visit.findings.leave(f"possibly {place.kind}")
            continue
        for row in rows:
            identifier, name = row.get(place.id_from), row.get(place.member)
            if not isinstance(name, str) or name not in place.names or not usable(identifier):
                continue
            if not await _delete(visit, place.deleted, {place.parameter: identifier}):
                visit.findings.leave(place.kind, identifier)


async def _rows(visit: Visit, place: Place) -> list[Mapping[str, Any]]:
    """The rows of a list, of its further pages as far as the budget allows."""
    rows: list[Mapping[str, Any]] = []
    for number in range(1, _PAGES + 1):
        if number > 1 and not visit.calls.budget.allows(requests=SWEEP):
            break
        query = {"page_limit": _PAGE, **place.query, **({"page": number} if number > 1 else {})}
        page = await visit.call(place.listed, query=query, reserved=True)
        rows += page.rows
        if len(page.rows) < _PAGE:
            break
    return rows


async def _delete(visit: Visit, operation: str, path: Mapping[str, str]) -> bool:
    """Delete something, an asset that is in use by force; whether it is gone. It is tried a second time."""
    query = None
    for number in range(2):
        if number:
            await visit.pause()
        try:
            response = await visit.calls.remove(operation, path, query=query)
        except StepError:
            continue
        except BudgetError:
            return False
        if response.ok or response.status == 404:
            return True
        if operation == "deleteAsset":
            query = {"force": "true"}
    return False
