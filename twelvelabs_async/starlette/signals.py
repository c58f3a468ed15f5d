"""Learns of a shutdown when it begins.

Servers call the end of the lifespan after the last response, and wait for that without a limit (uvicorn, by default):
a stream without an end would keep the process for ever. The signal comes before.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def on_shutdown_signal(call: Callable[[], object]) -> Iterator[None]:
    """Call a function in the event loop at SIGTERM and SIGINT, beside the server's own handlers.

    Does nothing outside of the main thread, where Python accepts no handlers, and for signals that nobody handles: what
    they do does not change.

    Args:
        call: The function.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    undo = [undo for number in _SIGNALS if (undo := _chain(number, loop, call)) is not None]
    try:
        yield
    finally:
        for step in undo:
            step()


def _chain(
    number: signal.Signals, loop: asyncio.AbstractEventLoop, call: Callable[[], object]
) -> Callable[[], None] | None:
    """Put a handler in front of the one that is there; what undoes it, or None where none is there."""
    server = signal.getsignal(number)
    if not callable(server) or server is signal.default_int_handler:
        return None
    active = True

    def handle(received: int, frame: FrameType | None) -> None:
        if active:
            # The event loop is closed where the application did not get to its end.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(call)
        server(received, frame)

    def undo() -> None:
        nonlocal active
        active = False  # somebody else may have put a handler in front of this one, which stays then
        if signal.getsignal(number) is handle:
            signal.signal(number, server)

    signal.signal(number, handle)
    return undo
