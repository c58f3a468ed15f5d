"""A browser, the web example, and an emulator, with a log of everything that the browser sends.

These tests need Playwright and Chromium, which `make test-web` installs. Without Playwright they are not collected.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest
import uvicorn

from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.emulator import Emulator

collect_ignore_glob = ["test_*.py"] if importlib.util.find_spec("playwright") is None else []

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page, Request

SECRET = "a secret of the service"
CHUNK_SIZE = 16 * 1024


def chromium() -> str:
    """Where Chromium is."""
    found = shutil.which(os.environ.get("CHROMIUM") or "chromium")
    assert found, "there is no Chromium: apt-get install chromium, or set CHROMIUM"
    return found


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The sample videos of the example."""
    from examples.web.__main__ import SAMPLES

    folder = tmp_path_factory.mktemp("films")
    return {sample.name: sample.write(folder) for sample in SAMPLES}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield found
        await found.close()


@attrs.define
class Site:
    """The running example.

    Attributes:
        url: Its address.
        emulator: The platform.
        received: Bytes that the service has received, by path.
        client: The client of the service.
        stop: Ends the service, as a restart does; `start` begins it again at the same address.
    """

    url: str
    emulator: Emulator
    received: dict[str, int] = attrs.field(factory=dict)
    app: Any = None
    _port: int = 0
    _server: uvicorn.Server | None = None
    _task: asyncio.Task[None] | None = None
    _clients: list[AsyncTwelveLabs] = attrs.field(factory=list)

    @property
    def client(self) -> AsyncTwelveLabs:
        return self._clients[-1]

    def make_client(self) -> AsyncTwelveLabs:
        self._clients.append(
            AsyncTwelveLabs(api_key=self.emulator.api_key, base_url=self.emulator.base_url, max_retries=0)
        )
        return self._clients[-1]

    async def start(self) -> None:
        from examples.web.service import create_app

        self.app = create_app(self.make_client, SECRET, self.emulator.settings.webhook_secret)
        config = uvicorn.Config(
            self._count, interface="asgi3", port=self._port, log_level="critical", timeout_graceful_shutdown=3
        )
        self._server = uvicorn.Server(config)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._task = asyncio.create_task(self._server.serve())
        await eventually(lambda: self._server.started or self._task.done())  # type: ignore[union-attr]
        self._port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        assert self._server is not None
        assert self._task is not None
        self._server.should_exit = True
        await self._task

    def cut(self) -> None:
        """End all connections of browsers, as a process does that dies."""
        assert self._server is not None
        for connection in self._server.server_state.connections:
            connection.transport.abort()

    async def _count(self, scope: Any, receive: Any, send: Any) -> None:
        async def counted() -> Any:
            message = await receive()
            if message["type"] == "http.request":
                self.received[scope["path"]] = self.received.get(scope["path"], 0) + len(message["body"])
            return message

        await self.app(scope, counted if scope["type"] == "http" else receive, send)

    async def chunks_reported(self) -> int:
        """Chunks that the platform knows of, of all uploads that are not complete."""
        found = 0
        async for upload in self.client.multipart_upload.list_incomplete_uploads():
            state = (await self.client.multipart_upload.get_status(upload.upload_id)).page
            found += state.chunks_completed or 0
        return found


@attrs.define
class Visit:
    """A visitor's browser, and all that it has sent.

    Attributes:
        allowed: Beginnings of messages in the console that the test expects; all others fail it.
        through_service: Whether the test expects bytes of a video at the service.
    """

    site: Site
    context: BrowserContext
    requests: list[Request] = attrs.field(factory=list)
    headers: dict[Request, asyncio.Task[dict[str, str]]] = attrs.field(factory=dict)
    problems: list[str] = attrs.field(factory=list)
    allowed: list[str] = attrs.field(factory=list)
    through_service: bool = False

    async def open(self) -> Page:
        page = await self.context.new_page()
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.problems.append(f"pageerror: {error}"))
        await page.goto(self.site.url)
        return page

    def _console(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.problems.append(text)

    async def check(self) -> None:
        """No key anywhere, no video but at the store, and nothing unexpected in the console."""
        problems = [text for text in self.problems if not any(part in text for part in self.allowed)]
        assert not problems
        store = self.site.emulator.objects_url
        assert self.requests
        for request in self.requests:
            shown = [request.url, str(await self.headers_of(request)), str(request.post_data_buffer)]
            assert not [text for text in shown if self.site.emulator.api_key in text], request.url
            if request.method == "PUT":
                assert self.through_service or request.url.startswith(store), request.url
            assert request.url.startswith((store, self.site.url, "blob:", "data:")), request.url
        assert self.site.emulator.leaks == []

    def record(self, request: Request) -> None:
        """Keep a request, with the headers that are really sent."""
        self.requests.append(request)
        self.headers[request] = asyncio.create_task(request.all_headers())

    async def headers_of(self, request: Request) -> dict[str, str]:
        """The headers of a request; what is known of them where its page was closed before it was sent."""
        from playwright.async_api import Error

        try:
            return await self.headers[request]
        except Error:
            return dict(request.headers)

    def puts(self, chunk_of: Callable[[str], str] = lambda url: url.split("?")[0].rsplit("/", 1)[1]) -> list[int]:
        """The chunks that were sent, each as often as it was."""
        return [int(chunk_of(request.url)) for request in self.requests if request.method == "PUT"]


@pytest.fixture
def emulator_settings() -> dict[str, Any]:
    """Further settings of the emulator: `@pytest.mark.parametrize("emulator_settings", [{...}])`."""
    return {}


@pytest.fixture
async def site(emulator_settings: dict[str, Any]) -> AsyncIterator[Site]:
    settings = {"speed": 0, "chunk_size": CHUNK_SIZE, "stream_delay": 0.02, "initial_urls": 3, **emulator_settings}
    async with Emulator(**settings) as emulator:
        found = Site("", emulator)
        await found.start()
        yield found
        await found.stop()


@pytest.fixture
async def visit(site: Site, browser: Browser) -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    found = Visit(site, context)
    context.on("request", lambda request: found.record(request))  # noqa: PLW0108 - Playwright writes to methods
    yield found
    await found.check()
    await context.close()
