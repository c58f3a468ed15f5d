"""Which response is made of which error"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from twelvelabs_async import errors
from twelvelabs_async.starlette import Problem, RefusedError, add_exception_handlers, exception_handlers, problem_of

SECRET = "tlk_secret and /home/somebody"


def status_error(cls: type[errors.APIStatusError], status: int, code: str | None = "a_code", **more: Any) -> Exception:
    return cls(SECRET, status=status, code=code, request_id="r1", **more)


TOLD = [
    (status_error(errors.BadRequestError, 400), 400),
    (status_error(errors.NotFoundError, 404), 404),
    (status_error(errors.ConflictError, 409), 409),
    (status_error(errors.GoneError, 410), 410),
    (status_error(errors.PayloadTooLargeError, 413), 413),
    (status_error(errors.UnprocessableEntityError, 422), 422),
    (errors.TaskFailedError(SECRET, task=None), 422),
    (errors.UnsupportedMediaError(SECRET, value="text", limit=("video",)), 415),
    (errors.UnsupportedMediaError(SECRET, value=5_000, limit=1_000), 413),
    (errors.UnsupportedMediaError(SECRET, value=5.5, limit=4.0), 422),
    (errors.UploadError("x", original_error=status_error(errors.NotFoundError, 404)), 404),
]

NOT_TOLD = [
    (status_error(errors.BadRequestError, 400, None), 502),  # of a proxy in between
    (status_error(errors.NotFoundError, 404, ""), 502),
    (status_error(errors.BadRequestError, 400, "usage_limit_exceeded"), 502),
    (status_error(errors.BadRequestError, 400, "api_allowed_for_paid_plan"), 502),
    (status_error(errors.AuthenticationError, 401), 502),
    (status_error(errors.APIStatusError, 402), 502),
    (status_error(errors.ForbiddenError, 403), 502),
    (status_error(errors.APIStatusError, 405), 502),
    (status_error(errors.InternalServerError, 500), 502),
    (status_error(errors.APIStatusError, 408), 504),
    (status_error(errors.InternalServerError, 504), 504),
    (status_error(errors.InternalServerError, 503), 503),
    (errors.TooManyRequestsError(SECRET, retry_after=3), 503),
    (errors.APIConnectionError(SECRET), 502),
    (errors.APITimeoutError(SECRET), 504),
    (errors.WaitTimeoutError(SECRET), 504),
    (errors.DecodeError(SECRET), 502),
    (errors.StreamError(SECRET), 502),
    (errors.StructuredOutputError(SECRET), 502),
    (errors.OutputTruncatedError(SECRET), 502),
    (errors.UploadError(SECRET), 502),
    (errors.BulkError(SECRET, outcomes=()), 502),
    (errors.WebhookSignatureError(SECRET), 400),
    (errors.ConfigurationError(SECRET), 500),
    (errors.IndexMismatchError(SECRET, index=None), 500),
    (errors.JournalError(SECRET), 500),
    (errors.IngestError(SECRET), 500),
    (errors.IndexFullError(SECRET), 500),
    (errors.TwelveLabsError(SECRET), 500),
    (RuntimeError(SECRET), 500),
]


@pytest.mark.parametrize(("error", "status"), TOLD, ids=repr)
def test_what_the_caller_did_is_told(error: Exception, status: int) -> None:
    problem = problem_of(error)
    assert problem.status == status
    assert problem.message == SECRET


@pytest.mark.parametrize(("error", "status"), NOT_TOLD, ids=repr)
def test_what_is_wrong_on_our_side_is_not(error: Exception, status: int) -> None:
    problem = problem_of(error)
    assert problem.status == status
    assert SECRET not in bytes(problem.response().body).decode()
    assert problem.code != "a_code"


def test_every_error_has_a_row() -> None:
    kinds = {cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.TwelveLabsError)}
    assert kinds == {type(error) for error, _ in TOLD + NOT_TOLD if isinstance(error, errors.TwelveLabsError)}


@pytest.mark.parametrize(
    ("error", "header"),
    [
        (errors.TooManyRequestsError("x", retry_after=2.1), "3"),
        (errors.TooManyRequestsError("x", retry_after=0), "1"),
        (errors.TooManyRequestsError("x"), "10"),
        (errors.APITimeoutError("x", retry_after=28.2), "29"),
        (errors.APITimeoutError("x"), None),
        (status_error(errors.InternalServerError, 503, headers={"Retry-After": "4"}), "4"),
        (status_error(errors.InternalServerError, 503, headers={"Retry-After": "Sat, 21 Nov 2026 20:00:00 GMT"}), "10"),
        (status_error(errors.InternalServerError, 503), "10"),
    ],
    ids=repr,
)
def test_retry_after(error: Exception, header: str | None) -> None:
    assert problem_of(error).response().headers.get("Retry-After") == header


def test_the_request_id_is_passed_on_and_a_long_message_is_cut() -> None:
    problem = problem_of(errors.NotFoundError("x" * 5000, status=404, code="c", request_id="r1"))
    assert problem.to_dict() == {"status": 404, "code": "c", "message": "x" * 1000 + "...", "request_id": "r1"}


async def fail(request: Request) -> Response:
    raise errors.NotFoundError("No such video.", status=404, code="resource_not_exist")


async def refuse(request: Request) -> Response:
    raise RefusedError(Problem(status=503, code="busy", message="Later.", retry_after=4))


async def leave(request: Request) -> Response:
    raise ClientDisconnect


async def before_accept(websocket: WebSocket) -> None:
    raise errors.AuthenticationError(SECRET, status=401)


async def after_accept(websocket: WebSocket) -> None:
    await websocket.accept()
    raise errors.TooManyRequestsError(SECRET)


ROUTES = [
    Route("/fail", fail),
    Route("/refuse", refuse),
    Route("/leave", leave),
    WebSocketRoute("/before", before_accept),
    WebSocketRoute("/after", after_accept),
]


@pytest.mark.parametrize("kind", [Starlette, FastAPI])
@pytest.mark.parametrize("added", [True, False])
def test_handlers(kind: Any, added: bool) -> None:
    if added:
        app = kind(routes=ROUTES)
        add_exception_handlers(app)
    else:
        app = kind(routes=ROUTES, exception_handlers=exception_handlers)
    browser = TestClient(app)
    response = browser.get("/fail")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert response.json() == {"status": 404, "code": "resource_not_exist", "message": "No such video."}
    response = browser.get("/refuse")
    assert (response.status_code, response.json()["code"], response.headers["Retry-After"]) == (503, "busy", "4")
    assert browser.get("/leave").status_code == 499
    for path, code, reason in (("/before", 1011, "upstream_failed"), ("/after", 1013, "busy")):
        with pytest.raises(WebSocketDisconnect) as caught, browser.websocket_connect(path) as connection:
            connection.receive_text()
        assert (caught.value.code, caught.value.reason) == (code, reason)


def test_a_refusal_without_the_handlers_is_a_response_of_the_framework() -> None:
    response = TestClient(FastAPI(routes=ROUTES)).get("/refuse")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "4")


def test_what_the_caller_is_not_told_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(request: Request) -> Response:
        raise errors.StreamError("it broke")

    browser = TestClient(Starlette(routes=[Route("/broken", broken)], exception_handlers=exception_handlers))
    assert "it broke" not in browser.get("/broken").text
    assert "GET /broken: StreamError: it broke" in caplog.text
