from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .made import Maker

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def make(tmp_path: Path) -> Maker:
    return Maker(tmp_path)
