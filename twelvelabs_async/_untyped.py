"""Operations that this release does not know: `client.get(path)`, `client.post(path, json=...)` and so on.

They go the same way as all other calls. What differs: the caller states the path, and the result is the decoded JSON.
"""

from __future__ import annotations

import asyncio
import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from urllib.parse import unquote

from ._codec.json_engine import encode
from ._codec.model import Model
from ._codec.serialize import WireError, whole_to_wire
from ._request.body import JsonBody
from ._request.builder import Decoder, RequestBuilder, builder_for
from ._request.operation import Operation
from ._request.options import check_options
from ._request.secret import hide_headers, hide_options
from ._resource import THREAD_BYTES, RawResponse, Resource, decode_in_thread, send_form

if TYPE_CHECKING:
    from ._codec.json_engine import JsonEngine
    from ._request.files import FileInput
    from ._request.message import Response
    from ._request.options import RequestOptions
    from ._transport.secrets import Secrets

ResultT = TypeVar("ResultT")

_SEGMENT: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*")
"""What a segment of a path may consist of (RFC 3986)."""

_ANY_JSON: Final[Operation[Any]] = Operation(id="anyJson", method="GET", path="/")
"""Stands for all operations that this release does not know: its builder holds their decoder."""


class _Methods(Resource, Generic[ResultT]):
    """One method for each HTTP method."""

    async def get(
        self,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        request_options: RequestOptions | None = None,
        rate_limit_group: str | None = None,
    ) -> ResultT:
        """Call an operation that this release does not know, with GET.

        Key, base URL, timeouts, retries, limits and errors are those of all other calls.

        Args:
            path: Path below the base URL. It is sent as it is; values in it have to be quoted, with
                `urllib.parse.quote(value, safe="")`.
            query: Query parameters; those that are None are not sent, and lists are repeated.
            headers: Headers to send in addition.
            request_options: Options of this call.
            rate_limit_group: The group of operations that the call shares a rate limit with: `index`, `upload`,
                `search`, `analyze`, `embed` or `responses`; None for none of them.

        Returns:
            The decoded JSON; None if the response is empty.

        Raises:
            ValueError: The path could reach something else, or a value cannot be sent.
            DecodeError: The response is not JSON.
            TwelveLabsError: The call failed.
        """
        headers, request_options = hide_headers(headers), hide_options(request_options)
        return await self._send(
            "GET",
            path,
            query=query,
            headers=headers,
            request_options=request_options,
            rate_limit_group=rate_limit_group,
        )

    async def post(
        self,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, FileInput] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        request_options: RequestOptions | None = None,
        rate_limit_group: str | None = None,
        idempotent: bool = False,
    ) -> ResultT:
        """Call an operation that this release does not know, with POST.

        Args:
            path: Path below the base URL; see `get`.
            json: The body: a model, or plain values that may contain models. None in it is sent as null.
            form: The fields of a form, instead of `json`.
            files: The fields of a form that are files.
            query: Query parameters; see `get`.
            headers: Headers to send in addition.
            request_options: Options of this call.
            rate_limit_group: The group of operations that the call shares a rate limit with; see `get`.
            idempotent: Whether a retry is safe although the request may have been executed.

        Returns:
            The decoded JSON; None if the response is empty.

        Raises:
            ValueError: The path could reach something else, or a value cannot be sent.
            DecodeError: The response is not JSON.
            TwelveLabsError: The call failed.
        """
        headers, request_options = hide_headers(headers), hide_options(request_options)
        return await self._send(
            "POST",
            path,
            json=json,
            form=form,
            files=files,
            query=query,
            headers=headers,
            request_options=request_options,
            rate_limit_group=rate_limit_group,
            idempotent=idempotent,
        )

    async def put(
        self,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, FileInput] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        request_options: RequestOptions | None = None,
        rate_limit_group: str | None = None,
    ) -> ResultT:
        """Call an operation that this release does not know, with PUT. Arguments and result are those of `post`."""
        headers, request_options = hide_headers(headers), hide_options(request_options)
        return await self._send(
            "PUT",
            path,
            json=json,
            form=form,
            files=files,
            query=query,
            headers=headers,
            request_options=request_options,
            rate_limit_group=rate_limit_group,
        )

    async def patch(
        self,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, FileInput] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        request_options: RequestOptions | None = None,
        rate_limit_group: str | None = None,
        idempotent: bool = False,
    ) -> ResultT:
        """Call an operation that this release does not know, with PATCH. Arguments and result are those of `post`."""
        headers, request_options = hide_headers(headers), hide_options(request_options)
        return await self._send(
            "PATCH",
            path,
            json=json,
            form=form,
            files=files,
            query=query,
            headers=headers,
            request_options=request_options,
            rate_limit_group=rate_limit_group,
            idempotent=idempotent,
        )

    async def delete(
        self,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        request_options: RequestOptions | None = None,
        rate_limit_group: str | None = None,
    ) -> ResultT:
        """Call an operation that this release does not know, with DELETE. Arguments and result are those of `post`."""
        headers, request_options = hide_headers(headers), hide_options(request_options)
        return await self._send(
            "DELETE",
            path,
            json=json,
            query=query,
            headers=headers,
            request_options=request_options,
            rate_limit_group=rate_limit_group,
        )

    async def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        request_options: RequestOptions | None,
        rate_limit_group: str | None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        files: Mapping[str, FileInput] | None = None,
        idempotent: bool = False,
    ) -> ResultT:
        _check_path(path)
        engine = self._core.config.json
        fields = _body_fields(json, form, files)
        operation: Operation[Any] = Operation(
            id=_label(path),
            method=method,
            path=path if path.startswith("/") else f"/{path}",
            body=None if fields is None else "form" if json is None else "json",
            files=frozenset(files or ()),
            nullable=frozenset(() if json is None else fields or ()),
            rate_limit_group=rate_limit_group,
            idempotent=idempotent,
            timeout_profile="upload" if files else "call",
        )
        builder = RequestBuilder(operation, engine)
        # A name in `nullable` is one of the body; in a query, None means "not sent".
        query = {name: value for name, value in (query or {}).items() if value is not None}
        shared = builder_for(_ANY_JSON, engine)
        if shared.decode is None:
            # Importing the decoder takes milliseconds, and the event loop must not be blocked.
            shared.decode = await asyncio.to_thread(_json_decoder, engine)
        builder.decode = shared.decode
        if builder.is_form:
            request = await self._build_form(builder, None, query, headers, fields, request_options)
        else:
            request = builder.build(None, query, headers, fields, request_options)
        if json is not None and fields is None:
            if check_options(request_options).get("body"):
                raise ValueError("request_options: body needs a JSON object to add to, or a form")
            request.body = JsonBody(_encoded(json, engine))
        transport = self._core.transport
        # Not kept here: locals may be shown in a traceback, and what a server sends may hold a secret.
        return await self._finish(
            builder, shared.decode, await send_form(transport, request), transport.secrets(request)
        )

    @abstractmethod
    async def _finish(self, builder: RequestBuilder, decode: Decoder, response: Response, secrets: Secrets) -> ResultT:
        """What a call returns for a response."""


class UntypedCalls(_Methods[Any]):
    """Calls of operations that this release does not know, which return the decoded JSON."""

    async def _finish(self, builder: RequestBuilder, decode: Decoder, response: Response, secrets: Secrets) -> Any:
        held = [response]
        del response
        try:
            if not held[0].body:
                return None
            if len(held[0].body) > THREAD_BYTES:
                return await decode_in_thread(decode, held)
            return decode(held[0].body, held[0].status, held[0].request_id)
        except BaseException as error:
            held.clear()  # the traceback must not keep a large document
            secrets.clean(error)
            raise


class RawUntypedCalls(_Methods[RawResponse[Any]]):
    """Calls of operations that this release does not know, which return the response itself."""

    async def _finish(
        self, builder: RequestBuilder, decode: Decoder, response: Response, secrets: Secrets
    ) -> RawResponse[Any]:
        return RawResponse(response, builder, secrets)


def _check_path(path: str) -> None:
    """Reject a path that could reach something else than what it names below the base URL."""
    if not isinstance(path, str):
        raise TypeError(f"path must be a str, not {type(path).__name__}")
    if path.startswith("//") or "://" in path:
        raise ValueError(f"path must be relative to the base URL, such as /indexes; {path!r} is a URL")
    if "?" in path or "#" in path:
        raise ValueError("path must not contain '?' or '#': pass query=..., and quote these characters in values")
    for segment in path.removeprefix("/").split("/"):
        if not segment:
            raise ValueError(f"path must not contain an empty segment; {path!r} would reach another route")
        if not _SEGMENT.fullmatch(segment):
            raise ValueError(
                f"path contains characters that have to be quoted, in {segment!r}: use "
                'urllib.parse.quote(value, safe="") for each value in it'
            )
        if unquote(segment) in {".", ".."}:
            raise ValueError(f"path must not contain the segment {segment!r}; it would reach another route")


def _label(path: str) -> str:
    """The name of the operation in errors, logs and metrics; the ids in a path would be too many different names."""
    first, _, rest = path.removeprefix("/").partition("/")
    return f"/{first}/..." if rest else f"/{first}"


def _body_fields(
    json: Any, form: Mapping[str, Any] | None, files: Mapping[str, FileInput] | None
) -> dict[str, Any] | None:
    """The fields of a JSON object or of a form; None for other JSON, and without a body."""
    if json is None:
        if form is None and files is None:
            return None
        if both := (form or {}).keys() & (files or {}).keys():
            raise ValueError(f"form and files have the same fields: {', '.join(sorted(both))}")
        return {**(form or {}), **(files or {})}
    if form is not None or files is not None:
        raise ValueError("pass json or a form, not both")
    if not isinstance(json, Mapping | Model):
        return None
    fields: dict[str, Any] = _wire(json)
    return fields


def _wire(json: Any) -> Any:
    try:
        return whole_to_wire(json)
    except WireError as error:
        raise ValueError(error.text("json")) from None


def _encoded(json: Any, engine: JsonEngine | None) -> bytes:
    try:
        return encode(engine, _wire(json))
    except WireError as error:
        raise ValueError(error.text("json")) from None


def _json_decoder(engine: JsonEngine | None) -> Decoder:
    from ._codec.decode import decoder

    return decoder(Any, engine)
