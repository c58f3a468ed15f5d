"""Start the web example: `make web`, or `python -m examples.web --port 8000`.

Without `--live` it starts the emulator, too, and writes three sample videos to try it with. With `--live` it uses
the real service: the key comes from TWELVE_LABS_API_KEY, and the secret of your webhook from TWELVELABS_WEBHOOK_SECRET.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvicorn

from examples.web.service import create_app
from twelvelabs_async import AsyncTwelveLabs, ConfigurationError
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import Caption, SampleVideo, Scene

DEFAULT_PORT = 8000
CHUNK_SIZE = 32 * 1024
"""Smaller than that of the platform, so that short videos have several chunks."""

SAMPLES = (
    SampleVideo(
        "beach.mp4",
        (Scene("blue", 5, shape="white", motion="slow", tone=220.0), Scene("yellow", 5, shape="red", motion="fast")),
        captions=(Caption(0, 4, "Waves roll onto the shore."), Caption(5, 9, "Children play with a ball.")),
        title="A day at the beach",
    ),
    SampleVideo(
        "match.mp4",
        (
            Scene("green", 6, shape="white", motion="fast", tone=330.0),
            Scene("red", 4, pattern="stripes", second="white"),
        ),
        captions=(Caption(6, 9, "What a goal!"),),
        title="The match",
    ),
    SampleVideo(
        "night.mp4",
        (Scene("black", 4, shape="yellow", motion="slow"), Scene("purple", 4), Scene("orange", 4, pattern="gradient")),
        title="Lights at night",
    ),
)


def bind(host: str, port: int | None) -> socket.socket:
    """A socket on the port, or on a free one if none is asked for and the usual one is in use."""
    try:
        return socket.create_server((host, DEFAULT_PORT if port is None else port))
    except OSError:
        if port is not None:
            raise
        return socket.create_server((host, 0))


@contextlib.asynccontextmanager
async def platform(url: str, *, live: bool) -> AsyncIterator[tuple[Callable[[], AsyncTwelveLabs], str]]:
    """What makes a client, and the secret of webhooks: of the real platform, or of an emulator."""
    if live:
        await AsyncTwelveLabs().close()  # raises an error where there is no key
        yield AsyncTwelveLabs, os.environ.get("TWELVELABS_WEBHOOK_SECRET") or secrets.token_urlsafe(32)
        return
    folder = Path(tempfile.gettempdir()) / "twelvelabs-web-example"
    async with Emulator(chunk_size=CHUNK_SIZE, speed=0.5, stream_delay=0.08, webhook_url=f"{url}/webhooks") as emulator:
        for sample in SAMPLES:
            await asyncio.to_thread(sample.write, folder)
        print(f"Sample videos: {folder}")

        def make_client() -> AsyncTwelveLabs:
            return AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url)

        yield make_client, emulator.settings.webhook_secret


async def serve(host: str, port: int | None, *, live: bool) -> None:
    """Serve until Ctrl+C."""
    with bind(host, port) as listening:
        url = f"http://{host}:{listening.getsockname()[1]}"
        async with platform(url, live=live) as (make_client, webhook_secret):
            upload_secret = os.environ.get("UPLOAD_SECRET") or secrets.token_urlsafe(32)
            app = create_app(make_client, upload_secret, webhook_secret)
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5))
            print(f"Open {url} - stop with Ctrl+C", flush=True)
            await server.serve([listening])  # raises the signal again after a clean end


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.web", description="A page to upload and search videos.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, help=f"default: {DEFAULT_PORT}, or a free one")
    parser.add_argument("--live", action="store_true", help="use the real service, with TWELVE_LABS_API_KEY")
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.host, options.port, live=options.live))
    except KeyboardInterrupt:
        pass
    except (ConfigurationError, OSError, OverflowError) as error:  # a port above 65535 overflows
        print(f"The page cannot start: {error}", file=sys.stderr)
        return 1
    print("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
