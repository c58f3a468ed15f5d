"""What every timer of the transport needs to know."""

from __future__ import annotations

import contextvars
from typing import Final

EARLY: Final = 0.001
"""Seconds that a timer may fire too early: the loop rounds to the resolution of its clock."""

NO_CONTEXT: Final = contextvars.Context()
"""Timers run in this one: a copy of the caller's context costs as much as the timer, and keeps what is in there."""
