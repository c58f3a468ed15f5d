"""Classes as `response_format`, and generated text as instances of them."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

import orjson

from .._codec.scalars import Mismatch
from .._codec.serialize import show_path
from ..errors import OutputTruncatedError, StructuredOutputError
from ._members import is_described
from ._shapes import Definitions, ObjectShape, object_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

THREAD_CHARACTERS: Final = 128 * 1024
"""Longer texts are parsed in a thread, because the event loop must not be blocked."""


def json_schema_for(cls: type) -> dict[str, Any]:
    """The JSON schema of a class.

    A field without a default is required. Its description is a text in `Annotated[str, "..."]`,
    `metadata={"description": "..."}`, or the entry of the docstring's section `Attributes:`.

    Args:
        cls: An attrs class, a dataclass or a TypedDict; or a pydantic model, which has a schema of its own.

    Raises:
        TypeError: It is something else, or one of its fields has a type that the platform's schemas cannot express; the
            message names the field.
    """
    if _is_pydantic(cls):
        own: dict[str, Any] = cls.model_json_schema()  # type: ignore[attr-defined]
        return own
    definitions = Definitions()
    schema = _shape(cls).properties(definitions)
    if definitions.schemas:
        schema["$defs"] = definitions.schemas
    return schema


def response_format_for(cls: type) -> Any:
    """The `response_format` that asks for JSON for a class: `{"type": "json_schema", "json_schema": {...}}`.

    It is a dict, and typed so that every call with a `response_format` accepts it: of `analyze`, of a task and of a
    batch alike.

    Args:
        cls: An attrs class, a dataclass, a TypedDict or a pydantic model.

    Raises:
        TypeError: The class cannot be requested; see `json_schema_for`.
    """
    return {"type": "json_schema", "json_schema": json_schema_for(cls)}


def request_schema(body: Mapping[str, Any], cls: type, operation: str) -> Mapping[str, Any]:
    """The arguments of a call, which asks for JSON for a class unless they name a format already.

    Args:
        body: Arguments of the call; None for those that were left out.
        cls: An attrs class, a dataclass, a TypedDict or a pydantic model.
        operation: The operation, for the error message.

    Raises:
        TypeError: The operation cannot respond with JSON of a given form, or the class cannot be requested.
    """
    schema = json_schema_for(cls)
    if "response_format" in body:
        wanted: tuple[str, Any] = "response_format", {"type": "json_schema", "json_schema": schema}
    elif "text" in body:
        wanted = "text", {"format": {"type": "json_schema", "name": cls.__name__, "schema": schema}}
    else:
        raise TypeError(f"{operation} cannot be asked for the JSON of a class")
    name, value = wanted
    return body if body[name] is not None else {**body, name: value}


def parse_into(cls: type[T], text: str | None, finish_reason: str | None = None, *, request_id: str | None = None) -> T:
    """Parse generated JSON.

    Args:
        cls: The class that was asked for.
        text: The generated text.
        finish_reason: Why the generation ended; `length` means that the text is cut off.
        request_id: The platform's id of the request, for the error.

    Returns:
        An instance of the class; a dict if it is a TypedDict. Members of the JSON that the class does not have are
        ignored.

    Raises:
        OutputTruncatedError: The text was cut off at the token limit; it is attached.
        StructuredOutputError: The text is not JSON, or does not match the class; it is attached.
        TypeError: The class cannot be requested; see `json_schema_for`.
    """
    known: Any = cls
    read = known.model_validate if _is_pydantic(cls) else _shape(known).parse
    value = load_text(text, finish_reason, noun=cls.__name__, request_id=request_id)
    try:
        result: T = read(value)
    except Mismatch as mismatch:
        path, problem = show_path(mismatch.parts), mismatch.problem
        cause: BaseException | None = mismatch.__cause__
    except RecursionError:  # of a class that contains itself
        path, problem, cause = "", "is nested too deeply", None
    except ValueError as error:  # of pydantic
        path, problem, cause = _first_place(error), f"is refused: {error}", error
    else:
        return result
    raise StructuredOutputError(
        f"the text is not a valid {cls.__name__}: {path or 'it'} {problem}",
        text=text or "",
        path=path,
        finish_reason=finish_reason,
        request_id=request_id,
    ) from cause


async def parse_text(
    cls: type[T], text: str | None, *, finish_reason: str | None = None, request_id: str | None = None
) -> T:
    """`parse_into` for coroutines: a long text is parsed in a thread."""
    return await off_loop(text, lambda: parse_into(cls, text, finish_reason, request_id=request_id))


async def off_loop(text: str | None, parse: Callable[[], T]) -> T:
    """Call a function that parses a text, in a thread where the text is long: the event loop must not be blocked."""
    return await asyncio.to_thread(parse) if len(text or "") > THREAD_CHARACTERS else parse()


def load_text(text: str | None, finish_reason: str | None, *, noun: str, request_id: str | None) -> Any:
    """The JSON of a generated text.

    Raises:
        OutputTruncatedError: The text was cut off at the token limit.
        StructuredOutputError: There is no text, or it is not JSON.
    """
    if finish_reason == "length":
        raise OutputTruncatedError(
            f"the text was cut off at the token limit, so it is no complete {noun}: allow more with max_tokens, or ask "
            "for less",
            text=text or "",
            finish_reason=finish_reason,
            request_id=request_id,
        )
    try:
        return orjson.loads(text or "")
    except orjson.JSONDecodeError as error:
        problem = f"the text is not JSON: {error}" if text else f"there is no text, but a {noun} was expected"
        raise StructuredOutputError(
            problem, text=text or "", finish_reason=finish_reason, request_id=request_id
        ) from None


@lru_cache(maxsize=256)
def _shape(cls: type) -> ObjectShape:
    if not is_described(cls):
        name = getattr(cls, "__name__", None) or repr(cls)
        raise TypeError(f"{name} must be an attrs class, a dataclass, a TypedDict or a pydantic model")
    return object_shape(cls, {})


def _is_pydantic(cls: Any) -> bool:
    return isinstance(cls, type) and hasattr(cls, "model_json_schema") and hasattr(cls, "model_validate")


def _first_place(error: ValueError) -> str:
    """The path to the first problem of a pydantic ValidationError."""
    list_problems: Any = getattr(error, "errors", None)
    return "" if list_problems is None else show_path(list_problems()[0]["loc"][::-1])
