"""What the steps of a verification share: calls, what was made, and checks of lists and filters."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any, Final, TypeGuard

import attrs

from .._safe_repr import SafeRepr
from .calls import BudgetError, StepError
from .findings import DIFFERS
from .names import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .calls import Calls
    from .exchange import Exchange

PER_REMOVAL: Final = 2
"""Requests that are kept back for everything that was made: to remove it, and to do so by force."""

_POLLS: Final = 40

_FIRST_PAUSE: Final = 1.0

_LONGEST_PAUSE: Final = 10.0

_PATIENCE: Final = 15.0
"""Seconds that a call is waited for, when the verification is interrupted, that may be making something."""


@attrs.frozen(repr=False)
class Removal(SafeRepr):
    """How something that was made is removed.

    Attributes:
        kind: What it is.
        operation: operationId.
        path: Path parameters.
    """

    kind: str
    operation: str
    path: Mapping[str, str]


def usable(identifier: object) -> TypeGuard[str]:
    """Whether something that a service sent can be used as an id in a path."""
    if not isinstance(identifier, str) or identifier in {"", ".", ".."}:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in identifier)


class Visit:
    """One verification while it runs.

    Attributes:
        calls: Makes the calls.
        video: The video.
        picture: The picture.
        seconds: Length of the video.
        made: Ids of what was made, by kind.
        removals: How to remove it, in the order in which it was made.
        uncertain: Whether something may have been made whose id is not known.
    """

    def __init__(self, calls: Calls, video: Path, picture: Path, seconds: float, pause: float = _FIRST_PAUSE) -> None:
        self.calls = calls
        self.findings = calls.findings
        self.call = calls.call
        self.video = video
        self.picture = picture
        self.seconds = seconds
        self.made: dict[str, str] = {}
        self.removals: list[Removal] = []
        self.uncertain = False
        self._pause = pause

    async def create(
        self,
        kind: str,
        operation: str,
        path: Mapping[str, str] | None = None,
        *,
        id_from: str = "_id",
        removed_by: tuple[str, str] | None = None,
        **body: Any,
    ) -> str:
        """Make something; its id. From then on it is removed at the end, whatever happens next.

        Args:
            kind: What it is.
            operation: operationId.
            path: Path parameters.
            id_from: Member of the response that is its id.
            removed_by: operationId that removes it, and its path parameter; None for what goes with something else.
            body: The other arguments of `Calls.call`.

        Raises:
            BudgetError: The budget does not allow it.
            StepError: It was not made, or has no id.
        """
        if removed_by is not None:
            if not self.calls.budget.allows(requests=1 + PER_REMOVAL, seconds=body.get("seconds", 0.0)):
                raise BudgetError
            self.calls.budget.reserve(PER_REMOVAL)
        call = asyncio.ensure_future(self.call(operation, path, **body))
        try:
            exchange = await asyncio.shield(call)
        except asyncio.CancelledError:
            # The request may be on its way: what it makes has to be known.
            self.uncertain = True
            done, _ = await asyncio.wait({call}, timeout=_PATIENCE)
            if done and call.exception() is None:
                self._keep(kind, call.result(), id_from, removed_by)
            call.cancel()
            raise
        except StepError:
            self.uncertain = True
            raise
        identifier = self._keep(kind, exchange, id_from, removed_by)
        if identifier is None:
            self.uncertain = True
            raise StepError
        return identifier

    def _keep(self, kind: str, exchange: Exchange, id_from: str, removed_by: tuple[str, str] | None) -> str | None:
        identifier = exchange.data.get(id_from)
        if not usable(identifier):
            return None
        self.made[kind] = identifier
        if removed_by is not None:
            self.removals.append(Removal(kind, removed_by[0], {removed_by[1]: identifier}))
        return identifier

    async def until(self, operation: str, path: Mapping[str, str], done: str = "ready") -> Exchange:
        """Ask until something has a state.

        Raises:
            BudgetError: The budget does not allow it.
            StepError: It has failed, or it takes too long.
        """
        pause = self._pause
        for _ in range(_POLLS):
            exchange = await self.call(operation, path)
            status = exchange.data.get("status")
            if status == done:
                return exchange
            if status in ("failed", "canceled"):
                self.findings.add(operation, DIFFERS, "status", f"a valid video becomes {status}")
                raise StepError
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        self.findings.skip(operation, f"it was not {done} in time")
        raise StepError

    async def attempt(self, operation: str, **arguments: Any) -> None:
        """Make a call whose failure does not end the step.

        Raises:
            BudgetError: The budget does not allow it.
        """
        with contextlib.suppress(StepError):
            await self.call(operation, **arguments)

    async def unknown(self, operation: str, **path: str) -> None:
        """Ask for something that does not exist."""
        names = [part[1:-1] for part in self.calls.contract.operation(operation).path.split("/") if part[:1] == "{"]
        await self.call(operation, {**path, names[-1]: NOWHERE}, rejected="an id that nothing has")

    async def pages(self, operation: str, **path: str) -> None:
        """Check the limits and the order of a list."""
        parameters = {parameter.name: parameter for parameter in self.calls.contract.operation(operation).parameters}
        maximum = parameters["page_limit"].schema.get("maximum")
        one = await self.call(operation, path, query={"page_limit": 1})
        self._page(one, 1)
        orders = ("asc", "desc") if "sort_option" in parameters else (None,)
        for order in orders:
            query = {"page_limit": maximum or 50}
            if order is not None:
                query |= {"sort_by": "created_at", "sort_option": order}
            page = await self.call(operation, path, query=query)
            self._page(page, maximum or 50)
            if order is not None and not _sorted(page.rows, order):
                self.findings.add(operation, DIFFERS, f"sort_option={order}", "the rows are not in this order")
        if maximum is not None:
            await self.call(
                operation,
                path,
                query={"page_limit": maximum + 1},
                rejected=f"page_limit={maximum + 1}, above the documented {maximum},",
            )

    def _page(self, exchange: Exchange, limit: int) -> None:
        if len(exchange.rows) > limit:
            self.findings.add(exchange.operation, DIFFERS, "page_limit", "there are more rows than it allows")
        info = exchange.data.get("page_info")
        shown = info.get("limit_per_page") if isinstance(info, dict) else None
        if isinstance(shown, int) and shown != limit:
            self.findings.add(exchange.operation, DIFFERS, "page_info.limit_per_page", "it is not the page_limit sent")

    async def filtered(
        self,
        operation: str,
        query: Mapping[str, Any],
        *,
        obeys: Callable[[Mapping[str, Any]], bool],
        has: str | None = None,
        lacks: str | None = None,
        id_from: str = "_id",
        **path: str,
    ) -> Exchange:
        """Check what a filter of a list does.

        Args:
            operation: operationId.
            query: The filter.
            obeys: Whether a row may be there.
            has: Id of what matches.
            lacks: Id of what does not match.
            id_from: Member that is the id of a row.
            path: Path parameters.
        """
        exchange = await self.call(operation, path, query={"page_limit": 50, **query})
        name = "&".join(sorted(query))
        ids = [row.get(id_from, row.get("id")) for row in exchange.rows]
        if (lacks is not None and lacks in ids) or not all(obeys(row) for row in exchange.rows):
            self.findings.add(operation, DIFFERS, f"filter {name}", "there are rows that do not match")
        if has is not None and has not in ids:
            self.findings.add(operation, DIFFERS, f"filter {name}", "a row that matches is missing")
        return exchange

    def expect(self, exchange: Exchange, where: str, found: Any, wanted: Any, what: str) -> None:
        """Check that a value is the one that was sent. One of another type is a difference of the response."""
        if isinstance(found, type(wanted)) and found != wanted:
            self.findings.add(exchange.operation, DIFFERS, where, what)


def _sorted(rows: list[Any], order: str) -> bool:
    times = []
    for row in rows:
        try:
            times.append(dt.datetime.fromisoformat(str(row.get("created_at"))))
        except ValueError:
            return True  # the schema says so
    try:
        return times == sorted(times, reverse=order == "desc")
    except TypeError:  # with and without a time zone
        return True


__all__ = ["PER_REMOVAL", "BudgetError", "Removal", "StepError", "Visit"]
