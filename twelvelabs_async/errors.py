"""Every error that this package raises on purpose.

    TwelveLabsError
    ├── APIConnectionError          no response: the host is unreachable, the connection was lost, a redirect
    │   └── APITimeoutError         no response in time
    ├── APIStatusError              the platform responded with an error status
    │   ├── BadRequestError         400
    │   ├── AuthenticationError     401
    │   ├── ForbiddenError          403
    │   ├── NotFoundError           404
    │   ├── ConflictError           409
    │   ├── GoneError               410, and an expired page token of a search
    │   ├── PayloadTooLargeError    413
    │   ├── UnprocessableEntityError 422
    │   ├── TooManyRequestsError    429
    │   └── InternalServerError     5xx
    ├── DecodeError                 the response does not match the API contract
    ├── StreamError                 a stream was truncated, malformed or rejected
    ├── StructuredOutputError       a generated text does not match the requested class
    │   └── OutputTruncatedError    it was cut off at the token limit
    ├── TaskFailedError             the platform could not process the video or file
    ├── WaitTimeoutError            a wait reached its deadline
    ├── UploadError                 an upload did not finish; it can be resumed
    ├── BulkError                   some items of a bulk call failed
    ├── IndexMismatchError          also a ValueError: an index of this name has other models
    ├── UnsupportedMediaError       also a ValueError: the platform does not accept this file; nothing was sent
    ├── JournalError                the journal of a batch ingestion cannot be used
    ├── IngestError                 a batch ingestion ended before all sources had an outcome
    │   └── IndexFullError          the index accepts no more videos
    ├── WebhookSignatureError       also a ValueError
    └── ConfigurationError          also a ValueError: no key, a bad base URL ...

Errors contain plain values, can be pickled and copied, and never contain the API key. Invalid arguments that are found
before anything is sent raise a ValueError, TypeError or OSError that names the argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "APIConnectionError", "APIStatusError", "APITimeoutError", "AuthenticationError", "BadRequestError", "BulkError",
    "ConfigurationError", "ConflictError", "DecodeError", "ForbiddenError", "GoneError", "IndexFullError",
    "IndexMismatchError", "IngestError", "InternalServerError", "JournalError", "NotFoundError",
    "OutputTruncatedError", "PayloadTooLargeError", "StreamError", "StructuredOutputError", "TaskFailedError",
    "TooManyRequestsError", "TwelveLabsError",
    "UnprocessableEntityError", "UnsupportedMediaError", "UploadError", "WaitTimeoutError", "WebhookSignatureError",
]  # fmt: skip

REFUSED_STATUSES: Final = frozenset({408, 429})
"""Statuses that prove that the platform has not executed the request, and may accept it later."""

TRANSIENT_STATUSES: Final = frozenset({500, 502, 503, 504})
"""Statuses of a failure that may be over at the next try; the request may have been executed."""

BODY_LIMIT: Final = 2048
"""Bytes of a response that a DecodeError keeps."""


def _rebuild(cls: type[TwelveLabsError], args: tuple[Any, ...], state: dict[str, Any]) -> TwelveLabsError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class TwelveLabsError(Exception):
    """Base of all errors of this package.

    Attributes:
        message: What happened and what to do about it.
        retryable: Whether the same call may succeed if it is tried again later. It does not say that this is safe: a
            call that changes something may have been executed.
    """

    retryable: bool = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class with `args`, which loses keyword attributes, also those of subclasses.
        return _rebuild, (type(self), self.args, self.__dict__.copy())


class APIConnectionError(TwelveLabsError):
    """There was no response: the host is unreachable, TLS failed, the connection was lost, a redirect is not followed.

    Attributes:
        operation: operationId of the call, None outside of one.
        attempts: Number of attempts.
        retryable: False if the cause will not go away: an untrusted certificate, a closed client, an unreadable file, a
            redirect.
    """

    def __init__(
        self, message: str, *, operation: str | None = None, attempts: int = 1, retryable: bool = True
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.attempts = attempts
        self.retryable: bool = retryable


class APITimeoutError(APIConnectionError):
    """There was no response in time. The platform may have executed the request nevertheless.

    Attributes:
        retry_after: Seconds until the end of the rate-limit pause that prevented sending the request; None for every
            other cause.
    """

    def __init__(
        self, message: str, *, operation: str | None = None, attempts: int = 1, retry_after: float | None = None
    ) -> None:
        super().__init__(message, operation=operation, attempts=attempts)
        self.retry_after: float | None = retry_after


class APIStatusError(TwelveLabsError):
    """The platform responded with an error status.

    Attributes:
        status: HTTP status.
        code: The platform's error code as it was sent, such as `parameter_invalid`; None if there was none.
        message: The platform's message; a description of the status if it sent none.
        docs_url: Documentation that the platform refers to.
        details: Further fields that the platform sent with the error.
        request_id: The platform's id of the request, for support requests.
        headers: Headers of the response; names are lower case.
        body: The decoded JSON of the response; its text if it is not JSON; None if it was empty.
        retryable: True for 408, 429, 500, 502, 503 and 504.
    """

    hint: str = ""
    """What to do about the error; part of its text."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str | None = None,
        docs_url: str | None = None,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retryable: bool = status in REFUSED_STATUSES or status in TRANSIENT_STATUSES
        self.code = code
        self.docs_url = docs_url
        self.details: dict[str, Any] = dict(details or {})
        self.request_id = request_id
        self.headers: dict[str, str] = {name.lower(): value for name, value in (headers or {}).items()}
        self.body = body

    def __str__(self) -> str:
        text = f"{self.status} {self.code}: {self.message}" if self.code else f"{self.status}: {self.message}"
        if self.hint:
            text = f"{text.rstrip()}{'' if text.rstrip().endswith(('.', '!', '?')) else '.'} {self.hint}"
        if self.docs_url:
            text += f" See {self.docs_url}"
        if self.request_id:
            text += f" (request id {self.request_id})"
        return text


class BadRequestError(APIStatusError):
    """400: the platform rejects the input, or a precondition is not met yet."""

    hint = "Change the request as the message says; retrying it unchanged gives the same error."


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong or revoked."""

    hint = "Check the API key: set TWELVE_LABS_API_KEY or pass api_key=... to AsyncTwelveLabs."


class ForbiddenError(APIStatusError):
    """403: the key is valid, but its plan, region or organization does not permit this."""

    hint = "Check the plan of the account, its region, and that the resource belongs to it."


class NotFoundError(APIStatusError):
    """404: there is no such resource."""

    hint = "Check the id, and that it belongs to the account of this API key."


class ConflictError(APIStatusError):
    """409: the resource is in a state that does not allow this."""

    hint = "Retrieve the resource and check its status before you retry."


class GoneError(APIStatusError):
    """410, or an expired page token of a search (which the platform may also report as 400)."""

    hint = "A page token is valid for a short time only: run the search again and read its pages without long pauses."


class PayloadTooLargeError(APIStatusError):
    """413: the request is larger than the platform accepts."""

    hint = "Send large files with client.multipart_upload.upload_file, and use the asset id that it returns."


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed, but the platform cannot process it."""

    hint = "Change the request as the message says; retrying it unchanged gives the same error."


class TooManyRequestsError(APIStatusError):
    """429: a rate limit was exceeded, and still was after the last permitted retry.

    Attributes:
        retry_after: Seconds to wait as requested by the platform; None if it sent none.
        limit: Requests allowed per window.
        remaining: Requests left in the window.
        reset: End of the window, as the platform sent it (seconds since 1970, or seconds from now).
    """

    hint = "Wait before the next call, allow more retries (max_retries), or make fewer concurrent calls."

    def __init__(
        self,
        message: str,
        *,
        status: int = 429,
        retry_after: float | None = None,
        limit: int | None = None,
        remaining: int | None = None,
        reset: float | None = None,
        code: str | None = None,
        docs_url: str | None = None,
        details: Mapping[str, Any] | None = None,
        request_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(
            message,
            status=status,
            code=code,
            docs_url=docs_url,
            details=details,
            request_id=request_id,
            headers=headers,
            body=body,
        )
        self.retry_after = retry_after
        self.limit = limit
        self.remaining = remaining
        self.reset = reset


class InternalServerError(APIStatusError):
    """5xx: the platform, or an intermediary such as a proxy, failed."""

    hint = (
        "The request did not cause this. Try again later; if it persists, report the request id to TwelveLabs support."
    )


class DecodeError(TwelveLabsError):
    """The response does not match the API contract.

    Attributes:
        path: Path to the invalid field, such as `data[3].status`; empty if the response as a whole is invalid.
        body: The first 2 KiB of the response.
        status: HTTP status of the response; None if the data is not from an HTTP response.
        request_id: The platform's id of the request.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        body: bytes = b"",
        status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.path = path
        self.body: bytes = bytes(body[:BODY_LIMIT])
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        text = self.message
        if self.request_id:
            text += f" (request id {self.request_id})"
        return text


class StreamError(TwelveLabsError):
    """A stream ended early, contained malformed data, or was rejected by the platform after it had begun.

    Attributes:
        events: The latest events received before the error.
        text: The text received before the error.
        data: The first 2 KiB of the invalid data.
        request_id: The platform's id of the request.
        retryable: True if the stream ended early.
    """

    def __init__(
        self,
        message: str,
        *,
        events: Sequence[Any] = (),
        text: str = "",
        data: bytes = b"",
        request_id: str | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.retryable: bool = retryable
        self.events: tuple[Any, ...] = tuple(events)
        self.text = text
        self.data: bytes = bytes(data[:BODY_LIMIT])
        self.request_id = request_id


class StructuredOutputError(TwelveLabsError):
    """A generated text is not JSON, or does not match the requested class.

    Attributes:
        text: The complete text.
        path: Path to the field that does not match, such as `scenes[3].title`; empty if the text as a whole does not.
        finish_reason: Why the generation ended; None if the platform did not say.
        request_id: The platform's id of the request.
        retryable: Whether another call may generate a text that matches.
    """

    retryable = True

    def __init__(
        self,
        message: str,
        *,
        text: str = "",
        path: str = "",
        finish_reason: str | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.text = text
        self.path = path
        self.finish_reason = finish_reason
        self.request_id = request_id


class OutputTruncatedError(StructuredOutputError):
    """A generated text was cut off at the token limit, so its JSON is incomplete. Allow more with `max_tokens`."""

    retryable = False


class TaskFailedError(TwelveLabsError):
    """The platform could not process its input.

    Attributes:
        task: The last state of the task, asset or indexed asset, with the reason if the platform gives one.
    """

    def __init__(self, message: str, *, task: Any) -> None:
        super().__init__(message)
        self.task = task


class WaitTimeoutError(TwelveLabsError):
    """A wait reached its deadline. The platform continues processing: wait again with a longer timeout.

    Attributes:
        last: The last state; None if there was none.
        timeout: The timeout in seconds.
    """

    retryable = True

    def __init__(self, message: str, *, last: Any = None, timeout: float | None = None) -> None:
        super().__init__(message)
        self.last = last
        self.timeout = timeout


class UploadError(TwelveLabsError):
    """An upload did not finish. The attributes suffice to resume it.

    Attributes:
        upload_id: Id of the upload session; None if none was created.
        asset_id: Id of the asset that the upload was to create.
        finished: Numbers of the chunks that the platform has received.
        failed: Number of each failed chunk, with the reason.
        chunk_index: Number of the chunk that failed first; None if no chunk failed.
        original_error: The underlying error, if there is one.
        retryable: That of the underlying error.
        chunk_size: Size of every chunk but the last one, in bytes; None if it is not known.
        upload_headers: Headers to send with every chunk; None if some cannot be kept, because they hold a secret.
        file_identity: What identifies the file, as far as it is known: `size`, `mtime_ns` and `sha256`.
    """

    def __init__(
        self,
        message: str,
        *,
        upload_id: str | None = None,
        asset_id: str | None = None,
        finished: Sequence[int] = (),
        failed: Mapping[int, str] | None = None,
        chunk_index: int | None = None,
        original_error: Exception | None = None,
        chunk_size: int | None = None,
        upload_headers: Mapping[str, str] | None = None,
        file_identity: Mapping[str, int | str] | None = None,
    ) -> None:
        super().__init__(message)
        self.chunk_size = chunk_size
        self.upload_headers: dict[str, str] | None = None if upload_headers is None else dict(upload_headers)
        self.file_identity: dict[str, int | str] = dict(file_identity or {})
        self.upload_id = upload_id
        self.asset_id = asset_id
        self.finished: tuple[int, ...] = tuple(finished)
        self.failed: dict[int, str] = dict(failed or {})
        self.chunk_index = chunk_index
        self.original_error = original_error
        self.retryable: bool = isinstance(original_error, TwelveLabsError) and original_error.retryable


class BulkError(TwelveLabsError):
    """Some items of a bulk call failed; the others succeeded.

    Attributes:
        outcomes: The result or the exception of every input, in order.
    """

    def __init__(self, message: str, *, outcomes: Sequence[Any]) -> None:
        super().__init__(message)
        self.outcomes: tuple[Any, ...] = tuple(outcomes)

    @property
    def results(self) -> tuple[Any, ...]:
        """The results of the items that succeeded, in order."""
        return tuple(outcome for outcome in self.outcomes if not isinstance(outcome, BaseException))

    @property
    def errors(self) -> dict[int, BaseException]:
        """The exception of each failed item, by its position."""
        return {at: outcome for at, outcome in enumerate(self.outcomes) if isinstance(outcome, BaseException)}


class IndexMismatchError(TwelveLabsError, ValueError):
    """`indexes.get_or_create` found an index with this name that has other models or lacks an add-on.

    It is not a `ConflictError`, because the platform reported no error: it returned the index.

    Attributes:
        index: The existing index.
    """

    def __init__(self, message: str, *, index: Any) -> None:
        super().__init__(message)
        self.index = index


class UnsupportedMediaError(TwelveLabsError, ValueError):
    """The platform does not accept this file for this call. The error is raised before the file is sent.

    Attributes:
        value: The value of the file: bytes, seconds, or its kind of content.
        limit: The accepted value: bytes, seconds, or the kinds of content.
    """

    def __init__(self, message: str, *, value: float | str | None, limit: float | tuple[str, ...] | None) -> None:
        super().__init__(message)
        self.value = value
        self.limit = limit


class JournalError(TwelveLabsError):
    """The journal of a batch ingestion cannot be opened, read or written. Earlier writes are kept.

    Attributes:
        path: The journal.
    """

    def __init__(self, message: str, *, path: str | None = None) -> None:
        super().__init__(message)
        self.path = path


class IngestError(TwelveLabsError):
    """A batch ingestion ended before all sources had an outcome: too many failed, or no further one could succeed.

    Sources in progress stay pending in the journal; the next run resumes them.

    Attributes:
        stats: The statistics of the run, an `IngestStats`.
    """

    def __init__(self, message: str, *, stats: Any = None) -> None:
        super().__init__(message)
        self.stats = stats


class IndexFullError(IngestError):
    """The index accepts no more videos, so that no further source could be added to it.

    Attributes:
        index_id: The index.
    """

    def __init__(self, message: str, *, index_id: str | None = None, stats: Any = None) -> None:
        super().__init__(message, stats=stats)
        self.index_id = index_id


class WebhookSignatureError(TwelveLabsError, ValueError):
    """A webhook is not from the platform, was modified, or is too old. Respond with 400 and ignore it."""


class ConfigurationError(TwelveLabsError, ValueError):
    """The configuration of the client is invalid.

    Attributes:
        variable: The environment variable that can be set instead of the argument; None if there is none.
    """

    def __init__(self, message: str, *, variable: str | None = None) -> None:
        super().__init__(message)
        self.variable = variable
