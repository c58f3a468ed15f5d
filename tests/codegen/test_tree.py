"""The resource tree: the only generated code that names hand-written classes."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from codegen import cli
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async._resource import Resource

from .generated import document, operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .generated import Generator

PACKAGE = cli.ROOT / "twelvelabs_async"


def resources(node: Any) -> Iterator[tuple[str, Any]]:
    """Every resource below a client or a resource, with its path joined by underscores."""
    for name in dir(type(node)):
        if not name.startswith("_") and name != "with_raw_response":
            value = getattr(node, name)
            if isinstance(value, Resource):
                yield name, value
                yield from ((f"{name}_{below}", found) for below, found in resources(value))


def test_resources_below_resources(generate: Generator) -> None:
    paths = {
        "/a": {"get": operation("a", "things.a")},
        "/b": {"get": operation("b", "things.parts.b", tags=["Parts"])},
        "/c": {"get": operation("c", "deep.er.c", tags=["Deep"])},
    }
    generated = generate(document(paths=paths))
    assert "import ThingsResource as _ThingsResource" in generated.files["tree/things.py"]
    assert "class ThingsResource(_ThingsResource)" in generated.files["tree/things.py"]
    assert "def parts(self) -> ThingsPartsResource:" in generated.files["tree/things.py"]
    assert "from ..operations.parts import ThingsPartsResource" in generated.files["tree/things.py"]
    assert "def parts(self) -> RawThingsPartsResource:" in generated.files["raw_tree/things.py"]
    assert "from .things import ThingsResource" in generated.files["tree/__init__.py"]
    assert "class ResourceTree(_Resource)" in generated.files["tree/__init__.py"]
    assert "class RawResourceTree(_RawResource)" in generated.files["raw_tree/__init__.py"]


def test_resource_without_operations(generate: Generator) -> None:
    generated = generate(document(paths={"/c": {"get": operation("c", "deep.er.c", tags=["Deep"])}}))
    assert "class DeepResource(_Resource)" in generated.files["tree/deep.py"]
    assert "class RawDeepResource(_RawResource)" in generated.files["raw_tree/deep.py"]
    assert "def er(self) -> RawDeepErResource:" in generated.files["raw_tree/deep.py"]


def test_hand_written_classes_are_named_in_the_tree_alone(generate: Generator) -> None:
    folder = generate.output.parent / "resources"
    folder.mkdir(parents=True)
    (folder / "things_parts.py").touch()
    (folder / "things.py").touch()
    paths = {"/a": {"get": operation("a", "things.a")}, "/b": {"get": operation("b", "things.parts.b")}}
    generated = generate(document(paths=paths))
    assert "from ...resources.things import ThingsResource as _ThingsResource" in generated.files["tree/things.py"]
    assert "from ...resources.things_parts import ThingsPartsResource" in generated.files["tree/things.py"]
    assert [name for name, source in generated.files.items() if ".resources" in source] == ["tree/things.py"]


def test_the_client_has_every_hand_written_class() -> None:
    client = AsyncTwelveLabs(api_key="a-key")
    found = dict(resources(client))
    written = {path.stem for path in (PACKAGE / "resources").glob("[!_]*.py")}
    assert len(written) > 5
    for name in written:
        module = importlib.import_module(f"twelvelabs_async.resources.{name}")
        assert isinstance(found[name], getattr(module, type(found[name]).__name__)), name


def test_raw_responses_have_the_same_resources() -> None:
    client = AsyncTwelveLabs(api_key="a-key")
    found, raw = dict(resources(client)), dict(resources(client.with_raw_response))
    assert found.keys() == raw.keys()
    assert all(type(raw[name]).__name__ == f"Raw{type(resource).__name__}" for name, resource in found.items())


def test_a_resource_is_imported_when_it_is_first_used() -> None:
    program = """
import sys
from twelvelabs_async import AsyncTwelveLabs

def loaded():
    prefix = "twelvelabs_async._generated."
    return sorted(name for name in sys.modules if name.startswith(prefix) and name.count(".") > 2)

client = AsyncTwelveLabs(api_key="a-key")
assert loaded() == ["twelvelabs_async._generated.operations.analyze"], loaded()
client.embed
assert "twelvelabs_async._generated.operations.embed" in loaded(), loaded()
assert "twelvelabs_async.resources.embed_tasks" not in sys.modules
client.embed.tasks
assert "twelvelabs_async.resources.embed_tasks" in sys.modules
assert not any("raw" in name for name in loaded()), loaded()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=cli.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
