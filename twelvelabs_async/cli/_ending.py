"""Ctrl-C and SIGTERM during long commands: the first ends them in order, within some seconds; the second at once."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, Final, NoReturn, Self

from ._exit_codes import INTERRUPTED, TERMINATED

PATIENCE: Final = 4.5
"""Seconds after the first signal until the process of an ingestion is ended. What is in the journal stays right."""

CODES: Final = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}

_WORDS: Final = {INTERRUPTED: "Interrupted.", TERMINATED: "Terminated."}

_SHOW_CURSOR: Final = "\x1b[?25h"


class Ending:
    """Handles the signals of a command while its block lasts.

    Args:
        patience: Seconds after the first signal until the process is ended.

    Attributes:
        code: The exit code of the signal that came; None as long as none came.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self.code: int | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._before: dict[signal.Signals, Any] = {}
        self._watch: threading.Timer | None = None

    def __enter__(self) -> Self:
        with contextlib.suppress(ValueError):  # only the main thread can handle signals
            for number in CODES:
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        if self._watch is not None:
            self._watch.cancel()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def attach(self) -> None:
        """From now on, the first signal cancels the current task."""
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        code = CODES[signal.Signals(number)]
        if self.code is not None or self._loop is None or self._task is None:
            self._leave(code)
        self.code = code
        with contextlib.suppress(RuntimeError):  # the loop was closed: the command is about to end
            self._loop.call_soon_threadsafe(self._task.cancel)
        self._watch = threading.Timer(self._patience, self._leave, (code,))
        self._watch.daemon = True
        self._watch.start()

    def _leave(self, code: int) -> NoReturn:
        # Not through the interpreter, which would wait for threads that read files or write to a pipe.
        text = f"{_SHOW_CURSOR if _is_terminal() else ''}{_WORDS[code]}\n"
        with contextlib.suppress(OSError):
            os.write(2, text.encode())
        os._exit(code)


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()
