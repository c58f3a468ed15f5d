"""Uploads that are interrupted, refused, and begun twice."""

from __future__ import annotations

import asyncio
import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.eventually import LOOKS, PAUSE
from twelvelabs_async.starlette import BrowserUploads

from .conftest import CHUNK_SIZE, Site, Visit
from .test_page import add, text_of, until

if TYPE_CHECKING:
    from playwright.async_api import Page

Films = dict[str, Path]

pytestmark = pytest.mark.timeout(180)


def chunks_of(film: Path) -> int:
    return -(-film.stat().st_size // CHUNK_SIZE)


async def half_way(page: Page, site: Site, film: Path) -> None:
    """Begin an upload whose later chunks hang, and wait until the platform knows of the first ones."""
    site.emulator.faults.add(kind="stall", operation="putChunk", port="objects", skip=2)
    await page.set_input_files("#files", film)
    for _ in range(LOOKS // 20):
        if await site.chunks_reported() == 2:
            break
        await page.wait_for_timeout(PAUSE * 20_000)
    else:
        raise AssertionError("two chunks were never reported")
    site.emulator.faults.rules.clear()


async def test_a_closed_tab(visit: Visit, films: Films) -> None:
    film = films["beach.mp4"]
    page = await visit.open()
    await half_way(page, visit.site, film)
    await page.close()
    before = len(visit.requests)
    page = await visit.open()
    assert "choose this file" in await text_of(page, ".unfinished", film.name)
    await add(page, film)
    again = Visit(visit.site, visit.context, visit.requests[before:]).puts()
    assert len(again) == chunks_of(film) - 2
    assert len(set(again)) == len(again)
    assert await page.locator(".upload").count() == 0
    assert await page.evaluate("localStorage.length") == 0


async def test_an_interrupted_upload_can_be_discarded(visit: Visit, films: Films) -> None:
    film = films["beach.mp4"]
    page = await visit.open()
    await half_way(page, visit.site, film)
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()  # the page asks before it leaves
    await page.locator(".unfinished").get_by_role("button", name="Discard").click()
    assert await page.evaluate("localStorage.length") == 0
    await page.reload()
    assert await page.locator(".unfinished").count() == 0


async def test_a_cancelled_upload_goes_on(visit: Visit, films: Films) -> None:
    film = films["beach.mp4"]
    page = await visit.open()
    await half_way(page, visit.site, film)
    await page.get_by_role("button", name="Cancel").click()
    await page.locator(".unfinished").wait_for()
    before = len(visit.requests)
    await add(page, film)
    assert len(Visit(visit.site, visit.context, visit.requests[before:]).puts()) <= chunks_of(film) - 2


async def test_another_file_of_the_same_name_is_another_upload(visit: Visit, films: Films, tmp_path: Path) -> None:
    film = films["beach.mp4"]
    page = await visit.open()
    await half_way(page, visit.site, film)
    await page.close()
    other = tmp_path / film.name
    data = bytearray(film.read_bytes())
    data[-1] ^= 1
    other.write_bytes(data)
    os.utime(other, ns=(film.stat().st_atime_ns, film.stat().st_mtime_ns))
    before = len(visit.requests)
    page = await visit.open()
    await page.set_input_files("#files", other)
    await page.locator("#videos li").wait_for()
    assert len(Visit(visit.site, visit.context, visit.requests[before:]).puts()) == chunks_of(film)


@pytest.mark.parametrize("emulator_settings", [{"cors_origins": ()}])
async def test_a_store_that_refuses_other_origins(visit: Visit, films: Films) -> None:
    visit.allowed += ["CORS policy", "net::ERR_FAILED", "status of 404"]
    visit.through_service = True
    film = films["beach.mp4"]
    page = await visit.open()
    await add(page, film)
    passed = {path: size for path, size in visit.site.received.items() if path.startswith("/uploads/chunks/")}
    assert len(passed) == chunks_of(film)
    assert sum(passed.values()) == film.stat().st_size


@pytest.mark.parametrize("emulator_settings", [{"cors_origins": ()}])
async def test_a_store_that_refuses_other_origins_without_pass_through(
    visit: Visit, films: Films, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.allowed += ["CORS policy", "net::ERR_FAILED", "status of 40"]
    uploads = functools.partial(BrowserUploads, pass_through=False)
    monkeypatch.setattr("examples.web.service.BrowserUploads", uploads)
    await visit.site.stop()
    await visit.site.start()
    page = await visit.open()
    await page.set_input_files("#files", films["beach.mp4"])
    await page.locator(".upload.problem", has_text="The object store accepts no files from this page.").wait_for()
    assert not [path for path in visit.site.received if path.startswith("/uploads/chunks/")]


async def test_a_store_that_fails_is_not_taken_for_one_that_refuses(visit: Visit, films: Films) -> None:
    visit.allowed += ["net::ERR_", "status of 40"]
    visit.site.emulator.faults.add(kind="reset", operation="putChunk", port="objects", count=12)
    page = await visit.open()
    await add(page, films["beach.mp4"])
    assert not [path for path in visit.site.received if path.startswith("/uploads/chunks/")]


@pytest.mark.parametrize("kind", ["reset", "status"])
async def test_a_store_that_fails_now_and_then(visit: Visit, films: Films, kind: str) -> None:
    visit.allowed += ["net::ERR_", "status of 503", "CORS"]
    visit.site.emulator.faults.add(kind=kind, status=503, operation="putChunk", port="objects", skip=1, count=3)
    page = await visit.open()
    await add(page, films["beach.mp4"])
    assert sum(visit.site.emulator.faults.counts.values()) == 3
    assert not [path for path in visit.site.received if path.startswith("/uploads/chunks/")]


async def test_urls_that_have_expired(visit: Visit, films: Films) -> None:
    visit.allowed.append("status of 403")
    visit.site.emulator.faults.add(kind="status", status=403, operation="putChunk", port="objects", count=3)
    page = await visit.open()
    await add(page, films["beach.mp4"])
    assert len(visit.puts()) == chunks_of(films["beach.mp4"]) + 3


async def test_a_store_that_is_dead(visit: Visit, films: Films) -> None:
    visit.allowed += ["net::ERR_", "status of 503", "CORS"]
    visit.site.emulator.faults.add(kind="status", status=503, operation="putChunk", port="objects", skip=2)
    page = await visit.open()
    await page.set_input_files("#files", films["beach.mp4"])
    row = page.locator(".upload.problem")
    await row.wait_for(timeout=90_000)
    assert "503" in await row.inner_text()
    visit.site.emulator.faults.rules.clear()
    await row.get_by_role("button", name="Try again").click()
    await page.locator("#videos .ready").wait_for()


async def test_the_service_restarts_in_the_middle(visit: Visit, films: Films) -> None:
    visit.allowed += ["net::ERR_", "status of 5"]
    film = films["beach.mp4"]
    page = await visit.open()
    visit.site.emulator.faults.add(kind="slow", operation="putChunk", port="objects", seconds=0.5)
    await page.set_input_files("#files", film)
    await until(page, "document.querySelector('progress')?.value > 0.1")
    await visit.site.stop()
    await visit.site.start()
    await page.locator("#videos .ready", has_text=film.name).wait_for(timeout=60_000)
    assert sorted(visit.puts()) == list(range(1, chunks_of(film) + 1))


async def test_two_tabs(visit: Visit, films: Films) -> None:
    film = films["beach.mp4"]
    first, second = await visit.open(), await visit.open()
    await half_way(first, visit.site, film)
    await second.set_input_files("#files", film)
    await text_of(second, ".upload.problem", "in another tab")
    await first.close()
    await second.get_by_role("button", name="Try again").click()
    await second.locator("#videos .ready").wait_for()
    assert await second.locator("#videos li").count() == 1


async def test_a_state_that_was_tampered_with(visit: Visit, films: Films) -> None:
    visit.allowed.append("status of 403")
    film = films["beach.mp4"]
    page = await visit.open()
    await half_way(page, visit.site, film)
    await page.close()
    page = await visit.open()
    await page.evaluate(
        """() => { const key = Object.keys(localStorage)[0]; const state = JSON.parse(localStorage[key]);
        state.token = state.token.slice(0, -5) + "AAAAA"; localStorage[key] = JSON.stringify(state); }"""
    )
    await add(page, film)  # from the beginning


async def test_another_visitor_does_not_go_on_with_it(visit: Visit, films: Films) -> None:
    visit.allowed.append("status of 403")
    film = films["beach.mp4"]
    page = await visit.open()
    await half_way(page, visit.site, film)
    await page.close()
    await visit.context.clear_cookies()
    before = len(visit.requests)
    page = await visit.open()
    await add(page, film)
    assert len(Visit(visit.site, visit.context, visit.requests[before:]).puts()) == chunks_of(film)


async def test_a_file_that_is_gone(visit: Visit, tmp_path: Path, films: Films) -> None:
    visit.allowed.append("net::ERR_")
    film = tmp_path / "gone.mp4"
    film.write_bytes(films["beach.mp4"].read_bytes())
    visit.site.emulator.faults.add(kind="slow", operation="putChunk", port="objects", seconds=0.5)
    page = await visit.open()
    await page.set_input_files("#files", film)
    await until(page, "document.querySelector('progress')?.value > 0.1")
    await asyncio.to_thread(film.unlink)
    await text_of(page, ".upload.problem", "changed, moved or deleted")
