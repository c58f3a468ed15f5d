"""Pytest fixtures that start an emulator for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..emulator import Settings
from .instant import instant
from .running import RunningEmulator, run_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def twelvelabs_settings() -> Settings:
    """Settings of the emulator. Define a fixture of the same name to change them."""
    return Settings(speed=0)


@pytest.fixture
def twelvelabs_emulator(twelvelabs_settings: Settings) -> Iterator[RunningEmulator]:
    """An emulator for one test, initially empty."""
    with run_emulator(twelvelabs_settings) as found:
        yield found


@pytest.fixture
def twelvelabs_environment(twelvelabs_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> RunningEmulator:
    """The same emulator, with the environment variables set for programs that create their own client."""
    for name, value in twelvelabs_emulator.environment.items():
        monkeypatch.setenv(name, value)
    return twelvelabs_emulator


@pytest.fixture
def twelvelabs_instant() -> Iterator[None]:
    """Retries and waits of all clients are instant during the test: see `instant`."""
    with instant():
        yield
