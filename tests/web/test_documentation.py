"""The built documentation in a browser: nothing wider than a phone, no error, no request to another host."""

from __future__ import annotations

import asyncio
import functools
import http.server
import threading
from typing import TYPE_CHECKING

import pytest

from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Browser

SITE = ROOT / "docs/_build/html"
PAGES = sorted(str(path.relative_to(SITE)) for path in SITE.rglob("*.html"))
AT_ONCE = 4

pytestmark = [
    pytest.mark.skipif(not PAGES, reason="the documentation is not built: make docs"),
    pytest.mark.timeout(600),
]

CUT_OFF = """() => [...document.querySelectorAll("div.highlight pre")]
    .filter((block) => block.scrollWidth > block.clientWidth + 1).map((block) => block.textContent.slice(0, 60))"""
"""Blocks of code that are wider than their place."""

TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        pass


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def visit(browser: Browser, origin: str, width: int, script: str) -> dict[str, object]:
    """What a script finds on each page; pages with an error in the console, and requests to others, count as well."""
    found: dict[str, object] = {}
    pending = list(PAGES)

    async def worker() -> None:
        page = await browser.new_page(viewport={"width": width, "height": 900})
        name = ""

        def note(kind: str, text: str) -> None:
            found[f"{name} ({kind})"] = text

        page.on("pageerror", lambda error: note("error", str(error)))
        page.on("console", lambda said: note("console", said.text) if said.type in {"error", "warning"} else None)
        page.on("request", lambda sent: None if sent.url.startswith((origin, "data:")) else note("request", sent.url))
        while pending:
            name = pending.pop()
            await page.goto(f"{origin}/{name}")
            if result := await page.evaluate(script):
                found[name] = result
        await page.close()

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return found


async def test_no_page_is_wider_than_a_phone(browser: Browser, origin: str) -> None:
    assert await visit(browser, origin, 390, TOO_WIDE) == {}


async def test_no_code_of_a_guide_is_cut_off_on_a_desktop(browser: Browser, origin: str) -> None:
    found = await visit(browser, origin, 1280, CUT_OFF)
    assert {name: blocks for name, blocks in found.items() if not name.startswith("reference/")} == {}


async def test_copied_commands_have_no_prompt(browser: Browser, origin: str) -> None:
    page = await browser.new_page()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(f"{origin}/contributing.html")
    await page.locator("div.highlight-console button.copybtn").first.click(force=True)
    copied = await page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith("make test ")
    assert "$" not in copied
