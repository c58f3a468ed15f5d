"""A switch for tests: retries and waits take no time."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import attrs

PAUSE: Final = 0.005
"""Seconds between two checks of a wait: not zero, since the emulator needs the processor, too."""

_lock = threading.Lock()
_depth = 0
_originals: list[tuple[Any, str, Any]] = []


@contextmanager
def instant() -> Iterator[None]:
    """Retries, `Retry-After`, rate-limit windows and pauses between checks take no time within the block.

    This is for tests: how often a call is retried, and which errors end it, stays as it is, but nothing is waited for.
    It holds for all clients of the process, also those that the program under test makes itself. Timeouts, and the
    times that the server takes, are not changed. Blocks may be nested, and overlap in several threads.
    """
    global _depth  # noqa: PLW0603 - the classes that it changes are global, too
    with _lock:
        _depth += 1
        if _depth == 1:
            _originals.extend(_replace(*entry) for entry in _REPLACED)
    try:
        yield
    finally:
        with _lock:
            _depth -= 1
            if not _depth:
                while _originals:
                    setattr(*_originals.pop())


def _replace(module: str, path: str, make: Callable[[Any], Any]) -> tuple[Any, str, Any]:
    """Replaces a function of this package; returns where it was, and what."""
    owner: Any = importlib.import_module(f"..{module}", __package__)
    *parts, name = path.split(".")
    for part in parts:
        owner = getattr(owner, part)
    original = getattr(owner, name)
    setattr(owner, name, make(original))
    return owner, name, original


def _no_time(_: Any) -> Callable[..., float]:
    return lambda *args, **kwargs: 0.0


def _short(_: Any) -> Callable[..., float]:
    return lambda *args, **kwargs: PAUSE


def _short_pauses(_: Any) -> Callable[..., Iterator[float]]:
    def pauses(first: float) -> Iterator[float]:
        while True:
            yield PAUSE

    return pauses


def _without_windows(original: Callable[..., Any]) -> Callable[..., Any]:
    """A method of the rate limiter that does not see what responses say about limits."""

    def method(self: Any, now: float, sent_at: float, headers: Any) -> Any:
        return original(self, now, sent_at, attrs.evolve(headers, windows=()))

    return method


def _at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    """The pause of a rate-limit group after a 429, without its length."""

    def method(self: Any, now: float, headers: Any, backoff: float) -> Any:
        return original(self, now, attrs.evolve(headers, windows=(), retry_after=0.0), 0.0)

    return method


def _pause_at_once(original: Callable[..., Any]) -> Callable[..., Any]:
    async def method(self: Any, seconds: float) -> None:
        await original(self, 0.0)

    return method


_REPLACED: Final[tuple[tuple[str, str, Callable[[Any], Any]], ...]] = (
    ("_config.retry_policy", "RetryPolicy.backoff", _no_time),
    ("_config.retry_policy", "RetryPolicy.with_jitter", _no_time),
    ("_transport.limits.rate_limit", "RateLimiter.responded", _without_windows),
    ("_transport.limits.rate_limit", "RateLimiter.refused", _at_once),
    ("waiters.schedule", "Schedule.pause", _short),
    ("waiters.single", "pauses", _short_pauses),
    ("waiters.poller", "WAKE_INTERVAL", lambda _: 0.0),
    ("uploads.engine", "Upload._delay", _no_time),
    ("resources._removal", "PAUSES", lambda pauses: (0.0,) * len(pauses)),
    ("ingest.engine", "_backoff", _no_time),
    ("ingest.engine", "Engine._pause", _pause_at_once),
    ("ingest.lookup", "SETTLE", lambda _: 0.0),
)
"""What decides how long something pauses: module, name, and what makes the replacement of it."""
