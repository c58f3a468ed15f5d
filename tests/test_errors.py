from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from multidict import CIMultiDict

import twelvelabs_async
from twelvelabs_async import errors
from twelvelabs_async._config.config import Config
from twelvelabs_async._transport.retry import status_effect
from twelvelabs_async._transport.secrets import Secrets
from twelvelabs_async._transport.status_errors import status_error

from .conftest import KEY

SAMPLES: list[errors.TwelveLabsError] = [
    errors.TwelveLabsError("plain"),
    errors.APIConnectionError("gone", operation="listIndexes", attempts=3, retryable=False),
    errors.APITimeoutError("late", operation="listIndexes"),
    errors.NotFoundError(
        "no such thing",
        status=404,
        code="resource_not_exist",
        docs_url="https://docs.example",
        details={"a": [1]},
        request_id="r1",
        headers={"X-Request-Id": "r1"},
        body={"code": "resource_not_exist"},
    ),
    errors.TooManyRequestsError("slow", retry_after=2.5, limit=60, remaining=0, reset=1_800_000_000.0),
    errors.DecodeError("bad", path="data[3].status", body=b"x" * 5000, status=200, request_id="r2"),
    errors.StreamError("cut", events=[1, 2], text="abc", data=b"{", request_id="r3", retryable=True),
    errors.TaskFailedError("failed", task={"_id": "t"}),
    errors.WaitTimeoutError("slow", last={"status": "indexing"}, timeout=5.0),
    errors.UploadError(
        "short", upload_id="u", asset_id="a", finished=[1, 2], failed={3: "403"}, chunk_index=3,
        original_error=ValueError("inner"),
    ),
    errors.BulkError("some", outcomes=[1, ValueError("no"), 2]),
    errors.IndexMismatchError("other models", index={"_id": "i"}),
    errors.UnsupportedMediaError("too long", value=4000.0, limit=3600),
    errors.JournalError("in use", path="run.sqlite"),
    errors.IngestError("too many failures", stats={"failed": 3}),
    errors.IndexFullError("100000 videos", index_id="i", stats={"failed": 3}),
    errors.WebhookSignatureError("bad signature"),
    errors.ConfigurationError("no key", variable="TWELVE_LABS_API_KEY"),
]  # fmt: skip


class ChildError(errors.NotFoundError):
    def __init__(self, message: str, *, status: int, colour: str) -> None:
        super().__init__(message, status=status)
        self.colour = colour


def _comparable(error: errors.TwelveLabsError) -> dict[str, Any]:
    return {name: repr(value) for name, value in vars(error).items()} | {"retryable": error.retryable}


def test_a_resource_that_does_not_exist_has_the_same_cure_as_400_and_as_404() -> None:
    body = b'{"code": "resource_not_exist", "message": "Resource with id x does not exist in indexes."}'
    for status in (400, 404):
        error = status_error(status, {}, body)
        assert "Check the id" in str(error)
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("error", [*SAMPLES, ChildError("x", status=404, colour="red")], ids=lambda e: type(e).__name__)
@pytest.mark.parametrize("way", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_survives_pickle_and_copy(error: errors.TwelveLabsError, way: Any) -> None:
    made = way(error)
    assert type(made) is type(error)
    assert str(made) == str(error)
    assert made.args == error.args
    assert _comparable(made) == _comparable(error)


def test_notes_survive_pickle() -> None:
    error = errors.GoneError("gone", status=410)
    error.add_note("after 3 pages")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["after 3 pages"]


def test_tree_in_the_docstring_is_the_real_one() -> None:
    doc = errors.__doc__ or ""
    for name in errors.__all__:
        cls = getattr(errors, name)
        assert issubclass(cls, errors.TwelveLabsError)
        assert name in doc
        assert getattr(twelvelabs_async, name) is cls
    assert issubclass(errors.APITimeoutError, errors.APIConnectionError)
    assert issubclass(errors.ConfigurationError, ValueError)
    assert issubclass(errors.WebhookSignatureError, ValueError)


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (403, errors.ForbiddenError),
        (404, errors.NotFoundError),
        (405, errors.APIStatusError),
        (409, errors.ConflictError),
        (410, errors.GoneError),
        (413, errors.PayloadTooLargeError),
        (418, errors.APIStatusError),
        (422, errors.UnprocessableEntityError),
        (429, errors.TooManyRequestsError),
        (500, errors.InternalServerError),
        (503, errors.InternalServerError),
        (504, errors.InternalServerError),
        (599, errors.InternalServerError),
        (302, errors.APIStatusError),
    ],
)
def test_class_for_each_status(status: int, cls: type[errors.APIStatusError]) -> None:
    error = status_error(status, {}, b"")
    assert type(error) is cls
    assert error.status == status
    assert error.code is None
    assert error.body is None
    assert str(status) in str(error)
    assert len(error.message) > 3


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"code":"parameter_invalid","message":"bad","docs_url":"https://d"}', "parameter_invalid", "bad"),
        (b'{"error":{"code":"VALIDATION_ERROR","message":"bad","details":{"f":1}}}', "VALIDATION_ERROR", "bad"),
        (b'{"error_code":400,"message":"bad"}', "400", "bad"),
        (b'{"error":"just text"}', None, "just text"),
        (b'{"message":"only a message"}', None, "only a message"),
        (b'{"code":"only_a_code"}', "only_a_code", "Bad Request (no details in the response)"),
        (b"<html>nginx</html>", None, "Bad Request: <html>nginx</html>"),
        (b"  \n", None, "Bad Request (no details in the response)"),
        (b'["list"]', None, "Bad Request (no details in the response)"),
        (b"\xff\xfe broken", None, None),
    ],
)
def test_forms_of_error_bodies(body: bytes, code: str | None, message: str | None) -> None:
    error = status_error(400, {"X-Request-Id": "r"}, body, request_id="r")
    assert error.code == code
    if message is not None:
        assert error.message == message
    assert error.request_id == "r"
    assert error.headers == {"x-request-id": "r"}


def test_nested_details_and_docs() -> None:
    error = status_error(400, {}, b'{"error":{"code":"A","message":"m.","details":{"field":"x"}}}')
    assert error.details == {"field": "x"}
    error = status_error(400, {}, b'{"code":"A","message":"m","details":[1],"docs_url":"https://d"}')
    assert error.details == {"details": [1]}
    assert "https://d" in str(error)


def test_every_status_error_says_what_to_do() -> None:
    for status in (400, 401, 403, 404, 409, 410, 413, 422, 429, 500):
        error = status_error(status, {}, b'{"code":"c","message":"Message without an end"}')
        assert error.hint
        assert f"Message without an end. {error.hint}" in str(error)


def test_expired_search_token_is_gone_whatever_the_status() -> None:
    error = status_error(400, {}, b'{"code":"search_page_token_expired","message":"expired"}')
    assert type(error) is errors.GoneError
    assert error.status == 400


def test_the_key_is_taken_out_of_whatever_the_server_repeats() -> None:
    body = b'{"code":"api_key_invalid","message":"The key %s is wrong","details":{"k":"%s"}}' % (
        KEY.encode(),
        KEY.encode(),
    )
    error = status_error(401, {"X-Echo": KEY}, body)
    Secrets(Config.create(api_key=KEY)).clean(error)
    assert KEY not in str(error)
    assert KEY not in repr(vars(error))


def test_long_bodies_are_cut() -> None:
    error = status_error(500, {}, b'"' + b"x" * 200_000 + b'"')
    assert len(error.body) == errors.BODY_LIMIT
    assert len(str(error)) < 1000


def test_body_of_a_decode_error_is_cut() -> None:
    assert len(errors.DecodeError("x", body=b"x" * 5000).body) == 2048


def test_rate_limit_values_of_both_families() -> None:
    older = status_error(
        429,
        CIMultiDict({"X-Ratelimit-Limit": "60", "X-Ratelimit-Remaining": "0", "X-Ratelimit-Reset": "1800000000"}),
        b"",
    )
    assert isinstance(older, errors.TooManyRequestsError)
    assert (older.limit, older.remaining, older.reset, older.retry_after) == (60, 0, 1_800_000_000.0, None)
    newer = status_error(
        429,
        CIMultiDict(
            {
                "x-ratelimit-request-limit": "600",
                "x-ratelimit-request-remaining": "3",
                "X-RateLimit-Request-Reset": "12",
                "Retry-After": "7",
            }
        ),
        b"",
    )
    assert isinstance(newer, errors.TooManyRequestsError)
    assert (newer.limit, newer.remaining, newer.reset, newer.retry_after) == (600, 3, 12.0, 7.0)


def test_bulk_error_tells_results_from_errors() -> None:
    failure = ValueError("no")
    error = errors.BulkError("some", outcomes=["a", failure, "b"])
    assert error.results == ("a", "b")
    assert error.errors == {1: failure}


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (errors.TwelveLabsError(""), False),
        (errors.APIConnectionError(""), True),
        (errors.APIConnectionError("", retryable=False), False),
        (errors.APITimeoutError(""), True),
        (errors.DecodeError(""), False),
        (errors.StreamError(""), False),
        (errors.StreamError("", retryable=True), True),
        (errors.TaskFailedError("", task=None), False),
        (errors.WaitTimeoutError(""), True),
        (errors.UploadError(""), False),
        (errors.UploadError("", original_error=OSError()), False),
        (errors.UploadError("", original_error=errors.APITimeoutError("")), True),
        (errors.UploadError("", original_error=errors.NotFoundError("", status=404)), False),
        (errors.BulkError("", outcomes=[errors.APITimeoutError("")]), False),
        (errors.WebhookSignatureError(""), False),
        (errors.ConfigurationError(""), False),
    ],
)
def test_what_may_succeed_later(error: errors.TwelveLabsError, retryable: bool) -> None:
    assert error.retryable is retryable


@pytest.mark.parametrize("status", range(300, 600))
def test_retryable_statuses_are_those_that_the_client_retries(status: int) -> None:
    assert status_error(status, {}, b"").retryable == (status_effect(status, "GET", True, None) != "final")
