"""Every model of the API, and the TypedDict of each model that can be sent. Loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .vectors import Vector

if TYPE_CHECKING:
    from ._generated import index
    from ._generated.index import *  # noqa: F403 - every model, for type checkers and editors

    __all__: list[str] = ["Vector"]
    __all__ += index.__all__


if not TYPE_CHECKING:  # with this function, type checkers would accept any name

    def __getattr__(name: str) -> Any:
        if not name.startswith("_"):
            from ._generated.index import NAMES, load

            if name in NAMES:
                value = globals()[name] = load(name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from ._lazy import names

    return sorted({*globals(), *names()})
