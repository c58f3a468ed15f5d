"""Streamed responses; see `AsyncStream`."""

from __future__ import annotations

from .stream import AsyncStream, StreamSource

__all__ = ["AsyncStream", "StreamSource"]
