"""Decodes response bodies to models.

The decoder of a type is found by `registry`; decoders are small closures that are built once per type and cached. The
first pass over the data checks only what it has to look at anyway. Where it fails, the exception collects the path to
the field as it propagates, and a second pass over the invalid list finds the position of the item.

Accepted beyond the exact type: `3.0` for an integer, an integer for a number, every RFC 3339 format of a date-time, any
string for an open enum, and the alternative names that are listed for a field. A bool is not a number. An unknown
variant of a union becomes an `UnknownVariant`; values that belong to no field are kept in `extra`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, overload

import orjson

from ..errors import DecodeError
from ..vectors import Vector
from . import number_arrays
from .large_json import loads
from .model import Model, UnknownVariant, set_request_id
from .pacing import discard, keeping_input, owns_input
from .registry import (
    base_of,
    hook_for,
    is_literal,
    is_model,
    is_union,
    register_class,
    register_factory,
    resolve_lazy_hooks,
)
from .scalars import Mismatch
from .serialize import show_path, to_dict, to_json, to_wire
from .structure import decode_vector, list_hook, literal_hook, map_hook, model_hook, union_hook

if TYPE_CHECKING:
    from collections.abc import Callable

    from .json_engine import JsonEngine

__all__ = ["decode", "decoder", "to_dict", "to_json", "to_wire"]

T = TypeVar("T")

_RESULTS: Final = (Model, UnknownVariant)
"""Keep the request id, if they are the result of a call."""

_FAILED: Final = object()

MAX_PROBLEM: Final = 500
"""Characters of what a JSON parser says that an error keeps: it may quote the document."""

for _accepts, _factory in (
    (is_model, model_hook),
    (lambda kind: base_of(kind) is list, lambda kind: list_hook((*get_args(kind), Any)[0])),
    (lambda kind: base_of(kind) is dict, lambda kind: map_hook((*get_args(kind), Any, Any)[1])),
    (is_literal, literal_hook),
    (is_union, union_hook),
):
    register_factory(_accepts, _factory)
register_class(Vector, decode_vector)


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def structure(
    kind: Any, value: Any, *, body: bytes = b"", status: int | None = None, request_id: str | None = None
) -> Any:
    """Turn parsed JSON into a value of the type.

    Raises:
        DecodeError: The value does not match the type; the error holds the path to the field.
    """
    try:
        return hook_for(kind)(value, None)
    except Mismatch as caught:
        mismatch = caught.with_traceback(None)  # which would lead back to this frame
    # Raised here and not where it was caught: the whole response would hang on it, in the frames of the decoders.
    path = show_path(mismatch.parts)
    if not body:
        body = _encoded(value)
    elif owns_input():
        discard(value)
    problem = f"{path} {mismatch.problem}" if path else f"it {mismatch.problem}"
    raise DecodeError(
        f"The response is not a valid {_name(kind)}: {problem}. This release may be too old for the API: update "
        "twelvelabs-async, and report it if that does not help.",
        path=path,
        body=body,
        status=status,
        request_id=request_id,
    )


def _encoded(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:
        pass
    try:
        return repr(value).encode("utf-8", "replace")
    except RecursionError:
        return b""  # it is nested too deep to be shown


def parse(
    body: bytes,
    *,
    status: int | None = None,
    request_id: str | None = None,
    engine: JsonEngine | None = None,
) -> Any:
    """Parse JSON.

    Raises:
        DecodeError: The body is not JSON.
    """
    try:
        return loads(body) if engine is None else engine.loads(body)
    except (ValueError, RecursionError) as error:
        problem = str(error)[:MAX_PROBLEM]
    # Raised here and not where it was caught: errors of JSON parsers hold the whole document.
    raise DecodeError(
        f"The response is not JSON ({problem}). It may come from something between the client and the API: check the "
        "base URL and the proxy.",
        body=body,
        status=status,
        request_id=request_id,
    )


@overload
def decode(kind: type[T], data: Any, *, status: int | None = None, request_id: str | None = None) -> T: ...


@overload
def decode(kind: Any, data: Any, *, status: int | None = None, request_id: str | None = None) -> Any: ...


def decode(kind: Any, data: Any, *, status: int | None = None, request_id: str | None = None) -> Any:
    """Turn a response into a value of the type.

    Args:
        kind: A model, a union, or any type that a field of a model may have.
        data: The bytes of the response, or the parsed JSON.
        status: HTTP status, for error messages.
        request_id: The platform's id of the request, for error messages.

    Raises:
        DecodeError: The data is not JSON, or does not match the type.
    """
    if isinstance(data, bytes | bytearray | memoryview):
        body = bytes(data)
        value = parse(body, status=status, request_id=request_id)
    else:
        body, value = b"", data
    return structure(kind, value, body=body, status=status, request_id=request_id)


def decoder(kind: Any, engine: JsonEngine | None = None) -> Callable[[bytes, int | None, str | None], Any]:
    """A function that decodes responses of one type; its arguments are body, status and request id."""
    hook = hook_for(kind)
    resolve_lazy_hooks()
    if engine is not None:

        def decode_with_engine(body: bytes, status: int | None, request_id: str | None) -> Any:
            value = parse(body, status=status, request_id=request_id, engine=engine)
            with keeping_input():  # an engine may return the same value again
                result = structure(kind, value, body=body, status=status, request_id=request_id)
            if isinstance(result, _RESULTS):
                set_request_id(result, request_id)
            return result

        return decode_with_engine

    def decode_body(body: bytes, status: int | None, request_id: str | None) -> Any:
        value = None
        try:
            parsed = None if kind is Any else number_arrays.parse(body)
            value, nodes = (loads(body), ()) if parsed is None else parsed
            result = hook(value, None)
            number_arrays.check_taken(nodes)
        except (Mismatch, number_arrays.UsualListsError, orjson.JSONDecodeError):
            result = _FAILED
        if result is _FAILED:  # again, outside of the handler: what was caught holds the whole document
            discard(value)
            result = decode(kind, body, status=status, request_id=request_id)
        if isinstance(result, _RESULTS):
            set_request_id(result, request_id)
        return result

    return decode_body
