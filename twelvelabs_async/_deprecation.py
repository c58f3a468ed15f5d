"""Warnings about what the platform has deprecated, no longer lists, or has announced to remove."""

from __future__ import annotations

import asyncio
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ._codec.model import UNSET

if TYPE_CHECKING:
    from typing_extensions import deprecated  # type checkers bring it along

    from ._request.operation import Operation
else:

    def deprecated(message: str) -> Callable[[Any], Any]:
        """Mark a method as deprecated, for type checkers and tools. It is the call of the operation that warns."""

        def mark(method: Any) -> Any:
            method.__deprecated__ = message
            return method

        return mark


__all__ = ["coroutine_function", "deprecated", "warn_outdated"]

MethodT = TypeVar("MethodT", bound=Callable[..., Any])

_OURS: Final = frozenset({__package__ or "twelvelabs_async", "asyncio"})
"""Packages whose frames are passed over in search of the line that made a call."""

_COROUTINE: Final = "Coroutine[Any, Any, "


def coroutine_function(method: MethodT) -> MethodT:
    """Let a function that returns a coroutine pass for an `async def`, for mocks and the reference.

    `inspect.iscoroutinefunction` knows it from Python 3.12 on.

    An `async def` runs only when it is awaited, and by then the line of its call may be gone: `asyncio.gather` and
    tasks await from the event loop. A plain function warns where it is called.
    """
    returned = str(method.__annotations__["return"])
    method.__annotations__["return"] = returned.removeprefix(_COROUTINE).removesuffix("]")
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(method)
    method._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined, unreachable, unused-ignore]
    return method


def warn_outdated(operation: Operation[Any], body: Any = None) -> None:
    """Warn about a call of a deprecated operation, and about deprecated members and values in its body."""
    if operation.deprecated is not None:
        _warn(operation.deprecated)
    if isinstance(body, Mapping):
        for outdated in operation.outdated:
            for value in _given(body, outdated.path):
                text = outdated.values.get(value, outdated.given) if isinstance(value, str) else outdated.given
                if text is not None:
                    _warn(text)


def _given(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Every value that the caller gives at a path of members, in models, dicts, and lists of them."""
    if value is None or value is UNSET:
        return
    if not path:
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _given(item, path)
    else:
        name, *rest = path
        yield from _given(value.get(name) if isinstance(value, Mapping) else getattr(value, name, None), tuple(rest))


def _warn(text: str) -> None:
    """Emit a DeprecationWarning at the first caller outside of the package."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
        frame = frame.f_back
    warnings.warn_explicit(
        text,
        DeprecationWarning,
        filename=frame.f_code.co_filename,
        lineno=frame.f_lineno,
        module=frame.f_globals.get("__name__", "<unknown>"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )
