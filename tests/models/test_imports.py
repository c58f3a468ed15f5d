"""Naming a resource's models loads these alone, and those that it shares."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import json, pathlib, sys
import twelvelabs_async

PREFIX = "twelvelabs_async._generated.models."
client = twelvelabs_async.AsyncTwelveLabs(api_key="a-key")
for name in ("indexes", "tasks", "embed", "knowledge_stores", "responses", "analyze_async"):
    getattr(client, name)
before = sorted(name for name in sys.modules if name.startswith(PREFIX))
folder = pathlib.Path(twelvelabs_async.__file__).parent / "_generated" / "models"
loaded = {}
for path in sorted(folder.glob("[a-z]*.py")):
    for name in [name for name in sys.modules if name.startswith(PREFIX)]:
        del sys.modules[name]
    __import__(PREFIX + path.stem)
    loaded[path.stem] = sorted(name.removeprefix(PREFIX) for name in sys.modules if name.startswith(PREFIX))
print(json.dumps({"before": before, "loaded": loaded}))
"""


def test_models_of_one_resource_alone() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert found["before"] == [], "making a client and naming resources loads no models"
    assert len(found["loaded"]) > 20
    for module, loaded in found["loaded"].items():
        # Those that it shares with resources whose names begin with the same one are in the module of that one.
        assert {other for other in loaded if not module.startswith(f"{other}_")} <= {module, "common"}
