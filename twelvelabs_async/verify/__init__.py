"""Checks the real service against the OpenAPI document, for the command `twelvelabs-async verify`.

`Verification` makes calls that cost little, compares each response with the document, removes what it made, and
reports what is as documented, what is new, what differs, and what was not checked. It reads the document that the
emulator validates with, so it needs the extra `emulator`.
"""

from __future__ import annotations

from .._extras import needs

with needs("emulator"):
    from .connection import open_client
    from .report import Report
    from .run import Verification

__all__ = ["Report", "Verification", "open_client"]
