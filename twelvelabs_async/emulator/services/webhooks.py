"""Webhook events: signed, delivered to one URL, retried until they are acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson

from .. import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..settings import Settings
    from ..state.store import Document, Job, Store, Transaction

JOB = "webhook"

MAX_ATTEMPTS = 5
"""Deliveries of one event, the first included."""

RETRY_DELAY = 0.5
"""Seconds before the second delivery; each further delay is twice as long."""


def signature(secret: str, body: bytes, moment: int) -> str:
    """Value of the header TL-Signature."""
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Webhooks:
    """Sends events to the URL that the emulator was started with."""

    def __init__(self, settings: Settings, store: Store, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._store = store
        self._http = http

    def emit(self, tx: Transaction, kind: str, data: Mapping[str, Any]) -> str | None:
        """Records an event and makes its delivery due; returns its identifier, or None without a URL."""
        if not self._settings.webhook_url:
            return None
        event_id = clock.new_id("whe_")
        event = {"id": event_id, "created_at": clock.now(), "type": kind, "data": dict(data)}
        tx.put("event", event_id, {"event": event, "delivered": False, "attempts": 0})
        tx.schedule(JOB, event_id, "deliver", 0.0)
        return event_id

    def info(self, tx: Transaction, event_id: str | None) -> list[Document]:
        """The delivery of an event so far, in the shape of AnalyzeTaskWebhookInfo."""
        record = tx.get("event", event_id) if event_id else None
        if record is None:
            return []
        info = {
            "url": self._settings.webhook_url or record.get("url", ""),
            "delivered": record["delivered"],
            "attempts": record["attempts"],
        }
        if record.get("last_error"):
            info["last_error"] = record["last_error"]
        return [info]

    async def deliver(self, job: Job) -> None:
        """One attempt to deliver an event."""
        url = self._settings.webhook_url
        record = await self._store.get("event", job.target)
        if not url or record is None or record["delivered"]:
            return
        body = orjson.dumps(record["event"])
        headers = {
            "Content-Type": "application/json",
            "TL-Signature": signature(self._settings.webhook_secret, body, int(time.time())),
        }
        problem = None
        try:
            async with asyncio.timeout(10):
                async with self._http.post(url, data=body, headers=headers, allow_redirects=False) as response:
                    if not 200 <= response.status < 300:
                        problem = f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = type(error).__name__
        attempts = record["attempts"] + 1

        def record_attempt(tx: Transaction) -> None:
            record.update(attempts=attempts, delivered=problem is None)
            if problem is not None:
                record["last_error"] = problem
            tx.put("event", job.target, record)
            tx.finish(job)
            if problem is not None and attempts < MAX_ATTEMPTS:
                tx.schedule(JOB, job.target, "deliver", RETRY_DELAY * 2 ** (attempts - 1))

        await self._store.run(record_attempt)
