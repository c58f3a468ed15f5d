"""An emulator in a thread of its own, so that one serves many tests, each with its own event loop."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, Self, TypeVar

from twelvelabs_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


class Background:
    """`with Background(speed=0) as emulator: ...`.

    Attributes:
        emulator: The emulator; what it does belongs to the other thread.
    """

    def __init__(self, **settings: Any) -> None:
        self.emulator = Emulator(**settings)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="emulator")

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.run(self.emulator.start())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        try:
            self.run(self.emulator.close())
        finally:
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Runs something in the emulator's loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def count(self, kind: str) -> int:
        """How many things of a kind there are."""
        platform = self.emulator.platform
        assert platform is not None
        return self.run(platform.store.run(lambda tx: tx.count(kind)))

    async def counted(self, kind: str) -> int:
        """The same without blocking the test's loop."""
        return await asyncio.to_thread(self.count, kind)
