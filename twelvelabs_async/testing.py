"""Pytest fixtures that start the emulator, for tests of programs that use this package.

    # conftest.py
    pytest_plugins = ["twelvelabs_async.testing"]

    # test_my_program.py
    async def test_index(twelvelabs_client):
        await twelvelabs_client.indexes.create(index_name="films", models=[...])

Every test gets an empty emulator of its own. It runs in a thread, so that programs with an event loop of their own can
be tested as well. The extra `emulator` is needed, and pytest-asyncio for `twelvelabs_client`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from .client import AsyncTwelveLabs
from .emulator import Emulator, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

__all__ = ["RunningEmulator", "run_emulator"]


@attrs.frozen(kw_only=True)
class RunningEmulator:
    """Addresses and key of an emulator that runs.

    Attributes:
        base_url: Address of the API.
        api_key: A key that it accepts.
        environment: Environment variables with which a client finds it.
    """

    base_url: str
    api_key: str
    environment: Mapping[str, str]

    def client(self, **arguments: Any) -> AsyncTwelveLabs:
        """A client of this emulator. Close it as usual.

        Args:
            arguments: Further arguments of `AsyncTwelveLabs`.
        """
        return AsyncTwelveLabs(api_key=self.api_key, base_url=self.base_url, **arguments)


@contextlib.contextmanager
def run_emulator(settings: Settings | None = None, **changes: Any) -> Iterator[RunningEmulator]:
    """Run an emulator in a thread while the block lasts.

    Args:
        settings: Its settings. Default: `speed=0`, so that nothing takes longer than the real work.
        changes: Single settings by name.
    """
    ready: Future[tuple[RunningEmulator, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        async with Emulator(settings or Settings(speed=0), **changes) as emulator:
            stopping = asyncio.Event()
            found = RunningEmulator(
                base_url=emulator.base_url, api_key=emulator.api_key, environment=emulator.environment
            )
            ready.set_result((found, asyncio.get_running_loop(), stopping))
            await stopping.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=run, name="twelvelabs-emulator")
    thread.start()
    try:
        found, loop, stopping = ready.result()
        try:
            yield found
        finally:
            loop.call_soon_threadsafe(stopping.set)
    finally:
        thread.join()


@pytest.fixture
def twelvelabs_settings() -> Settings:
    """Settings of the emulator. Define a fixture of the same name to change them."""
    return Settings(speed=0)


@pytest.fixture
def twelvelabs_emulator(twelvelabs_settings: Settings) -> Iterator[RunningEmulator]:
    """An empty emulator for one test."""
    with run_emulator(twelvelabs_settings) as found:
        yield found


@pytest.fixture
def twelvelabs_environment(twelvelabs_emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> RunningEmulator:
    """The same, with the environment variables set, so that programs use it without further settings."""
    for name, value in twelvelabs_emulator.environment.items():
        monkeypatch.setenv(name, value)
    return twelvelabs_emulator


try:
    import pytest_asyncio
except ImportError:  # pragma: no cover - the other fixtures work without it
    pass
else:

    @pytest_asyncio.fixture
    async def twelvelabs_client(twelvelabs_emulator: RunningEmulator) -> AsyncIterator[AsyncTwelveLabs]:
        """A client of `twelvelabs_emulator`."""
        async with twelvelabs_emulator.client() as client:
            yield client
