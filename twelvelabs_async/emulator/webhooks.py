"""Webhook events: signed, delivered to one URL, repeated until they are acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from . import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .platform import Platform
    from .store import Document, Job, Transaction

JOB = "webhook"

ATTEMPTS = 5
"""Deliveries of one event, the first included."""

FIRST_PAUSE = 0.5
"""Seconds before the second delivery; each further pause is twice as long."""


def signature(secret: str, body: bytes, moment: int) -> str:
    """Value of the header TL-Signature."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Webhooks:
    """Sends events to the URL that the emulator was started with."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def emit(self, tx: Transaction, kind: str, data: Mapping[str, Any]) -> str | None:
        """Records an event and makes its delivery due; returns its identifier, or None without a URL."""
        if not self._platform.settings.webhook_url:
            return None
        event_id = clock.new_id("whe_")
        event = {"id": event_id, "created_at": clock.now(), "type": kind, "data": dict(data)}
        tx.put("event", event_id, {"event": event, "delivered": False, "attempts": 0})
        tx.schedule(JOB, event_id, "deliver", 0.0)
        return event_id

    def info(self, tx: Transaction, event_id: str | None) -> list[Document]:
        """What is known about the delivery of an event, in the shape of AnalyzeTaskWebhookInfo."""
        record = tx.get("event", event_id) if event_id else None
        if record is None:
            return []
        info = {
            "url": self._platform.settings.webhook_url or record.get("url", ""),
            "delivered": record["delivered"],
            "attempts": record["attempts"],
        }
        if record.get("last_error"):
            info["last_error"] = record["last_error"]
        return [info]

    async def deliver(self, job: Job) -> None:
        """One attempt to deliver an event."""
        url = self._platform.settings.webhook_url
        record = await self._platform.store.get("event", job.target)
        if not url or record is None or record["delivered"]:
            return
        body = orjson.dumps(record["event"])
        headers = {
            "Content-Type": "application/json",
            "TL-Signature": signature(self._platform.settings.webhook_secret, body, int(time.time())),
        }
        problem = None
        try:
            async with asyncio.timeout(10):
                async with self._platform.http.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                    if not 200 <= answer.status < 300:
                        problem = f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = type(error).__name__
        attempts = record["attempts"] + 1

        def note(tx: Transaction) -> None:
            record.update(attempts=attempts, delivered=problem is None)
            if problem is not None:
                record["last_error"] = problem
            tx.put("event", job.target, record)
            tx.finish(job)
            if problem is not None and attempts < ATTEMPTS:
                tx.schedule(JOB, job.target, "deliver", FIRST_PAUSE * 2 ** (attempts - 1))

        await self._platform.store.run(note)
