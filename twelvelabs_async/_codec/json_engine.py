"""The JSON engine: orjson, unless the user brings another one."""

from __future__ import annotations

from typing import Any, Protocol

from ..errors import ConfigurationError
from .serialize import WireError, dump_json


class JsonEngine(Protocol):
    """What parses and writes JSON: a module such as `json` or `ujson`, or any object with these two functions."""

    def loads(self, data: bytes, /) -> Any:
        """Parse a document; ValueError where it is none."""
        ...

    def dumps(self, value: Any, /) -> bytes | str:
        """Write dicts, lists, texts, numbers, booleans and None."""
        ...


def check_engine(engine: object) -> None:
    """Refuse what is no JSON engine."""
    for name in ("loads", "dumps"):
        if not callable(getattr(engine, name, None)):
            raise ConfigurationError(
                f"json must have the functions loads and dumps, as the module json has; {engine!r} has no {name}."
            )


def encode(engine: JsonEngine | None, value: Any) -> bytes:
    """Write plain JSON values.

    Raises:
        WireError: A value cannot be written.
    """
    if engine is None:
        return dump_json(value)
    try:
        written = engine.dumps(value)
        return written if isinstance(written, bytes) else written.encode()
    except (TypeError, ValueError) as error:
        raise WireError(str(error)) from None
