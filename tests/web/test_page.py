"""What visitors of the page do."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventually import LOOKS, PAUSE, eventually
from twelvelabs_async.emulator.media import samples
from twelvelabs_async.emulator.media.samples import Caption, SampleVideo, Scene

from .conftest import CHUNK_SIZE, Visit

if TYPE_CHECKING:
    from playwright.async_api import Page

Films = dict[str, Path]

pytestmark = pytest.mark.timeout(180)


async def add(page: Page, *films: Path) -> None:
    """Upload videos, and wait until they can be searched."""
    await page.set_input_files("#files", list(films))
    for film in films:
        await page.locator("#videos .ready", has_text=film.name).wait_for()


async def search(page: Page, text: str) -> None:
    await page.get_by_role("searchbox").fill(text)
    await page.get_by_role("button", name="Search").click()
    await page.locator("#found", has_text=f"for “{text}”").wait_for()


async def until(page: Page, condition: str) -> None:
    """Wait until an expression holds. Playwright's own wait needs `eval`, which the page forbids."""
    for _ in range(LOOKS // 10):
        if await page.evaluate(condition):
            return
        await asyncio.sleep(PAUSE * 10)
    raise AssertionError(f"it did not come to pass: {condition}")


async def text_of(page: Page, selector: str, wanted: str) -> str:
    """The text of an element, once it holds something."""
    found = page.locator(selector, has_text=wanted)
    await found.wait_for()
    return str(await found.inner_text())


async def test_upload_search_and_play(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, *films.values())
    assert await page.locator("#videos li").count() == 3
    assert await text_of(page, "#library-status", "is ready.")
    await search(page, "red")
    hit = page.locator("#hits button").first
    assert "match.mp4" in await hit.inner_text()
    assert await hit.locator("img").evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    await hit.click()
    await until(page, "player.readyState >= 2 && player.currentTime >= 5.5")
    assert await page.locator("#playing").inner_text() == "match.mp4"
    await page.locator("#videos button", has_text="beach.mp4").click()
    await until(page, "player.readyState >= 2 && player.currentTime < 5")
    # The next hit jumps within the video that plays.
    await search(page, "yellow")
    await page.locator("#hits button", has_text="beach.mp4").first.click()
    await until(page, "player.readyState >= 2 && player.currentTime >= 4.5")


async def test_the_bytes_go_to_the_store_alone(visit: Visit, films: Films) -> None:
    page = await visit.open()
    film = films["match.mp4"]
    await add(page, film)
    size = film.stat().st_size
    total = -(-size // CHUNK_SIZE)
    assert total > 3
    assert sorted(visit.puts()) == list(range(1, total + 1))
    sent = [await visit.headers_of(request) for request in visit.requests if request.method == "PUT"]
    assert sum(int(headers["content-length"]) for headers in sent) == size
    # The service has received a few hundred bytes of JSON for each call, and no chunk.
    assert set(visit.site.received) <= {"/", "/uploads/open", "/uploads/urls", "/uploads/report", "/uploads/status"} | {
        path for path, count in visit.site.received.items() if not count
    }
    assert sum(visit.site.received.values()) < size / 4


async def test_a_later_visit_plays_the_stream(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.close()
    page = await visit.open()
    await page.locator("#videos .ready", has_text="match.mp4").wait_for()
    await search(page, "red")
    await page.locator("#hits button").first.click()
    await until(page, "player.readyState >= 2 && player.currentTime >= 5.5")
    assert "/stream" in await page.evaluate("player.src")


async def test_search_by_image(visit: Visit, films: Films, tmp_path: Path) -> None:
    page = await visit.open()
    await add(page, films["beach.mp4"], films["night.mp4"])
    picture = tmp_path / "blue.png"
    picture.write_bytes(samples.image_bytes("blue"))
    await page.set_input_files("#image", picture)
    await text_of(page, "#found", "for the image blue.png")
    assert "beach.mp4" in await page.locator("#hits button").first.inner_text()


async def test_an_image_that_is_too_large(visit: Visit, tmp_path: Path) -> None:
    visit.allowed.append("413")
    page = await visit.open()
    picture = tmp_path / "large.png"
    picture.write_bytes(bytes(6_000_000))
    await page.set_input_files("#image", picture)
    assert "at most 5 MB" in await text_of(page, "#found.problem", "too large")


@pytest.mark.parametrize("emulator_settings", [{"stream_delay": 0.1}])
async def test_an_analysis_arrives_word_by_word_and_can_be_stopped(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.locator("#videos button").click()
    await page.get_by_label("Ask about this video").press("Enter")
    answer = page.locator("#answer")
    await until(page, "document.querySelector('#answer').textContent.length > 10")
    first = await answer.inner_text()
    await until(page, f"document.querySelector('#answer').textContent.length > {len(first)}")
    assert visit.site.client.limits.in_flight >= 1
    await page.get_by_role("button", name="Stop").click()
    await text_of(page, "#asked", "Stopped.")
    await eventually(lambda: visit.site.client.limits.in_flight == 0)
    stopped = await answer.inner_text()
    assert stopped.startswith(first)
    assert not await page.get_by_role("button", name="Stop").is_visible()
    assert await page.evaluate("document.activeElement.id") == "prompt"


async def test_an_analysis_to_its_end(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.locator("#videos button").click()
    await page.get_by_role("button", name="Ask").click()
    await text_of(page, "#asked", "That is all.")
    assert "green" in await page.locator("#answer").inner_text()
    # Another video has no answer yet.
    await add(page, films["beach.mp4"])
    await page.locator("#videos button", has_text="beach.mp4").click()
    assert await page.locator("#answer").inner_text() == ""


async def test_an_analysis_that_breaks_off(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, films["match.mp4"])
    visit.site.emulator.faults.add(kind="reset_body", operation="analyzeVideo", count=1)
    await page.locator("#videos button").click()
    await page.get_by_role("button", name="Ask").click()
    await text_of(page, "#asked.problem", "The answer broke off.")
    assert await page.locator("#answer").inner_text()
    await page.get_by_role("button", name="Ask").click()
    await text_of(page, "#asked:not(.problem)", "That is all.")


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"kind": "status", "status": 429, "retry_after": 1}, "accepts no more requests"),
        ({"kind": "status", "status": 500}, "failed"),
        ({"kind": "reset"}, "failed"),
    ],
)
async def test_a_search_that_fails(visit: Visit, fault: dict[str, Any], message: str) -> None:
    visit.allowed.append("Failed to load resource")
    page = await visit.open()
    visit.site.emulator.faults.add(operation="createSearch", **fault)
    await page.get_by_role("searchbox").fill("red")
    await page.get_by_role("button", name="Search").click()
    shown = await text_of(page, "#found.problem", "")
    assert message in shown.lower()
    assert "fault" not in shown
    visit.site.emulator.faults.rules.clear()
    await search(page, "red")
    assert await page.locator("#found.problem").count() == 0


async def test_the_service_is_gone_for_a_while(visit: Visit, films: Films) -> None:
    visit.allowed.append("net::ERR_")
    page = await visit.open()
    await add(page, films["match.mp4"])
    await visit.site.stop()
    await text_of(page, "#connection", "Connection lost.")
    await page.get_by_role("searchbox").fill("red")
    await page.get_by_role("button", name="Search").click()
    await text_of(page, "#found.problem", "The service cannot be reached.")
    await visit.site.start()
    await until(page, "document.querySelector('#connection').textContent === ''")
    await add(page, films["beach.mp4"])  # its events arrive
    assert await page.locator("#videos li").count() == 2


async def test_the_service_dies_during_an_analysis(visit: Visit, films: Films) -> None:
    visit.allowed.append("net::ERR_")
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.locator("#videos button").click()
    await page.get_by_role("button", name="Ask").click()
    await until(page, "document.querySelector('#answer').textContent !== ''")
    visit.site.cut()
    await text_of(page, "#asked.problem", "The answer broke off. The connection was interrupted.")


async def test_videos_that_are_gone_after_a_restart(visit: Visit, films: Films) -> None:
    visit.allowed.append("net::ERR_")
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.locator("#videos button").click()
    await page.locator("#watch").wait_for()
    indexes = visit.site.client.indexes
    async for found in indexes.list():
        await indexes.delete(found.id)
    await visit.site.stop()
    await visit.site.start()
    await until(page, "document.querySelectorAll('#videos li').length === 0")
    assert not await page.locator("#watch").is_visible()
    await add(page, films["beach.mp4"])


async def test_files_that_are_no_videos(visit: Visit, tmp_path: Path) -> None:
    visit.allowed.append("status of 415")
    page = await visit.open()
    empty, notes = tmp_path / "empty.mp4", tmp_path / "notes.txt"
    empty.write_bytes(b"")
    notes.write_text("Buy milk.")
    broken = samples.write_broken(tmp_path / "broken.mp4")
    await page.set_input_files("#files", [empty, notes, broken])
    assert "The file is empty." in await text_of(page, ".upload.problem", "empty.mp4")
    assert "accepted kind: video" in await text_of(page, ".upload.problem", "notes.txt")
    row = await text_of(page, "#videos .problem", "broken.mp4")
    assert len(row) > len("broken.mp4 ")
    assert "video_file_broken" not in row  # a code is for programs
    assert await page.locator("#videos button", has_text="broken.mp4").is_disabled()
    for name in ("empty.mp4", "notes.txt"):
        await page.locator(".upload", has_text=name).get_by_role("button", name="Remove").click()
    assert await page.locator(".upload").count() == 0


async def test_no_text_becomes_markup(visit: Visit, tmp_path: Path) -> None:
    evil = "<img src=x onerror=window.pwned=1>"
    film = SampleVideo(
        f"{evil}.mp4", (Scene("red", 3), Scene("blue", 3)), title=evil, captions=(Caption(0, 3, f"hello {evil}"),)
    ).write(tmp_path)
    page = await visit.open()
    await add(page, film)
    await search(page, "red")
    assert await page.locator("#hits .name").first.inner_text() == film.name
    await page.locator("#hits button").first.click()
    await page.get_by_label("Ask about this video").fill(f"What is the title? {evil}")
    await page.get_by_role("button", name="Ask").click()
    await text_of(page, "#asked", "That is all.")
    assert evil in await page.locator("#answer").inner_text()
    await search(page, evil)
    assert await page.locator("#playing").inner_text() == film.name
    assert await page.evaluate("[window.pwned, document.querySelectorAll('img[src=x]').length]") == [None, 0]


async def test_a_visitor_has_a_limit(visit: Visit, films: Films, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("examples.web.service.MAX_VIDEOS", 1)
    visit.allowed.append("status of 429")
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.set_input_files("#files", films["beach.mp4"])
    await text_of(page, ".upload.problem", "which is the limit")


async def test_with_the_keyboard_alone(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.id") == "text"
    await page.keyboard.type("red")
    await page.keyboard.press("Enter")
    await text_of(page, "#found", "for “red”")
    for wanted in ("BUTTON", "INPUT"):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.tagName") == wanted
    for _ in range(3):  # a list that scrolls is a stop of its own in some releases
        await page.keyboard.press("Tab")
        if await page.evaluate("!!document.activeElement.closest('#hits button')"):
            break
    await page.keyboard.press("Enter")
    await until(page, "player.currentTime >= 5.5")
    assert await page.evaluate("document.activeElement.id") == "playing"


async def test_every_control_has_a_name(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, films["match.mp4"])
    await page.locator("#videos button").click()
    names = await page.evaluate(
        """[...document.querySelectorAll("button, input, select, textarea")].map((element) => {
            const labels = [...(element.labels ?? [])].map((label) => label.textContent);
            return (element.ariaLabel || labels.join() || element.textContent).trim();
        })"""
    )
    assert len(names) > 6
    assert all(names)
    assert await page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone(visit: Visit, films: Films, scheme: Any) -> None:
    page = await visit.open()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.emulate_media(color_scheme=scheme)
    await add(page, films["match.mp4"])
    await search(page, "red")
    await page.locator("#hits button").first.click()
    await page.get_by_role("button", name="Ask").click()
    await text_of(page, "#asked", "That is all.")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    back, ink = await page.evaluate(
        "['backgroundColor', 'color'].map((name) => getComputedStyle(document.documentElement)[name])"
    )
    brightness = [sum(int(part) for part in colour.strip("rgb()").split(",")) for colour in (back, ink)]
    assert (brightness[0] > brightness[1]) == (scheme == "light")


async def test_the_page_does_not_poll(visit: Visit, films: Films) -> None:
    page = await visit.open()
    await add(page, films["match.mp4"])
    await until(page, "document.querySelector('#videos img')?.complete")
    before = len(visit.requests)
    await asyncio.sleep(1.5)
    assert len(visit.requests) == before
