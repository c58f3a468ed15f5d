"""The emulator for tests of programs that use this package: a context manager, and pytest fixtures.

    # Any test framework
    with run_emulator() as emulator:
        ...

    # pytest: conftest.py
    pytest_plugins = ["twelvelabs_async.testing"]

    # test_my_program.py
    async def test_index(twelvelabs_client):
        await twelvelabs_client.indexes.create(index_name="films", models=[...])

The emulator runs in a thread with its own event loop, so that you can test programs with any event loop, or with none.
It needs the extra `emulator`. The fixtures need pytest, and `twelvelabs_client` needs pytest-asyncio.
"""

from __future__ import annotations

import contextlib

from ..emulator.recorder import RequestMade
from .instant import instant
from .running import EmulatorRunner, RunningEmulator, run_emulator

__all__ = ["EmulatorRunner", "RequestMade", "RunningEmulator", "instant", "run_emulator"]

with contextlib.suppress(ModuleNotFoundError):  # without pytest there is nobody who could use them
    from .fixtures import twelvelabs_emulator as twelvelabs_emulator
    from .fixtures import twelvelabs_environment as twelvelabs_environment
    from .fixtures import twelvelabs_instant as twelvelabs_instant
    from .fixtures import twelvelabs_settings as twelvelabs_settings
with contextlib.suppress(ModuleNotFoundError):
    from .async_fixtures import twelvelabs_client as twelvelabs_client
