"""Webhook events as the platform delivers them, for tests of programs that receive them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from .. import clock
from .webhooks import signature


def make(secret: str, kind: str, data: Mapping[str, Any], event_id: str | None = None) -> tuple[bytes, dict[str, str]]:
    """Body and headers of the delivery of an event.

    Args:
        secret: The secret that signs it.
        kind: Type of the event.
        data: Members of its data; of a documented type, the others have plausible values.
        event_id: Its identifier; a fresh one by default.
    """
    known = EVENTS.get(kind)
    event = {
        "id": event_id or clock.new_id("whe_"),
        "created_at": clock.now(),
        "type": kind,
        "data": {**(known() if known is not None else {}), **data},
    }
    body = orjson.dumps(event)
    # By the clock of the system: that is what a receiver compares it with.
    return body, {"Content-Type": "application/json", "TL-Signature": signature(secret, body, int(time.time()))}


def _indexing(status: str) -> Callable[[], dict[str, Any]]:
    def data() -> dict[str, Any]:
        return {
            "id": clock.new_id(),
            "metadata": {"duration": 12.0},
            "status": status,
            "models": [{"name": "marengo3.0", "options": ["visual", "audio"]}],
            "tags": [],
        }

    return data


def _analysis(status: str, **more: Any) -> Callable[[], dict[str, Any]]:
    def data() -> dict[str, Any]:
        return {
            "id": clock.new_id(),
            "custom_id": None,
            "created_at": clock.now(),
            "video_source": {"type": "asset_id", "asset_id": clock.new_id()},
            "status": status,
            **more,
        }

    return data


EVENTS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "index.task.ready": _indexing("ready"),
    "index.task.failed": _indexing("failed"),
    "analyze.task.ready": _analysis("ready"),
    "analyze.task.failed": _analysis("failed", error={"message": "The video cannot be analyzed."}),
    "analyze.task.canceled": _analysis("canceled"),
}
"""The documented types of events, and their data where a test gives none."""
