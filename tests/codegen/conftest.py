from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .generated import Generator

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def generate(tmp_path: Path) -> Generator:
    return Generator(tmp_path)
