"""The options of a client: values of the constructor and the environment, checked once. Nothing here does I/O."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import attrs

from .._codec.json_engine import JsonEngine, check_engine
from .._request.headers import check_header
from .._request.secret import Secret
from .._request.urls import is_loopback, split_http_url
from .._value import Value
from ..errors import ConfigurationError
from .hooks import NO_HOOKS, Hooks, Telemetry
from .proxies import check_proxy
from .retry_policy import RetryPolicy
from .timeouts import Timeout, Timeouts

if TYPE_CHECKING:
    import ssl as ssl_module
    from collections.abc import Mapping, Sequence

    import aiohttp

KEY_VARIABLE: Final = "TWELVE_LABS_API_KEY"

OTHER_KEY_VARIABLE: Final = "TWELVELABS_API_KEY"
"""Read where `KEY_VARIABLE` is not set: most programs use this name."""

BASE_URL_VARIABLE: Final = "TWELVELABS_BASE_URL"

DEFAULT_BASE_URL: Final = "https://api.twelvelabs.io/v1.3"

DEFAULT_MAX_CONNECTIONS: Final = 100
"""Calls and uploads in flight at a time; further ones wait for their turn, without a timeout."""

DEFAULT_MAX_STREAMS: Final = 1000
"""Open streams at a time. They mostly wait, and a backend holds one for each of its viewers."""

DEFAULT_STALL_TIMEOUT: Final = 300.0
"""Seconds without any admission after which waiting calls fail: something holds the connections and does not end."""

DEFAULT_MAX_RESPONSE_BYTES: Final = 256 * 1024 * 1024
"""Answers up to this size are read; the embeddings of a video of four hours are about as large."""

DEFAULT_READAHEAD: Final = 4
"""Pages that a list reads ahead at most."""


def _show_names(headers: Mapping[str, str]) -> str:
    return f"{{{', '.join(headers)}}}"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Config(Value):
    """Settings of a client. Made by `Config.create`, which checks them.

    Attributes:
        api_key: The API key.
        base_url: URL of the API without a slash at its end.
        timeout: Seconds that one call may take in all, queueing included; None where the user gave no single number.
        timeouts: Limits for each kind of call. Where `timeout` is given, they apply to requests inside helpers.
        stall_timeout: Seconds without any admission after which waiting calls fail.
        retry: When and how often requests are retried.
        headers: Headers of every call to the API.
        user_agent: Text added to the User-Agent.
        max_connections: Calls and uploads in flight at a time.
        max_streams: Open streams at a time.
        requests_per_minute: Fixed limits by rate-limit group.
        follow_redirects: Whether redirects within the API's origin are followed; others never are.
        adaptive: Whether the number of requests in flight shrinks on 429 and 503 and grows again.
        session: A session of the caller, which is never closed here.
        connector: A connector of the caller.
        proxy: URL of an HTTP proxy.
        trust_env: Whether proxies are read from HTTP_PROXY and HTTPS_PROXY, and credentials from .netrc.
        ssl: TLS settings; None for the system's.
        trace_configs: aiohttp trace configurations for the session that the client makes.
        json: JSON engine of the caller; None for orjson.
        hooks: Functions that watch requests.
        telemetry: Spans and metrics.
        max_response_bytes: Size up to which a response is read, after decompression. Streams have no limit.
        readahead: Pages that a list reads ahead at most.
    """

    api_key: str = attrs.field(repr=False)
    base_url: str = DEFAULT_BASE_URL
    timeout: float | None = None
    timeouts: Timeouts = attrs.field(factory=Timeouts)
    stall_timeout: float = DEFAULT_STALL_TIMEOUT
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=_show_names)
    user_agent: str | None = None
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    max_streams: int = DEFAULT_MAX_STREAMS
    requests_per_minute: Mapping[str, float] = attrs.field(factory=dict)
    follow_redirects: bool = True
    adaptive: bool = True
    session: aiohttp.ClientSession | None = attrs.field(default=None, repr=False)
    connector: aiohttp.BaseConnector | None = attrs.field(default=None, repr=False)
    proxy: str | None = attrs.field(default=None, repr=False)  # may hold a password
    trust_env: bool = False
    ssl: ssl_module.SSLContext | bool | None = attrs.field(default=None, repr=False)
    trace_configs: Sequence[aiohttp.TraceConfig] = attrs.field(default=(), repr=False)
    json: JsonEngine | None = attrs.field(default=None, repr=False)
    hooks: Hooks = NO_HOOKS
    telemetry: Telemetry | None = attrs.field(default=None, repr=False)
    max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES
    readahead: int = DEFAULT_READAHEAD

    @classmethod
    def create(
        cls,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        allow_http: bool = False,
        **settings: Any,
    ) -> Config:
        """Fill in the environment and check everything.

        Args:
            api_key: The key; None reads TWELVE_LABS_API_KEY, then TWELVELABS_API_KEY.
            base_url: The API's URL; None reads TWELVELABS_BASE_URL, then takes the public one.
            allow_http: Whether `http://` is allowed for hosts other than this machine.
            settings: Further attributes, and `timeout` and `max_retries`; those that are None keep their default.
        """
        return cls(
            api_key=_check_key(api_key),
            base_url=check_base_url(base_url, allow_http=allow_http),
            **_settings(cls(api_key=""), settings),
        )

    def evolve(self, *, allow_http: bool = False, **settings: Any) -> Config:
        """A copy with other settings, checked in the same way; those that are None stay as they are."""
        changes: dict[str, Any] = {}
        if settings.get("api_key") is not None:
            changes["api_key"] = _check_key(settings.pop("api_key"))
        if settings.get("base_url") is not None:
            changes["base_url"] = check_base_url(settings.pop("base_url"), allow_http=allow_http)
        settings.pop("api_key", None)
        settings.pop("base_url", None)
        if settings.get("headers") is not None:
            settings["headers"] = _merge_headers(self.headers, settings["headers"])
        return attrs.evolve(self, **changes, **_settings(self, settings))


def _check_key(api_key: str | None) -> str:
    source = "api_key"
    if api_key is None:
        source = KEY_VARIABLE if KEY_VARIABLE in os.environ else OTHER_KEY_VARIABLE
        api_key = os.environ.get(source)
    if api_key is None:
        raise ConfigurationError(
            f"There is no API key: set {KEY_VARIABLE}, or pass api_key=... to AsyncTwelveLabs. "
            "Keys are made in the dashboard of TwelveLabs.",
            variable=KEY_VARIABLE,
        )
    if not isinstance(api_key, str):
        raise ConfigurationError(
            f"api_key must be text, not {type(api_key).__name__}; or leave it out and set {KEY_VARIABLE}.",
            variable=KEY_VARIABLE,
        )
    api_key = Secret(api_key.strip())
    if not api_key:
        raise ConfigurationError(f"{source} is empty: set {KEY_VARIABLE} to your key.", variable=KEY_VARIABLE)
    if not api_key.isascii() or not api_key.isprintable() or " " in api_key:
        raise ConfigurationError(
            f"{source} holds characters that no key has (a space, a line break or a letter outside ASCII): "
            f"copy the key again into {KEY_VARIABLE}.",
            variable=KEY_VARIABLE,
        )
    return api_key


def check_base_url(base_url: str | None, *, allow_http: bool = False) -> str:
    """Return the base URL without a slash at its end; None reads the environment, then takes the default."""
    source = "base_url"
    if base_url is None:
        base_url = os.environ.get(BASE_URL_VARIABLE)
        source = BASE_URL_VARIABLE
        if base_url is None:
            return DEFAULT_BASE_URL
    wrong = _wrong_url(base_url, allow_http)
    if wrong:
        raise ConfigurationError(
            f"{source} {wrong}. Set {BASE_URL_VARIABLE}, or pass base_url=..., like {DEFAULT_BASE_URL}.",
            variable=BASE_URL_VARIABLE,
        )
    return base_url.strip().rstrip("/")


def _wrong_url(url: object, allow_http: bool) -> str | None:
    if not isinstance(url, str):
        return f"must be text, not {type(url).__name__}"
    url = url.strip()
    try:
        parts = split_http_url(url)
    except ValueError as error:
        return str(error)
    if "?" in url or "#" in url:
        return "holds a query or a fragment"
    if any(segment in {".", ".."} for segment in unquote(parts.path).split("/")):
        return "holds a '.' or '..' in its path"
    host = parts.hostname or ""
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        return (
            f"would send the API key unencrypted to {host}: begin it with https://, or pass allow_http=True if that "
            "is meant"
        )
    return None


def _merge_headers(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    replaced = {name.lower() for name in new}
    return {name: value for name, value in old.items() if name.lower() not in replaced} | dict(new)


def _settings(base: Config, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The given settings that are not None, checked, with the short forms resolved."""
    given = {name: value for name, value in settings.items() if value is not None}
    _check_settings(given)
    timeout = given.pop("timeout", None)
    if timeout is not None:
        given["timeouts"] = make_timeouts(timeout)
        given["timeout"] = None if isinstance(timeout, Timeout | Timeouts) else float(timeout)
    max_retries = given.pop("max_retries", None)
    if max_retries is not None:
        given["retry"] = attrs.evolve(given.get("retry", base.retry), max_retries=max_retries)
    return given


def _check_settings(given: Mapping[str, Any]) -> None:
    for name in ("max_retries", "readahead"):
        number = given.get(name)
        if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
            raise ConfigurationError(f"{name} must be a whole number from 0 on, not {number!r}.")
    for name in ("max_connections", "max_streams"):
        number = given.get(name)
        if number is not None and (not isinstance(number, int) or number < 1):
            raise ConfigurationError(f"{name} must be a whole number from 1 on, not {number!r}.")
    stall = given.get("stall_timeout")
    if stall is not None and (isinstance(stall, bool) or not isinstance(stall, int | float) or not stall > 0):
        raise ConfigurationError(f"stall_timeout must be a number of seconds above 0, not {stall!r}.")
    for group, limit in given.get("requests_per_minute", {}).items():
        if isinstance(limit, bool) or not isinstance(limit, int | float) or not limit > 0:
            raise ConfigurationError(f"requests_per_minute[{group!r}] must be a number above 0, not {limit!r}.")
    for name, value in given.get("headers", {}).items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ConfigurationError("headers must map strings to strings.")
        try:
            check_header(name, value)
        except ValueError as error:
            raise ConfigurationError(f"headers: {error}.") from None
        if name.lower().replace("_", "-") == "x-api-key":
            raise ConfigurationError(
                f"headers must not hold the API key: pass api_key=..., or set {KEY_VARIABLE}.", variable=KEY_VARIABLE
            )
    if given.get("session") is not None and given.get("connector") is not None:
        raise ConfigurationError("Pass session= or connector=, not both: a session has its connector already.")
    if given.get("ssl") is not None and given.get("connector") is not None:
        raise ConfigurationError(
            "Pass ssl= or connector=, not both: give the TLS settings to the connector, as in TCPConnector(ssl=...)."
        )
    if given.get("proxy") is not None:
        check_proxy(given["proxy"])
    if given.get("json") is not None:
        check_engine(given["json"])
    agent = given.get("user_agent")
    if agent is not None:
        if not isinstance(agent, str):
            raise ConfigurationError(f"user_agent must be text, not {type(agent).__name__}.")
        try:
            check_header("User-Agent", agent)
        except ValueError as error:
            raise ConfigurationError(f"user_agent: {error}.") from None


def make_timeouts(timeout: float | Timeout | Timeouts) -> Timeouts:
    """Limits for each kind of call, from any of the forms that the client accepts."""
    if isinstance(timeout, Timeouts):
        return timeout
    if isinstance(timeout, Timeout):
        return Timeouts(timeout, timeout, timeout)
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
        raise ConfigurationError(
            f"timeout must be a number of seconds above 0, a Timeout or Timeouts, not {timeout!r}."
        )
    return Timeouts.of(float(timeout))
