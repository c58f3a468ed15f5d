"""The checker of layers, on small trees of modules: it finds what it has to find, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.import_graph import find_cycles, module_names, read_imports
from tests.layer_rules import Layers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LAYERS = Layers(
    package="shop",
    lines=(("errors", "names"), ("store", "mail"), ("store.web",), ("__init__",), ("cli",)),
    apart={"fake": frozenset({"cli"})},
    shared=frozenset({"names"}),
)

FILES = {
    "__init__.py": "from .store import Order\nfrom . import errors",
    "errors.py": "import os\nfrom pathlib import Path",
    "names.py": "",
    "mail.py": "from .errors import MailError",
    "store/__init__.py": "from .orders import Order",
    "store/orders.py": "from ..errors import StoreError",
    "store/web.py": "from . import orders\nimport shop.errors",
    "fake/__init__.py": "from . import server\nfrom ..names import NAME",
    "fake/server.py": "from . import state",
    "fake/state.py": "from . import server",
    "cli/__init__.py": "from .. import Order\nfrom ..fake.server import Server",
}
"""A package that keeps to the rules: only what stands apart has a cycle, which is no concern of these layers."""


def problems(folder: Path, changed: Mapping[str, str]) -> list[str]:
    """What the checker says about the package with some files changed."""
    package = write(folder, FILES | dict(changed))
    return [problem.replace(f"{package}/", "") for problem in LAYERS.problems(read_imports(package))]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    package = folder / "shop"
    for name, source in files.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{source}\n", "utf-8")
    return package


def test_a_package_that_keeps_to_the_rules(tmp_path: Path) -> None:
    assert problems(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("from .store import Order", 1),
        ("from . import store", 1),
        ("import shop.store", 1),
        ("from shop import store", 1),
        ("from shop.store.orders import Order", 1),
        ("from .store.orders import *", 1),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .store import Order", 3),
        ("def late():\n    from .store import Order", 2),
        ("class Late:\n    async def late(self):\n        import shop.store", 3),
        ("from . import (\n    nothing,\n    store,\n)", 3),
    ],
)
def test_an_import_from_a_layer_above(tmp_path: Path, source: str, line: int) -> None:
    found = problems(tmp_path, {"__init__.py": "", "errors.py": source, "store/orders.py": "", "store/__init__.py": ""})
    (problem,) = [text for text in found if "imports shop.store" in text]
    assert problem.startswith(f"errors.py:{line}: shop.errors imports shop.store")
    assert "but store is above errors in the order of layers: move what both need to a layer below" in problem


def test_an_import_of_the_package_itself(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"mail.py": "from . import Order"})
    assert "mail.py:1: shop.mail imports shop, but __init__ is above mail" in problem


def test_an_import_from_the_layer_itself(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"mail.py": "from .store import Order"})
    assert "mail.py:1: shop.mail imports shop.store, but store is beside mail" in problem


def test_the_longer_name_counts(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"store/orders.py": "from . import web", "store/web.py": ""})
    assert "store/orders.py:1: shop.store.orders imports shop.store.web, but store.web is above store" in problem


def test_a_module_without_a_layer(tmp_path: Path) -> None:
    assert problems(tmp_path, {"news.py": "from .errors import E", "mail.py": "from . import news"}) == [
        "mail.py:1: shop.mail imports shop.news, but shop.news belongs to no layer: add it to the table of layers.",
        "news.py:1: shop.news imports shop.errors, but shop.news belongs to no layer: add it to the table of layers.",
    ]


def test_a_module_whose_name_begins_like_a_part(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"stores.py": "from .errors import E"})
    assert "shop.stores belongs to no layer" in problem


def test_what_stands_apart(tmp_path: Path) -> None:
    found = problems(tmp_path, {"fake/state.py": "from ..errors import E", "store/web.py": "from ..fake import server"})
    assert found == [
        "fake/state.py:1: shop.fake.state imports shop.errors, but fake stands apart and imports no other part: "
        "remove the import.",
        "store/web.py:1: shop.store.web imports shop.fake.server, but fake stands apart, and only cli may import it: "
        "remove the import.",
    ]


def test_a_cycle_within_a_part(tmp_path: Path) -> None:
    lazy = "def late():\n    from .web import Page"
    (problem,) = problems(
        tmp_path, {"cli/__init__.py": "from . import app", "cli/app.py": "def run():\n    from . import NAME"}
    )
    assert problem.splitlines()[1:] == [
        "  cli/__init__.py:1: shop.cli imports shop.cli.app",
        "  cli/app.py:2: shop.cli.app imports shop.cli",
    ]
    assert "Move what these modules share into a module below them" in problem
    found = problems(tmp_path, {"store/orders.py": lazy, "store/web.py": "from . import orders"})
    assert any("Import cycle" in problem for problem in found)


def test_each_cycle_is_reported_once_with_its_shortest_way(tmp_path: Path) -> None:
    files = {
        "a.py": "from . import b",
        "b.py": "from . import c\nfrom . import d",
        "c.py": "from . import d",
        "d.py": "from . import a",
        "e.py": "from . import a",
        "x.py": "from . import y",
        "y.py": "from . import x\nfrom .x import again",
    }
    cycles = find_cycles(read_imports(write(tmp_path, files)))
    found = {" ".join(sorted(item.importer.removeprefix("shop.") for item in cycle)) for cycle in cycles}
    assert found == {"a b d", "a b c d", "x y"}
    assert len(cycles) == 3


def test_a_package_without_cycles(tmp_path: Path) -> None:
    files = {
        "a.py": "from . import b, c",
        "b.py": "from . import d",
        "c.py": "from . import d",
        "d.py": "from . import a2",
    }
    assert find_cycles(read_imports(write(tmp_path, files))) == []


def test_parts_that_no_longer_exist(tmp_path: Path) -> None:
    files = {name: source for name, source in FILES.items() if name not in {"mail.py", "store/web.py"}}
    assert LAYERS.unknown(module_names(write(tmp_path, files))) == ["mail", "store.web"]
