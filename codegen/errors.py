"""The one error of the generator."""

from __future__ import annotations


class GenerationError(Exception):
    """The document, or the machine, does not allow a complete client. Nothing was written."""
