"""The one parser of what responses say about limits."""

from __future__ import annotations

import email.utils
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from twelvelabs_async._transport.limits.headers import (
    NO_LIMITS,
    RateLimitWindow,
    parse_number,
    parse_reset,
    parse_retry_after,
    read_limits,
)


def headers(**values: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in values.items()}))


def older(**values: str) -> CIMultiDictProxy[str]:
    return headers(**{f"X-Ratelimit-{name}": value for name, value in values.items()})


DATE = "Sat, 21 Nov 2026 14:00:00 GMT"
NOON = email.utils.parsedate_to_datetime(DATE).timestamp()


class TestWindows:
    def test_both_families_are_read(self) -> None:
        assert read_limits(older(Limit="600", REMAINING="599", Reset="30.0")).windows == (
            RateLimitWindow(True, 600, 599, 30),
        )
        newer = read_limits(
            headers(
                X_RateLimit_Request_Limit="60",
                X_RateLimit_Request_Remaining="0",
                X_RateLimit_Request_Reset="1.5",
                X_RateLimit_OutputToken_Remaining="7",
                X_RateLimit_OutputToken_Reset="9.0",
                X_Ratelimit_Limit="1",
                X_Ratelimit_Remaining="1",
                X_Ratelimit_Reset="1",
            )
        )
        assert newer.windows == (RateLimitWindow(True, 60, 0, 1.5), RateLimitWindow(False, None, 7, 9))
        assert (newer.limit, newer.remaining, newer.reset) == (60, 0, 1.5)

    def test_nothing_is_read_where_there_is_nothing(self) -> None:
        assert read_limits(headers(content_type="application/json")) is NO_LIMITS
        assert read_limits(headers(content_type="application/json"), 404).windows == ()

    def test_a_reset_without_a_rest_means_spent_in_a_429_alone(self) -> None:
        only_reset = older(Limit="60", Reset="5.0")
        assert read_limits(only_reset).windows == ()
        assert read_limits(only_reset, 404).windows == ()
        assert read_limits(only_reset, 429).windows == (RateLimitWindow(True, 60, 0, 5),)

    @pytest.mark.parametrize(
        "unusable",
        [
            {"Limit": "60", "Remaining": "5"},
            {"Limit": "60", "Remaining": "5", "Reset": ""},
            {"Limit": "60", "Remaining": "5", "Reset": "0"},
            {"Limit": "60", "Remaining": "5", "Reset": "-5"},
            {"Limit": "60", "Remaining": "5", "Reset": "NaN"},
            {"Limit": "60", "Remaining": "5", "Reset": "1e3"},
            {"Limit": "60", "Remaining": "5", "Reset": "2026-11-21T14:00:30Z"},
            {"Limit": "60", "Remaining": "5", "Reset": "Sat, 21 Nov 2026 14:00:30 GMT"},
            {"Limit": "60", "Remaining": "5", "Reset": "1000000000"},
            {"Limit": "60", "Remaining": "-1", "Reset": "30"},
            {"Limit": "60", "Remaining": "none", "Reset": "30"},
            {"Limit": "0", "Remaining": "0", "Reset": "30"},
            {"Limit": "many", "Remaining": "5", "Reset": "30"},
        ],
    )
    def test_what_cannot_be_used_is_no_window(self, unusable: dict[str, str]) -> None:
        assert read_limits(older(**unusable)).windows == ()

    def test_a_family_that_cannot_be_used_gives_way_to_the_other(self) -> None:
        both = headers(
            X_RateLimit_Request_Remaining="5",
            X_Ratelimit_Limit="60",
            X_Ratelimit_Remaining="4",
            X_Ratelimit_Reset="30.0",
        )
        assert read_limits(both).windows == (RateLimitWindow(True, 60, 4, 30),)

    @pytest.mark.parametrize("skew", [-86_400, -20, 0, 20, 86_400])
    def test_epoch_resets_are_measured_against_the_date_of_the_response(
        self, skew: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "time", lambda: NOON + skew)
        for reset in (f"{NOON + 30:.1f}", str(int(NOON + 30) * 1000)):
            found = read_limits(headers(Date=DATE, X_Ratelimit_Remaining="5", X_Ratelimit_Reset=reset))
            assert found.windows == (RateLimitWindow(True, None, 5, 30),)

    @pytest.mark.parametrize("date", [None, "yesterday"])
    def test_without_a_date_the_local_clock_has_to_do(self, date: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "time", lambda: NOON)
        values = {"X_Ratelimit_Remaining": "5", "X_Ratelimit_Reset": str(int(NOON) + 30)} | (
            {"Date": date} if date else {}
        )
        assert read_limits(headers(**values)).windows[0].reset_in == pytest.approx(30.3)

    @given(
        st.dictionaries(st.sampled_from(["Limit", "Remaining", "Reset"]), st.text(max_size=20)),
        st.sampled_from([200, 404, 429, 503]),
    )
    def test_any_headers_can_be_read(self, values: dict[str, str], status: int) -> None:
        for family in ("X-Ratelimit-", "X-RateLimit-Request-", "X-RateLimit-Duration-"):
            found = read_limits(CIMultiDict({family + name: value for name, value in values.items()}), status)
            assert all(window.reset_in > 0 and window.remaining >= 0 for window in found.windows)


class TestResets:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            *[("60.0", 60), ("1.5", 1.5), ("1000000060.0", 60), ("1000000060000", 60), (" 7.0 ", 7)],
            *[("60", 60.3), ("1000000060", 60.3), (" 7 ", 7.3)],
            *[("1m30s", 90.3), ("500ms", 0.5), ("1h", 3600.3), ("2h3m4.5s", 7384.5)],
            *[("", None), ("soon", None), ("-5", None), ("1e9", None), ("inf", None), ("1:30", None), ("٣", None)],
            *[("0", None), ("0s", None), ("1000000000", None), ("999999990000", None), ("+5", None), ("1_0", None)],
        ],
    )
    def test_in_whatever_unit(self, text: str, seconds: float | None) -> None:
        assert parse_reset(text, 1_000_000_000.0) == (seconds and pytest.approx(seconds))

    @given(st.text(max_size=30), st.floats(min_value=0, max_value=4e9))
    def test_any_text_is_a_time_in_the_future_or_none(self, text: str, now: float) -> None:
        value = parse_reset(text, now)
        assert value is None or 0 < value < 1e16


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            *[("5", 5), (" 5 ", 5), ("0", 0), ("2.5", 2.5), ("", None), ("-1", None), ("soon", None), ("1e3", None)],
            *[("inf", None), ("nan", None), ("٣", None), ("9" * 30, None), ("1.2.3", None), (".", None)],
            *[("1e1", None), ("+5", None), ("-5", None), ("1_0", None)],
        ],
    )
    def test_in_seconds(self, text: str, seconds: float | None) -> None:
        assert parse_retry_after(CIMultiDict({"retry-after": text})) == seconds

    def test_as_a_date_or_in_milliseconds(self) -> None:
        later = email.utils.formatdate(time.time() + 100, usegmt=True)
        seconds = parse_retry_after(CIMultiDict({"Retry-After": later}))
        assert seconds is not None
        assert 90 < seconds <= 100
        assert parse_retry_after(CIMultiDict({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"})) == 0
        assert parse_retry_after(CIMultiDict({"Retry-After": "Sat, 21 Nov 2026 14:00:09 -0000", "Date": DATE})) == 9
        assert parse_retry_after(CIMultiDict({"Retry-After-Ms": "1500", "Retry-After": "9"})) == 1.5
        assert parse_retry_after(CIMultiDict({"Retry-After-Ms": "x", "Retry-After": "9"})) == 9
        assert parse_retry_after(CIMultiDict()) is None

    def test_a_date_is_measured_against_the_date_of_the_response(self) -> None:
        sent = CIMultiDict({"Retry-After": "Sat, 21 Nov 2026 14:00:07 GMT", "Date": DATE})
        assert parse_retry_after(sent) == 7

    def test_it_counts_in_errors_only(self) -> None:
        assert read_limits(headers(Retry_After="5"), 503).retry_after == 5
        assert read_limits(headers(Retry_After="5")).retry_after is None

    @given(st.text(max_size=40))
    def test_any_text_is_seconds_or_nothing(self, text: str) -> None:
        seconds = parse_retry_after(CIMultiDict({"Retry-After": text}))
        assert seconds is None or 0 <= seconds < float("inf")


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1e999", "1e1", "+5", "-5", "1_0", "٣", "1\n", None])
def test_numbers_that_are_none(text: str | None) -> None:
    assert parse_number(text) is None
