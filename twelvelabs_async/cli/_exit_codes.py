"""Exit codes of the command."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
"""Something failed."""

WRONG_USAGE: Final = 2
"""Wrong usage or configuration."""

NOT_CONFIGURED: Final = 3
"""Of `ingest`: the key, the index, the journal or a missing package keeps it from beginning."""

INTERRUPTED: Final = 130
"""Interrupted by the user."""

PIPE_CLOSED: Final = 141
"""The program that reads the output has ended, as `head` does: 128 and the number of SIGPIPE."""

TERMINATED: Final = 143
"""Ended by SIGTERM: 128 and its number."""
