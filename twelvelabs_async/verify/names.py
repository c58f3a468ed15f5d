"""Names of what a verification makes. By them, leftovers of a run that was killed are found and removed."""

from __future__ import annotations

from typing import Final

MARKER: Final = "twelvelabs-async-verify"
"""Name of indexes, entity collections and so on, and of their parts."""

RENAMED: Final = f"{MARKER}-renamed"
"""Their name after it was changed."""

SECOND: Final = f"{MARKER}-second"
"""Name of the second of a kind: with two, it shows whether a list has an order and pages."""

VIDEO: Final = f"{MARKER}.mp4"
"""File name of the video."""

PICTURE: Final = f"{MARKER}.png"
"""File name of the picture."""

FILES: Final = frozenset({VIDEO, PICTURE})

NAMES: Final = frozenset({MARKER, RENAMED, SECOND})

METADATA: Final = {"made_by": MARKER}
"""User metadata of what is made."""

FIRST_CHANGE: Final = {"step": "two"}

SECOND_CHANGE: Final = {"step": "three"}

NOWHERE: Final = "000000000000000000000000"
"""An id that nothing has."""
