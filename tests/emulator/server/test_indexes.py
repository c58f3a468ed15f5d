"""Indexes, request validation, keys, routes, paging."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MARENGO, Api


async def test_an_index_lives_and_dies(api: Api) -> None:
    response = await api.raw("POST", "/indexes", json={"index_name": "films", "models": [MARENGO]})
    assert response.status == 201
    assert response.headers["X-Request-Id"].startswith("req_")
    assert response.headers["X-Api-Version"] == "1.3"
    index_id = (await response.json())["_id"]
    index = await api.ok("GET", f"/indexes/{index_id}")
    assert index["index_name"] == "films"
    assert index["models"] == [MARENGO]
    assert index["video_count"] == 0
    assert await api.call("PUT", f"/indexes/{index_id}", json={"index_name": "series"}) == (204, "")
    assert (await api.ok("GET", f"/indexes/{index_id}"))["index_name"] == "series"
    assert await api.call("DELETE", f"/indexes/{index_id}") == (204, "")
    assert await api.refused("GET", f"/indexes/{index_id}") == (400, "resource_not_exist")


async def test_names_are_taken_once(api: Api) -> None:
    await api.index("films")
    other = await api.index("series")
    body = {"index_name": "films", "models": [MARENGO]}
    assert await api.refused("POST", "/indexes", json=body) == (400, "index_name_already_exists")
    assert await api.refused("PUT", f"/indexes/{other}", json={"index_name": "films"}) == (
        400,
        "index_name_already_exists",
    )


async def test_lists_are_paged_sorted_and_filtered(api: Api) -> None:
    for number in range(7):
        await api.index(f"index {number}")
    first = await api.ok("GET", "/indexes?page_limit=3")
    assert [i["index_name"] for i in first["data"]] == ["index 6", "index 5", "index 4"]
    assert first["page_info"] == {"limit_per_page": 3, "page": 1, "total_page": 3, "total_results": 7}
    last = await api.ok("GET", "/indexes?page_limit=3&page=3")
    assert [i["index_name"] for i in last["data"]] == ["index 0"]
    assert (await api.ok("GET", "/indexes?page=99999999999999"))["data"] == []
    ascending = await api.ok("GET", "/indexes?page_limit=2&sort_option=asc&sort_by=updated_at")
    assert [i["index_name"] for i in ascending["data"]] == ["index 0", "index 1"]
    assert len((await api.ok("GET", "/indexes?index_name=index%203"))["data"]) == 1
    assert len((await api.ok("GET", "/indexes?model_options=visual,audio&model_family=marengo"))["data"]) == 7
    assert (await api.ok("GET", "/indexes?model_family=pegasus"))["data"] == []
    assert (await api.ok("GET", "/indexes?created_at=2999-01-01T00:00:00Z"))["data"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("page=0", "parameter_invalid"),
        ("page=x", "parameter_invalid"),
        ("page=1&page=2", "parameter_invalid"),
        ("page_limit=51", "parameter_invalid"),
        ("sort_by=colour", "parameter_invalid"),
        ("sort_option=up", "parameter_invalid"),
        ("model_options=visual,smell", "parameter_invalid"),
        ("created_at=yesterday", "parameter_invalid"),
        ("colour=red", "parameter_unknown"),
    ],
)
async def test_queries_are_checked(api: Api, query: str, code: str) -> None:
    assert await api.refused("GET", f"/indexes?{query}") == (400, code)


@pytest.mark.parametrize(
    ("body", "code", "name"),
    [
        ({}, "parameter_not_provided", "index_name"),
        ({"index_name": "a"}, "parameter_not_provided", "models"),
        ({"index_name": 5, "models": [MARENGO]}, "parameter_invalid", "index_name"),
        ({"index_name": "a", "models": []}, "parameter_invalid", "models"),
        ({"index_name": "a", "models": [MARENGO] * 3}, "parameter_invalid", "models"),
        ({"index_name": "a", "models": [{**MARENGO, "model_name": "x"}]}, "parameter_invalid", "models[0].model_name"),
        ({"index_name": "a", "models": [MARENGO], "colour": 1}, "parameter_unknown", "colour"),
        ([], "parameter_invalid", "body"),
    ],
)
async def test_bodies_are_checked(api: Api, body: Any, code: str, name: str) -> None:
    status, result = await api.call("POST", "/indexes", json=body)
    assert (status, result["code"]) == (400, code)
    assert name in result["message"]


async def test_bodies_need_the_right_form(api: Api) -> None:
    assert await api.refused("POST", "/indexes", data=b"{", headers={"Content-Type": "application/json"}) == (
        400,
        "parameter_invalid",
    )
    assert await api.refused("POST", "/indexes", data={"index_name": "a"}) == (400, "content_type_invalid")
    assert await api.refused("POST", "/tasks", json={"index_id": "a"}) == (400, "content_type_invalid")
    assert await api.refused("POST", "/indexes", data=b"") == (400, "content_type_invalid")


async def test_the_key_is_checked(api: Api) -> None:
    assert await api.refused("GET", "/indexes", headers={"x-api-key": "wrong"}) == (401, "api_key_invalid")
    async with api.session.get(api.emulator.base_url + "/indexes") as response:
        assert response.status == 401
        assert (await response.json())["code"] == "api_key_invalid"


async def test_routes(api: Api) -> None:
    assert await api.refused("GET", "/colours") == (404, "not_found")
    assert await api.refused("GET", "/indexes/") == (404, "not_found")
    assert await api.refused("PATCH", "/indexes") == (405, "method_not_allowed")
    # An identifier with strange characters stays an identifier.
    for strange in ("a%2Fb", "%2E%2E", "a%3Fb", "%0A", "%FF"):
        assert await api.refused("GET", f"/indexes/{strange}") == (400, "resource_not_exist")
    async with api.session.get(api.emulator.base_url.removesuffix("/v1.3") + "/indexes") as response:
        assert response.status == 404


async def test_a_form_that_cannot_be_read(api: Api) -> None:
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    body = b"--x\r\nno header\r\n\r\nabc\r\n--x--\r\n"
    assert await api.refused("POST", "/assets", data=body, headers=form) == (400, "parameter_invalid")


@pytest.mark.parametrize("emulator", [{"rate_limits": {"*": 3, "search": 1}, "rate_window": 60.0}], indirect=True)
async def test_rate_limits(api: Api) -> None:
    responses = [await api.raw("GET", "/indexes") for _ in range(4)]
    assert [r.status for r in responses] == [200, 200, 200, 429]
    assert [r.headers["X-Ratelimit-Remaining"] for r in responses] == ["2", "1", "0", "0"]
    assert responses[0].headers["X-RateLimit-Request-Limit"] == "3"
    refused = responses[3]
    assert int(refused.headers["Retry-After"]) >= 1
    assert int(refused.headers["X-Ratelimit-Reset"]) > 1_600_000_000
    assert (await refused.json())["code"] == "too_many_requests"
