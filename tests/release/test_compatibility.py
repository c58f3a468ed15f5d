"""What breaks programs, and when the changelog says so."""

from __future__ import annotations

import pytest

from release.compatibility import Break, breaks, owner, unexplained

RECORDED = {
    "twelvelabs_async.Timeout": "class",
    "twelvelabs_async.Timeout.total": "float | None",
    "twelvelabs_async.Timeout.all_of": "function -> Timeout",
    "twelvelabs_async.Timeout.all_of(seconds=)": "float, position 1, required",
    "twelvelabs_async.webhooks": "module",
    "twelvelabs_async.webhooks.unwrap": "function -> Event",
    "twelvelabs_async.webhooks.DEFAULT": "constant of int",
    "twelvelabs_async.types.AssetParams": "dict",
    "twelvelabs_async.types.AssetParams[url]": "str",
    "client.close": "async function -> None",
    "client.indexes": "resource",
    "client.indexes.list": "function -> Pager",
    "client.indexes.list(page=)": "int = 1",
}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in RECORDED.items() if name not in names}


def test_nothing_breaks_where_nothing_changes() -> None:
    assert breaks(RECORDED, RECORDED) == []


@pytest.mark.parametrize("name", RECORDED)
def test_each_name_that_is_gone(name: str) -> None:
    (found,) = breaks(RECORDED, {one: value for one, value in RECORDED.items() if not one.startswith(name)})
    assert found == Break(name, RECORDED[name], None), "what belongs to it is not reported again"
    assert str(found) == f"{name} was removed (it was: {RECORDED[name]})"


@pytest.mark.parametrize("name", RECORDED)
def test_each_signature_that_changed(name: str) -> None:
    (found,) = breaks(RECORDED, {**RECORDED, name: "other"})
    assert str(found) == f"{name} was changed: {RECORDED[name]}  ->  other"


@pytest.mark.parametrize(
    "added",
    [
        {"twelvelabs_async.Other": "class", "twelvelabs_async.Other(x=)": "int, required"},
        {"client.indexes.list(limit=)": "int = 1"},
        {"client.indexes.list(limit=)": "int"},
        {"twelvelabs_async.types.AssetParams[name]": "str"},
        {"twelvelabs_async.Timeout.other": "float, required"},
    ],
)
def test_new_names_break_nothing(added: dict[str, str]) -> None:
    assert breaks(RECORDED, {**RECORDED, **added}) == []


@pytest.mark.parametrize("name", ["client.indexes.list(limit=)", "twelvelabs_async.types.AssetParams[name]"])
def test_what_has_to_be_given_now(name: str) -> None:
    (found,) = breaks(RECORDED, {**RECORDED, name: "int, required"})
    assert str(found) == f"{name} was added, and is required"


def test_owners() -> None:
    assert owner("a.b") == ("a.b", None)
    assert owner("a.b(c=)") == ("a.b", "c")
    assert owner("a.b[c]") == ("a.b", "c")
    assert owner("a.b(overload 1)") == ("a.b", "overload 1")


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("twelvelabs_async.Timeout", {"Timeout"}),
        ("twelvelabs_async.Timeout", {"twelvelabs_async.Timeout"}),
        ("twelvelabs_async.Timeout.total", {"Timeout.total"}),
        ("twelvelabs_async.Timeout.all_of(seconds=)", {"Timeout.all_of", "seconds"}),
        ("twelvelabs_async.webhooks", {"webhooks"}),
        ("twelvelabs_async.webhooks.unwrap", {"webhooks.unwrap"}),
        ("twelvelabs_async.webhooks.DEFAULT", {"DEFAULT"}),
        ("twelvelabs_async.types.AssetParams[url]", {"AssetParams", "url"}),
        ("twelvelabs_async.to_dict", {"to_dict"}),
        ("client.close", {"client.close"}),
        ("client.indexes.list", {"indexes.list", "else"}),
        ("client.indexes.list", {"client.indexes.list"}),
        ("client.indexes.list(page=)", {"indexes.list", "page"}),
        ("client.indexes.list(overload 2)", {"indexes.list"}),
    ],
)
def test_an_entry_that_names_it(name: str, written: set[str]) -> None:
    assert unexplained([Break(name, "x", None)], [{"nothing"}, written]) == []


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("twelvelabs_async.Timeout.total", []),
        ("twelvelabs_async.Timeout.total", [{"total"}]),
        ("twelvelabs_async.Timeout.total", [{"Timeout"}]),
        ("twelvelabs_async.Timeout", [{"Timeout.total"}, {"Timeouts"}]),
        ("twelvelabs_async.webhooks.unwrap", [{"unwrap"}]),
        ("client.close", [{"close"}]),
        ("client.indexes.list", [{"list"}, {"indexes"}, {"tasks.list"}]),
        ("client.indexes.list(page=)", [{"indexes.list"}, {"page"}]),
    ],
)
def test_entries_that_do_not_name_it(name: str, entries: list[set[str]]) -> None:
    one = Break(name, "x", "y")
    assert unexplained([one], entries) == [one]
