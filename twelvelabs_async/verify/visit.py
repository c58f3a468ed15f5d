"""What the steps of a verification share: calls, and what was made."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, TypeGuard
from urllib.parse import unquote

import attrs

from .._safe_repr import SafeRepr
from .calls import NOT_FOUND, BudgetError, StepError
from .findings import DIFFERS
from .names import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from .calls import Calls
    from .exchange import Exchange
    from .findings import Findings

PER_REMOVAL: Final = 2
"""Requests that are kept back for everything that was made: to remove it, and to do so by force."""

_POLLS: Final = 40

_FIRST_PAUSE: Final = 1.0

_LONGEST_PAUSE: Final = 10.0

_CHECKS_OF_DELETION: Final = 3

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
        self.findings: Findings = calls.findings
        self.call: Callable[..., Awaitable[Exchange]] = calls.call
        self.video = video
        self.picture = picture
        self.seconds = seconds
        self.made: dict[str, str] = {}
        self.removals: list[Removal] = []
        self.uncertain: bool = False
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
            if isinstance(identifier, str):  # the schema speaks of its type alone
                self.findings.add(exchange.operation, DIFFERS, id_from, "it cannot be used as an id")
            return None
        if identifier not in unquote(exchange.headers.get("location", identifier)):
            self.findings.add(exchange.operation, DIFFERS, "header Location", "it does not lead to what was created")
        self.made[kind] = identifier
        if removed_by is not None:
            self.removals.append(Removal(kind, removed_by[0], {removed_by[1]: identifier}))
        return identifier

    @property
    def still_there(self) -> list[str]:
        """What will be removed: kinds and ids."""
        return [f"{removal.kind} {identifier}" for removal in self.removals for identifier in removal.path.values()]

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

    async def pause(self) -> None:
        """Wait a moment."""
        await asyncio.sleep(self._pause)

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
        await self.call(operation, {**path, names[-1]: NOWHERE}, rejected="an id that nothing has", codes=NOT_FOUND)

    async def gone(self, deleted: str, operation: str, path: Mapping[str, str]) -> bool:
        """Check that something is gone, which may take a moment; whether it is, as far as it can be found out.

        Args:
            deleted: operationId of what has deleted it.
            operation: operationId that retrieves it.
            path: Path parameters.

        Raises:
            BudgetError: The budget does not allow it.
        """
        for number in range(_CHECKS_OF_DELETION):
            if number:
                await asyncio.sleep(self._pause * number)
            try:
                exchange = await self.call(operation, path, either=True)
            except StepError:
                return True
            if not exchange.ok:
                return True
        self.findings.add(deleted, DIFFERS, "effect", "what was deleted is still there")
        return False

    def expect(self, exchange: Exchange, where: str, found: Any, wanted: Any, what: str) -> None:
        """Check that a value is the one that was sent. One of another type is a difference of the response."""
        if isinstance(found, type(wanted)) and found != wanted:
            self.findings.add(exchange.operation, DIFFERS, where, what)


__all__ = ["PER_REMOVAL", "BudgetError", "Removal", "StepError", "Visit"]
