"""upload_body and upload_form: streams of callers on their way to the emulator"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import tempfile
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from fastapi import FastAPI, UploadFile
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from twelvelabs_async.starlette import (
    IncomingFile,
    exception_handlers,
    get_client,
    lifespan,
    upload_body,
    upload_form,
)

from ..eventually import eventually
from .conftest import serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ..docs.seeded_emulator import SeededEmulator

LIMIT = 30_000_000


def application(seeded: SeededEmulator, **options: Any) -> Starlette:
    """A service with one route for bodies and one for forms."""

    async def body(request: Request) -> Response:
        result = await upload_body(request, **{"max_bytes": LIMIT, **options})
        return JSONResponse({"asset_id": result.asset_id})

    async def form(request: Request) -> Response:
        result = await upload_form(request, get_client(request), **{"max_bytes": LIMIT, **options})
        return JSONResponse({"asset_id": result.asset_id})

    return Starlette(
        routes=[Route("/body", body, methods=["POST"]), Route("/form", form, methods=["POST"])],
        lifespan=lifespan(seeded.emulator.client, grace=0.1),
        exception_handlers=exception_handlers,
    )


def video(folder: Path) -> bytes:
    return (folder / "goal.mp4").read_bytes()


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 10_000):
        yield data[start : start + 10_000]


async def asset_of(seeded: SeededEmulator, response: aiohttp.ClientResponse) -> Any:
    assert response.status == 200, await response.text()
    async with seeded.emulator.client() as client:
        return await client.assets.wait_for_done((await response.json())["asset_id"], sleep_interval=0.02)


async def test_a_body_becomes_an_asset(seeded: SeededEmulator, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError("a body with a length is not written anywhere")

    monkeypatch.setattr(tempfile, "TemporaryFile", fail)
    headers = {"Content-Type": "video/mp4; x=y"}
    async with (
        serving(application(seeded)) as session,
        session.post("/body", data=video(files), headers=headers) as response,
    ):
        asset = await asset_of(seeded, response)
    assert asset.filename == "upload.mp4"


async def test_a_body_without_a_length(seeded: SeededEmulator, files: Path) -> None:
    app = application(seeded, filename="chunked.mp4")
    async with serving(app) as session, session.post("/body", data=pieces(video(files))) as response:
        assert (await asset_of(seeded, response)).filename == "chunked.mp4"


async def test_a_form(seeded: SeededEmulator, files: Path) -> None:
    form = aiohttp.FormData()
    form.add_field("title", "A goal")
    form.add_field("file", video(files), filename="Tor.mp4", content_type="video/mp4")
    async with serving(application(seeded)) as session, session.post("/form", data=form) as response:
        assert (await asset_of(seeded, response)).filename == "Tor.mp4"


async def test_an_upload_file_of_fastapi(seeded: SeededEmulator, files: Path) -> None:
    app = FastAPI(lifespan=lifespan(seeded.emulator.client))

    @app.post("/videos")
    async def create(request: Request, file: UploadFile) -> dict[str, str]:
        result = await get_client(request).multipart_upload.upload_file(file)
        return {"asset_id": result.asset_id}

    form = aiohttp.FormData()
    form.add_field("file", video(files), filename="Tor.mp4")
    async with serving(app) as session, session.post("/videos", data=form) as response:
        assert (await asset_of(seeded, response)).filename == "Tor.mp4"


async def test_the_length_is_checked_before_a_byte_is_read(seeded: SeededEmulator) -> None:
    async with serving(application(seeded, max_bytes=1000)) as session:
        assert session._base_url is not None
        for path, kind in (("/body", "video/mp4"), ("/form", "multipart/form-data; boundary=x")):
            reader, writer = await asyncio.open_connection("127.0.0.1", session._base_url.port)
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 99999999999\r\n\r\n"
            writer.write(head.encode())
            assert b" 413 " in await reader.readline()
            writer.close()


@pytest.mark.parametrize("path", ["/body", "/form"])
async def test_a_length_that_is_not_given_is_counted(seeded: SeededEmulator, path: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with (
        serving(application(seeded, max_bytes=1_000_000)) as session,
        session.post(path, data=endless(), headers=headers) as response,
    ):
        assert response.status == 413
        assert (await response.json())["message"] == "The request may have at most 1,000,000 bytes."


async def test_a_form_whose_file_is_a_little_too_large(seeded: SeededEmulator) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 1001, filename="a.mp4")
    async with serving(application(seeded, max_bytes=1000)) as session, session.post("/form", data=form) as response:
        assert response.status == 413


@pytest.mark.parametrize("size", [0, None])
async def test_an_empty_body(seeded: SeededEmulator, size: int | None) -> None:
    data = b"" if size == 0 else pieces(b"")
    async with serving(application(seeded)) as session, session.post("/body", data=data) as response:
        assert response.status == 422
        assert (await response.json())["code"] == "file_empty"


@pytest.mark.parametrize(("name", "content", "code"), [("other", b"x", "file_missing"), ("file", b"", "file_empty")])
async def test_a_form_without_a_file(seeded: SeededEmulator, name: str, content: bytes, code: str) -> None:
    form = aiohttp.FormData()
    form.add_field(name, content, filename="a.mp4")
    async with serving(application(seeded)) as session, session.post("/form", data=form) as response:
        assert response.status == 422
        assert (await response.json())["code"] == code


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "application/json"])
async def test_a_malformed_form(seeded: SeededEmulator, kind: str) -> None:
    headers = {"Content-Type": kind}
    async with (
        serving(application(seeded)) as session,
        session.post("/form", data=b"--y\r\nwhat?", headers=headers) as response,
    ):
        assert response.status in {400, 422}


async def test_a_check_refuses_a_file_before_it_is_read(seeded: SeededEmulator, files: Path) -> None:
    asked: list[IncomingFile] = []

    async def check(file: IncomingFile) -> None:
        asked.append(file)
        if not file.content_type.startswith("video/"):
            raise HTTPException(415, "videos only")

    form = aiohttp.FormData()
    form.add_field("file", b"x", filename="a.txt", content_type="text/plain")
    async with serving(application(seeded, check=check)) as session:
        async with session.post("/body", data=b"xy", headers={"Content-Type": "TEXT/plain; a=b"}) as response:
            assert response.status == 415
        async with session.post("/form", data=form) as response:
            assert response.status == 415
    assert asked == [
        IncomingFile(filename="upload.txt", content_type="text/plain", size=2),
        IncomingFile(filename="a.txt", content_type="text/plain", size=1),
    ]


async def test_what_is_no_video_is_told_by_the_platform_later(seeded: SeededEmulator) -> None:
    async with (
        serving(application(seeded, filename="a.mp4", check=lambda _: None)) as session,
        session.post("/body", data=b"x" * 5000) as response,
    ):
        assert response.status == 200, await response.text()


async def test_a_caller_that_leaves_in_the_middle(seeded: SeededEmulator, caplog: pytest.LogCaptureFixture) -> None:
    app = application(seeded)
    async with serving(app) as session:
        assert session._base_url is not None
        _, writer = await asyncio.open_connection("127.0.0.1", session._base_url.port)
        writer.write(b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n" + b"x" * 100_000)
        work = app.state.twelvelabs_service.work
        await eventually(lambda: len(work) == 1)
        writer.transport.abort()
        await eventually(lambda: len(work) == 0)
        client = app.state.twelvelabs_service.client
        await eventually(lambda: client.limits.in_flight == 0)
    assert "Traceback" not in caplog.text


@contextlib.contextmanager
def slow_finish(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An upload that has read its file, and does not end."""
    from twelvelabs_async.resources.multipart_upload import MultipartUploadResource

    state = {"cancelled": False, "reading": False}

    async def upload_file(_: Any, file: Any, **__: Any) -> None:
        content = getattr(file[1], "content", None)
        if content is not None:
            async for _piece in content:
                pass
        state["reading"] = True
        try:
            await asyncio.sleep(3600)
        finally:
            state["cancelled"] = True

    monkeypatch.setattr(MultipartUploadResource, "upload_file", upload_file)
    yield state


@pytest.mark.parametrize("path", ["/body", "/form"])
async def test_a_caller_that_leaves_after_the_body(
    seeded: SeededEmulator, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 5000, filename="a.mp4")
    with slow_finish(monkeypatch) as state:
        async with serving(application(seeded)) as session:
            sending = asyncio.create_task(session.post(path, data=form))
            await eventually(lambda: state["reading"])
            sending.cancel()
            await eventually(lambda: state["cancelled"])


async def test_a_shutdown_ends_an_upload_that_does_not(seeded: SeededEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    app = application(seeded)
    with slow_finish(monkeypatch) as state:
        async with serving(app) as session:
            sending = asyncio.create_task(session.post("/body", data=b"x" * 5000))
            await eventually(lambda: state["reading"])
            app.state.twelvelabs_service.work.begin_shutdown()
            async with await sending as response:
                assert response.status == 503
                assert (await response.json())["code"] == "shutting_down"
    assert state["cancelled"]


async def test_a_failure_of_the_platform(seeded: SeededEmulator) -> None:
    async def body(request: Request) -> Response:
        client = get_client(request).with_options(api_key="tlk_wrong")
        await upload_body(request, client, max_bytes=LIMIT)
        return Response()

    app = Starlette(
        routes=[Route("/", body, methods=["POST"])],
        lifespan=lifespan(seeded.emulator.client),
        exception_handlers=exception_handlers,
    )
    async with serving(app) as session, session.post("/", data=b"x" * 5000) as response:
        assert response.status == 502
        assert "tlk_wrong" not in await response.text()


async def test_a_length_that_is_no_number(seeded: SeededEmulator) -> None:
    app = application(seeded)
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    async with lifespan(seeded.emulator.client)(app) as state:
        scope = {
            "type": "http", "method": "POST", "path": "/body", "query_string": b"", "state": state,
            "headers": [(b"content-length", b"9" * 30)],
        }  # fmt: skip
        await app(scope, receive, send)
    assert sent[0]["status"] == 400


async def test_a_large_body_is_the_same_at_the_platform(seeded: SeededEmulator) -> None:
    data = hashlib.sha256(b"seed").digest() * 600_000  # 19 MB: several chunks
    seen: list[int] = []

    app = application(seeded, filename="large.mp4", progress_callback=lambda progress: seen.append(progress.bytes_sent))
    async with serving(app) as session, session.post("/body", data=io.BytesIO(data)) as response:
        assert response.status == 200, await response.text()
    assert seen[-1] == len(data)
