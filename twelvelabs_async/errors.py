"""Every error that this package raises on purpose.

    TwelveLabsError
    ├── APIConnectionError          no answer came: the host is unreachable, the connection broke
    │   └── APITimeoutError         no answer came in time
    ├── APIStatusError              the platform answered, and refused
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
    ├── DecodeError                 the answer is not what the contract says
    ├── StreamError                 a stream was cut short, malformed or refused
    ├── TaskFailedError             the platform could not process the video or file
    ├── WaitTimeoutError            a wait reached its deadline
    ├── UploadError                 an upload did not finish; it can be resumed
    ├── BulkError                   some items of a bulk call failed
    ├── WebhookSignatureError       also a ValueError
    └── ConfigurationError          also a ValueError: no key, a bad base URL ...

Errors hold plain values, survive `pickle` and `copy`, and never hold the API key. Other refusals that happen before
anything is sent are a plain ValueError, TypeError or OSError that names the argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "APIConnectionError", "APIStatusError", "APITimeoutError", "AuthenticationError", "BadRequestError",
    "BulkError", "ConfigurationError", "ConflictError", "DecodeError", "ForbiddenError", "GoneError",
    "InternalServerError", "NotFoundError", "PayloadTooLargeError", "StreamError", "TaskFailedError",
    "TooManyRequestsError", "TwelveLabsError", "UnprocessableEntityError", "UploadError", "WaitTimeoutError",
    "WebhookSignatureError",
]  # fmt: skip

BODY_LIMIT: Final = 2048
"""Bytes of an answer that a DecodeError keeps."""


def _rebuild(cls: type[TwelveLabsError], args: tuple[Any, ...], state: dict[str, Any]) -> TwelveLabsError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class TwelveLabsError(Exception):
    """Base of all errors of this package.

    Attributes:
        message: What happened and what to do about it.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[Any, ...]:
        # The default calls the class with `args`, which loses keyword attributes, also those of subclasses.
        return _rebuild, (type(self), self.args, self.__dict__.copy())


class APIConnectionError(TwelveLabsError):
    """No answer came: the host is unreachable, TLS failed, the connection broke.

    Attributes:
        operation: operationId of the call, None outside of one.
        attempts: How often the request was tried.
    """

    def __init__(self, message: str, *, operation: str | None = None, attempts: int = 1) -> None:
        super().__init__(message)
        self.operation = operation
        self.attempts = attempts


class APITimeoutError(APIConnectionError):
    """No answer came in time. The request may have been carried out all the same."""


class APIStatusError(TwelveLabsError):
    """The platform answered with an error.

    Attributes:
        status: HTTP status.
        code: The platform's error code as it was sent, such as `parameter_invalid`; None where there was none.
        message: The platform's message; a description of the status where it sent none.
        docs_url: Documentation that the platform points to.
        details: Further members that the platform sent with the error.
        request_id: The platform's id of the request, for its support.
        headers: Headers of the answer; names are lower case.
        body: The decoded JSON of the answer; its text where it is no JSON; None where it was empty.
    """

    hint: str = ""
    """What to do about it; part of the text of the error."""

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
        self.code = code
        self.docs_url = docs_url
        self.details = dict(details or {})
        self.request_id = request_id
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}
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
    """400: the platform refuses the input, or something that it needs has not happened yet."""

    hint = "Change the request as the message says; sending it again unchanged gives the same answer."


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong or revoked."""

    hint = "Check the API key: set TWELVE_LABS_API_KEY or pass api_key=... to AsyncTwelveLabs."


class ForbiddenError(APIStatusError):
    """403: the key is valid, but its plan, region or organization may not do this."""

    hint = "Check the plan of the account, its region, and that the resource belongs to it."


class NotFoundError(APIStatusError):
    """404: there is no such resource."""

    hint = "Check the id, and that it belongs to the account of this API key."


class ConflictError(APIStatusError):
    """409: the resource is in a state that does not allow this."""

    hint = "Retrieve the resource and look at its status before trying again."


class GoneError(APIStatusError):
    """410, or an expired page token of a search (which the platform may also report as 400)."""

    hint = "A page token lives for a short time only: run the search again and read its pages without long pauses."


class PayloadTooLargeError(APIStatusError):
    """413: the request is larger than the platform accepts."""

    hint = "Send large files with client.multipart_upload.upload_file, and use the asset id that it returns."


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed, but the platform cannot work with it."""

    hint = "Change the request as the message says; sending it again unchanged gives the same answer."


class TooManyRequestsError(APIStatusError):
    """429: a rate limit was reached, and the retries that were allowed did not help.

    Attributes:
        retry_after: Seconds to wait that the platform asked for; None where it did not say.
        limit: Requests that one window allows.
        remaining: Requests left in the window.
        reset: When the window ends, as the platform sent it (seconds since 1970, or seconds from now).
    """

    hint = "Wait before the next call, allow more retries (max_retries), or make fewer calls at a time."

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
    """5xx: the platform, or something on the way to it, failed."""

    hint = (
        "This is not caused by the request. Try again later; if it stays, report the request id to TwelveLabs support."
    )


class DecodeError(TwelveLabsError):
    """The answer is not what the contract says.

    Attributes:
        path: Path to the field at fault, such as `data[3].status`; empty where the answer as a whole is meant.
        body: The first 2 KiB of the answer.
        status: HTTP status of the answer; None where it came from elsewhere.
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
        self.body = bytes(body[:BODY_LIMIT])
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        text = self.message
        if self.request_id:
            text += f" (request id {self.request_id})"
        return text


class StreamError(TwelveLabsError):
    """A stream ended early, held something malformed, or was refused by the platform after it had begun.

    Attributes:
        events: The events that arrived before the error, as far as they were kept.
        text: The text that arrived before the error.
        data: The piece at fault, its first 2 KiB.
        request_id: The platform's id of the request.
    """

    def __init__(
        self,
        message: str,
        *,
        events: Sequence[Any] = (),
        text: str = "",
        data: bytes = b"",
        request_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.events = tuple(events)
        self.text = text
        self.data = bytes(data[:BODY_LIMIT])
        self.request_id = request_id


class TaskFailedError(TwelveLabsError):
    """The platform could not process what it was given.

    Attributes:
        task: The task, asset or indexed asset as it was last seen, with its reason where the platform gives one.
    """

    def __init__(self, message: str, *, task: Any) -> None:
        super().__init__(message)
        self.task = task


class WaitTimeoutError(TwelveLabsError):
    """A wait reached its deadline. The work goes on on the platform: wait again with a longer timeout.

    Attributes:
        last: The state that was seen last; None where none was seen.
        timeout: The deadline in seconds.
    """

    def __init__(self, message: str, *, last: Any = None, timeout: float | None = None) -> None:
        super().__init__(message)
        self.last = last
        self.timeout = timeout


class UploadError(TwelveLabsError):
    """An upload did not finish. What it holds is enough to resume it.

    Attributes:
        upload_id: The upload session; None where none was made.
        asset_id: The asset that the upload would have become.
        finished: Numbers of the chunks that the platform has.
        failed: Number of each chunk that failed, with the reason.
        chunk_index: Number of the chunk that failed first; None where no chunk is at fault.
        original_error: The error behind it, when there is one.
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
    ) -> None:
        super().__init__(message)
        self.upload_id = upload_id
        self.asset_id = asset_id
        self.finished = tuple(finished)
        self.failed = dict(failed or {})
        self.chunk_index = chunk_index
        self.original_error = original_error


class BulkError(TwelveLabsError):
    """Some items of a bulk call failed; the others were carried out.

    Attributes:
        outcomes: For every input, in order, its result or its exception.
    """

    def __init__(self, message: str, *, outcomes: Sequence[Any]) -> None:
        super().__init__(message)
        self.outcomes = tuple(outcomes)

    @property
    def results(self) -> tuple[Any, ...]:
        """The results of the items that were carried out, in order."""
        return tuple(outcome for outcome in self.outcomes if not isinstance(outcome, BaseException))

    @property
    def errors(self) -> dict[int, BaseException]:
        """The exception of each item that failed, by its position."""
        return {at: outcome for at, outcome in enumerate(self.outcomes) if isinstance(outcome, BaseException)}


class WebhookSignatureError(TwelveLabsError, ValueError):
    """A webhook is not from the platform, was changed on its way, or is too old. Answer it with 400 and ignore it."""


class ConfigurationError(TwelveLabsError, ValueError):
    """The client cannot work with what it was given.

    Attributes:
        variable: The environment variable that can be set instead of the argument, None where there is none.
    """

    def __init__(self, message: str, *, variable: str | None = None) -> None:
        super().__init__(message)
        self.variable = variable
