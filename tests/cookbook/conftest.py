"""LanceDB is large, and a Jupyter kernel brings much: `make test-cookbook`. Elsewhere, these tests do not exist."""

from __future__ import annotations

import importlib.util

if importlib.util.find_spec("lancedb") is None:
    collect_ignore_glob = ["test_*.py"]
