"""Both clients of the official SDK behind one face, so that a test is written once."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, Final, Self

import twelvelabs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from twelvelabs_async.testing import RunningEmulator

CALLED: Final[dict[str, set[str]]] = {"sync": set(), "async": set()}
"""The methods that were called, by client."""


class Caller:
    """Calls methods of a client by their attribute paths: `caller.indexes.create(...)`.

    Coroutines are run to their end, and streams are read to theirs.
    """

    def __init__(self, emulator: RunningEmulator, *, asynchronous: bool) -> None:
        self.mode: str = "async" if asynchronous else "sync"
        self.emulator = emulator
        self._loop = asyncio.new_event_loop()
        make = twelvelabs.AsyncTwelveLabs if asynchronous else twelvelabs.TwelveLabs
        self.sdk: Any = make(api_key=emulator.api_key, base_url=emulator.base_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        http = self.sdk._client_wrapper.httpx_client.httpx_client
        if self.mode == "async":
            self._loop.run_until_complete(http.aclose())
        else:
            http.close()
        self._loop.close()

    def __getattr__(self, name: str) -> Any:
        return _Path(self, name, getattr(self.sdk, name))

    def callback(self, report: Callable[[Any], object]) -> Any:
        """A callback as the client wants it: the asynchronous one awaits it."""

        async def report_later(seen: Any) -> None:
            report(seen)

        return report if self.mode == "sync" else report_later

    def every(self, pager: Any) -> list[Any]:
        """The items of all pages."""
        return self._loop.run_until_complete(_all(pager)) if hasattr(pager, "__aiter__") else list(pager)

    def call(self, path: str, method: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Calls a method, and notes that it was."""
        CALLED[self.mode].add(path)
        result = method(*args, **kwargs)
        if inspect.isawaitable(result):
            return self._loop.run_until_complete(_awaited(result))
        if hasattr(result, "__anext__"):
            return self._loop.run_until_complete(_all(result))
        return list(result) if inspect.isgenerator(result) else result


class _Path:
    def __init__(self, caller: Caller, path: str, target: Any) -> None:
        self._caller, self._path, self._target = caller, path, target

    def __getattr__(self, name: str) -> Any:
        return _Path(self._caller, f"{self._path}.{name}", getattr(self._target, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._caller.call(self._path, self._target, *args, **kwargs)


async def _awaited(result: Any) -> Any:
    return await result


async def _all(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


def methods_of(client: Any, path: str = "") -> set[str]:
    """The attribute paths of all methods of a client."""
    found: set[str] = set()
    for name in dir(client):
        if name.startswith("_") or name == "with_raw_response":
            continue
        value = getattr(client, name)
        if inspect.ismethod(value):
            found.add(f"{path}{name}")
        elif type(value).__module__.startswith("twelvelabs."):
            found |= methods_of(value, f"{path}{name}.")
    return found
