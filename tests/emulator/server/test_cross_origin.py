"""What browsers ask the object store before a page of another origin may use it."""

from __future__ import annotations

import pytest

from .conftest import Api

PAGE = "http://127.0.0.1:8000"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "content-type,x-custom",
}


async def put_a_chunk(api: Api, origin: str) -> tuple[int, dict[str, str | None]]:
    upload = await api.ok(
        "POST", "/assets/multipart-uploads", json={"filename": "a.mp4", "type": "video", "total_size": 5}
    )
    url = upload["upload_urls"][0]["url"]
    async with api.session.options(url, headers={**PREFLIGHT, "Origin": origin}) as preflight:
        assert (preflight.status == 200) == ("Access-Control-Allow-Origin" in preflight.headers)
        if preflight.status == 200:
            assert preflight.headers["Access-Control-Allow-Headers"] == "content-type,x-custom"
            assert "PUT" in preflight.headers["Access-Control-Allow-Methods"]
    async with api.session.put(url, data=b"12345", headers={"Origin": origin}) as response:
        assert response.status == 200
        names = ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers")
        return preflight.status, {name: response.headers.get(name) for name in names}


async def test_all_origins_may_use_the_store(api: Api) -> None:
    status, headers = await put_a_chunk(api, PAGE)
    assert status == 200
    assert headers == {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}


@pytest.mark.parametrize("emulator", [{"cors_origins": ()}], indirect=True)
async def test_a_store_that_refuses_all(api: Api) -> None:
    assert await put_a_chunk(api, PAGE) == (
        403,
        {"Access-Control-Allow-Origin": None, "Access-Control-Expose-Headers": None},
    )


@pytest.mark.parametrize("emulator", [{"cors_origins": (PAGE,)}], indirect=True)
async def test_a_store_that_knows_its_pages(api: Api) -> None:
    assert (await put_a_chunk(api, PAGE))[1]["Access-Control-Allow-Origin"] == PAGE
    assert (await put_a_chunk(api, "https://elsewhere.example"))[0] == 403


async def test_requests_without_an_origin_get_no_such_headers(api: Api) -> None:
    async with api.session.get(api.emulator.objects_url + "/elsewhere") as response:
        assert not [name for name in response.headers if name.startswith("Access-Control")]
