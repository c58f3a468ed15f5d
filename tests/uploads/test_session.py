"""What the platform says about an upload: every kind of bad data is an UploadError with the id of the upload."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from tests.uploads.scripted_platform import ScriptedPlatform, once
from twelvelabs_async._generated.models.multipart_uploads import PresignedUrlChunk
from twelvelabs_async._request.headers import FRAMING
from twelvelabs_async._request.sources import BytesSource
from twelvelabs_async.errors import APIConnectionError, UploadError
from twelvelabs_async.uploads import Settings
from twelvelabs_async.uploads.engine import Upload
from twelvelabs_async.uploads.session import (
    MAX_CHUNK_SIZE,
    MAX_CHUNKS,
    MAX_HEADERS_LENGTH,
    MAX_ID_LENGTH,
    MAX_URL_LENGTH,
    check_presigned_url,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from twelvelabs_async._generated.models.multipart_uploads import CreateAssetUploadResponse

SIGNATURE = "X-Amz-Signature=s3cr3t"

BAD_URLS: dict[Any, str] = {
    None: "is missing",
    5: "is no text, but int",
    b"https://store.test/1": "is no text, but bytes",
    "": "is empty",
    "1?" + SIGNATURE: "must begin with https://",
    "/bucket/1?" + SIGNATURE: "must begin with https://",
    "//store.test/1?" + SIGNATURE: "must begin with https://",
    "?" + SIGNATURE: "must begin with https://",
    "ftp://store.test/1?" + SIGNATURE: "must begin with https://",
    "file:///etc/passwd?" + SIGNATURE: "must begin with https://",
    "data:,s3cr3t": "must begin with https://",
    "javascript:s3cr3t": "must begin with https://",
    "https:s3cr3t": "names no host",
    "https:///1?" + SIGNATURE: "names no host",
    "https://store.test:99999/1?" + SIGNATURE: "is not a URL .*Port out of range",
    "https://store.test:0/1?" + SIGNATURE: "names port 0",
    "https://store.test:-1/1?" + SIGNATURE: "is not a URL",
    "https://store.test:٣/1?" + SIGNATURE: "holds characters outside ASCII",
    "http://[::1/?" + SIGNATURE: "is not a URL",
    "https://[store.test]/?" + SIGNATURE: "is not a URL|names no valid host",
    "https://[::1]x/?" + SIGNATURE: "has brackets around something",
    "https://x[::1]/?" + SIGNATURE: "has brackets around something|is not a URL",
    "https://[v1.store]/?" + SIGNATURE: "has brackets around something",
    "https://user@store.test/1?" + SIGNATURE: "holds a user name or password",
    "https://user:s3cr3t@store.test/1": "holds a user name or password",
    "https://@store.test/1?" + SIGNATURE: "holds a user name or password",
    " https://store.test/1?" + SIGNATURE: "holds a space",
    "https://store.test/1?" + SIGNATURE + "\n": "control character",
    "https://store.test/1\r\nX-Evil: s3cr3t": "control character",
    "https://store.test/1\t?" + SIGNATURE: "control character",
    "https://store.test/1\0?" + SIGNATURE: "control character",
    "https://store.test/a b?" + SIGNATURE: "holds a space",
    "https://store.test\\@evil.test/?" + SIGNATURE: "backslash",
    "https://störe.test/1?" + SIGNATURE: "outside ASCII",
    "https://store.test/é?" + SIGNATURE: "outside ASCII",
    "https://store.test/\ud800?" + SIGNATURE: "outside ASCII",
    "https://a..b/?" + SIGNATURE: "empty or overlong part",
    f"https://{'a' * 64}.test/?" + SIGNATURE: "empty or overlong part",
    "https://st%6Fre.test/?" + SIGNATURE: "names no valid host",
    "https://a,b/?" + SIGNATURE: "names no valid host",
    "https://<store>/?" + SIGNATURE: "names no valid host",
    "https://store.test/?" + SIGNATURE + "x" * MAX_URL_LENGTH: "has .* characters; at most 16384",
    "http://store.test/1?" + SIGNATURE: "would send the file unencrypted",
    "http://127.0.0.1.evil.test/1?" + SIGNATURE: "would send the file unencrypted",
}

GOOD_URLS = [
    "https://store.test/1?" + SIGNATURE,
    "HTTPS://Store.test:8443/a%2Fb/../c?x=%2B+/=&y",
    "https://store.test",
    "https://10.0.0.1/1",
    "https://[2001:db8::1]:443/1",
    "https://bucket_1.store.test./1",
    "http://127.0.0.1:9000/1?" + SIGNATURE,
    "http://localhost/1",
    "http://[::1]:9000/1",
]

BAD_URL = pytest.mark.parametrize("url", BAD_URLS, ids=lambda url: repr(url)[:60])


@BAD_URL
def test_bad_presigned_urls(url: Any) -> None:
    with pytest.raises(ValueError, match=BAD_URLS[url]) as caught:
        check_presigned_url(url, allow_http=False)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("url", GOOD_URLS)
def test_good_presigned_urls_stay_as_they_are(url: str) -> None:
    assert check_presigned_url(url, allow_http=False) is url


def test_http_where_the_api_is_http_as_well() -> None:
    url = "http://store.test/1"
    assert check_presigned_url(url, allow_http=True) is url


def check(error: UploadError, *finished: int) -> None:
    assert (error.upload_id, error.asset_id) == ("up_1", "as_1")
    assert error.finished == finished
    assert "up_1" in str(error)
    assert "s3cr3t" not in f"{error} {vars(error)} {error.__cause__!r}"


@BAD_URL
async def test_a_bad_url_at_the_beginning(url: Any) -> None:
    platform = ScriptedPlatform(95)
    urls = [*platform.urls(1, 2), PresignedUrlChunk(chunk_index=3, url=url)]
    with pytest.raises(UploadError, match=rf"the presigned URL of chunk 3 .*({BAD_URLS[url]})") as caught:
        await upload(platform, upload_urls=urls).run()
    check(caught.value)
    assert platform.parts == {}


@BAD_URL
async def test_a_bad_url_later(url: Any) -> None:
    platform = ScriptedPlatform(95)
    opened = platform.opened()
    set_urls(platform, lambda start: PresignedUrlChunk(chunk_index=start, url=url))
    with pytest.raises(UploadError, match=rf"the presigned URL of chunk 4 .*({BAD_URLS[url]})") as caught:
        await upload(platform, opened, max_workers=1).run()
    check(caught.value, 1, 2, 3)
    assert sorted(platform.reported) == [1, 2, 3]


@BAD_URL
async def test_a_bad_url_for_a_retry(url: Any) -> None:
    platform = ScriptedPlatform(10, fault=once(APIConnectionError("reset")))
    opened = platform.opened()
    set_urls(platform, lambda start: PresignedUrlChunk(chunk_index=start, url=url))
    with pytest.raises(UploadError, match=rf"the presigned URL of chunk 1 .*({BAD_URLS[url]})") as caught:
        await upload(platform, opened).run()
    check(caught.value)


def upload(
    platform: ScriptedPlatform, opened: CreateAssetUploadResponse | None = None, max_workers: int = 5, **changes: Any
) -> Upload:
    api: Any = platform
    return Upload(
        opened or platform.opened(**changes),
        BytesSource(platform.data),
        Settings(max_workers=max_workers, retry_delay=0.0),
        api=api,
        send=platform.send,
    )


def set_urls(platform: ScriptedPlatform, url: Callable[[int], PresignedUrlChunk]) -> None:
    """From now on, the platform returns one URL per request: that of the first chunk."""
    api: Any = platform
    api.urls = lambda start, _: [url(start)]


def url_of(index: Any, name: object = None) -> PresignedUrlChunk:
    return PresignedUrlChunk(chunk_index=index, url=f"https://store.test/{index if name is None else name}?s3cr3t")


@pytest.mark.parametrize(
    ("urls", "problem"),
    [
        ([url_of(0)], "for chunk 0; they are 1 to 10"),
        ([url_of(-1)], "for chunk -1; they are"),
        ([url_of(1), url_of(11)], "for chunk 11; they are"),
        ([url_of(10**400)], "for chunk 1000000"),
        ([url_of(None)], "for chunk None"),
        ([url_of(True)], "for chunk True"),
        ([url_of(1.0)], r"for chunk 1\.0"),
        ([url_of("1")], "for chunk '1'"),
        ([url_of(1), url_of(2), url_of(1, "again")], "two presigned URLs for chunk 1"),
        ([url_of(1, "same"), url_of(2, "same")], "of chunk 2 is that of chunk 1"),
        ([url_of(at) for at in range(1, 12)], "sent 11 presigned URLs for 10 chunks"),
    ],
)
async def test_indexes_that_cannot_be(urls: list[PresignedUrlChunk], problem: str) -> None:
    platform = ScriptedPlatform(95)
    with pytest.raises(UploadError, match=problem) as caught:
        await upload(platform, upload_urls=urls).run()
    check(caught.value)
    assert len(str(caught.value)) < 300
    assert platform.parts == {}


async def test_one_url_for_two_chunks_in_two_responses() -> None:
    platform = ScriptedPlatform(95)
    opened = platform.opened(upload_urls=[url_of(1)])
    platform.urls = lambda *_: [url_of(2, "1")]  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="of chunk 2 is that of chunk 1") as caught:
        await upload(platform, opened, max_workers=1).run()
    check(caught.value, 1)


async def test_a_store_may_give_a_chunk_the_same_url_again() -> None:
    attempts: list[str | None] = []
    platform = ScriptedPlatform(10)
    opened = platform.opened(upload_urls=[url_of(1)])
    answers = iter([url_of(1), url_of(1, "other"), url_of(1)])
    platform.urls = lambda *_: [next(answers)]  # type: ignore[method-assign]

    async def send(request: Any) -> Any:
        attempts.append(request.url)
        raise APIConnectionError("reset")

    platform.send = send  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="failed 4 times"):
        await upload(platform, opened).run()
    first, other = url_of(1).url, url_of(1, "other").url
    assert attempts == [first, first, other, first]


async def test_fewer_urls_than_requested_are_enough() -> None:
    platform = ScriptedPlatform(95, initial=0)
    set_urls(platform, url_of)
    await upload(platform).run()
    platform.assert_whole()
    assert len(platform.asked) == 9


BAD_SESSIONS: list[tuple[dict[str, Any], str]] = [
    ({"asset_id": ""}, "its asset_id is missing"),
    ({"asset_id": None}, "its asset_id is missing"),
    ({"asset_id": "../as"}, "its asset_id is not a valid id"),
    ({"chunk_size": 0}, "its chunk_size must be .* not 0"),
    ({"chunk_size": -10}, "its chunk_size must be .* not -10"),
    ({"chunk_size": None}, "its chunk_size must be .* not None"),
    ({"chunk_size": True}, "its chunk_size must be .* not True"),
    ({"chunk_size": 10.0}, r"its chunk_size must be .* not 10\.0"),
    ({"chunk_size": float("nan")}, "its chunk_size must be .* not nan"),
    ({"chunk_size": "10"}, "its chunk_size must be .* not '10'"),
    ({"chunk_size": MAX_CHUNK_SIZE + 1}, "its chunk_size must be"),
    ({"chunk_size": 10**4000}, "its chunk_size must be"),
    ({"total_chunks": 9}, "expects 9 chunks, but 95 bytes in chunks of 10 bytes are 10"),
    ({"total_chunks": 0}, "expects 0 chunks"),
    ({"total_chunks": -10}, "expects -10 chunks"),
    ({"total_chunks": 10.0}, r"expects 10\.0 chunks"),
    ({"chunk_size": 95, "total_chunks": True}, "expects True chunks"),
    ({"upload_headers": {"X-A": "1\r\nX-Evil: s3cr3t"}}, "the header 'X-A' contains a line break"),
    ({"upload_headers": {"X-A": "s3cr3t\0"}}, "the header 'X-A' contains a line break"),
    ({"upload_headers": {"X A": "s3cr3t"}}, "'X A' is not a valid header name"),
    ({"upload_headers": {"": "s3cr3t"}}, "'' is not a valid header name"),
    ({"upload_headers": {"X-A\r\n": "s3cr3t"}}, "is not a valid header name"),
    ({"upload_headers": {"X-A": 5}}, "its upload header 'X-A' is no text"),
    ({"upload_headers": {"X-A": None}}, "its upload header 'X-A' is no text"),
    ({"upload_headers": {5: "s3cr3t"}}, "its upload header 5 is no text"),
    ({"upload_headers": {"X-A": "s3cr3t" * MAX_HEADERS_LENGTH}}, "more than 16384 characters"),
    ({"upload_headers": {f"X-{at}": "s3cr3t" * 100 for at in range(30)}}, "more than 16384 characters"),
    ({"upload_headers": {"X A" * 1000: "s3cr3t"}}, "is not a valid header name"),
    *(({"upload_headers": {name.title(): "10"}}, f"'{name.title()}' must not be set") for name in sorted(FRAMING)),
]


@pytest.mark.parametrize(("changes", "problem"), BAD_SESSIONS, ids=[problem for _, problem in BAD_SESSIONS])
def test_bad_sessions(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(UploadError, match=problem) as caught:
        upload(ScriptedPlatform(95), **changes)
    error = caught.value
    assert error.upload_id == "up_1"
    assert error.asset_id == (changes.get("asset_id", "as_1"))
    assert error.finished == ()
    assert "up_1" in str(error)
    assert "s3cr3t" not in f"{error} {vars(error)}"
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    "upload_id",
    ["", None, 5, "a/b", "/", "a\\b", ".", "..", "a?b", "a#b", "a%2Fb", "a b", "a\n", "é", "x" * (MAX_ID_LENGTH + 1)],
)
def test_bad_ids_of_sessions(upload_id: Any) -> None:
    with pytest.raises(UploadError, match="its upload_id is") as caught:
        upload(ScriptedPlatform(95), upload_id=upload_id)
    assert caught.value.upload_id == (upload_id if isinstance(upload_id, str) else None)
    assert len(str(caught.value)) < 400


class _Size:
    """A source of any size that costs nothing."""

    replayable = True

    def __init__(self, size: int) -> None:
        self.size = size

    def read(self, offset: int, length: int) -> bytes:
        raise AssertionError


@pytest.mark.parametrize(("size", "chunk"), [(10 * 10**9, 1), (5 * 2**40, 1), (MAX_CHUNKS + 1, 1), (10**9, 99_999)])
def test_too_many_chunks_cost_nothing(size: int, chunk: int) -> None:
    platform = ScriptedPlatform(95)
    api: Any = platform
    opened = platform.opened(chunk_size=chunk, total_chunks=-(-size // chunk), upload_urls=[])
    tracemalloc.start()
    try:
        with pytest.raises(UploadError, match=rf"chunks of {chunk:,} bytes, .* at most 10,000 are accepted") as caught:
            Upload(opened, _Size(size), Settings(), api=api, send=platform.send)
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()
    check(caught.value)


@pytest.mark.parametrize(("size", "chunk"), [(MAX_CHUNKS, 1), (10 * 10**9, 1_000_000), (10, MAX_CHUNK_SIZE)])
def test_as_many_chunks_as_a_store_takes(size: int, chunk: int) -> None:
    platform = ScriptedPlatform(95)
    api: Any = platform
    opened = platform.opened(chunk_size=chunk, total_chunks=-(-size // chunk), upload_urls=[])
    tracemalloc.start()
    try:
        Upload(opened, _Size(size), Settings(), api=api, send=platform.send)
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()


async def test_all_urls_at_once_leave_the_loop_free() -> None:
    """Checking them is interrupted: another task gets its turns meanwhile."""
    import asyncio

    platform = ScriptedPlatform(2600, 1, initial=2600)
    started = asyncio.Event()
    turns = 0

    async def count() -> None:
        nonlocal turns
        while not started.is_set():
            turns += 1
            await asyncio.sleep(0)

    def callback(_: Any) -> None:
        started.set()
        raise asyncio.CancelledError

    counting = asyncio.create_task(count())
    with pytest.raises(asyncio.CancelledError):
        await platform.upload(progress_callback=callback).run()
    await counting
    assert turns >= 5
