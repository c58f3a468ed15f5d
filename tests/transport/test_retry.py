"""The retry policy's arithmetic and rules."""

from __future__ import annotations

import email.utils
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from twelvelabs_async._config.retry_policy import RetryPolicy
from twelvelabs_async._transport.retry import is_idempotent, parse_retry_after, status_effect


@given(st.integers(0, 10_000), st.floats(0, 100), st.floats(0, 100), st.floats(0, 5), st.floats(0, 1000))
def test_pauses_are_bounded(retry: int, initial: float, maximum: float, jitter: float, asked: float) -> None:
    policy = RetryPolicy(initial=initial, maximum=maximum, jitter=jitter)
    assert 0 <= policy.backoff(retry) <= maximum
    assert asked <= policy.with_jitter(asked) <= asked + 1


def test_pauses_grow_and_differ() -> None:
    policy = RetryPolicy(initial=1, maximum=8, jitter=0)
    assert [policy.backoff(retry) for retry in range(6)] == [1, 2, 4, 8, 8, 8]
    assert len({RetryPolicy().backoff(0) for _ in range(20)}) > 1


@pytest.mark.parametrize("name", ["max_retries", "initial", "maximum", "jitter", "max_retry_after", "budget"])
@pytest.mark.parametrize("value", [-1, float("nan")])
def test_nonsense_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        RetryPolicy(**{name: value})  # type: ignore[arg-type]


def test_budget_may_be_unlimited() -> None:
    assert RetryPolicy(budget=None).budget is None


@pytest.mark.parametrize(
    ("status", "method", "idempotent", "retry_after", "effect"),
    [
        (429, "POST", False, None, "refused"),
        (408, "POST", False, None, "refused"),
        (503, "POST", False, 1.0, "refused"),
        (503, "POST", False, None, "unknown"),
        (502, "GET", False, None, "unknown"),
        (504, "PUT", False, None, "unknown"),
        (500, "GET", False, None, "unknown"),
        (500, "POST", True, None, "unknown"),
        (500, "POST", False, None, "final"),
        (500, "DELETE", False, None, "final"),
        (501, "GET", False, None, "final"),
        (409, "GET", True, 1.0, "final"),
        (404, "GET", False, None, "final"),
        (302, "GET", False, None, "final"),
    ],
)
def test_what_a_status_says(status: int, method: str, idempotent: bool, retry_after: float | None, effect: str) -> None:
    assert status_effect(status, method, idempotent, retry_after) == effect


def test_which_requests_may_be_repeated() -> None:
    assert [method for method in ("GET", "HEAD", "PUT", "DELETE", "POST", "PATCH") if is_idempotent(method, False)] == [
        "GET",
        "HEAD",
        "PUT",
        "DELETE",
    ]
    assert is_idempotent("POST", True)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *[("5", 5), (" 5 ", 5), ("0", 0), ("2.5", 2.5), ("", None), ("-1", None), ("soon", None), ("1e3", None)],
        *[("inf", None), ("nan", None), ("٣", None), ("9" * 30, None), ("1.2.3", None), (".", None)],
    ],
)
def test_retry_after_in_seconds(text: str, seconds: float | None) -> None:
    assert parse_retry_after(CIMultiDict({"retry-after": text})) == seconds


def test_retry_after_as_a_date_or_in_milliseconds() -> None:
    later = email.utils.formatdate(time.time() + 100, usegmt=True)
    seconds = parse_retry_after(CIMultiDict({"Retry-After": later}))
    assert seconds is not None
    assert 90 < seconds <= 100
    assert parse_retry_after(CIMultiDict({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0
    assert parse_retry_after(CIMultiDict({"Retry-After-Ms": "1500", "Retry-After": "9"})) == 1.5
    assert parse_retry_after(CIMultiDict({"Retry-After-Ms": "x", "Retry-After": "9"})) == 9
    assert parse_retry_after(CIMultiDict()) is None


@given(st.text(max_size=40))
def test_any_retry_after_is_seconds_or_nothing(text: str) -> None:
    seconds = parse_retry_after(CIMultiDict({"Retry-After": text}))
    assert seconds is None or 0 <= seconds < float("inf")
