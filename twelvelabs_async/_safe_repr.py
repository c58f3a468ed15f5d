"""A `repr` that never raises: tracebacks and error trackers call it on the locals of every frame."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class SafeRepr:
    """Base of the classes that have a `repr` of their own, written by hand or made by attrs.

    It also works for objects that are half initialised, as `self` is where a constructor fails, and for those whose
    content cannot be shown, such as JSON that is nested too deep.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        # attrs and dataclasses make a class with slots twice: the second time, it has its `__repr__`.
        super().__init_subclass__()
        own = cls.__dict__.get("__repr__")
        if own is not None:
            type.__setattr__(cls, "__repr__", _safe(own))  # an assignment would change the type of `__repr__`


def _safe(own: Callable[[object], str]) -> Callable[[object], str]:
    @functools.wraps(own)
    def show(self: object) -> str:
        try:
            return own(self)
        except Exception as error:  # whatever it is, a repr must not raise it
            return f"<{type(self).__name__}: repr raised {type(error).__name__}>"

    return show
