"""A clock that a test sets forward, in place of waiting."""

from __future__ import annotations

import time


class Clock:
    """Takes the place of `time.monotonic`, which event loops read, too: timers are due as soon as it is set forward."""

    def __init__(self) -> None:
        self._real = time.monotonic
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._real() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds
