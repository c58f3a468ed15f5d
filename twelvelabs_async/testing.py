"""Pytest fixtures that start the emulator, for tests of programs that use this package.

    # conftest.py
    pytest_plugins = ["twelvelabs_async.testing"]

    # test_my_program.py
    async def test_index(twelvelabs_client):
        await twelvelabs_client.indexes.create(index_name="films", models=[...])

Every test gets its own, empty emulator. It runs in a thread, so that programs with their own event loop can be tested
as well. The fixtures need the extra `emulator`, and `twelvelabs_client` needs pytest-asyncio.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import attrs

from ._extras import needs
from ._safe_repr import SafeRepr
from .client import AsyncTwelveLabs
from .emulator import Emulator, Settings

with needs("testing"):
    import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

__all__ = ["RunningEmulator", "run_emulator"]


@attrs.frozen(kw_only=True)
class RunningEmulator(SafeRepr):
    """The address and key of a running emulator.

    Attributes:
        base_url: Address of the API.
        api_key: A key that it accepts.
        environment: Environment variables that configure a client for it.
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
    """Run an emulator in a thread until the end of the block.

    Args:
        settings: Settings of the emulator. The default is `speed=0`, without simulated delays.
        changes: Single settings by name.
    """
    ready: Future[tuple[RunningEmulator, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        async with Emulator(settings or Settings(speed=0), **changes) as emulator:
            ending = asyncio.Event()
            found = RunningEmulator(
                base_url=emulator.base_url, api_key=emulator.api_key, environment=emulator.environment
            )
            ready.set_result((found, asyncio.get_running_loop(), ending))
            await ending.wait()

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
        found, loop, ending = ready.result()
        try:
            yield found
        finally:
            loop.call_soon_threadsafe(ending.set)
    finally:
        thread.join()


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
