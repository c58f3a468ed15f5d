"""Migrates programs from the official SDK `twelvelabs` to this package.

    python -m twelvelabs_async.migrate src

The command prints a unified diff, or writes the files with `--write`, and lists what a person must look at.
"""

from __future__ import annotations

from .notes import Note
from .program import Migration, migrate_source

__all__ = ["Migration", "Note", "migrate_source"]
