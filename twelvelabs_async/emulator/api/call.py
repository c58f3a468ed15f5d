"""A request after it was parsed and validated, and what a handler returns for it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._safe_repr import SafeRepr
from ..openapi.validation import check_response

if TYPE_CHECKING:
    from aiohttp import web

    from ..openapi.document import Operation
    from ..services import Services
    from ..services.media_sources import Upload


@dataclasses.dataclass(slots=True)
class Call(SafeRepr):
    """A request that was parsed and validated.

    Attributes:
        services: What the handler works with.
        operation: The operation of the document.
        request: The HTTP request.
        path: Path parameters.
        query: Query parameters, with defaults.
        headers: Header parameters.
        body: The JSON body, or the fields of the form.
        files: The files of the form; those that a handler leaves here are removed after the request.
        response_headers: Headers of the response.
    """

    services: Services
    operation: Operation
    request: web.Request
    path: dict[str, str]
    query: dict[str, Any] = dataclasses.field(default_factory=dict)
    headers: dict[str, Any] = dataclasses.field(default_factory=dict)
    body: Any = None
    files: dict[str, list[Upload]] = dataclasses.field(default_factory=dict)
    response_headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def values(self, name: str) -> list[Any]:
        """A form or body field as a list."""
        value = (self.body or {}).get(name)
        return value if isinstance(value, list) else [] if value is None else [value]

    async def check_response(self, status: int, content_type: str, data: Any) -> None:
        """Validates a response, or an event of a stream, against the document, when the settings ask for it.

        Raises:
            AssertionError: The document forbids the response.
        """
        if not self.services.settings.check_responses:
            return
        schema = self.operation.responses[status].content[content_type]
        problem = await asyncio.to_thread(check_response, data, schema)
        if problem:
            raise AssertionError(f"{self.operation.id} responds with what the document forbids: {problem}")

    def discard_files(self) -> None:
        """Removes the files of the form that nothing took over; blocking."""
        for uploads in self.files.values():
            for upload in uploads:
                upload.path.unlink(missing_ok=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Response(SafeRepr):
    """What a handler returns: JSON with the status that the OpenAPI document names, or no body.

    Attributes:
        data: The body; None for none.
        status: The status, where it is not the documented one.
        headers: Further headers.
        large: Encode the body outside the event loop.
    """

    data: Any = None
    status: int | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    large: bool = False
