"""What the generator knows about an operation, as data that the transport reads."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")
EventT = TypeVar("EventT")

ParameterStyle = Literal["repeat", "comma", "deep", "flat"]
"""Spelling of a list or map in a query: `k=a&k=b`, `k=a,b`, `k[x]=1`, `x=1`."""

TimeoutProfile = Literal["call", "upload", "stream"]
"""Which default timeouts apply: a small call, a request with file bodies, a long-lived answer."""

StreamKind = Literal["ndjson", "sse", "jsonl"]

_MODELS = "twelvelabs_async._generated.models."


@attrs.frozen
class TypeRef(Generic[T_co]):
    """A model or union that is imported when it is first needed.

    Attributes:
        module: Name of the module below `_generated.models`.
        name: Name of the class or union in it.
    """

    module: str
    name: str

    def resolve(self) -> Any:
        """Import the module and return the type."""
        return getattr(importlib.import_module(_MODELS + self.module), self.name)


@attrs.frozen(kw_only=True)
class Operation(Generic[T_co]):
    """One operation of the API.

    Attributes:
        id: The operationId.
        method: HTTP method, upper case.
        path: Path template below the base URL, parameters in braces.
        response: Type of the success body; None where there is none.
        query: Spelling of list and map query parameters; those not named are `repeat`.
        headers: Name of the header for each header argument.
        body: How the body is encoded; None where there is none.
        fixed: Body members that every call sends unless it gives them itself (for example `stream`).
        form_json: Form members that are sent as JSON text.
        files: Form members that are files.
        lists: Members of a JSON body that are lists of text: a plain text given for one is sent as a list of one.
        nullable: Query and body members whose None is sent as null; elsewhere None means "not given".
        reserved: Path values that would be the word of another route.
        rate_limit_group: Operations of one group share the platform's counters.
        idempotent: True where a repeat is safe although the method alone does not say so.
        timeout_profile: Which default timeouts apply.
        deprecated: What to use instead, for the DeprecationWarning; None for a living operation.
    """

    id: str
    method: str
    path: str
    response: TypeRef[T_co] | None = None
    query: Mapping[str, ParameterStyle] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    body: Literal["json", "form"] | None = None
    fixed: Mapping[str, Any] = attrs.field(factory=dict)
    form_json: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    nullable: frozenset[str] = frozenset()
    reserved: frozenset[str] = frozenset()
    rate_limit_group: str | None = None
    idempotent: bool = False
    timeout_profile: TimeoutProfile = "call"
    deprecated: str | None = None


@attrs.frozen(kw_only=True)
class PagedOperation(Operation[PageT], Generic[ItemT, PageT]):
    """An operation whose answer is one page of many.

    Attributes:
        items: Attribute of the page that holds the items.
        style: `page` counts pages with the query parameter `page`; `token` follows a token.
        token: Path of attributes to the token of the next page (style `token`).
        next_operation: Operation that takes the token as its path parameter; None where the same operation is called
            again with the token in its body.
        next_parameter: Name of the path parameter or body member that takes the token.
    """

    items: str
    style: Literal["page", "token"]
    token: tuple[str, ...] = ()
    next_operation: Operation[Any] | None = None
    next_parameter: str | None = None


@attrs.frozen(kw_only=True)
class StreamOperation(Operation[EventT], Generic[EventT]):
    """An operation that answers with a stream; `response` is the type of one event."""

    kind: StreamKind
    timeout_profile: TimeoutProfile = "stream"
