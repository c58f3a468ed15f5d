"""A call of one operation, and what of its response is the same each time."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.openapi import document
from twelvelabs_async import TwelveLabsError, to_dict

if TYPE_CHECKING:
    from tests.faults.seed_data import SeedData
    from twelvelabs_async import AsyncTwelveLabs

Call = Callable[["AsyncTwelveLabs", "SeedData", Any], Awaitable[Any]]
Prepare = Callable[["AsyncTwelveLabs", "SeedData"], Awaitable[Any]]

_VOLATILE = re.compile(r"https?://.*|\d{4}-\d\d-\d\dT.*|([a-z]+_)?[0-9a-f]{24}.*|emulated-.*|[\w-]{22}|x-\d+.*")


async def _nothing(_: AsyncTwelveLabs, __: SeedData) -> None:
    return None


@dataclass(frozen=True)
class Case:
    """One call.

    Attributes:
        operation: Its operationId.
        call: Makes the call; the third argument is what was prepared.
        makes: Kind of the thing that it makes in the emulator.
        prepare: Makes what the call uses up.
        name: What it is called where an operation has several cases.
        with_key: Whether it has an idempotency key.
        when_repeated: Errors with which the platform answers a repeat of what it has done already.
    """

    operation: str
    call: Call
    makes: str = ""
    prepare: Prepare = _nothing
    name: str = ""
    with_key: bool = False
    when_repeated: tuple[type[TwelveLabsError], ...] = ()

    @property
    def tag(self) -> str:
        return document.operations()[self.operation].tag

    @property
    def method(self) -> str:
        return document.operations()[self.operation].method

    @property
    def idempotent(self) -> bool:
        """Whether the document allows to repeat it although it may have been carried out."""
        facts = document.operations()[self.operation]
        return self.with_key or bool(document.load()["paths"][facts.path][facts.method.lower()].get("x-idempotent"))

    @property
    def has_body(self) -> bool:
        """Whether the response has a body."""
        facts = document.operations()[self.operation]
        return facts.answer is not None or facts.stream is not None

    @property
    def streams(self) -> bool:
        return self.name == "stream"

    def __str__(self) -> str:
        return f"{self.operation} {self.name}".strip()


def stable(value: Any) -> Any:
    """A response without what differs from one call to the next: ids, times, URLs."""
    if isinstance(value, dict):
        return {name: stable(member) for name, member in value.items() if not name.endswith("_at")}
    if isinstance(value, list | tuple):
        return [stable(member) for member in value]
    if isinstance(value, str):
        return "..." if _VOLATILE.fullmatch(value) else value
    if value is None or isinstance(value, int | float):
        return value
    return stable(to_dict(value))
