"""Receive the platform's webhooks: signatures are verified, and no event is handled twice.

    export WEBHOOK_SECRET=whsec_...          # from the dashboard of TwelveLabs
    python -m examples.webhook_receiver --port 8080

To receive events without the platform, use the emulator:

    WEBHOOK_SECRET=whsec_emulator python -m examples.webhook_receiver
    python -m twelvelabs_async.emulator --webhook-url http://127.0.0.1:8080/webhooks
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING

from aiohttp import web

from twelvelabs_async import (
    AnalyzeTaskFailedWebhookEvent,
    AnalyzeTaskReadyWebhookEvent,
    DecodeError,
    IndexTaskFailedWebhookEvent,
    IndexTaskReadyWebhookEvent,
    UnknownVariant,
    WebhookSignatureError,
    webhooks,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twelvelabs_async.types import WebhookEvent

MAX_BODY_BYTES = 1_000_000
KEPT_IDS = 10_000
"""Number of ids of handled events to keep. A program with several processes stores them in its database."""

log = logging.getLogger("webhook_receiver")


class Receiver:
    """Handles the deliveries of the platform."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._handled: OrderedDict[str, None] = OrderedDict()

    async def receive(self, request: web.Request) -> web.Response:
        """Handle one delivery: responds with 204 if the event was handled, and 400 if it is not from the platform."""
        body = await request.read()  # raw bytes: JSON that was decoded and encoded again has a different signature
        try:
            event = webhooks.unwrap(body, request.headers, self._secret)
        except (WebhookSignatureError, DecodeError) as error:
            log.warning("rejected: %s", error)
            return web.Response(status=400)
        identity = event.id
        if identity not in self._handled:
            self.handle(event)  # before its id is stored: if this fails, the platform retries the delivery
            self._handled[identity] = None
            if len(self._handled) > KEPT_IDS:
                self._handled.popitem(last=False)
        return web.Response(status=204)

    def handle(self, event: WebhookEvent) -> None:
        """Handle an event. Put long work into a queue: the platform waits for the response."""
        match event:
            case IndexTaskReadyWebhookEvent(data=data):
                log.info("task %s: the video can be searched", data.id)
            case IndexTaskFailedWebhookEvent(data=data):
                log.warning("task %s: the video could not be indexed", data.id)
            case AnalyzeTaskReadyWebhookEvent(data=data):
                log.info("analysis %s is ready", data.id)
            case AnalyzeTaskFailedWebhookEvent(data=data):
                log.warning("analysis %s failed", data.id)
            case UnknownVariant(tag=tag):
                log.info("unknown event of type %s", tag)
            case _:
                log.info("event %s of type %s", event.id, event.type)


def make_app(secret: str) -> web.Application:
    """Create the aiohttp application."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_post("/webhooks", Receiver(secret).receive)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and serve until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m examples.webhook_receiver", description="Receive webhooks.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    options = parser.parse_args(arguments)
    secret = os.environ.get("WEBHOOK_SECRET")
    if not secret:
        parser.error("set WEBHOOK_SECRET to the secret of the webhook")
    logging.basicConfig(level=logging.INFO)
    web.run_app(make_app(secret), host=options.host, port=options.port)
    return 0


if __name__ == "__main__":
    sys.exit(main())
