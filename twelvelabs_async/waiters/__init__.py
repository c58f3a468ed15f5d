"""The polling engine behind every `wait_for_...`, `as_completed`, `wait_all` and `watch`.

A wait always has a deadline. The first check is immediate; the pauses between the checks begin with `sleep_interval`,
grow, and have jitter, so that many programs do not poll in step. A long wait survives a short network outage: a check
that fails with a transient error, after the retries of the transport, is retried a few times, and a 429 makes a wait
slower without ending it. Any other error ends the wait at once; so does a failed task.

Concurrent waits of one client for tasks of one kind share a poller, which reads a list where that takes fewer requests
than asking for each task.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .many import WINDOW, Outcome, Outcomes
    from .poller import MAX_SINGLES
    from .rules import MAX_CHECK_RETRIES, UPLOAD, Callback, Rules
    from .schedule import (
        BATCH_WAIT_TIMEOUT,
        DEFAULT_SLEEP_INTERVAL,
        DEFAULT_WAIT_TIMEOUT,
        GROWTH,
        JITTER,
        MAX_GROWTH,
        pauses,
    )
    from .single import wait_for

__all__ = [
    "BATCH_WAIT_TIMEOUT",
    "DEFAULT_SLEEP_INTERVAL",
    "DEFAULT_WAIT_TIMEOUT",
    "GROWTH",
    "JITTER",
    "MAX_CHECK_RETRIES",
    "MAX_GROWTH",
    "MAX_SINGLES",
    "UPLOAD",
    "WINDOW",
    "Callback",
    "Outcome",
    "Outcomes",
    "Rules",
    "pauses",
    "wait_for",
]

_MODULES = {
    "BATCH_WAIT_TIMEOUT": "schedule",
    "DEFAULT_SLEEP_INTERVAL": "schedule",
    "DEFAULT_WAIT_TIMEOUT": "schedule",
    "GROWTH": "schedule",
    "JITTER": "schedule",
    "MAX_CHECK_RETRIES": "rules",
    "MAX_GROWTH": "schedule",
    "MAX_SINGLES": "poller",
    "UPLOAD": "rules",
    "WINDOW": "many",
    "Callback": "rules",
    "Outcome": "many",
    "Outcomes": "many",
    "Rules": "rules",
    "pauses": "schedule",
    "wait_for": "single",
}
"""Where each name is. The modules are loaded on first use: every client has a hub, and most programs never wait."""


if not TYPE_CHECKING:  # with this function, type checkers would accept any name

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
