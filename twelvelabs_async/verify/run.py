"""A verification from its beginning to its end."""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .. import __version__
from ..emulator.media.samples import SampleVideo, Scene, write_image
from ..emulator.openapi import document
from .budget import Budget
from .calls import BudgetError, Calls, StepError
from .contract import Contract
from .names import PICTURE, VIDEO
from .record import Recording
from .redact import Redactor
from .removal import SWEEP, remove_made, sweep
from .report import Report
from .steps import NOT_CHECKED, STEPS
from .visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..client import AsyncTwelveLabs
    from .steps import Step

_VIDEO: Final = SampleVideo(
    VIDEO, (Scene("green", 3, shape="white", motion="slow", tone=440.0), Scene("blue", 2)), fps=10
)
"""Five seconds: the shortest that every operation takes are four."""

_PUBLIC: Final = "https://api.twelvelabs.io"


class Verification:
    """Checks a service: `run` does it all, and `report` is there in any case.

    Args:
        client: The client; it must neither retry nor follow redirects, because every request counts.
        max_requests: Requests that may be sent at most, those included that remove what was made.
        max_seconds: Seconds of video that the service may process at most.
        record: Folder for redacted traffic.
        only: operationIds to check; others are carried out only if these need what they make.
        keep: Whether what is made is kept.
        on_step: Called with a text when a step begins.
        on_interrupt: Called with what was made, as kinds and ids, before it is removed because of an interruption.
        pause: Seconds before something is asked for a second time.

    Raises:
        ValueError: An operation in `only` does not exist, or is not checked.
        OSError: The folder for traffic cannot be used.
    """

    def __init__(
        self,
        client: AsyncTwelveLabs,
        *,
        max_requests: int,
        max_seconds: float,
        record: Path | None = None,
        only: Sequence[str] = (),
        keep: bool = False,
        on_step: Callable[[str], object] = lambda _: None,
        on_interrupt: Callable[[list[str]], object] = lambda _: None,
        pause: float = 1.0,
    ) -> None:
        self._document = document.load()
        self._secrets = client._core.transport.secrets_of(None).text
        self._steps = chosen(only)
        contract = Contract(self._document)
        self._recording = None
        if record is not None:
            self._recording = Recording(record, Redactor(self._document, self._secrets), contract)
        add = self._recording.add if self._recording is not None else None
        self._calls = Calls(client, contract, Budget(max_requests, max_seconds), add)
        self._service = "the public one" if client.base_url.startswith(_PUBLIC) else "another than the public one"
        self._keep = keep
        self._all = not only
        self._on_step = on_step
        self._on_interrupt = on_interrupt
        self._pause = pause
        self._complete = False

    async def run(self) -> None:
        """Check the service, and remove what was made, also when it is cancelled or fails.

        Raises:
            KeyRejectedError: The key is not accepted.
            UnreachableError: There was no response at all.
            OSError: A recording cannot be written.
        """
        with tempfile.TemporaryDirectory(prefix="twelvelabs-verify-") as folder:
            video, picture = await asyncio.to_thread(_write_files, Path(folder))
            visit = Visit(self._calls, video, picture, _VIDEO.duration, self._pause)
            try:
                self._complete = await self._check(visit)
            finally:
                if not self._keep:
                    await _finish(self._clean_up(visit))
        if self._recording is not None and self._recording.error is not None:
            raise self._recording.error

    def report(self) -> Report:
        """The report of what was found out so far."""
        return Report(
            self._calls.findings,
            self._calls.budget,
            __version__,
            self._document.version,
            self._service,
            dt.datetime.now(dt.UTC).strftime("%Y-%m-%d"),
            self._complete,
            self._keep,
            self._document.methods,
            self._secrets,
        )

    async def _check(self, visit: Visit) -> bool:
        findings, budget = self._calls.findings, self._calls.budget
        if self._all:
            for name, reason in NOT_CHECKED.items():
                findings.skip(name, reason)
        self._on_step("leftovers of an earlier run")
        try:
            await sweep(visit)
        except BudgetError:
            for step in self._steps:
                _skip(visit, step, "the budget is used up")
            return True
        budget.reserve(SWEEP)  # for the end
        for step in self._steps:
            missing = [kind for kind in step.needs if kind not in visit.made]
            if missing:
                _skip(visit, step, f"it needs what could not be made ({', '.join(missing)})")
            elif not budget.allows(requests=2, seconds=step.videos * visit.seconds):
                _skip(visit, step, "the budget does not allow it")
            else:
                self._on_step(step.operations[0])
                try:
                    await step.work(visit)
                except StepError:
                    _skip(visit, step, "an earlier call has failed")
                except BudgetError:
                    _skip(visit, step, "the budget is used up")
            if self._recording is not None and self._recording.error is not None:
                return False
        return True

    async def _clean_up(self, visit: Visit) -> None:
        self._on_step("removing what was made")
        if not self._complete:
            self._on_interrupt(visit.still_there)
        await remove_made(visit, checked=self._complete)
        if visit.uncertain:
            try:
                await sweep(visit, final=True)
            except BudgetError:
                self._calls.findings.leave("possibly more")


def chosen(only: Sequence[str]) -> list[Step]:
    """The steps that check these operations, and those that they need; without any, all.

    Raises:
        ValueError: There is no such operation, or none that is checked.
    """
    wanted = set(only)
    if not wanted:
        return list(STEPS)
    known = {name for step in STEPS for name in step.operations}
    for name in sorted(wanted - known):
        if name in NOT_CHECKED:
            raise ValueError(f"{name} is not checked: {NOT_CHECKED[name]}")
        raise ValueError(f"there is no operation {name}; known are {', '.join(sorted(known))}")
    found = {id(step) for step in STEPS if wanted & set(step.operations)}
    while True:
        needed = {kind for step in STEPS if id(step) in found for kind in step.needs}
        more = {id(step) for step in STEPS if needed & set(step.gives)} - found
        if not more:
            return [step for step in STEPS if id(step) in found]
        found |= more


async def _finish(work: Any) -> None:
    """Finish something even if this task is cancelled meanwhile; that it was is known afterwards."""
    task = asyncio.ensure_future(work)
    cancelled = False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                break
            cancelled = True
    task.result()
    if cancelled:
        raise asyncio.CancelledError


def _skip(visit: Visit, step: Step, reason: str) -> None:
    for name in step.operations:
        visit.findings.block(name, reason)


def _write_files(folder: Path) -> tuple[Path, Path]:
    video = _VIDEO.write(folder)
    picture = folder / PICTURE
    write_image(picture, "red", width=640, height=480)
    return video, picture
