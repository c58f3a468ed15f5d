from __future__ import annotations

from typing import Any

import attrs
import pytest

from tests.conftest import KEY
from twelvelabs_async import ConfigurationError, RetryPolicy, Timeout, Timeouts
from twelvelabs_async._config.config import Config, check_base_url


def test_defaults() -> None:
    config = Config.create(api_key=KEY)
    assert config.base_url == "https://api.twelvelabs.io/v1.3"
    assert config.retry.max_retries == 2
    assert config.max_connections == 100


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", f" {KEY}\n")
    monkeypatch.setenv("TWELVELABS_BASE_URL", "https://eu.example/v1.3/")
    config = Config.create()
    assert config.api_key == KEY
    assert config.base_url == "https://eu.example/v1.3"
    assert Config.create(api_key="other", base_url="https://x.example").api_key == "other"


@pytest.mark.parametrize("key", [None, "", "  ", "a b", "a\nb", "ключ", b"bytes"])
def test_no_key_names_the_variable(key: Any) -> None:
    with pytest.raises(ConfigurationError, match="TWELVE_LABS_API_KEY") as caught:
        Config.create(api_key=key)
    assert caught.value.variable == "TWELVE_LABS_API_KEY"
    if key and len(key) > 2:
        assert repr(key) not in str(caught.value)


def test_the_second_variable_is_read_where_the_first_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWELVELABS_API_KEY", "tlk_second")
    assert Config.create().api_key == "tlk_second"
    assert Config.create(api_key="tlk_argument").api_key == "tlk_argument"
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "tlk_first")
    assert Config.create().api_key == "tlk_first"
    monkeypatch.delenv("TWELVE_LABS_API_KEY")
    monkeypatch.setenv("TWELVELABS_API_KEY", " ")
    with pytest.raises(ConfigurationError, match="TWELVELABS_API_KEY is empty: set TWELVE_LABS_API_KEY"):
        Config.create()


def test_an_empty_variable_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWELVELABS_API_KEY", KEY)  # another key is not used instead, it may be that of another account
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "")
    with pytest.raises(ConfigurationError, match="TWELVE_LABS_API_KEY is empty"):
        Config.create()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.twelvelabs.io",
        "ftp://x",
        "https://",
        "https://user:secret@host/v1.3",
        "https://host/v1.3?x=1",
        "https://host/v1.3?",
        "https://host/#f",
        "https://host:port",
        "https://ho st",
        "https://host\\x",
        "https://host/a/../b",
        "http://api.twelvelabs.io",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.\u0661",
        "http://127.0.0.\uff11",
        "https://[::1",
        "https://[::1]x",
        "https://x[::1]",
        "https://host/%2e%2e/b",
        "https://host:99999",
        "https://host:0",
        "https://a..b",
        "https://host/v1.3#",
        17,
    ],
)
def test_bad_base_urls(url: Any) -> None:
    with pytest.raises(ConfigurationError, match="TWELVELABS_BASE_URL") as caught:
        check_base_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://host", "https://host"),
        ("https://host/", "https://host"),
        (" https://host/v1.3/ ", "https://host/v1.3"),
        ("https://host\n", "https://host"),
        ("http://localhost:8000/v1.3", "http://localhost:8000/v1.3"),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:1/x"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://platform.localhost", "http://platform.localhost"),
    ],
)
def test_good_base_urls(url: str, expected: str) -> None:
    assert check_base_url(url) == expected


def test_plain_http_can_be_allowed() -> None:
    assert check_base_url("http://platform.internal/v1.3", allow_http=True) == "http://platform.internal/v1.3"
    with pytest.raises(ConfigurationError, match="allow_http=True"):
        check_base_url("http://platform.internal/v1.3")


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"max_retries": -1}, "max_retries"),
        ({"max_retries": 1.5}, "max_retries"),
        ({"max_retries": True}, "max_retries"),
        ({"max_connections": 0}, "max_connections"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "5"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"headers": {"A": 1}}, "headers"),
        ({"headers": {"A": "x\r\nEvil: 1"}}, "headers"),
        ({"headers": {"A b": "x"}}, "headers"),
        ({"headers": {"content-length": "5"}}, "headers: the header 'content-length' must not be set"),
        ({"headers": {"X-A": "1", "Transfer_Encoding": "chunked"}}, "'Transfer_Encoding' must not be set"),
        ({"headers": {"X-API-Key": "tlk"}}, "api_key"),
        ({"user_agent": "a\nb"}, "user_agent"),
        ({"user_agent": 5}, "user_agent must be text, not int"),
        ({"headers": {"X_API_Key": "other"}}, "headers must not hold the API key"),
        ({"requests_per_minute": {"search": 0}}, "requests_per_minute"),
        ({"requests_per_minute": {"search": True}}, "requests_per_minute"),
        ({"session": object(), "connector": object()}, "session"),
        ({"connector": object(), "ssl": False}, "TCPConnector"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], word: str) -> None:
    with pytest.raises(ConfigurationError, match=word):
        Config.create(api_key=KEY, **settings)


def test_timeout_forms() -> None:
    assert Config.create(api_key=KEY, timeout=5).timeouts.call.total == 5
    assert Config.create(api_key=KEY, timeout=Timeout(total=7)).timeouts.stream.total == 7
    timeouts = Timeouts(call=Timeout(total=1))
    assert Config.create(api_key=KEY, timeout=timeouts).timeouts is timeouts


def test_max_retries_and_policy_together() -> None:
    config = Config.create(api_key=KEY, retry=RetryPolicy(initial=3, max_retries=9), max_retries=1)
    assert (config.retry.initial, config.retry.max_retries) == (3, 1)
    assert config.evolve(max_retries=0).retry == attrs.evolve(config.retry, max_retries=0)


def test_evolve_keeps_what_is_not_named() -> None:
    config = Config.create(api_key=KEY, headers={"X-A": "1", "X-B": "2"}, timeout=5)
    other = config.evolve(headers={"x-a": "3"}, api_key="other")
    assert other.headers == {"X-B": "2", "x-a": "3"}
    assert other.timeouts == config.timeouts
    assert other.api_key == "other"
    assert config.evolve(base_url="https://b.example/").base_url == "https://b.example"
    with pytest.raises(ConfigurationError):
        config.evolve(base_url="nonsense")
    with pytest.raises(ConfigurationError):
        config.evolve(api_key="")


def test_repr_shows_no_secrets() -> None:
    config = Config.create(api_key=KEY, headers={"Authorization": "s3cret"}, proxy="http://u:s3cret@proxy")
    assert KEY not in repr(config)
    assert "s3cret" not in repr(config)
