"""The public surface: what is recorded, and that every change of it shows."""

from __future__ import annotations

import functools
import inspect
import pkgutil
import re
import types as python_types
import typing
from collections.abc import Callable

import attrs
import pytest

import twelvelabs_async
from release import surface
from release.project import ROOT
from twelvelabs_async import AsyncTwelveLabs, errors, webhooks
from twelvelabs_async._generated import index
from twelvelabs_async._resource import Resource


@functools.cache
def current() -> surface.Surface:
    return surface.current()


def test_every_exported_name_is_there() -> None:
    found = current()
    for name in twelvelabs_async.__all__:
        assert f"twelvelabs_async.{name}" in found
    for name in index.NAMES:
        assert f"twelvelabs_async.types.{name}" in found
    for name in errors.__all__:
        assert f"twelvelabs_async.errors.{name}" in found


def test_every_method_that_is_reachable_is_there() -> None:
    found = current()
    pending: list[tuple[str, object]] = [("client", AsyncTwelveLabs(api_key="tlk", base_url="http://127.0.0.1:9"))]
    methods = 0
    while pending:
        path, holder = pending.pop()
        for name in dir(holder):
            if name.startswith("_"):
                continue
            assert f"{path}.{name}" in found
            value = getattr(holder, name)
            if isinstance(value, Resource):
                pending.append((f"{path}.{name}", value))
            elif inspect.ismethod(value):
                methods += 1
                for parameter in inspect.signature(value).parameters:
                    assert f"{path}.{name}({parameter}=)" in found
    assert methods > 150


def test_public_modules_are_there() -> None:
    found = {name.split(".")[1] for name in current() if name.startswith("twelvelabs_async.") and name.count(".") > 1}
    modules = {info.name for info in pkgutil.iter_modules(twelvelabs_async.__path__) if not info.name.startswith("_")}
    same = {"client", "errors"}  # what these export is recorded by its name in the package
    assert modules - {"resources"} - same <= found | same


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client.close", "async function -> None"),
        ("client.indexes", "resource"),
        ("client.indexes.retrieve", "async function -> IndexSchema"),
        ("client.indexes.retrieve(index_id=)", "IndexOrId, position 1, required"),
        ("client.search.query", "function -> AsyncPager[SearchItem, SearchResults]"),
        ("client.closed", "property -> bool"),
        ("twelvelabs_async.NotFoundError", "class (APIStatusError, TwelveLabsError, Exception)"),
        ("twelvelabs_async.errors.NotFoundError", "the same as twelvelabs_async.NotFoundError"),
        ("twelvelabs_async.AsyncTwelveLabs(api_key=)", "str | None = None"),
        ("twelvelabs_async.__version__", "constant of str"),
        ("twelvelabs_async.types.IndexesCreateRequestModelsItemParams", "dict"),
        ("twelvelabs_async.types.AssetStatus", "alias of Literal['failed', 'processing', 'ready'] | str"),
        ("twelvelabs_async.webhooks.unwrap(secret=)", None),
        ("twelvelabs_async.waiters.UPLOAD", None),
    ],
)
def test_examples(name: str, value: str | None) -> None:
    assert name in current()
    assert value is None or current()[name] == value


def test_nothing_private_is_there() -> None:
    for name in current():
        parts = name.partition("(")[0].partition("[")[0].split(".")
        assert not [part for part in parts if part.startswith("_") and part != "__version__"], name
        assert not name.startswith(("twelvelabs_async.emulator.handlers", "twelvelabs_async.resources"))


def test_no_line_depends_on_the_process() -> None:
    for name, value in current().items():
        assert " at 0x" not in value, name
        assert "\n" not in value


def test_the_file_is_read_as_it_was_written() -> None:
    text = surface.write(current())
    assert surface.read(text) == current()
    lines = text.splitlines()[1:]
    names = [line.split(": ", 1)[0] for line in lines]
    assert names == sorted(names)


class _Kind(typing.Protocol):
    def kind(self) -> str: ...


@attrs.frozen
class _Values:
    first: int
    second: str = ""


class _Private:
    def inherited(self, *values: int, **options: str) -> None: ...

    def untyped(self, value): ...  # type: ignore[no-untyped-def]


class _Public(_Private):
    constant = 3

    def __init__(self, a: int, *, b: str = "x", c: float) -> None: ...

    @property
    def size(self) -> int:
        return 1

    @classmethod
    def make(cls, name: str) -> _Public:
        return cls(1, c=len(name))

    @staticmethod
    def plain() -> None: ...

    def _hidden(self) -> None: ...


def record(value: type) -> surface.Surface:
    """What is recorded of a class that is exported as `webhooks.It`."""
    value.__module__ = "twelvelabs_async.webhooks"
    module = python_types.ModuleType("twelvelabs_async.webhooks")
    vars(module).update(It=value, __all__=["It"])
    found: surface.Surface = {}
    surface.record_module(found, module)
    return {name.removeprefix("twelvelabs_async.webhooks."): text for name, text in found.items()}


def test_a_class() -> None:
    _Private.__module__ = "twelvelabs_async._private"
    assert record(_Public) == {
        "It": "class",
        "It(a=)": "int, position 1, required",
        "It(b=)": "str = 'x'",
        "It(c=)": "float, required",
        "It.constant": "attribute of int",
        "It.size": "property -> int",
        "It.make": "function -> _Public",
        "It.make(name=)": "str, position 1, required",
        "It.plain": "function -> None",
        "It.inherited": "function -> None",
        "It.inherited(values=)": "int",
        "It.inherited(options=)": "str",
        "It.untyped": "function -> unknown",
        "It.untyped(value=)": "unknown, position 1, required",
    }


def test_a_class_of_attrs() -> None:
    assert record(_Values) == {"It": "class", "It.first": "int, required", "It.second": "str"}


@pytest.mark.parametrize(
    ("annotation", "written"),
    [
        ("Sequence[\n  int]", "Sequence[ int]"),
        (int | None, "int | None"),
        (typing.Literal["b", "a", 1], "Literal['a', 'b', 1]"),
        (Callable[[int], None], "Callable[[int], None]"),
        (Callable[..., int], "Callable[..., int]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (list["str"], "list[str]"),
        (typing.Any, "Any"),
    ],
)
def test_annotations_are_written_the_same_everywhere(annotation: object, written: str) -> None:
    assert surface._plain(annotation) == written


def test_a_protocol_is_not_called() -> None:
    assert record(_Kind) == {"It": "class", "It.kind": "function -> str"}


def test_a_removed_name_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(webhooks, "DEFAULT_TOLERANCE", raising=True)
    with pytest.raises(AttributeError, match="DEFAULT_TOLERANCE"):
        surface.current()


def test_a_changed_parameter_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    def close(self: AsyncTwelveLabs, *, later: bool) -> None: ...

    monkeypatch.setattr(AsyncTwelveLabs, "close", close)
    found = surface.current()
    assert found["client.close"] == "function -> None"
    assert found["client.close(later=)"] == "bool, required"


def test_a_module_that_cannot_be_imported_is_an_error() -> None:
    with pytest.raises(ImportError, match="cannot be imported"):
        surface._fail("twelvelabs_async.otel")


def test_parts_of_rooms_that_the_documentation_imports_are_recorded() -> None:
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs/cookbook").glob("*.md"), ROOT / "README.md"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    found = re.findall(r"^from (twelvelabs_async\.\w+\.[\w.]+) import ([\w, ]+)$", text, re.MULTILINE)
    names = {f"{module}.{name.strip()}" for module, listed in found for name in listed.split(",")}
    assert "twelvelabs_async.emulator.replay.Replay" in names
    modules = {f"{name}." for name in surface.FOR_USERS}
    assert {name for name in names - current().keys() if f"{name}." not in modules} == set()
