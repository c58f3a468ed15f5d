"""The retry policy's arithmetic and rules."""

from __future__ import annotations

import errno
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import Timeout, TwelveLabsError
from twelvelabs_async._config.retry_policy import RetryPolicy
from twelvelabs_async._request.sources import SourceError
from twelvelabs_async._transport import failures
from twelvelabs_async._transport.limits.retry_quota import RETRY_COST, RetryQuota
from twelvelabs_async._transport.retry import is_idempotent, status_effect

from .conftest import get


@given(st.integers(0, 10_000), st.floats(0, 100), st.floats(0, 100), st.floats(0, 5), st.floats(0, 1000))
def test_pauses_are_bounded(retry: int, initial: float, maximum: float, jitter: float, asked: float) -> None:
    policy = RetryPolicy(initial=initial, maximum=maximum, jitter=jitter)
    assert 0 <= policy.backoff(retry) <= maximum
    assert asked <= policy.with_jitter(asked) <= asked + 1


def test_pauses_grow_and_differ() -> None:
    policy = RetryPolicy(initial=1, maximum=8, jitter=0)
    assert [policy.backoff(retry) for retry in range(6)] == [1, 2, 4, 8, 8, 8]
    assert len({RetryPolicy().backoff(0) for _ in range(20)}) > 1


@pytest.mark.parametrize("name", ["max_retries", "initial", "maximum", "jitter", "max_retry_after", "budget", "quota"])
@pytest.mark.parametrize("value", [-1, float("nan")])
def test_nonsense_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        RetryPolicy(**{name: value})  # type: ignore[arg-type]


def test_budget_and_quota_may_be_unlimited() -> None:
    policy = RetryPolicy(budget=None, quota=None)
    assert (policy.budget, policy.quota) == (None, None)


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


CONNECTION: ConnectionKey = ConnectionKey("127.0.0.1", 1, True, True, None, None, None)


@pytest.mark.parametrize(
    "exc",
    [
        SourceError("gone"),
        OSError(errno.ECONNRESET, "reset"),
        aiohttp.ConnectionTimeoutError(),
        aiohttp.ServerTimeoutError(),
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(errno.ECONNRESET, "reset"),
        aiohttp.ClientConnectorCertificateError(CONNECTION, ssl.CertificateError("self-signed")),
        aiohttp.ClientConnectorSSLError(CONNECTION, OSError("no shared cipher")),
        aiohttp.ClientConnectorDNSError(CONNECTION, OSError("no such name")),
        aiohttp.ClientProxyConnectionError(CONNECTION, OSError("refused")),
        aiohttp.ClientConnectorError(CONNECTION, OSError("refused")),
        aiohttp.ClientPayloadError(),
        aiohttp.InvalidURL("x"),
        aiohttp.ClientConnectionError(),
    ],
    ids=lambda exc: type(exc).__name__,
)
def test_an_error_is_retryable_where_the_client_may_retry(exc: Exception) -> None:
    failure = failures.describe(exc, get(), "https://api.example.test", Timeout(), 1)
    assert isinstance(failure.error, TwelveLabsError)
    assert failure.error.retryable == (failure.effect != "final")


class TestQuota:
    def test_retries_take_and_successes_bring_back(self) -> None:
        quota = RetryQuota(12)
        assert quota.take()
        assert quota.take()
        assert not quota.take()
        assert quota.available == 2
        quota.succeeded(retried=True)
        assert quota.available == 7
        assert quota.take()
        for _ in range(100):
            quota.succeeded(retried=False)
        assert quota.available == 12

    def test_nothing_is_bounded_without_a_capacity(self) -> None:
        quota = RetryQuota(None)
        assert all(quota.take() for _ in range(10_000))
        quota.succeeded(retried=True)
        assert quota.capacity is None

    def test_without_tokens_nothing_is_retried(self) -> None:
        assert not RetryQuota(0).take()

    @given(st.integers(0, 600), st.lists(st.sampled_from(["take", "retried", "first"])))
    def test_it_is_never_overdrawn_nor_overfull(self, capacity: int, events: list[str]) -> None:
        quota = RetryQuota(capacity)
        for event in events:
            before = quota.available
            if event == "take":
                assert quota.take() == (before >= RETRY_COST)
            else:
                quota.succeeded(retried=event == "retried")
            assert 0 <= quota.available <= capacity
