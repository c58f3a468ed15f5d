"""Says what to write where an asynchronous object is used like a synchronous one."""

from __future__ import annotations

from typing import TYPE_CHECKING


class AsyncIterationOnly:
    """Base of objects for `async for`."""

    # Type checkers must not see it: they would take the object for an iterable.
    if not TYPE_CHECKING:

        def __iter__(self):
            raise TypeError(f"{type(self).__name__} is asynchronous: use `async for`")


class AsyncContextOnly:
    """Base of objects for `async with`."""

    if not TYPE_CHECKING:

        def __enter__(self):
            raise TypeError(f"{type(self).__name__} is asynchronous: use `async with`")

        def __exit__(self, *_):
            """Exists because `with` looks for it before it calls `__enter__`."""
