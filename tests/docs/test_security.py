"""SECURITY.md names tests that exist, for every promise; and the promises that have no better place are tested here."""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import BASE_URL, KEY, Server
from twelvelabs_async import AsyncTwelveLabs, ConfigurationError

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
UNTESTED = ("**Limit.**", "**Your part.**")

_REFERENCE = re.compile(r"`([\w/]+\.py)::(\w+)`")
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def promises() -> list[str]:
    """The statements below the introduction, each with its tests."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    parts = _SECTION.split(text)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    introduction = ("Reporting", "Threat model", "How this page is verified")
    for name in introduction:
        del sections[name]
    return [
        " ".join(statement.split())
        for body in sections.values()
        for statement in re.split(r"\n(?=- )|\n\n", body.strip())
    ]


@functools.cache
def functions(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("statement", promises(), ids=lambda statement: statement[2:50])
def test_every_promise_has_a_test(statement: str) -> None:
    assert statement.startswith("- "), "a promise is an item of a list"
    found = _REFERENCE.findall(statement)
    assert bool(found) != statement[2:].startswith(UNTESTED)
    for file, name in found:
        assert (TESTS / file).is_file(), file
        assert name in functions(file), f"{file} has no {name}"


def test_there_are_promises() -> None:
    assert len(promises()) > 40


def test_the_client_depends_on_four_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[^\w-]", requirement)[0] for requirement in project["dependencies"]}
    assert names == {"aiohttp", "attrs", "cattrs", "orjson"}


@pytest.mark.parametrize("name", ["x-api-key", "X-API-Key", "X-Api-Key"])
async def test_who_may_name_the_key(server: Server, name: str) -> None:
    with pytest.raises(ConfigurationError):
        AsyncTwelveLabs(api_key=KEY, base_url=BASE_URL, headers={name: "other"})
    server.responses = [(200, {"_id": "i", "index_name": "n"})]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        await client.get("/x", request_options={"additional_headers": {name: "other"}})
    assert server.seen[0].headers["x-api-key"] == "other"
