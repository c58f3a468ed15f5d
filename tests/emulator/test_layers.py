"""The layers of the emulator, as README.md beside it states them. That it imports nothing of the client is a rule of
the client's table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import twelvelabs_async
from tests.import_graph import module_names, read_imports
from tests.layer_rules import Layers

PACKAGE: Final = Path(twelvelabs_async.__file__).parent
NAME: Final = "twelvelabs_async.emulator"

LAYERS: Final = Layers(
    package=NAME,
    lines=tuple(
        (part,)
        for part in (
            "clock",
            "errors",
            "error_codes",
            "addresses",
            "settings",
            "media",
            "openapi",
            "state",
            "services",
            "api",
            "resources",
            "handlers",
            "object_store",
            "faults",
            "disconnects",
            "recorder",
            "platform",
            "server",
            "replay",
            "__init__",
            "__main__",
        )
    ),
)


def inside(module: str) -> bool:
    return f"{module}.".startswith(f"{NAME}.")


def test_no_cycle_and_no_import_from_a_layer_above() -> None:
    imports = [item for item in read_imports(PACKAGE) if inside(item.importer) and inside(item.imported)]
    assert len(imports) > 100
    problems = LAYERS.problems(imports)
    assert not problems, "\n".join(["", *problems])


def test_every_part_of_the_table_exists() -> None:
    assert LAYERS.unknown([module for module in module_names(PACKAGE) if inside(module)]) == []
