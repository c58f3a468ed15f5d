"""Everything that users of the official SDK know by name exists here, or is in the table of differences."""

from __future__ import annotations

import inspect
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml

import twelvelabs_async
from tests.openapi import document, samples
from tests.wire.calling import files, plain, written
from tests.wire.server import capture_server
from twelvelabs_async import APIStatusError, AsyncPager, AsyncTwelveLabs, RawResponse, RequestOptions, types

HERE = Path(__file__).parent
GUIDE = (HERE.parents[1] / "docs" / "moving-over.md").read_text(encoding="utf-8")
SURFACE: dict[str, Any] = json.loads((HERE / "surface.json").read_text(encoding="utf-8"))


@attrs.frozen(kw_only=True)
class Difference:
    """An entry of differences.yaml."""

    kind: str
    names: list[str]
    instead: str
    reason: str
    renamed: str | None = None


DIFFERENCES = [Difference(**entry) for entry in yaml.safe_load((HERE / "differences.yaml").read_text(encoding="utf-8"))]
METHODS: dict[str, Any] = SURFACE["methods"]
NAMES = [(module, name) for module, names in SURFACE["modules"].items() for name in names]
MODELS = [(module, name) for module, name in NAMES if SURFACE["modules"][module][name][0] == "model"]
ERRORS = [(module, name) for module, name in NAMES if SURFACE["modules"][module][name][0] == "error"]
OPERATIONS = {facts.attribute_path: facts for facts in document.operations().values()}
RETURNING_MODELS = [path for path, method in METHODS.items() if method["returns"] and path in OPERATIONS]

_FITTING: dict[str, set[Any]] = {
    "keyword_only": {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD},
    "positional_or_keyword": {inspect.Parameter.POSITIONAL_OR_KEYWORD},
}
"""Kinds of parameters that accept what a parameter of the official SDK accepts."""


def listed(kind: str) -> dict[str, Difference]:
    """The entries of one kind by name."""
    return {name: entry for entry in DIFFERENCES if entry.kind == kind for name in entry.names}


def resolve(module: str, name: str) -> Any:
    """The public value that stands for a name of a module of the official SDK; None where there is none."""
    entry = listed("name").get(f"{module}.{name}")
    own = entry.renamed if entry is not None and entry.renamed else name
    kind = SURFACE["modules"][module][name][0]
    # What is no model is at the top only; `Page` is something else there.
    home = types if kind in {"model", "alias"} and not own.startswith("Upload") else twelvelabs_async
    return getattr(home, own, None)


@pytest.mark.parametrize("path", METHODS)
def test_method_and_its_parameters(path: str) -> None:
    method: Any = AsyncTwelveLabs(api_key="a-key")
    for name in path.split("."):
        method = getattr(method, name)
    ours = inspect.signature(method).parameters
    for name, (kind, *required) in METHODS[path]["parameters"].items():
        assert name in ours
        assert ours[name].kind in _FITTING[kind], name
        assert required or ours[name].default is not inspect.Parameter.empty, name
    theirs = METHODS[path]["parameters"]
    needed = [name for name, parameter in ours.items() if parameter.default is inspect.Parameter.empty]
    assert [name for name in needed if name not in theirs] == []
    positional = [name for name, (kind, *_) in theirs.items() if kind == "positional_or_keyword"]
    assert [name for name, parameter in ours.items() if parameter.kind in _FITTING["positional_or_keyword"]][
        : len(positional)
    ] == positional


@pytest.mark.parametrize("path", RETURNING_MODELS)
async def test_members_of_what_a_method_returns(path: str) -> None:
    facts = OPERATIONS[path]
    arguments = files(written(facts, samples.argument_sets(facts.id)["required"], plain))
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        method: Any = client
        for name in path.split("."):
            method = getattr(method, name)
        result = await method(**arguments)
        assert [name for name in METHODS[path]["returns"] if not hasattr(result, name)] == []


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_name(module: str, name: str) -> None:
    value = resolve(module, name)
    if name in listed("name"):
        assert value is None, "the entry in differences.yaml is not needed"
        return
    assert value is not None
    if "." not in name and hasattr(types, name) and module in {"twelvelabs", "twelvelabs.types"}:
        assert getattr(twelvelabs_async, name) is getattr(types, name)
    if SURFACE["modules"][module][name][0] == "error":
        assert issubclass(value, Exception)


@pytest.mark.parametrize(("module", "name"), [(m, n) for m, n in MODELS if n not in listed("name")])
def test_members_of_models(module: str, name: str) -> None:
    value = resolve(module, name)
    members = SURFACE["modules"][module][name][1:]
    assert isinstance(value, type)
    assert [member for member in members if member not in attrs.fields_dict(value)] == []


@pytest.mark.parametrize(("module", "name"), [(m, n) for m, n in ERRORS if n not in listed("name")])
def test_members_of_errors(module: str, name: str) -> None:
    cls = resolve(module, name)
    error = cls("a message", status=400) if issubclass(cls, APIStatusError) else cls("a message")
    assert [member for member in SURFACE["modules"][module][name][1:] if not hasattr(error, member)] == []


def test_names_with_several_meanings_are_in_the_table() -> None:
    """Without an entry, a class of another module would be taken for it."""
    assert len(SURFACE["ambiguous"]) > 3
    for name, meanings in SURFACE["ambiguous"].items():
        found = {frozenset(map(id, {resolve(module, name) for module in modules})) for modules in meanings}
        assert all(len(values) == 1 for values in found), name
        same = name == "TasksListResponsePageInfo"  # the pages of all lists have one class here
        assert len(found) == (1 if same else len(meanings)), name


def test_client() -> None:
    ours = inspect.signature(AsyncTwelveLabs).parameters
    for name, (kind, *required) in SURFACE["client"].items():
        assert (name in ours) != (name in listed("client")), name
        if name in ours:
            assert ours[name].kind in _FITTING[kind]
            assert required or ours[name].default is not inspect.Parameter.empty


def test_request_options() -> None:
    missing = set(SURFACE["request_options"]) - set(RequestOptions.__annotations__)
    assert missing == set(listed("request_options"))


@pytest.mark.parametrize(("kind", "cls"), [("pager", AsyncPager), ("raw_response", RawResponse)])
def test_members_of_pagers_and_raw_responses(kind: str, cls: type) -> None:
    assert {name for name in SURFACE[kind] if not hasattr(cls, name)} == set(listed(kind))


def test_raw_responses_are_one_property_of_the_client() -> None:
    assert set(listed("method")) == {"with_raw_response"}
    client = AsyncTwelveLabs(api_key="a-key")
    assert not hasattr(client.indexes, "with_raw_response")
    assert callable(client.with_raw_response.indexes.list)


def test_the_table_has_no_stale_entries() -> None:
    known = {kind: set(SURFACE[kind]) for kind in ("client", "request_options", "pager", "raw_response")}
    known["name"] = {name for _, name in NAMES} | {f"{module}.{name}" for module, name in NAMES}
    known["method"] = {"with_raw_response"}
    assert [name for entry in DIFFERENCES for name in entry.names if name not in known[entry.kind]] == []
    counted = Counter((entry.kind, name) for entry in DIFFERENCES for name in entry.names)
    assert set(counted.values()) == {1}
    for name, entry in listed("name").items():
        assert ("." in name) == (entry.renamed is not None)
        if entry.renamed is not None:
            assert getattr(types, entry.renamed) is not getattr(types, name.rpartition(".")[2]), name


@pytest.mark.parametrize("entry", DIFFERENCES, ids=lambda entry: f"{entry.kind}-{entry.names[0]}")
def test_the_guide_shows_the_difference(entry: Difference) -> None:
    assert entry.reason
    rows = [line.split(" | ") for line in re.findall(r"^\| (.*) \|$", GUIDE, re.MULTILINE)]
    names = [
        re.compile(rf"`[^`]*(?<![\w.]){re.escape(name)}\b[^`]*`" if "." in name else rf"`[^`]*\b{name}\b[^`]*`")
        for name in entry.names
    ]
    found = [row for row in rows if all(name.search(row[0]) for name in names)]
    assert found, f"no row of docs/moving-over.md is about {', '.join(entry.names)}"
    expected = re.findall(r"[\w.=()]+", entry.instead) if entry.instead != "(nothing)" else []
    assert any(all(part in " ".join(row[1:]) for part in expected) for row in found)


ROWS = re.findall(
    r"^\| (`(?!twelvelabs`)[\w.]+`.*?) \| (.*) \|$", GUIDE.partition("## Names")[2].partition("\n## ")[0], re.MULTILINE
)


@pytest.mark.parametrize(("theirs", "ours"), ROWS)
def test_the_guide_names_what_exists(theirs: str, ours: str) -> None:
    names = re.findall(r"`([\w.]+)`", theirs)
    assert names
    assert all(name in listed("name") for name in names), "the row is not in differences.yaml"
    for name in re.findall(r"`([A-Z]\w+)`", ours):
        assert getattr(twelvelabs_async, name) is not None


def test_there_is_something_to_compare() -> None:
    assert len(METHODS) > 100
    assert len(RETURNING_MODELS) > 50
    assert len(MODELS) > 200
    assert len(ERRORS) > 10
    assert len(NAMES) > 500
    assert len(ROWS) > 5
