"""The page about LanceDB: its program runs as the page says, twice with the same folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.terminal import run_page
from twelvelabs_async.testing import run_emulator

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.timeout(300)
def test_runs(tmp_path: Path) -> None:
    with run_emulator(check_responses=True) as emulator:
        run_page("docs/cookbook/lancedb.md", tmp_path, emulator.environment)
        assert emulator.assets == []  # nothing stays at the platform
