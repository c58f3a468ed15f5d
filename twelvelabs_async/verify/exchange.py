"""One request and its response."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def _parsed(text: bytes | str) -> Any:
    """JSON; NotImplemented where it is none, or nested deeper than any response."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return NotImplemented
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(item, dict | list)
        ]
        if not level:
            return value
    return NotImplemented


_DEEPEST: Final = 60


@attrs.frozen(repr=False)
class Exchange(SafeRepr):
    """One request and its response.

    Attributes:
        operation: operationId.
        method: HTTP method.
        path: Path below the base URL, not quoted.
        query: Query parameters.
        sent: The JSON body, or the fields of a form without its files; None without one.
        files: Names of the fields that are files.
        status: Status of the response.
        headers: Headers of the response; names are lower case.
        body: Body of the response.
    """

    operation: str
    method: str
    path: str
    query: Mapping[str, Any]
    sent: Any
    files: tuple[str, ...]
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        return 200 <= self.status < 300

    @property
    def data(self) -> Any:
        """The decoded body; an empty object where it is no JSON object."""
        value = _parsed(self.body)
        return value if isinstance(value, dict) else {}

    @property
    def rows(self) -> list[Any]:
        """The objects of a list."""
        rows = self.data.get("data")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    @property
    def ends_with_done(self) -> bool:
        """Whether the last line of a stream of server-sent events is `data: [DONE]`."""
        return self.body.rstrip().endswith(b"data: [DONE]")

    @property
    def code(self) -> str | None:
        """The error code."""
        nested = self.data.get("error")
        code = (nested if isinstance(nested, dict) else self.data).get("code")
        return code if isinstance(code, str) else None

    def values(self) -> Iterator[Any]:
        """The JSON values of the body: one, or those of a stream. NotImplemented stands for what is no JSON."""
        if self.content_type == "application/x-ndjson":
            yield from (_parsed(line) for line in self.body.split(b"\n") if line.strip())
        elif self.content_type == "text/event-stream":
            for line in self.body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"):
                if line.startswith("data:") and line != "data: [DONE]":
                    yield _parsed(line.removeprefix("data:"))
        else:
            yield _parsed(self.body)
