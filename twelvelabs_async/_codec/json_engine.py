"""The JSON engine: orjson, unless the user passes another one."""

from __future__ import annotations

from typing import Any, Protocol

from ..errors import ConfigurationError
from .serialize import WireError, dump_json


class JsonEngine(Protocol):
    """Parses and serializes JSON: a module such as `json` or `ujson`, or any object with these two functions."""

    def loads(self, data: bytes, /) -> Any:
        """Parse a document; raises ValueError if it is invalid."""
        ...

    def dumps(self, value: Any, /) -> bytes | str:
        """Serialize dicts, lists, strings, numbers, booleans and None."""
        ...


def check_engine(engine: object) -> None:
    """Reject an object that is not a JSON engine."""
    for name in ("loads", "dumps"):
        if not callable(getattr(engine, name, None)):
            raise ConfigurationError(
                f"json must have the functions loads and dumps, like the module json; {engine!r} has no {name}."
            )


def encode(engine: JsonEngine | None, value: Any) -> bytes:
    """Serialize plain JSON values.

    Raises:
        WireError: A value cannot be serialized.
    """
    if engine is None:
        return dump_json(value)
    try:
        encoded = engine.dumps(value)
        return encoded if isinstance(encoded, bytes) else encoded.encode()
    except (TypeError, ValueError) as error:
        raise WireError(str(error)) from None
