"""Batch ingestion: many sources into an index or a knowledge store, each exactly once."""

from __future__ import annotations

from ..errors import IndexFullError, IngestError, JournalError
from .journal import Journal
from .pipeline import Ingestion
from .ray import on_ray
from .values import IngestItem, IngestOutcome, IngestStats, Stage, StageStats

__all__ = [
    "IndexFullError",
    "IngestError",
    "IngestItem",
    "IngestOutcome",
    "IngestStats",
    "Ingestion",
    "Journal",
    "JournalError",
    "Stage",
    "StageStats",
    "on_ray",
]
