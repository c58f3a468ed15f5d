"""`multipart_upload.upload_file` where the platform's response to the creation of a session cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import BASE_URL
from twelvelabs_async import AsyncTwelveLabs, DecodeError, UploadError
from twelvelabs_async.uploads.state import FileIdentity

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Mocked, Server

DATA = b"x" * 25


def opened(url: str = "https://store.test/1?sig=s3cr3t", **changes: Any) -> dict[str, Any]:
    return {
        "upload_id": "up_1",
        "asset_id": "as_1",
        "chunk_size": 10,
        "total_chunks": 3,
        "upload_urls": [{"chunk_index": 1, "url": url}],
        **changes,
    }


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        (opened("http://127.0.0.1:99999/?sig=s3cr3t"), "the presigned URL of chunk 1 is not a URL"),
        (opened("http://[::1/?sig=s3cr3t"), "the presigned URL of chunk 1 is not a URL"),
        (opened(upload_headers={"Content-Length": "10"}), "'Content-Length' must not be set"),
        (opened(upload_headers={"X-A": "s3cr3t\r\nX-B: 1"}), "'X-A' contains a line break"),
        (opened(chunk_size=1, total_chunks=9), "expects 9 chunks"),
        # What the decoder rejects has a name as well.
        (opened(chunk_size="10"), "chunk_size should be an integer"),
        (opened(chunk_size=True), "chunk_size should be an integer"),
        (opened(chunk_size=1.5), "chunk_size should be an integer"),
        (opened(chunk_size=None), "chunk_size should be an integer"),
        (opened(upload_headers={"X-A": 5}), "upload_headers.X-A should be a string"),
        (opened(upload_urls=[{"chunk_index": 1, "url": 5}]), "url should be a string"),
    ],
)
async def test_bad_data_of_the_platform(
    real: AsyncTwelveLabs, server: Server, response: dict[str, Any], problem: str
) -> None:
    server.responses = [(201, response)]
    with pytest.raises(UploadError, match=problem) as caught:
        await real.multipart_upload.upload_file(DATA)
    assert caught.value.upload_id == "up_1"
    assert caught.value.finished == ()
    assert "s3cr3t" not in str(caught.value)
    assert len(server.seen) == 1


async def test_a_response_without_a_session_stays_a_decode_error(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(201, {"asset_id": "as_1"})]
    with pytest.raises(DecodeError, match="upload_id"):
        await real.multipart_upload.upload_file(DATA)


async def test_a_file_is_not_sent_unencrypted_where_the_api_is_not(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.post(f"{BASE_URL}/assets/multipart-uploads", status=201, payload=opened("http://store.test/1?sig=s3cr3t"))
    with pytest.raises(UploadError, match=r"chunk 1 would send the file unencrypted"):
        await client.multipart_upload.upload_file(DATA)
    mocked.post("http://api.test/assets/multipart-uploads", status=201, payload=opened("http://store.test/1"))
    mocked.put("http://store.test/1", status=404)
    async with AsyncTwelveLabs(api_key="tlk_x", base_url="http://api.test", allow_http=True) as other:
        with pytest.raises(UploadError, match=r"chunk 1 failed once: 404"):
            await other.multipart_upload.upload_file(DATA, max_retries=0)


def status(**changes: Any) -> dict[str, Any]:
    """The state of a session of which the platform has one chunk."""
    return {
        "upload_id": "up_1",
        "status": "active",
        "total_size": 25,
        "uploaded_chunks": [{"index": 1, "status": "completed"}],
        "chunks_completed": 1,
        "page_info": {},
        **changes,
    }


@pytest.mark.parametrize(
    ("responses", "problem"),
    [
        ([status(status="melted")], "cannot be resumed: the platform says that its status is 'melted'"),
        ([status(total_size=26)], "cannot be resumed: the platform expects a file of 26 bytes, and this one has 25"),
        ([status(), {"data": [], "page_info": {}}], "does not list it among the incomplete ones"),
        (
            [
                status(uploaded_chunks=[{"index": 4, "status": "completed"}]),
                {
                    "data": [
                        {"upload_id": name, "status": "active", "total_size": 25, "chunk_size": 10, "total_chunks": 3}
                        for name in ("up_0", "up_1")
                    ],
                    "page_info": {},
                },
            ],
            "the platform has chunk 4, but the file has 3",
        ),
    ],
)
async def test_a_session_that_cannot_be_resumed(
    real: AsyncTwelveLabs, server: Server, responses: list[dict[str, Any]], problem: str
) -> None:
    server.responses = [(200, response) for response in responses]
    with pytest.raises(UploadError, match=problem) as caught:
        await real.multipart_upload.resume_file("up_1", DATA)
    assert caught.value.upload_id == "up_1"
    assert len(server.seen) == len(responses)


async def test_a_file_that_is_gone_before_it_begins(
    real: AsyncTwelveLabs, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(DATA)

    def of(cls: Any, source: Any, *, complete: bool) -> Any:
        path.unlink()
        return source.read(0, 1)

    monkeypatch.setattr(FileIdentity, "of", classmethod(of))
    with pytest.raises(UploadError, match=r"The upload did not begin: .*a\.mp4 could not be read"):
        await real.multipart_upload.upload_file(path)
    assert server.seen == []
