"""The server's clock, from dates that are cut to whole seconds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._transport.limits.server_clock import LATENCY_SECONDS, ServerClock

NOON = 1_795_000_000.0


class Server:
    """A server whose dates are cut, and a local clock that is wrong by some seconds."""

    def __init__(self, phase: float = 0.0, local_ahead: float = 0.0) -> None:
        self.now = 100.0
        self.epoch = NOON + phase
        self.local_ahead = local_ahead
        self.clock = ServerClock(lambda: self.now, lambda: self.time + self.local_ahead)

    @property
    def time(self) -> float:
        return self.epoch + self.now

    def read(self) -> float:
        return self.clock.time(math.floor(self.time))


def test_a_local_clock_that_is_right_is_used() -> None:
    server = Server(phase=0.7)
    assert server.read() == server.time


@pytest.mark.parametrize("local_ahead", [-86_400, -20, -2, 2, 20, 86_400])
def test_a_local_clock_that_is_wrong_is_not_used_and_the_dates_get_better(local_ahead: float) -> None:
    server = Server(0.7, local_ahead)
    assert server.read() == NOON + 100
    for _ in range(100):
        server.now += 0.013
        assert server.time - 1 < server.read() <= server.time
    assert server.time - server.read() <= 0.013


def test_a_local_clock_that_is_a_little_wrong_is_found_out_in_time() -> None:
    server = Server(0.1, local_ahead=0.8)
    assert server.read() == pytest.approx(server.time + 0.8)
    for _ in range(100):
        server.now += 0.013
        server.read()
    assert server.time - 0.013 <= server.read() <= server.time


def test_a_clock_that_is_set_is_followed() -> None:
    server = Server(local_ahead=50)
    server.read()
    for jump in (-3600.0, 5.0, -2.5):
        server.epoch += jump
        assert server.time - 1 < server.read() <= server.time


@given(st.floats(0, 1), st.floats(-1e6, 1e6), st.lists(st.floats(0, 10), max_size=50))
def test_the_error_is_bounded(phase: float, local_ahead: float, pauses: list[float]) -> None:
    server = Server(phase, local_ahead)
    for pause in pauses:
        server.now += pause
        error = server.read() - server.time
        assert -1 - 1e-6 <= error <= 1 + LATENCY_SECONDS + 1e-6
