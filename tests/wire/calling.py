"""Calls the client as a user would, and gives back what it sent."""

from __future__ import annotations

import inspect
import io
import json
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from tests.openapi import document, models, samples
from tests.openapi.document import Field
from tests.wire.capture import dump

if TYPE_CHECKING:
    from tests.wire.server import CaptureServer
    from twelvelabs_async import AsyncTwelveLabs

Spelling = Callable[[Field, Any], Any]


def plain(_: Field, value: Any) -> Any:
    """Wire data as it is: plain dicts and texts."""
    return value


def with_models(field: Field, value: Any) -> Any:
    """Models in place of plain dicts."""
    return value if samples.FILE_KEY in str(value) else models.construct(field.schema, value)


def with_datetimes(field: Field, value: Any) -> Any:
    """Date-times as `datetime`."""
    return models.with_datetimes(field.schema, value)


def with_json_text(field: Field, value: Any) -> Any:
    """JSON text where a form member is sent as JSON, as users of the official SDK write it."""
    return json.dumps(value) if field.schema.get("x-json-encoded") else value


ENCODERS: dict[str, Spelling] = {
    "plain": plain,
    "models": with_models,
    "datetimes": with_datetimes,
    "json text": with_json_text,
}
"""Ways in which a user can write the same arguments."""


def written(facts: document.OperationFacts, arguments: Mapping[str, Any], spelling: Spelling) -> dict[str, Any]:
    """Keyword arguments from arguments by wire name."""
    fields = {field.name: field for field in facts.fields}
    return {
        (fields[name].attribute if name in fields else name): spelling(fields[name], value) if name in fields else value
        for name, value in arguments.items()
    }


def files(value: Any) -> Any:
    """The value with files in the places that are marked for them."""
    if isinstance(value, dict):
        if samples.FILE_KEY in value:
            return (value[samples.FILE_KEY]["name"], io.BytesIO(value[samples.FILE_KEY]["content"].encode()))
        return {name: files(entry) for name, entry in value.items()}
    return [files(entry) for entry in value] if isinstance(value, list) else value


async def send(
    server: CaptureServer, client: AsyncTwelveLabs, path: str, arguments: dict[str, Any], *positional: Any
) -> list[dict[str, Any]]:
    """The requests of one call, whatever it returns; warnings are those of `warnings.catch_warnings` around it."""
    server.requests.clear()
    method: Any = client
    for name in path.split("."):
        method = getattr(method, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        result = method(*positional, **arguments)
        if inspect.isawaitable(result):
            await result
        else:
            async for _ in result:
                pass
    return [dump(request) for request in server.requests]
