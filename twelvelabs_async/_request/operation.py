"""The description of an operation that the generator writes and the transport reads."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar

import attrs

from .._value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .keys import Keys

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")
EventT = TypeVar("EventT")

ParameterStyle = Literal["repeat", "comma", "deep", "flat"]
"""Encoding of a list or map in a query: `k=a&k=b`, `k=a,b`, `k[x]=1`, `x=1`."""

TimeoutProfile = Literal["call", "upload", "stream"]
"""Which default timeouts apply: a small call, a request that sends files, a streamed response."""

StreamKind = Literal["ndjson", "sse", "jsonl"]

_MODELS = "twelvelabs_async._generated.models."


@attrs.frozen(eq=False, repr=False)
class TypeRef(Value, Generic[T_co]):
    """A model or union that is imported on first use.

    Attributes:
        module: Name of the module below `_generated.models`.
        name: Name of the class or union in that module.
    """

    module: str
    name: str

    def resolve(self) -> Any:
        """Import the module and return the type."""
        return getattr(importlib.import_module(_MODELS + self.module), self.name)


@attrs.frozen(kw_only=True, eq=False, repr=False)
class MediaLimits(Value):
    """What an operation accepts of a media file. A kind of content that is missing is not accepted this way.

    Attributes:
        file: Largest file in the body or in the chunks of an upload, in bytes, by kind of content.
        url: Largest file behind a URL, in bytes, by kind of content.
        base64: Largest file as base64 text, in bytes before encoding, by kind of content.
        min_seconds: Shortest length of video and audio.
        max_seconds: Longest length of video and audio, by model; `*` stands for any.
    """

    file: Mapping[str, int] = attrs.field(factory=dict)
    url: Mapping[str, int] = attrs.field(factory=dict)
    base64: Mapping[str, int] = attrs.field(factory=dict)
    min_seconds: float = 0
    max_seconds: Mapping[str, float] = attrs.field(factory=dict)

    def longest(self, model: str | None) -> float:
        """Longest length for a model, in seconds. For an unknown model, the smallest one of those that are known."""
        known = self.max_seconds.get(model or "*")
        return min(self.max_seconds.values(), default=math.inf) if known is None else known


NO_MEDIA_LIMITS: Final = MediaLimits()
"""Those of an operation for which none are stated."""


@attrs.frozen(eq=False, repr=False)
class Outdated(Value):
    """A member of a body that is deprecated, or has deprecated values.

    Attributes:
        path: Names of the members that lead to it, through lists as well.
        values: What the DeprecationWarning says, by value.
        given: What it says of any other value; None if the others are current.
    """

    path: tuple[str, ...]
    values: Mapping[str, str] = attrs.field(factory=dict)
    given: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Operation(Value, Generic[T_co]):
    """One operation of the API.

    Attributes:
        id: The operationId.
        method: HTTP method, upper case.
        path: Path template below the base URL, parameters in braces.
        response: Type of the body of a successful response; None if there is none.
        query: Parameter styles of lists and maps in the query; the default is `repeat`.
        headers: Header name of each header argument.
        ids: Arguments that take an id or a list of ids, and the kind of the objects that are accepted in place of one.
        body: How the body is encoded; None if there is none.
        fixed: Body fields that every call sends unless an argument sets them (for example `stream`).
        form_json: Form fields that are sent as JSON.
        files: Form fields that are files.
        keys: Names of keys in the body that differ from the wire; None if there are none.
        lists: Fields of a JSON body that are lists of strings: a plain string is sent as a list with one item.
        nullable: Query and body fields whose None is sent as null; for others None means "do not send".
        reserved: Path values that are rejected because they are segments of other routes.
        media_limits: What is accepted of a media file.
        rate_limit_group: Operations of one group share a rate limit of the platform.
        idempotent: True if a retry is safe although the HTTP method is not idempotent.
        timeout_profile: Which default timeouts apply.
        deprecated: What the DeprecationWarning of a call says; None if calls emit none.
        outdated: Members of the body, or values of them, that calls warn about.
    """

    id: str
    method: str
    path: str
    response: TypeRef[T_co] | None = None
    query: Mapping[str, ParameterStyle] = attrs.field(factory=dict)
    headers: Mapping[str, str] = attrs.field(factory=dict)
    ids: Mapping[str, str] = attrs.field(factory=dict)
    body: Literal["json", "form"] | None = None
    fixed: Mapping[str, Any] = attrs.field(factory=dict)
    form_json: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()
    keys: Keys | None = None
    lists: frozenset[str] = frozenset()
    nullable: frozenset[str] = frozenset()
    reserved: frozenset[str] = frozenset()
    rate_limit_group: str | None = None
    media_limits: MediaLimits = NO_MEDIA_LIMITS
    idempotent: bool = False
    timeout_profile: TimeoutProfile = "call"
    deprecated: str | None = None
    outdated: tuple[Outdated, ...] = ()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class PagedOperation(Operation[PageT], Generic[ItemT, PageT]):
    """An operation whose response is one page of a list.

    Attributes:
        items: Attribute of the page that holds the items.
        style: `page` counts pages with the query parameter `page`; `token` follows a token.
        token: Attribute path of the token of the next page (style `token`).
        next_operation: Operation that takes the token as its path parameter; None if the same operation is called again
            with the token in its body.
        next_parameter: Name of the path parameter or body field for the token.
    """

    items: str
    style: Literal["page", "token"]
    token: tuple[str, ...] = ()
    next_operation: Operation[Any] | None = None
    next_parameter: str | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class StreamOperation(Operation[EventT], Generic[EventT]):
    """An operation whose response is a stream; `response` is the type of one event."""

    kind: StreamKind
    timeout_profile: TimeoutProfile = "stream"
