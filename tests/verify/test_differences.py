"""Planted differences: each is found, under the right name, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import Emulator

from .conftest import Verify, client_of, left
from .proxy import Change, Passing, Proxy

if TYPE_CHECKING:
    from twelvelabs_async.verify import Report


def rows(report: Report, kind: str) -> set[tuple[str, str]]:
    return {(row["operation"], row["where"]) for row in report.to_dict()[kind]}


def said(report: Report) -> str:
    return " ".join(row["what"] for kind in ("differs", "new") for row in report.to_dict()[kind])


async def test_nothing_is_invented_on_the_plain_emulator(emulator: Emulator, verify: Verify) -> None:
    report = await verify()
    assert (report.differs, report.new) == (0, 0), report.to_markdown()
    assert len(report.findings.ok()) > 80
    assert await left(emulator) == {}


@pytest.mark.parametrize(
    "settings",
    [
        {"plan": "developer", "rate_window": 0.2},
        {"rate_limits": {"*": 1000}},
        {"speed": 20},
        {"late_validation": True, "chunk_size": 100_000},
    ],
    ids=str,
)
async def test_nothing_is_invented_with_other_settings(verify: Verify, settings: dict[str, Any]) -> None:
    async with Emulator(**{"speed": 0, **settings}) as other:
        report = await verify(other.base_url)
        assert (report.differs, report.new) == (0, 0), report.to_markdown()
        assert await left(other) == {}


async def test_nothing_is_invented_by_the_proxy(emulator: Emulator, verify: Verify) -> None:
    async with Proxy(emulator.base_url) as proxy:
        report = await verify(proxy.base_url)
    assert (report.differs, report.new) == (0, 0), report.to_markdown()


def on(operation: str, change: Callable[[Passing], None], *, errors: bool = False) -> Change:
    def apply(passing: Passing) -> None:
        if passing.operation == operation and (passing.status >= 400) == errors:
            change(passing)

    return apply


def member(name: str, value: Any = None, *, remove: bool = False, row: bool = False) -> Callable[[Passing], None]:
    """Changes a member of the response, or of each of its rows."""

    def apply(passing: Passing) -> None:
        body = passing.json
        for item in body["data"] if row else [body]:
            if remove:
                item.pop(name, None)
            else:
                item[name] = value
        passing.json = body

    return apply


def status(value: int) -> Callable[[Passing], None]:
    def apply(passing: Passing) -> None:
        passing.status = value

    return apply


def header(name: str, value: str | None) -> Callable[[Passing], None]:
    def apply(passing: Passing) -> None:
        passing.headers.popall(name, None)
        if value is not None:
            passing.headers[name] = value

    return apply


def body(value: bytes) -> Callable[[Passing], None]:
    def apply(passing: Passing) -> None:
        passing.body = value

    return apply


def both(one: Callable[[Passing], None], other: Callable[[Passing], None]) -> Callable[[Passing], None]:
    def apply(passing: Passing) -> None:
        one(passing)
        other(passing)

    return apply


def reverse(passing: Passing) -> None:
    if "sort_option" in passing.query:
        found = passing.json
        found["data"].reverse()
        passing.json = found


def accept_all(passing: Passing) -> None:
    """A limit that is not enforced: what is rejected becomes an empty page."""
    if "page_limit" in passing.query:
        passing.status = 200
        passing.json = {"data": [], "page_info": {"page": 1, "limit_per_page": 51, "total_page": 0, "total_results": 0}}


def reject_the_maximum(passing: Passing) -> None:
    if passing.query.get("page_limit") == "50":
        passing.status = 400
        passing.json = {"code": "parameter_invalid", "message": "too many"}


def first_line(passing: Passing) -> None:
    if b"\n" in passing.body:
        passing.body = b'{"event_type": "dream", "text": "x"}\n' + passing.body


def cut(kind: str, change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Passing], None]:
    """Changes the lines of a stream."""

    def apply(passing: Passing) -> None:
        if kind in passing.headers["Content-Type"]:
            passing.body = b"\n".join(change(passing.body.strip().split(b"\n")))

    return apply


PLANTED: dict[str, tuple[Change, str, tuple[str, str], str]] = {
    "a member is missing": (
        on("retrieveIndex", member("_id", remove=True)),
        "differs", ("retrieveIndex", "_id"), "is missing",
    ),
    "a member of a row is missing": (
        on("listIndexes", member("_id", remove=True, row=True)),
        "differs", ("listIndexes", "data[]._id"), "is missing",
    ),
    "another type": (
        on("retrieveIndex", member("video_count", "three")),
        "differs", ("retrieveIndex", "video_count"), "type string",
    ),
    "null": (
        on("retrieveIndex", member("index_name", None)),
        "differs", ("retrieveIndex", "index_name"), "type null",
    ),
    "another value of an enum": (
        on("listIndexedAssets", member("status", "dreaming", row=True)),
        "new", ("listIndexedAssets", "data[].status"), "dreaming",
    ),
    "another member": (
        on("retrieveAsset", member("mood", {"a": 1})),
        "new", ("retrieveAsset", "mood"), "type object",
    ),
    "another status": (on("createIndex", status(202)), "differs", ("createIndex", "status"), "202 is not documented"),
    "an undocumented error status": (
        on("retrieveAsset", status(418), errors=True),
        "differs", ("retrieveAsset", "status"), "418 is not documented",
    ),
    "a valid request is rejected": (
        on("createKnowledgeStore", both(status(400), body(b'{"code": "generic_error", "message": "no"}'))),
        "differs", ("createKnowledgeStore", "request"), "generic_error",
    ),
    "a header is missing": (
        on("createSearch", header("X-Ratelimit-Limit", None)),
        "differs", ("createSearch", "header X-Ratelimit-Limit"), "was not sent",
    ),
    "a header has another type": (
        on("createSearch", header("X-Ratelimit-Remaining", "many")),
        "differs", ("createSearch", "header X-Ratelimit-Remaining"), "integer",
    ),
    "no location": (
        on("createIndexedAsset", header("Location", None)),
        "differs", ("createIndexedAsset", "header Location"), "was not sent",
    ),
    "no id of the request": (
        on("retrieveIndex", header("X-Request-Id", None)),
        "differs", ("retrieveIndex", "header X-Request-Id"), "was not sent",
    ),
    "another header": (on("retrieveIndex", header("X-Mood", "good")), "new", ("retrieveIndex", "header x-mood"), ""),
    "another content type": (
        on("retrieveIndex", header("Content-Type", "text/html")),
        "differs", ("retrieveIndex", "header Content-Type"), "text/html",
    ),
    "no body": (on("retrieveIndex", body(b"")), "differs", ("retrieveIndex", "body"), "there is none"),
    "no JSON": (on("retrieveIndex", body(b"<html>")), "differs", ("retrieveIndex", "body"), "not JSON"),
    "a body where there is none": (
        on("deleteIndex", both(status(200), body(b"{}"))),
        "new", ("deleteIndex", "body"), "none is documented",
    ),
    "another code": (
        on("retrieveAsset", member("code", "asset_asleep"), errors=True),
        "new", ("retrieveAsset", "code"), "asset_asleep",
    ),
    "an error of another shape": (
        on("retrieveAsset", body(b'{"oops": true}'), errors=True),
        "differs", ("retrieveAsset", "code"), "is missing",
    ),
    "a limit is not enforced": (
        on("listAssets", accept_all, errors=True),
        "differs", ("listAssets", "request"), "page_limit=51",
    ),
    "a limit is lower": (
        on("listTasks", reject_the_maximum),
        "differs", ("listTasks", "request"), "parameter_invalid",
    ),
    "another limit of pages": (
        on("listTasks", member("page_info", {"page": 1, "limit_per_page": 3, "total_page": 1, "total_results": 0})),
        "differs", ("listTasks", "page_info.limit_per_page"), "page_limit",
    ),
    "another event of a stream": (
        on("analyzeVideo", first_line),
        "new", ("analyzeVideo", "event_type"), "dream",
    ),
    "a change has no effect": (
        on("retrieveIndex", member("index_name", "twelvelabs-async-verify")),
        "differs", ("updateIndex", "effect"), "not as sent",
    ),
    "a wrong code for an unknown id": (
        on("retrieveIndex", member("code", "batch_expired"), errors=True),
        "new", ("retrieveIndex", "code"), "batch_expired for an id that nothing has",
    ),
    "a wrong code for a limit": (
        on("listIndexes", member("code", "resource_not_exist"), errors=True),
        "new", ("listIndexes", "code"), "resource_not_exist for page_limit=51",
    ),
    "an id that is empty": (
        on("createIndex", member("_id", "")),
        "differs", ("createIndex", "_id"), "cannot be used as an id",
    ),
    "a location that leads elsewhere": (
        on("createIndexedAsset", header("Location", "/v1.3/nowhere")),
        "differs", ("createIndexedAsset", "header Location"), "does not lead to",
    ),
    "a stream without its end": (
        on("analyzeVideo", cut("ndjson", lambda lines: lines[:-1])),
        "differs", ("analyzeVideo", "stream"), "does not end with stream_end",
    ),
    "a stream without its beginning": (
        on("analyzeVideo", cut("ndjson", lambda lines: lines[1:])),
        "differs", ("analyzeVideo", "stream"), "does not begin with stream_start",
    ),
    "events without their end": (
        on("createResponse", cut("event", lambda lines: [line for line in lines if b"DONE" not in line])),
        "differs", ("createResponse", "stream"), "does not end with data: [DONE]",
    ),
    "events without the response": (
        on("createResponse", cut("event", lambda lines: [x for x in lines if b"response.completed" not in x])),
        "differs", ("createResponse", "stream"), "neither response.completed nor",
    ),
    "events in another order": (
        on("createResponse", cut("event", lambda lines: [*lines[-2::-1], lines[-1]])),
        "differs", ("createResponse", "stream"), "does not increase",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
async def test_each_is_found(emulator: Emulator, verify: Verify, name: str) -> None:
    change, kind, place, what = PLANTED[name]
    async with Proxy(emulator.base_url, change) as proxy:
        report = await verify(proxy.base_url, only=[place[0]])
    assert place in rows(report, kind), report.to_markdown()
    assert what in said(report)
    # Nothing else is said about operations that nothing was planted in.
    assert {row[0] for row in rows(report, "differs") | rows(report, "new")} == {place[0]}
    assert await left(emulator) == {}


async def test_everything_of_other_people_stays(emulator: Emulator, verify: Verify) -> None:
    async with Proxy(emulator.base_url) as proxy:
        async with client_of(emulator.base_url, emulator.api_key) as client:
            models: list[Any] = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
            await client.indexes.create(index_name="a user's", models=models)
            await client.entity_collections.create(name="a user's")
        # The lists have them, although the names of a verification are asked for.
        proxy.removed_query = {"listIndexes": {"index_name"}, "listEntityCollections": {"name"}}
        report = await verify(proxy.base_url)
    found = {row for row in rows(report, "differs") if row[1].startswith("filter ")}
    assert ("listIndexes", "filter index_name") in found, report.to_markdown()
    assert ("listEntityCollections", "filter name") in found
    assert {operation for operation, _ in found} == {"listIndexes", "listEntityCollections"}
    assert await left(emulator) == {"index": 1, "entity_collection": 1}


async def test_what_the_account_may_not_do_is_no_difference(emulator: Emulator, verify: Verify) -> None:
    emulator.faults.add(kind="status", code="api_not_allowed", operation="createKnowledgeStore")
    emulator.faults.add(kind="status", code="insufficient_funds", operation="analyzeVideo")
    emulator.faults.add(kind="status", status=500, operation="generateGist")
    emulator.faults.add(kind="status", status=429, retry_after=0, limits=True, operation="createEmbeddings", count=1)
    emulator.faults.add(kind="reset", operation="retrieveEntityCollection")
    report = await verify()
    assert (report.differs, report.new) == (0, 0), report.to_markdown()
    skipped = report.to_dict()["not_checked"]
    assert skipped["createKnowledgeStore"] == ["the account may not use it (403)"]
    assert skipped["searchKnowledgeStore"] == ["it needs what could not be made (store, group)"]
    assert "the account may not use it (400)" in skipped["analyzeVideo"]
    assert skipped["generateGist"] == ["it responded 500"]
    assert "there was no response (APIConnectionError)" in skipped["retrieveEntityCollection"]
    assert "deleteEntityCollection" not in skipped  # it is done at the end, whatever has happened before
    assert "createEmbeddings" in report.findings.ok()
    assert await left(emulator) == {}
