"""The routes of uploads from a browser, behind a real server; the requests of the script are sent by hand."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import aiohttp
import attrs
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request

from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async._request.sources import SourceError
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.resources.documents import PRIVATE
from twelvelabs_async.starlette import (
    BrowserUploads,
    FinishedUpload,
    NewUpload,
    exception_handlers,
    get_client,
    lifespan,
)
from twelvelabs_async.starlette.browser_uploads import _ChunkBody
from twelvelabs_async.starlette.upload_tokens import UploadTicket, UploadTokens

SECRET = "a secret of the service"
FILE = bytes(range(256)) * 13  # 3,328 bytes: four chunks, the last one of 328
CHUNKS = {index + 1: FILE[index * 1000 : (index + 1) * 1000] for index in range(4)}


@attrs.define
class Service:
    """A running service, its platform, and what its hooks have seen."""

    emulator: Emulator
    session: aiohttp.ClientSession
    app: Starlette
    opened: list[NewUpload]
    finished: list[FinishedUpload]
    client: AsyncTwelveLabs
    bodies: list[str] = attrs.field(factory=list)

    async def post(self, path: str, body: object, user: str = "anna", **more: Any) -> tuple[int, Any]:
        headers = {"X-User": user, **more.pop("headers", {})}
        async with self.session.post(f"/uploads/{path}", json=body, headers=headers, **more) as response:
            self.bodies.append(f"{response.headers} {await response.text()}")
            return response.status, await response.json()

    async def ok(self, path: str, body: object, user: str = "anna") -> Any:
        status, found = await self.post(path, body, user)
        assert status in {200, 201}, found
        return found

    async def open(self, **changes: Any) -> Any:
        return await self.ok(
            "open", {"filename": "film.mp4", "size": len(FILE), "content_type": "video/mp4", **changes}
        )

    async def put(self, url: str, data: bytes, headers: dict[str, str]) -> tuple[int, str]:
        async with aiohttp.request("PUT", url, data=data, headers=headers) as response:
            return response.status, response.headers.get("ETag", "")

    async def pass_through(
        self, token: str, chunk: int, data: bytes | AsyncIterator[bytes], user: str = "anna", **headers: str
    ) -> tuple[int, Any]:
        headers = {"X-User": user, "X-Upload-Token": token, **headers}
        async with self.session.put(f"/uploads/chunks/{chunk}", data=data, headers=headers) as response:
            return response.status, await response.json()


def user_of(request: Request) -> str:
    return request.headers.get("X-User", "")


@contextlib.asynccontextmanager
async def running(
    emulator: Emulator,
    *,
    completed: Callable[[Request, FinishedUpload], object] | None = None,
    **options: Any,
) -> AsyncIterator[Service]:
    opened: list[NewUpload] = []
    finished: list[FinishedUpload] = []

    async def authorize(_: Request, upload: NewUpload) -> dict[str, str]:
        if upload.user == "mallory":
            raise HTTPException(403, "You must not upload files.")
        opened.append(upload)
        return {"owner": upload.user}

    def complete(request: Request, upload: FinishedUpload) -> None:
        assert get_client(request) is not None
        finished.append(upload)

    def make_client() -> AsyncTwelveLabs:
        return AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, max_retries=0)

    app = Starlette(lifespan=lifespan(make_client, signals=False), exception_handlers=exception_handlers)
    defaults: dict[str, Any] = {"secret": SECRET, "user": user_of, "authorize": authorize}
    uploads = BrowserUploads(**{**defaults, "completed": completed or complete, "max_bytes": 10_000, **options})

    async def grab(scope: Any, receive: Any, send: Any) -> None:
        grab.__dict__["client"] = get_client(Request(scope))
        await uploads(scope, receive, send)

    app.mount("/uploads", grab)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=5))
    task = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or task.done())
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        async with aiohttp.ClientSession(address) as session:
            async with session.get("/uploads/browser_uploads.js") as response:  # the client is there afterwards
                assert response.status == 200
            yield Service(emulator, session, app, opened, finished, grab.__dict__["client"])
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(speed=0, chunk_size=1000, initial_urls=2, check_responses=True) as found:
        yield found


@pytest.fixture
async def service(emulator: Emulator) -> AsyncIterator[Service]:
    async with running(emulator) as found:
        yield found


async def send_to_store(service: Service, upload: Any, chunks: dict[int, bytes]) -> list[dict[str, Any]]:
    """Send chunks as a browser does, and return what is to be reported."""
    urls = {item["chunk"]: item["url"] for item in upload["urls"]}
    reports = []
    for chunk, data in chunks.items():
        if chunk not in urls:
            more = await service.ok("urls", {"token": upload["token"], "start": chunk, "count": 50})
            urls.update({item["chunk"]: item["url"] for item in more["urls"]})
        status, etag = await service.put(urls[chunk], data, upload["headers"])
        assert status == 200
        reports.append({"chunk": chunk, "etag": etag})
    return reports


async def stored_file(service: Service, asset_id: str) -> bytes:
    """The file that the platform has put together."""
    platform = service.emulator.platform
    assert platform is not None
    document = await platform.services.store.get("asset", asset_id)
    assert document is not None
    return platform.services.store.blob(document[PRIVATE]["blob"]).read_bytes()


async def test_a_browser_uploads_to_the_store(service: Service) -> None:
    upload = await service.open()
    assert (upload["chunk_size"], upload["total_chunks"], len(upload["urls"])) == (1000, 4, 2)
    reports = await send_to_store(service, upload, CHUNKS)
    first = await service.ok("report", {"token": upload["token"], "chunks": reports[:3]})
    assert first == {"complete": False, "accepted": 3}
    assert await service.ok("status", {"token": upload["token"]}) == {"complete": False, "chunks": [1, 2, 3]}
    last = await service.ok("report", {"token": upload["token"], "chunks": reports[3:]})
    assert last["complete"]
    assert (await service.ok("status", {"token": upload["token"]})) == {"complete": True, "asset_id": last["asset_id"]}
    [done] = service.finished
    assert (done.user, done.filename, done.kind, done.size) == ("anna", "film.mp4", "video", len(FILE))
    assert done.asset_id == last["asset_id"]
    assert hashlib.md5(await stored_file(service, done.asset_id)).digest() == hashlib.md5(FILE).digest()
    asset = await service.client.assets.retrieve(done.asset_id)
    assert asset.user_metadata is not None
    assert asset.user_metadata["owner"] == "anna"
    [new] = service.opened
    assert (new.user, new.filename, new.kind, new.size, new.content_type) == (
        "anna",
        "film.mp4",
        "video",
        len(FILE),
        "video/mp4",
    )


async def test_the_key_is_nowhere(service: Service) -> None:
    upload = await service.open()
    reports = [
        {"chunk": chunk, **(await service.pass_through(upload["token"], chunk, data))[1]}
        for chunk, data in CHUNKS.items()
    ]
    await service.ok("report", {"token": upload["token"], "chunks": reports})
    assert len(service.finished) == 1
    assert service.emulator.leaks == []
    assert not [body for body in service.bodies if service.emulator.api_key in body or SECRET in body]


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"size": 0}, 400, "The file is empty."),
        ({"size": -1}, 400, "size"),
        ({"size": 1.5}, 400, "size"),
        ({"size": True}, 400, "size"),
        ({"size": None}, 400, "size"),
        ({"size": 10_001}, 413, "10,001 bytes; at most 10,000"),
        ({"size": 10**30}, 413, "at most"),
        ({"filename": ""}, 400, "1 to 255"),
        ({"filename": "../"}, 400, "1 to 255"),
        ({"filename": "a\nb.mp4"}, 400, "control"),
        ({"filename": "a" * 252 + ".mp4"}, 400, "1 to 255"),
        ({"filename": 5}, 400, "text"),
        ({"filename": None}, 400, "text"),
        ({"content_type": 5}, 400, "text"),
        ({"content_type": "v" * 256}, 400, "text"),
        ({"filename": "song.mp3", "content_type": "video/mp4"}, 415, "accepted kind: video"),
        ({"filename": "notes.txt", "content_type": "text/plain"}, 415, "accepted kind"),
        ({"filename": "README", "content_type": ""}, 415, "accepted kind"),
    ],
)
async def test_files_that_are_not_accepted(
    service: Service, changes: dict[str, Any], status: int, message: str
) -> None:
    found, body = await service.post("open", {"filename": "film.mp4", "size": 5, "content_type": "", **changes})
    assert (found, body["status"]) == (status, status)
    assert message in body["message"]
    assert await service.client.multipart_upload.list_incomplete_uploads().collect() == []
    assert service.opened == []


async def test_the_name_is_a_name_and_no_path(service: Service) -> None:
    await service.open(filename="C:\\films\\../../etc/<b>film.mp4 ")
    await service.open(filename="clip", content_type="video/webm")
    assert [new.filename for new in service.opened] == ["<b>film.mp4", "clip"]


async def test_the_application_decides_who_uploads(service: Service) -> None:
    body = {"filename": "film.mp4", "size": 5}
    assert (await service.post("open", body, user=""))[0] == 401
    async with service.session.post("/uploads/open", json=body, headers={"X-User": "mallory"}) as response:
        assert (response.status, await response.text()) == (403, "You must not upload files.")
    assert await service.client.multipart_upload.list_incomplete_uploads().collect() == []


@pytest.mark.parametrize("token", ["other user", "no user", "forged", "", None, {"a": 1}])
async def test_uploads_of_others(service: Service, token: object) -> None:
    upload = await service.open()
    reports = await send_to_store(service, upload, CHUNKS)
    user = {"other user": "bert", "no user": ""}.get(str(token), "anna")
    given = upload["token"] if str(token).endswith("user") else token
    if token == "forged":
        given = upload["token"][:-4] + "AAAA"
    for path, body in (
        ("urls", {"start": 1, "count": 1}),
        ("status", {}),
        ("report", {"chunks": reports}),
    ):
        status, found = await service.post(path, {"token": given, **body}, user)
        assert status == (401 if token == "no user" else 403), found
        assert "http" not in str(found)
    if isinstance(given, str):
        assert (await service.pass_through(given, 1, CHUNKS[1], user))[0] in {401, 403}
    assert service.finished == []
    assert (await service.ok("report", {"token": upload["token"], "chunks": reports}))["complete"]


@pytest.mark.parametrize(
    "chunks",
    [
        None,
        {},
        [],
        [5],
        [{"chunk": 0, "etag": "a"}],
        [{"chunk": 5, "etag": "a"}],
        [{"chunk": "1", "etag": "a"}],
        [{"chunk": True, "etag": "a"}],
        [{"chunk": 1, "etag": "a"}, {"chunk": 1, "etag": "b"}],
        [{"chunk": 1, "etag": ""}],
        [{"chunk": 1, "etag": None}],
        [{"chunk": 1, "etag": "a\r\nb"}],
        [{"chunk": 1, "etag": "a" * 257}],
        [{"chunk": 1, "etag": "a"}] * 51,
    ],
)
async def test_reports_that_are_not_valid(service: Service, chunks: object) -> None:
    upload = await service.open()
    requests = service.emulator.faults.requests
    status, found = await service.post("report", {"token": upload["token"], "chunks": chunks})
    assert status == 400, found
    assert service.emulator.faults.requests == requests


@pytest.mark.parametrize(
    "body", [{"start": 0, "count": 1}, {"start": 5, "count": 1}, {"start": "1", "count": 1}, {"start": 1}]
)
async def test_urls_of_chunks_that_do_not_exist(service: Service, body: dict[str, Any]) -> None:
    upload = await service.open()
    assert (await service.post("urls", {"token": upload["token"], **body}))[0] == 400


async def test_urls_are_for_the_chunks_of_the_file(service: Service) -> None:
    upload = await service.open()
    found = await service.ok("urls", {"token": upload["token"], "start": 2, "count": 10**9})
    assert [item["chunk"] for item in found["urls"]] == [2, 3, 4]


async def test_a_file_that_is_larger_than_it_said(service: Service) -> None:
    upload = await service.open(size=1328)
    assert upload["total_chunks"] == 2
    [first] = await send_to_store(service, upload, {1: CHUNKS[1]})
    url = next(item["url"] for item in upload["urls"] if item["chunk"] == 2)
    assert (await service.put(url, b"x" * 5000, upload["headers"]))[0] == 400  # the store has a limit of its own
    status, etag = await service.put(url, b"x" * 1000, upload["headers"])
    assert status == 200
    report = {"token": upload["token"], "chunks": [first, {"chunk": 2, "etag": etag}]}
    assert await service.ok("report", report) == {"complete": False, "accepted": 1}
    assert (await service.pass_through(upload["token"], 2, b"x" * 1000))[0] == 400
    assert service.finished == []


async def test_a_proof_that_is_wrong(service: Service) -> None:
    upload = await service.open()
    reports = await send_to_store(service, upload, CHUNKS)
    swapped = [{"chunk": item["chunk"], "etag": reports[0]["etag"]} for item in reports]
    assert await service.ok("report", {"token": upload["token"], "chunks": swapped}) == {
        "complete": False,
        "accepted": 1,
    }
    assert (await service.ok("status", {"token": upload["token"]}))["chunks"] == [1]


async def test_chunks_through_the_service(service: Service) -> None:
    upload = await service.open()
    for chunk, data in CHUNKS.items():
        status, found = await service.pass_through(upload["token"], chunk, data)
        assert (status, found) == (200, {"etag": hashlib.md5(data).hexdigest()})
        report = await service.ok("report", {"token": upload["token"], "chunks": [{"chunk": chunk, **found}]})
    assert report["complete"]
    assert await stored_file(service, report["asset_id"]) == FILE


@pytest.mark.parametrize(
    ("chunk", "data"), [(1, b"x" * 999), (1, b"x" * 1001), (4, b"x" * 1000), (0, b""), (5, b"x"), (1, b"")]
)
async def test_chunks_of_the_wrong_size(service: Service, chunk: int, data: bytes) -> None:
    upload = await service.open()
    requests = service.emulator.faults.requests
    assert (await service.pass_through(upload["token"], chunk, data))[0] == 400
    assert service.emulator.faults.requests == requests


async def test_a_chunk_without_a_length(service: Service) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield CHUNKS[1]

    upload = await service.open()
    assert (await service.pass_through(upload["token"], 1, pieces()))[0] == 400


async def test_a_browser_that_leaves_in_the_middle_of_a_chunk(service: Service) -> None:
    upload = await service.open()
    host, port = service.session._base_url.host, service.session._base_url.port  # type: ignore[union-attr]
    _, writer = await asyncio.open_connection(host, port)
    head = f"PUT /uploads/chunks/1 HTTP/1.1\r\nHost: a\r\nX-User: anna\r\nX-Upload-Token: {upload['token']}\r\n"
    writer.write(f"{head}Content-Length: 1000\r\n\r\n".encode() + b"x" * 500)
    await writer.drain()
    await eventually(lambda: service.client.limits.in_flight == 1)
    writer.transport.abort()
    await eventually(lambda: service.client.limits.in_flight == 0)
    assert (await service.pass_through(upload["token"], 1, CHUNKS[1]))[0] == 200


async def test_a_browser_that_stands_still(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.starlette.browser_uploads.STALL_SECONDS", 0.05)

    async def slow() -> AsyncIterator[bytes]:
        yield CHUNKS[1][:500]
        await eventually(lambda: service.client.limits.in_flight == 1)
        await eventually(lambda: service.client.limits.in_flight == 0)
        yield CHUNKS[1][500:]

    upload = await service.open()
    with contextlib.suppress(aiohttp.ClientError):  # the server may close the connection before it has read the rest
        status, found = await service.pass_through(upload["token"], 1, slow(), **{"Content-Length": "1000"})
        assert (status, "nothing came" in found["message"]) == (400, True)
    assert service.client.limits.in_flight == 0


async def test_a_body_that_ends_early() -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"123", "more_body": False}

    body = _ChunkBody(Request({"type": "http", "headers": []}, receive), 5, typed=True)
    with pytest.raises(SourceError, match="not 5 bytes"):
        [piece async for piece in body.open()]


async def test_a_store_that_fails(service: Service) -> None:
    upload = await service.open()
    for fault, status in (({"kind": "status", "status": 503}, {502, 503}), ({"kind": "reset"}, {502, 504})):
        service.emulator.faults.add(operation="putChunk", port="objects", count=1, **fault)
        assert (await service.pass_through(upload["token"], 1, CHUNKS[1]))[0] in status
    found, body = await service.pass_through(upload["token"], 1, CHUNKS[1])
    assert found == 200
    await service.ok("report", {"token": upload["token"], "chunks": [{"chunk": 1, **body}]})
    assert (await service.pass_through(upload["token"], 1, CHUNKS[1]))[0] == 409  # it is there


async def test_the_application_may_keep_the_bytes_out(emulator: Emulator) -> None:
    async with running(emulator, pass_through=False) as service:
        upload = await service.open()
        headers = {"X-User": "anna", "X-Upload-Token": upload["token"]}
        async with service.session.put("/uploads/chunks/1", data=CHUNKS[1], headers=headers) as response:
            assert response.status == 404


async def test_two_tabs_complete_it_at_once(emulator: Emulator) -> None:
    calls: list[str] = []

    async def slow(_: Request, upload: FinishedUpload) -> None:
        calls.append(upload.upload_id)
        await asyncio.sleep(0.05)

    async with running(emulator, completed=slow) as service:
        upload = await service.open()
        body = {"token": upload["token"], "chunks": await send_to_store(service, upload, CHUNKS)}
        results = await asyncio.gather(*(service.ok("report", body) for _ in range(5)))
        assert all(result["complete"] for result in results)
        assert (await service.ok("report", body))["complete"]
        assert len(calls) == 1


async def test_a_hook_that_fails_is_called_again(emulator: Emulator) -> None:
    calls: list[str] = []

    def fails_once(_: Request, upload: FinishedUpload) -> None:
        calls.append(upload.upload_id)
        if len(calls) == 1:
            raise HTTPException(503, "The database is not there.")

    async with running(emulator, completed=fails_once) as service:
        upload = await service.open()
        body = {"token": upload["token"], "chunks": await send_to_store(service, upload, CHUNKS)}
        async with service.session.post("/uploads/report", json=body, headers={"X-User": "anna"}) as response:
            assert response.status == 503
        assert (await service.ok("status", {"token": upload["token"]}))["complete"]
        assert (await service.ok("status", {"token": upload["token"]}))["complete"]
        assert len(calls) == 2


async def test_a_hook_that_is_not_there(emulator: Emulator) -> None:
    async with running(emulator, authorize=None) as service:
        service_without = BrowserUploads(secret=SECRET, user=user_of)
        service.app.mount("/plain", service_without)
        upload = await service.ok("../plain/open", {"filename": "film.mp4", "size": len(FILE)}, "mallory")
        reports = await send_to_store_of(service, upload, "mallory")
        found = await service.ok("../plain/report", {"token": upload["token"], "chunks": reports}, "mallory")
        assert found["complete"]
        assert service.finished == []


async def send_to_store_of(service: Service, upload: Any, user: str) -> list[dict[str, Any]]:
    more = await service.ok("../plain/urls", {"token": upload["token"], "start": 1, "count": 4}, user)
    return [
        {"chunk": item["chunk"], "etag": (await service.put(item["url"], CHUNKS[item["chunk"]], upload["headers"]))[1]}
        for item in more["urls"]
    ]


async def test_what_is_kept_in_mind_is_bounded(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.starlette.browser_uploads.KEPT_UPLOADS", 1)
    async with running(emulator) as service:
        bodies = []
        for _ in range(2):
            upload = await service.open()
            bodies.append({"token": upload["token"], "chunks": await send_to_store(service, upload, CHUNKS)})
            await service.ok("report", bodies[-1])
        await service.ok("report", bodies[1])
        assert len(service.finished) == 2
        await service.ok("report", bodies[0])  # forgotten: the hook is called at least once
        assert len(service.finished) == 3


async def test_uploads_go_on_after_a_restart_of_the_service(emulator: Emulator) -> None:
    async with running(emulator) as service:
        upload = await service.open()
        reports = await send_to_store(service, upload, CHUNKS)
        await service.ok("report", {"token": upload["token"], "chunks": reports[:2]})
    async with running(emulator, secret=["a new secret of the service", SECRET]) as service:
        assert (await service.ok("status", {"token": upload["token"]}))["chunks"] == [1, 2]
        assert (await service.ok("report", {"token": upload["token"], "chunks": reports[2:]}))["complete"]
        assert len(service.finished) == 1


async def test_an_upload_that_the_platform_has_forgotten(service: Service) -> None:
    upload = await service.open()
    ticket = UploadTokens([SECRET]).verify(upload["token"], "anna")
    gone = UploadTokens([SECRET]).sign(attrs.evolve(ticket, upload_id="0" * 24), "anna")
    for path, body in (
        ("urls", {"start": 1, "count": 1}),
        ("status", {}),
        ("report", {"chunks": [{"chunk": 1, "etag": "a"}]}),
    ):
        status, found = await service.post(path, {"token": gone, **body})
        assert (status, found["code"]) == (410, "upload_expired")
    assert (await service.pass_through(gone, 1, CHUNKS[1]))[0] == 410


async def test_other_refusals_of_the_platform_are_not_taken_for_that(service: Service) -> None:
    upload = await service.open()
    for path, operation, body in (
        ("urls", "requestAdditionalPresignedUrls", {"start": 1, "count": 1}),
        ("report", "reportChunkBatch", {"chunks": [{"chunk": 1, "etag": "a"}]}),
        ("status", "retrieveUploadStatus", {}),
    ):
        service.emulator.faults.add(kind="status", status=429, operation=operation, count=1, retry_after=7)
        async with service.session.post(
            f"/uploads/{path}", json={"token": upload["token"], **body}, headers={"X-User": "anna"}
        ) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "7")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"filename": "film.mp4", "size": 5}', "text/plain", 415),
        (b"filename=film.mp4&size=5", "application/x-www-form-urlencoded", 415),
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 60_000, "application/json", 400),
        (b" " * 70_000, "application/json", 413),
    ],
)
async def test_bodies_that_are_not_accepted(service: Service, body: bytes, content_type: str, status: int) -> None:
    headers = {"X-User": "anna", "Content-Type": content_type}
    async with service.session.post("/uploads/open", data=body, headers=headers) as response:
        assert response.status == status
    assert service.opened == []


async def test_the_script(service: Service) -> None:
    async with service.session.get("/uploads/browser_uploads.js") as response:
        assert response.content_type == "text/javascript"
        assert "export async function upload(" in await response.text()
        tag = response.headers["ETag"]
    async with service.session.get("/uploads/browser_uploads.js", headers={"If-None-Match": tag}) as response:
        assert (response.status, await response.read()) == (304, b"")


async def test_no_response_is_for_a_cache(service: Service) -> None:
    body = {"filename": "film.mp4", "size": 5}
    async with service.session.post("/uploads/open", json=body, headers={"X-User": "anna"}) as response:
        assert response.headers["Cache-Control"] == "no-store"


class Lying:
    """A platform whose responses cannot be used."""

    def __init__(self, url: str | None, chunk: object = 1) -> None:
        self.multipart_upload = self
        self._core = SimpleNamespace(config=SimpleNamespace(base_url="https://api.example.test/v1.3"))
        self._urls = [SimpleNamespace(chunk_index=1, url=url, expires_at=None)] if url else []
        self._chunk = chunk

    async def get_additional_presigned_urls(self, *_: object, **__: object) -> object:
        return SimpleNamespace(upload_urls=self._urls)

    async def report_chunk_batch(self, *_: object, **__: object) -> object:
        return SimpleNamespace(processed_chunks=None, duplicate_chunks=None, url=None)

    async def get_status(self, *_: object, **__: object) -> object:
        chunk = SimpleNamespace(index=self._chunk, status="completed")
        return SimpleNamespace(
            page=SimpleNamespace(status="active", uploaded_chunks=[chunk], chunks_completed=2, total_size=5)
        )


async def test_responses_that_cannot_be_used(emulator: Emulator) -> None:
    token = UploadTokens([SECRET]).sign(
        UploadTicket(
            upload_id="u",
            asset_id="a",
            filename="f",
            kind="video",
            size=5,
            chunk_size=5,
            headers={},
            expires=2**40,
        ),
        "anna",
    )
    async with running(emulator, get_client=lambda _: Lying("http://store.example.test/1")) as service:
        status, found = await service.post("urls", {"token": token, "start": 1, "count": 1})
        assert (status, found["code"]) == (502, "upstream_failed")
        assert "unencrypted" in found["message"]
    async with running(emulator, get_client=lambda _: Lying(None, chunk=-1)) as service:
        assert (await service.post("status", {"token": token}))[0] == 502
        assert (await service.pass_through(token, 1, b"12345"))[0] == 502
        # A platform that does not count the chunks has accepted them: the status tells if not.
        report = {"token": token, "chunks": [{"chunk": 1, "etag": "a"}]}
        assert await service.ok("report", report) == {"complete": False, "accepted": 1}


def test_no_secret_is_shown() -> None:
    assert SECRET not in repr(BrowserUploads(secret=SECRET, user=user_of))


@pytest.mark.parametrize("etag", ["", '"' + "0" * 32 + '"'])
async def test_a_store_that_does_not_confirm(emulator: Emulator, etag: str) -> None:
    async def send(request: Any) -> object:
        async for _ in request.body.open():
            pass
        return SimpleNamespace(headers={"ETag": etag} if etag else {})

    lying = Lying("https://store.example.test/1")
    lying._core.transport = SimpleNamespace(send=send)
    async with running(emulator, get_client=lambda _: lying) as service:
        upload = UploadTicket(
            upload_id="u", asset_id="a", filename="f", kind="video", size=5, chunk_size=5, headers={}, expires=2**40
        )
        status, found = await service.pass_through(UploadTokens([SECRET]).sign(upload, "anna"), 1, b"12345")
        assert (status, found["message"]) == (502, "The store did not confirm the chunk.")
