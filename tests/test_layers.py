"""The layers of the client: who may import whom. Imports for type checkers and inside functions count, too."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import twelvelabs_async
from tests.import_graph import module_names, read_imports
from tests.layer_rules import Layers

PACKAGE: Final = Path(twelvelabs_async.__file__).parent

LAYERS: Final = Layers(
    package="twelvelabs_async",
    # From the bottom to the top. A module imports from lines below its own, never from its own line or one above.
    lines=(
        ("_version", "errors", "_extras", "_async_only", "_safe_repr", "_interrupts"),
        ("_value",),
        ("vectors",),
        ("_codec",),  # JSON <-> models
        ("_request",),  # from arguments to a request
        ("_deprecation",),
        ("_config",),
        ("_media", "_mixins"),  # what a file is; methods of models
        # From a request to a response.
        ("_transport.limits",),
        ("_transport",),
        ("structured",),  # classes as output of a model
        # The hand-written layer. It does not speak HTTP itself: it is given a function that makes a call.
        ("pagination", "waiters", "streaming", "uploads", "otel"),
        ("_waiting",),  # from a constant that the generator writes to the engine in `waiters`
        # Generated code, its base, and the hand-written classes that extend it.
        ("_resource",),
        ("_raw",),
        ("_untyped",),
        ("_generated.models", "_generated.keys"),
        ("_generated.params",),
        ("_generated.operations",),
        ("_generated.raw",),
        ("resources", "webhooks"),
        ("ingest",),  # batch ingestion
        ("_generated.tree", "_generated.raw_tree", "_generated.index"),
        # What users import.
        ("resources._root", "resources._raw_root", "_lazy"),
        ("ingest.ray_worker",),  # runs in a process of its own
        ("client", "types"),
        ("__init__",),
        ("testing", "migrate", "starlette", "verify"),
        ("cli",),
    ),
    # The client and the emulator share no code, so that they cannot share a mistake.
    apart={"emulator": frozenset({"testing", "verify", "cli"})},
    # Names of packages and how objects are shown, which say nothing about the platform.
    shared=frozenset({"_extras", "_safe_repr"}),
)


def test_no_cycle_and_no_import_from_a_layer_above() -> None:
    problems = LAYERS.problems(read_imports(PACKAGE))
    assert not problems, "\n".join(["", *problems])


def test_every_part_of_the_table_exists() -> None:
    assert LAYERS.unknown(module_names(PACKAGE)) == []
