"""Differences in all lists at once: those of each list are found, and under its name."""

from __future__ import annotations

from typing import Any, Final

import pytest

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.openapi import document
from twelvelabs_async.verify import Report

from .conftest import Verify, left
from .proxy import Change, Passing, Proxy

# What there is nothing of, in an account without connections, uploads and batches.
EMPTY: Final = {"listConnections", "listIncompleteUploads", "listAnalyzeBatches", "listRedirectUris", "listImports"}

LISTS: Final = {
    name: {parameter.name for parameter in operation.parameters}
    for name, operation in document.load().operations.items()
    if name.startswith("list") and name not in EMPTY and any(p.name == "page_limit" for p in operation.parameters)
}

FILTERS: Final = {
    (name, parameter)
    for name, parameters in LISTS.items()
    for parameter in parameters - {"page", "page_limit", "sort_by", "sort_option"}
    if f"{{{parameter}}}" not in document.load().operations[name].path
}

# A filter that nothing matches: the verification analyzes neither a URL nor an indexed video.
UNMATCHED: Final = {("listAnalyzeTasks", "video_url"), ("listAnalyzeTasks", "video_id")}


def found(report: Report, where: str) -> set[str]:
    return {row["operation"] for row in report.to_dict()["differs"] if row["where"] == where}


def filters(report: Report) -> set[tuple[str, str]]:
    rows = [(row["operation"], row["where"]) for row in report.to_dict()["differs"]]
    names = [(operation, where.removeprefix("filter ")) for operation, where in rows if where.startswith("filter ")]
    # Metadata are filtered by their own names, ranges by the name of a limit.
    return {(o, "user_metadata" if "made_by" in name else name.partition("[")[0]) for o, name in names}


def info(**changes: Any) -> Change:
    def apply(passing: Passing) -> None:
        if passing.operation in LISTS and passing.status == 200:
            body = passing.json
            for name, value in changes.items():
                body["page_info"][name] += value
            passing.json = body

    return apply


@pytest.mark.parametrize(
    ("name", "change"),
    [("page", 8), ("total_results", 7), ("total_page", 7)],
)
async def test_what_pages_say_about_themselves(emulator: Emulator, verify: Verify, name: str, change: int) -> None:
    async with Proxy(emulator.base_url, info(**{name: change})) as proxy:
        report = await verify(proxy.base_url)
    assert found(report, f"page_info.{name}") == set(LISTS), report.to_markdown()
    assert await left(emulator) == {}


@pytest.mark.parametrize(
    ("ignored", "where"),
    [({"page"}, "page=2"), ({"page_limit"}, "page_info.limit_per_page")],
    ids=["page", "page_limit"],
)
async def test_parameters_of_pages_that_are_ignored(
    emulator: Emulator, verify: Verify, ignored: set[str], where: str
) -> None:
    async with Proxy(emulator.base_url) as proxy:
        proxy.removed_query = dict.fromkeys(LISTS, ignored)
        report = await verify(proxy.base_url)
    assert found(report, where) == set(LISTS), report.to_markdown()
    assert await left(emulator) == {}


async def test_an_order_that_is_ignored(emulator: Emulator, verify: Verify) -> None:
    async with Proxy(emulator.base_url) as proxy:
        proxy.removed_query = {name: {"sort_by", "sort_option"} for name in LISTS}
        report = await verify(proxy.base_url)
    ordered = {name for name, parameters in LISTS.items() if "sort_option" in parameters}
    assert found(report, "sort_by=created_at&sort_option=asc") == ordered, report.to_markdown()
    assert {row["operation"] for row in report.to_dict()["differs"]} == ordered


async def test_filters_that_are_ignored(emulator: Emulator, verify: Verify) -> None:
    async with Proxy(emulator.base_url) as proxy:
        proxy.removed_query = {
            name: {
                spelling
                for parameter in parameters - {"page", "page_limit", "sort_by", "sort_option"}
                for spelling in (
                    parameter,
                    f"{parameter}[gte]",
                    f"{parameter}[lte]",
                    "made_by",
                    f"{parameter}[made_by]",
                )
            }
            for name, parameters in LISTS.items()
        }
        report = await verify(proxy.base_url)
    assert filters(report) == FILTERS, report.to_markdown()
    assert {row["operation"] for row in report.to_dict()["differs"]} == {operation for operation, _ in FILTERS}
    assert await left(emulator) == {}


async def test_filters_that_nothing_matches(emulator: Emulator, verify: Verify) -> None:
    def nothing(passing: Passing) -> None:
        filtered = "sort_by" not in passing.query and set(passing.query) - {"page", "page_limit"}
        if passing.operation in LISTS and passing.status == 200 and filtered:
            body = passing.json
            body["data"] = []
            body["page_info"] |= {"total_results": 0, "total_page": 0}
            passing.json = body

    async with Proxy(emulator.base_url, nothing) as proxy:
        report = await verify(proxy.base_url)
    assert filters(report) == FILTERS - UNMATCHED, report.to_markdown()
