"""The media engine of the local platform: what a program can honestly see and hear in a file.

Pure, blocking, deterministic functions; the caller runs them in worker threads or processes. Needs PyAV and numpy
only. `README.md` beside this file says what the engine sees and what it does not.
"""

from __future__ import annotations

from .errors import MediaError
from .limits import DEFAULT_LIMITS, Limits, check_indexable
from .probe import MediaInfo, probe

__all__ = ["DEFAULT_LIMITS", "Limits", "MediaError", "MediaInfo", "check_indexable", "probe"]
