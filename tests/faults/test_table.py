"""Every operation under every fault: what it says is right, or the right error comes, and nothing is made twice."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.case import Case, stable
from tests.faults.cases import CASES, LEFT_OUT
from tests.faults.conftest import QUICK
from tests.openapi import document
from twelvelabs_async import (
    APIConnectionError,
    APITimeoutError,
    AsyncTwelveLabs,
    DecodeError,
    InternalServerError,
    StreamError,
    Timeout,
    TooManyRequestsError,
    TwelveLabsError,
)

if TYPE_CHECKING:
    from tests.faults.background import Background
    from tests.faults.seed_data import SeedData
    from twelvelabs_async.emulator import FaultPlan

Errors = tuple[type[TwelveLabsError], ...]

TAGS = list(dict.fromkeys(case.tag for case in CASES))
SAFE, IDEMPOTENT = {"GET"}, {"GET", "PUT", "DELETE"}


@dataclass(frozen=True)
class Trouble:
    """A fault that happens once to a call, and what may come of it.

    Attributes:
        rule: What the emulator does.
        errors: Errors that are right where the call cannot be repeated.
        heals: Which calls must succeed all the same: `all`, `idempotent` ones, `safe` ones, or none.
        done: Whether the work is done although the call fails.
        timeout: Limits of the client.
    """

    rule: dict[str, Any]
    errors: Errors
    heals: str
    done: bool = False
    timeout: Timeout = field(default_factory=lambda: Timeout(read=20, total=30))

    def must_heal(self, case: Case) -> bool:
        if self.heals == "idempotent":
            return case.method in IDEMPOTENT or case.idempotent
        if self.heals == "safe":
            return case.method in SAFE or case.idempotent
        return self.heals == "all"


SHORT = Timeout(read=0.2, total=20)
BROKEN: Errors = (APIConnectionError,)
UNREADABLE: Errors = (DecodeError,)


def _status(status: int, heals: str, error: type[TwelveLabsError], **rule: Any) -> Trouble:
    done = bool(rule.get("carried_out"))
    return Trouble({"kind": "status", "status": status, **rule}, (error,), heals, done)


TROUBLES = {
    "429 with headers": _status(429, "all", TooManyRequestsError, retry_after=0.01, limits=True),
    "429 without headers": _status(429, "all", TooManyRequestsError),
    "500 before the work": _status(500, "safe", InternalServerError),
    "500 after the work": _status(500, "safe", InternalServerError, carried_out=True),
    "502 before the work": _status(502, "idempotent", InternalServerError),
    "503 before the work": _status(503, "idempotent", InternalServerError),
    "503 after the work": _status(503, "idempotent", InternalServerError, carried_out=True),
    "503 with Retry-After": _status(503, "all", InternalServerError, retry_after=0.01),
    "reset before the work": Trouble({"kind": "reset"}, BROKEN, "idempotent"),
    "reset after the work": Trouble({"kind": "reset", "carried_out": True}, BROKEN, "idempotent", done=True),
    "reset in the body": Trouble({"kind": "reset_body"}, BROKEN, "idempotent", done=True),
    "closed in the body": Trouble({"kind": "cut_body"}, BROKEN, "idempotent", done=True),
    "silence": Trouble({"kind": "stall"}, (APITimeoutError,), "none", timeout=SHORT),
    "silence after the work": Trouble(
        {"kind": "stall", "carried_out": True}, (APITimeoutError,), "none", done=True, timeout=SHORT
    ),
    "silence in the body": Trouble({"kind": "stall_body"}, (APITimeoutError,), "none", done=True, timeout=SHORT),
    "late response": Trouble({"kind": "slow", "seconds": 0.02}, (), "all", done=True),
    "truncated JSON": Trouble({"kind": "truncated"}, UNREADABLE, "none", done=True),
    "malformed JSON": Trouble({"kind": "malformed"}, UNREADABLE, "none", done=True),
    "a web page": Trouble({"kind": "wrong_type"}, UNREADABLE, "none"),
    "answer twice": Trouble({"kind": "duplicate"}, (), "all", done=True),
    "answer twice, later": Trouble({"kind": "duplicate", "seconds": 0.01}, (), "all", done=True),
    "redirect": Trouble({"kind": "redirect"}, BROKEN, "none"),
    "redirect after the work": Trouble({"kind": "redirect", "carried_out": True}, BROKEN, "none", done=True),
}

_right: dict[str, Any] = {}
"""What each call gives when nothing goes wrong."""


BODY_FAULTS = {"truncated", "malformed", "reset_body", "cut_body", "stall_body"}
"""Faults in the body of a response; a response without a body cannot have them."""


def _cases(name: str, tag: str) -> list[Case]:
    """The calls of a tag that the trouble can happen to."""
    rule = TROUBLES[name].rule
    cases = [case for case in CASES if case.tag == tag]
    if rule.get("carried_out"):
        cases = [case for case in cases if case.method != "GET"]
    if rule["kind"] in BODY_FAULTS:
        cases = [case for case in cases if case.has_body]
    return cases


MEETINGS = [(name, tag) for name in TROUBLES for tag in TAGS if _cases(name, tag)]


def test_the_table_has_every_operation() -> None:
    assert {case.operation for case in CASES} | set(LEFT_OUT) == set(document.operations())
    for name, trouble in TROUBLES.items():
        met = {case.operation for other, tag in MEETINGS if other == name for case in _cases(name, tag)}
        spared = {case.operation for case in CASES} - met
        facts = [document.operations()[operation] for operation in spared]
        if trouble.rule.get("carried_out"):
            assert {entry.method for entry in facts} == {"GET"}, name
        elif trouble.rule["kind"] in BODY_FAULTS:
            assert all(entry.answer is None and entry.stream is None for entry in facts), name
        else:
            assert not spared, name


async def _reference(case: Case, client: AsyncTwelveLabs, data: SeedData) -> Any:
    if str(case) not in _right:
        _right[str(case)] = stable(await case.call(client, data, await case.prepare(client, data)))
    return _right[str(case)]


@pytest.mark.parametrize(("name", "tag"), MEETINGS)
async def test_once(
    background: Background, clean: AsyncTwelveLabs, data: SeedData, plan: FaultPlan, name: str, tag: str
) -> None:
    trouble = TROUBLES[name]
    emulator = background.emulator
    settings: dict[str, Any] = {"api_key": emulator.api_key, "base_url": emulator.base_url, "retry": QUICK}
    cases = _cases(name, tag)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        async with AsyncTwelveLabs(timeout=trouble.timeout, **settings) as client, asyncio.timeout(60):

            async def meet(case: Case) -> None:
                await _meet(case, trouble, client, clean, data, plan, background)

            if trouble.timeout is SHORT:
                # Silence takes time: they are silent together.
                await asyncio.gather(*(meet(case) for case in cases if _alone(case)))
                cases = [case for case in cases if not _alone(case)]
            for case in cases:
                await meet(case)
    assert emulator.leaks == []


async def _meet(
    case: Case,
    trouble: Trouble,
    client: AsyncTwelveLabs,
    clean: AsyncTwelveLabs,
    data: SeedData,
    plan: FaultPlan,
    background: Background,
) -> None:
    right = await _reference(case, clean, data)
    prepared = await case.prepare(clean, data)
    before = await background.counted(case.makes) if case.makes else 0
    done = plan.operations["duplicate", case.operation]
    rule = plan.add(operation=case.operation, count=1, **trouble.rule)
    error: TwelveLabsError | None = None
    result: Any = None
    try:
        result = stable(await case.call(client, data, prepared))
    except TwelveLabsError as caught:
        error = caught
    while trouble.rule["kind"] == "duplicate" and plan.operations["duplicate", case.operation] == done:  # noqa: ASYNC110 - a counter of another thread
        await asyncio.sleep(0.001)  # the second answer is on its way
    plan.remove(rule)
    assert rule.injected == 1, f"{case} did not meet the fault"
    made = (await background.counted(case.makes) if case.makes else 0) - before
    each = 1 if case.makes and case.operation != "createTransferImport" else 0
    if error is None:
        assert result == right, str(case)
        assert made == each, (str(case), made)
        healed = trouble.must_heal(case) or trouble.timeout is SHORT
        assert healed, f"{case} succeeded although the response was never right"
    else:
        allowed = (*trouble.errors, *((StreamError,) if case.streams else ()), *case.when_repeated)
        assert isinstance(error, allowed), (str(case), error)
        excused = isinstance(error, (StreamError, *case.when_repeated))
        assert not trouble.must_heal(case) or excused, (str(case), error)
        assert made == (each if trouble.done else 0), (str(case), made, error)
    # Whatever it was, the client and its connections are still good, and the next answer is its own.
    again = await client.indexes.retrieve(data.index)
    assert again.index_name == "films", str(case)


def _alone(case: Case) -> bool:
    """Whether nothing else is called for a case: a call to prepare another could meet its fault."""
    return not case.makes and case.prepare is CASES[0].prepare
