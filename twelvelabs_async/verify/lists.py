"""Checks of lists: pages, their totals, their order, and what filters do."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any, Final

from .findings import DIFFERS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .exchange import Exchange
    from .visit import Visit

_LONG_AGO: Final = "2020-01-01T00:00:00Z"

_FAR_AHEAD: Final = "2100-01-01T00:00:00Z"

_SINCE: Final = (("created_at", _LONG_AGO, _FAR_AHEAD), ("updated_at", _LONG_AGO, _FAR_AHEAD))

_BETWEEN: Final = (("started_at", _LONG_AGO, _FAR_AHEAD), ("ended_at", _FAR_AHEAD, _LONG_AGO))

_IDS: Final = ("_id", "id", "task_id", "upload_id", "batch_id")

_TRIES: Final = 2
"""How often two pages must be the same: in between, somebody else may have added something to the list."""


async def check_pages(visit: Visit, operation: str, path: Mapping[str, str] | None = None) -> None:
    """Check the limits, the totals and the order of a list."""
    parameters = {parameter.name: parameter for parameter in visit.calls.contract.operation(operation).parameters}
    maximum = parameters["page_limit"].schema.get("maximum")
    first = await visit.call(operation, path, query={"page_limit": 1})
    _check_page(visit, first, 1)
    await _check_second_page(visit, first, path)
    for order in _orders(parameters):
        page = await visit.call(operation, path, query={"page_limit": maximum or 50, **order})
        _check_page(visit, page, maximum or 50)
        if order and not _sorted(page.rows, order["sort_by"], order["sort_option"]):
            where = f"sort_by={order['sort_by']}&sort_option={order['sort_option']}"
            visit.findings.add(operation, DIFFERS, where, "the rows are not in this order")
    if maximum is not None:
        await visit.call(
            operation,
            path,
            query={"page_limit": maximum + 1},
            rejected=f"page_limit={maximum + 1}, above the documented {maximum},",
        )


async def check_filter(
    visit: Visit,
    operation: str,
    query: Mapping[str, Any],
    *,
    obeys: Callable[[Mapping[str, Any]], bool] = lambda _: True,
    has: str | None = None,
    lacks: str | None = None,
    path: Mapping[str, str] | None = None,
) -> None:
    """Check what filters of a list do.

    Args:
        visit: The verification.
        operation: operationId.
        query: The filters; the last one is the one that is checked.
        obeys: Whether a row may be there.
        has: Id of what matches.
        lacks: Id of what does not match.
        path: Path parameters.
    """
    page = await visit.call(operation, path, query={"page_limit": 50, **query})
    _check_page(visit, page, 50)
    where = f"filter {list(query)[-1]}"
    ids = [_id(row) for row in page.rows]
    if (lacks is not None and lacks in ids) or not all(obeys(row) for row in page.rows):
        visit.findings.add(operation, DIFFERS, where, "there are rows that do not match")
    if has is not None and has not in ids and not _continues(page):
        visit.findings.add(operation, DIFFERS, where, "a row that matches is missing")


async def check_times(
    visit: Visit,
    operation: str,
    made: str,
    query: Mapping[str, Any] | None = None,
    path: Mapping[str, str] | None = None,
) -> None:
    """Check the filters of a list by time, with times at which something must and must not be there.

    Args:
        visit: The verification.
        operation: operationId.
        made: Id of what was made in this verification.
        query: Filters that are sent with it.
        path: Path parameters.
    """
    names = {parameter.name for parameter in visit.calls.contract.operation(operation).parameters}
    for name, right, wrong in (*_SINCE, *_BETWEEN):
        if name in names:
            await check_filter(visit, operation, {**(query or {}), name: right}, has=made, path=path)
            await check_filter(visit, operation, {**(query or {}), name: wrong}, lacks=made, path=path)


def is_status(status: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a row has this status; that one is there at all, the schema says."""
    return lambda row: row.get("status", status) == status


def _orders(parameters: Mapping[str, Any]) -> list[dict[str, str]]:
    if "sort_option" not in parameters:
        return [{}]
    created = {"sort_by": "created_at"}
    orders = [{**created, "sort_option": "asc"}, {**created, "sort_option": "desc"}]
    if "updated_at" in parameters["sort_by"].schema.get("enum", ()):
        orders.append({"sort_by": "updated_at", "sort_option": "asc"})
    return orders


async def _check_second_page(visit: Visit, first: Exchange, path: Mapping[str, str] | None) -> None:
    """With one row a page, the second page must have another row, or none."""
    operation = first.operation
    for number in range(_TRIES):
        if number:
            first = await visit.call(operation, path, query={"page_limit": 1})
        total = _number(first, "total_results")
        second = await visit.call(operation, path, query={"page_limit": 1, "page": 2}, either=(total or 0) < 2)
        if not second.ok:
            return
        _check_page(visit, second, 1, number=2)
        if not (first.rows and second.rows and _id(first.rows[0]) == _id(second.rows[0])):
            return
    visit.findings.add(operation, DIFFERS, "page=2", "it has the rows of page=1")


def _check_page(visit: Visit, page: Exchange, limit: int, *, number: int = 1) -> None:
    """Check that the rows of a page and its `page_info` agree with each other and with what was asked for."""

    def differs(where: str, what: str) -> None:
        visit.findings.add(page.operation, DIFFERS, where, what)

    rows = page.data.get("data")
    count = len(rows) if isinstance(rows, list) else None
    if count is not None and count > limit:
        differs("page_limit", "there are more rows than it allows")
    if _number(page, "limit_per_page") not in {None, limit}:
        differs("page_info.limit_per_page", "it is not the page_limit sent")
    if _number(page, "page") not in {None, number}:
        differs("page_info.page", "it is not the page sent")
    total = _number(page, "total_results")
    if total is None:
        return
    if count is not None and count <= limit and count != min(limit, max(0, total - (number - 1) * limit)):
        differs("page_info.total_results", "it does not fit the number of rows")
    if total and _number(page, "total_page") not in {None, math.ceil(total / limit)}:
        differs("page_info.total_page", "it does not fit total_results and the page_limit sent")


def _continues(page: Exchange) -> bool:
    """Whether there may be further pages."""
    total = _number(page, "total_results")
    return len(page.rows) >= 50 if total is None else total > 50


def _number(page: Exchange, name: str) -> int | None:
    info = page.data.get("page_info")
    value = info.get(name) if isinstance(info, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _id(row: Mapping[str, Any]) -> Any:
    return next((row[name] for name in _IDS if name in row), row)


def _sorted(rows: list[Any], field: str, order: str) -> bool:
    times = []
    for row in rows:
        try:
            times.append(dt.datetime.fromisoformat(str(row.get(field))))
        except ValueError:
            return True  # the schema says so, or it is not always sent
    try:
        return times == sorted(times, reverse=order == "desc")
    except TypeError:  # with and without a time zone
        return True
