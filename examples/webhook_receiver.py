"""Receive the platform's webhooks: the signature is checked, and no event is handled twice.

    export WEBHOOK_SECRET=whsec_...          # from the dashboard of TwelveLabs
    python -m examples.webhook_receiver --port 8080

To see events without the platform, let the emulator send them:

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
REMEMBERED = 10_000
"""Ids of handled events that are kept. A program with several processes keeps them in its database."""

log = logging.getLogger("webhook_receiver")


class Receiver:
    """Answers the platform's deliveries."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._handled: OrderedDict[str, None] = OrderedDict()

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one delivery: 204 when the event is taken care of, 400 when it is not from the platform."""
        body = await request.read()  # the raw bytes: decoded and encoded again, they would have another signature
        try:
            event = webhooks.unwrap(body, request.headers, self._secret)
        except (WebhookSignatureError, DecodeError) as error:
            log.warning("refused: %s", error)
            return web.Response(status=400)
        identity = event.data["id"] if isinstance(event, UnknownVariant) else event.id
        if identity not in self._handled:
            self.handle(event)  # before it is remembered: if this fails, the platform delivers it again
            self._handled[identity] = None
            if len(self._handled) > REMEMBERED:
                self._handled.popitem(last=False)
        return web.Response(status=204)

    def handle(self, event: WebhookEvent) -> None:
        """Take care of an event. Work that takes long belongs into a queue: the platform waits for the answer."""
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
                log.info("an event of type %s, which this program does not know", tag)
            case _:
                log.info("event %s of type %s", event.id, event.type)


def make_app(secret: str) -> web.Application:
    """The application of aiohttp."""
    app = web.Application(client_max_size=MAX_BODY_BYTES)
    app.router.add_post("/webhooks", Receiver(secret).receive)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and serve until Ctrl+C."""
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
