"""Exit codes of the command."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
"""Something failed."""

WRONG_USAGE: Final = 2
"""Wrong usage or configuration."""

INTERRUPTED: Final = 130
"""Interrupted by the user."""
