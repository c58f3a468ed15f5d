"""Signatures of webhooks, and the events behind them."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._codec.decode import to_dict
from twelvelabs_async._codec.model import UnknownVariant
from twelvelabs_async.errors import DecodeError, WebhookSignatureError
from twelvelabs_async.webhooks import sign, unwrap, verify

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "whsec_test"
BODY = json.dumps(
    {
        "id": "whe_1",
        "type": "index.task.ready",
        "created_at": "2026-11-20T10:00:00Z",
        "data": {"id": "64f0", "status": "ready", "metadata": {"duration": 12.5}, "tags": ["a"]},
    }
).encode()


def signature(body: bytes, at: int, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def headers(body: bytes = BODY, at: int | None = None, secret: str = SECRET) -> dict[str, str]:
    at = int(time.time()) if at is None else at
    return {"TL-Signature": f"t={at},v1={signature(body, at, secret)}"}


@pytest.mark.parametrize("name", ["TL-Signature", "tl-signature", "Tl-Signature"])
def test_the_case_of_the_header_does_not_matter(name: str) -> None:
    verify(BODY, {name: headers()["TL-Signature"]}, SECRET)


@pytest.mark.parametrize("shape", ["mapping", "pairs", "bytes", "raw"])
def test_every_shape_of_headers(shape: str) -> None:
    value = headers()["TL-Signature"]
    given_headers: dict[str, Any] = {
        "mapping": {"Host": "x", "TL-Signature": value},
        "pairs": [("Host", "x"), ("TL-Signature", value)],
        "bytes": {b"host": b"x", b"tl-signature": value.encode()},
        "raw": [(b"host", b"x"), (b"tl-signature", value.encode())],
    }
    verify(BODY, given_headers[shape], SECRET)


def test_text_and_bytes_are_the_same() -> None:
    body = '{"title": "Größe\u2028"}'
    made = headers(body.encode())
    verify(body, made, SECRET)
    verify(body.encode(), made, SECRET.encode())


def test_one_of_several_signatures_fits() -> None:
    at = int(time.time())
    old, new = signature(BODY, at, "old"), signature(BODY, at)
    verify(BODY, {"TL-Signature": f"t={at},v1={old},v1={new},v0=abc"}, SECRET)
    verify(BODY, {"TL-Signature": f"v1={new}, v1={old}, t={at}"}, SECRET)
    verify(BODY, [("TL-Signature", f"t={at},v1={old}"), ("TL-Signature", f"t={at},v1={new}")], SECRET)
    with pytest.raises(WebhookSignatureError, match="no signature"):
        verify(BODY, {"TL-Signature": f"t={at},v1={old},v1={old}"}, SECRET)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "timestamp"),
        ("nonsense", "timestamp"),
        ("v1=aa", "timestamp"),
        ("t=,v1=aa", "timestamp"),
        ("t=-5,v1=aa", "timestamp"),
        ("t=1.5,v1=aa", "timestamp"),
        ("t=1,t=2,v1=aa", "timestamp"),
        ("t=" + "9" * 5000 + ",v1=aa", "timestamp"),
        ("t=\u0661,v1=aa", "timestamp"),
        ("t=1", "no signature of version v1"),
        ("t=1,v0=aa", "no signature of version v1"),
        ("t=1,v1=aa", "no signature in"),
        ("t=1,v1=", "no signature in"),
        ("t=1,v1=\udcff\ud800", "no signature in"),
    ],
)
def test_a_header_that_proves_nothing(value: str, problem: str) -> None:
    with pytest.raises(WebhookSignatureError, match=problem):
        unwrap(BODY, {"TL-Signature": value}, SECRET)


def test_a_missing_header() -> None:
    with pytest.raises(WebhookSignatureError, match="TL-Signature is missing"):
        unwrap(BODY, {"Host": "x"}, SECRET)


def test_the_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="missing"):
        unwrap(BODY, {}, SECRET)


def test_another_body_secret_or_time() -> None:
    made = headers()
    for body, secret in [(BODY + b" ", SECRET), (BODY, "other"), (b"", SECRET)]:
        with pytest.raises(WebhookSignatureError, match="no signature"):
            unwrap(body, made, secret)
    at = int(time.time())
    with pytest.raises(WebhookSignatureError, match="no signature"):
        unwrap(BODY, {"TL-Signature": f"t={at - 1},v1={signature(BODY, at)}"}, SECRET)


@pytest.mark.parametrize(("shift", "problem"), [(-301, "30. s old"), (302, "30. s in the future")])
def test_a_stale_timestamp(shift: int, problem: str) -> None:
    made = headers(at=int(time.time()) + shift)
    with pytest.raises(WebhookSignatureError, match=problem):
        unwrap(BODY, made, SECRET)
    verify(BODY, made, SECRET, tolerance=400)
    verify(BODY, made, SECRET, tolerance=None)


def test_an_old_signature_must_fit_before_its_age_is_told() -> None:
    with pytest.raises(WebhookSignatureError, match="no signature"):
        verify(BODY, headers(at=1, secret="other"), SECRET)


USES: dict[str, Callable[[Any], object]] = {
    "unwrap": lambda secret: unwrap(BODY, headers(), secret),
    "verify": lambda secret: verify(BODY, headers(), secret),
    "sign": lambda secret: sign(BODY, secret),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("secret", ["", b"", bytearray(), " ", "\n", b"\t "])
def test_an_empty_secret(use: Callable[[Any], object], secret: Any) -> None:
    with pytest.raises(ValueError, match="secret is empty"):
        use(secret)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("secret", [None, 0, 32, True, 1.5, [1, 2], ["whsec"], {"secret": "x"}, object()])
def test_a_secret_that_is_no_text(use: Callable[[Any], object], secret: Any) -> None:
    """A number of zero bytes would be a key that anyone can guess, and so would be a list of numbers."""
    with pytest.raises(TypeError, match=f"secret .* must be a str or bytes, not {type(secret).__name__}"):
        use(secret)


@pytest.mark.parametrize("body", [None, 5, [1, 2], {"type": "index.task.ready"}])
def test_a_body_that_is_not_raw(body: Any) -> None:
    for use in (lambda: unwrap(body, headers(), SECRET), lambda: sign(body, SECRET)):
        with pytest.raises(TypeError, match=r"body .* must be a str or bytes, not"):
            use()


def test_arguments_that_cannot_be_right() -> None:
    for tolerance in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="tolerance"):
            unwrap(BODY, headers(), SECRET, tolerance)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"3", b"\xff", b"{}", b'{"type": 5}'])
def test_a_signed_body_that_is_no_event(body: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        unwrap(body, headers(body), SECRET)
    assert caught.value.body == body


@given(st.binary(), st.binary(min_size=1).filter(bytes.strip))
def test_what_is_signed_is_accepted(body: bytes, secret: bytes) -> None:
    verify(body, {"TL-Signature": sign(body, secret)}, secret)


@given(st.binary(), st.binary(max_size=200))
def test_no_header_but_the_right_one_is_accepted(body: bytes, value: bytes) -> None:
    with pytest.raises(WebhookSignatureError):
        verify(body, {b"TL-Signature": value}, SECRET)


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"id": "whe_1", "type": kind, "created_at": "2026-11-20T10:00:00Z", "data": data}


ANALYZE = {"id": "t1", "custom_id": None, "created_at": "2026-11-20T09:00:00Z"}


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (event("index.task.ready", id="1", status="ready"), "IndexTaskReadyWebhookEvent"),
        (event("index.task.failed", id="1", status="failed"), "IndexTaskFailedWebhookEvent"),
        (event("analyze.task.ready", **ANALYZE, status="ready"), "AnalyzeTaskReadyWebhookEvent"),
        (
            event("analyze.task.failed", **ANALYZE, status="failed", error={"message": "no"}),
            "AnalyzeTaskFailedWebhookEvent",
        ),
        (event("analyze.task.canceled", **ANALYZE, status="canceled"), "AnalyzeTaskCanceledWebhookEvent"),
    ],
)
def test_events_are_typed(payload: dict[str, Any], name: str) -> None:
    body = json.dumps(payload).encode()
    received = unwrap(body, headers(body), SECRET)
    assert type(received).__name__ == name
    assert to_dict(received) == payload


def test_an_unknown_event_comes_through() -> None:
    payload = event("analyze.batch.ready", anything=[1, {"x": None}])
    body = json.dumps(payload).encode()
    assert unwrap(body, headers(body), SECRET) == UnknownVariant(payload, "analyze.batch.ready")


def test_a_signed_event_with_a_wrong_field() -> None:
    body = json.dumps({**event("index.task.ready", id="1"), "created_at": 5}).encode()
    with pytest.raises(DecodeError, match="created_at"):
        unwrap(body, headers(body), SECRET)
