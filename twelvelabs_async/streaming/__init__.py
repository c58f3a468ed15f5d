"""Streamed responses; see `AsyncStream`."""

from __future__ import annotations

from .result import StreamResult, StreamUsage
from .stream import AsyncStream, StreamSource

__all__ = ["AsyncStream", "StreamResult", "StreamSource", "StreamUsage"]
