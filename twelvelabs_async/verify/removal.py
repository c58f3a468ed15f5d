"""Removes what a verification made: this one at its end, and an earlier one that was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from .._safe_repr import SafeRepr
from .calls import BudgetError, StepError
from .names import FILES, MARKER, NAMES, PICTURE, RENAMED, VIDEO
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


_NEWEST: Final = {"sort_by": "created_at", "sort_option": "desc"}

PLACES: Final = (
    Place("store", "listKnowledgeStores", _NEWEST, "name", NAMES, "deleteKnowledgeStore", "knowledge_store_id"),
    *(
        Place("collection", "listEntityCollections", {"name": name}, "name", NAMES, "deleteEntityCollection",
              "entity_collection_id")
        for name in (MARKER, RENAMED)
    ),
    *(
        Place("index", "listIndexes", {"index_name": name}, "index_name", NAMES, "deleteIndex", "index_id")
        for name in (MARKER, RENAMED)
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


async def remove_made(visit: Visit) -> None:
    """Remove what was made, the latest first; what cannot be removed is noted."""
    while visit.removals:
        removal = visit.removals.pop()
        if not await _delete(visit, removal.operation, dict(removal.path)):
            visit.findings.leave(removal.kind)
        visit.calls.budget.release(PER_REMOVAL)


async def sweep(visit: Visit) -> int:
    """Remove what has the names of a verification; how many things that were."""
    removed = 0
    for place in PLACES:
        try:
            found = await visit.call(place.listed, query={"page_limit": 50, **place.query}, reserved=True)
        except StepError:
            continue
        for row in found.rows:
            identifier = row.get(place.id_from)
            name = row.get(place.member)
            if not isinstance(name, str) or name not in place.names or not usable(identifier):
                continue
            if await _delete(visit, place.deleted, {place.parameter: identifier}):
                removed += 1
            else:
                visit.findings.leave(place.kind)
    return removed


async def _delete(visit: Visit, operation: str, path: dict[str, str]) -> bool:
    """Delete something, an asset that is in use by force; whether it is gone."""
    try:
        first = await visit.calls.remove(operation, path)
        if first.ok or first.status == 404:
            return True
        if operation == "deleteAsset":
            return (await visit.calls.remove(operation, path, query={"force": "true"})).ok
    except (StepError, BudgetError):
        return False
    return False
