"""What a helper makes at the platform, and its removal when the helper ends: prompt, and without hiding an error."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._config.hooks import logger
from ..errors import APIStatusError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

T = TypeVar("T")

GRACE: Final = 2.0
"""Seconds that a cancelled helper has to learn what it made, and to remove it."""

PAUSES: Final = (0.1, 0.5, 1.0)
"""Seconds before each further attempt to remove something that received 500. The transport does not retry a DELETE
after 500, because it may have been carried out; a removal that was carried out already is as good.
"""


class Removals:
    """What was made so far, and how each is removed.

    Attributes:
        keep: Whether nothing is removed.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self.keep: bool = keep
        self._made: list[tuple[str, Callable[[], Coroutine[Any, Any, object]], bool]] = []
        self._deadline: float | None = None  # set by the first cancellation

    def add(
        self, name: str, remove: Callable[[], Coroutine[Any, Any, object]], *, only_after_errors: bool = False
    ) -> None:
        """Register something that was made.

        Args:
            name: What it is, for the log: `asset 1234`.
            remove: Removes it. That it does not exist is no error.
            only_after_errors: Whether it stays if the helper succeeds.
        """
        self._made.append((name, remove, only_after_errors))

    def release(self) -> None:
        """Forget everything: it belongs to the caller now."""
        self._made.clear()

    async def make(
        self, call: Coroutine[Any, Any, T], register: Callable[[T], None], was_sent: Callable[[], bool]
    ) -> T:
        """Make a call that creates something, and register what it returns.

        When the caller is cancelled after the request was sent, the platform may have carried it out. The call then has
        `GRACE` seconds to return, because only its response says what is to be removed.

        Args:
            call: The call.
            register: Called with its result, also after a cancellation.
            was_sent: Whether the platform may have the whole request.
        """
        if self.keep:
            return await call
        task = asyncio.create_task(call)
        cancelled = await self._wait(task, was_sent)
        if not task.cancelled() and task.exception() is None:
            register(task.result())
        if cancelled is not None:
            raise cancelled
        return task.result()

    async def remove(self, error: BaseException | None, *, is_strict: bool = False) -> None:
        """Remove everything. A cancellation leaves `GRACE` seconds for it.

        Args:
            error: The error that the helper ends with. A removal that fails is a note of it, and is logged.
            is_strict: Whether a removal that fails is an error where there is no other.

        Raises:
            CancelledError: The caller was cancelled meanwhile.
        """
        made = [(name, call) for name, call, only in self._made if error is not None or not only]
        self.release()
        if self.keep or not made:
            return
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) or (task is not None and task.cancelling()):
            # A stream that is closed because its reader was cancelled is closed without an error.
            self._begin_grace()
        failures: dict[str, Exception] = {name: TimeoutError("the call was cancelled") for name, _ in made}

        async def remove_one(name: str, call: Callable[[], Coroutine[Any, Any, object]]) -> None:
            for pause in (*PAUSES, None):
                try:
                    await call()
                except Exception as problem:  # it must not hide the error that the helper ends with
                    if not _is_gone(problem):
                        failures[name] = problem
                        if pause is None or not (isinstance(problem, APIStatusError) and problem.status == 500):
                            return
                        await asyncio.sleep(pause)
                        continue
                del failures[name]
                return

        async def remove_all() -> None:
            # The latest first, because it may use what was made before it.
            for name, call in reversed(made):
                await remove_one(name, call)

        cancelled = await self._wait(asyncio.create_task(remove_all()), lambda: True)
        for name, problem in failures.items():
            note = f"{name} was not removed: {type(problem).__name__}: {problem}"
            logger.warning("%s", note)
            if error is not None:
                error.add_note(note)
        if cancelled is not None:
            raise cancelled
        if failures and error is None and is_strict:
            raise next(iter(failures.values()))

    async def _wait(self, task: asyncio.Task[Any], may_finish: Callable[[], bool]) -> asyncio.CancelledError | None:
        """Wait until a task has ended. When the caller is cancelled, the task ends with the grace period.

        Args:
            task: The task.
            may_finish: Whether it has a grace period at all; otherwise it is cancelled at once.
        """
        cancelled = None
        clock = asyncio.get_running_loop().time
        while not task.done():
            left = None if self._deadline is None else self._deadline - clock()
            if left is not None and left <= 0:
                task.cancel()
                left = None
            try:
                await asyncio.wait({task}, timeout=left)
            except asyncio.CancelledError as error:
                cancelled = error
                self._begin_grace()
                if not may_finish():
                    task.cancel()
        return cancelled

    def _begin_grace(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + GRACE


def _is_gone(problem: Exception) -> bool:
    """Whether what was to be removed does not exist. The platform reports this with 404, or with 400 and a code."""
    return isinstance(problem, APIStatusError) and (problem.status == 404 or problem.code == "resource_not_exist")


@contextlib.asynccontextmanager
async def removing(*, keep: bool = False, is_strict: bool = False) -> AsyncIterator[Removals]:
    """Remove what was made at the end of the block: after success, an error and a cancellation.

    Args:
        keep: Whether nothing is removed.
        is_strict: Whether a removal that fails after success is an error. Otherwise it is logged.
    """
    removals = Removals(keep=keep)
    try:
        yield removals
    except BaseException as error:
        await removals.remove(error)
        raise
    else:
        await removals.remove(None, is_strict=is_strict)
