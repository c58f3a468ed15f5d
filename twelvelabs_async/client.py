"""The client: configuration, life cycle, and the tree of resources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from ._config.config import Config
from ._resource import Core, Resource
from ._transport.transport import Transport
from .resources._root import Root

if TYPE_CHECKING:
    import ssl as ssl_module
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    import aiohttp

    from ._codec.json_engine import JsonEngine
    from ._config.hooks import Hooks, LimitsState, Telemetry
    from ._config.retry_policy import RetryPolicy
    from ._config.timeouts import Timeout, Timeouts
    from ._generated.raw_tree import RawResourceTree

__all__ = ["AsyncTwelveLabs"]


class AsyncTwelveLabs(Root):
    """Asynchronous client of the TwelveLabs API.

        async with AsyncTwelveLabs() as client:
            async for index in client.indexes.list():
                print(index.index_name)

    Making one does no I/O and needs no event loop. The session is made with the first call and closed by `close()` or
    at the end of `async with`. One client serves any number of concurrent calls; a program needs only one.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | Timeouts | None = None,
        max_retries: int | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        follow_redirects: bool = True,
        user_agent: str | None = None,
        max_connections: int | None = None,
        adaptive: bool = True,
        requests_per_minute: Mapping[str, float] | None = None,
        max_response_bytes: int | None = None,
        session: aiohttp.ClientSession | None = None,
        connector: aiohttp.BaseConnector | None = None,
        proxy: str | None = None,
        trust_env: bool = False,
        ssl: ssl_module.SSLContext | bool | None = None,
        trace_configs: Sequence[aiohttp.TraceConfig] | None = None,
        json: JsonEngine | None = None,
        hooks: Hooks | None = None,
        telemetry: Telemetry | None = None,
        allow_http: bool = False,
    ) -> None:
        """Check the settings.

        Args:
            api_key: The API key. Default: the environment variable TWELVE_LABS_API_KEY.
            base_url: URL of the API. Default: TWELVELABS_BASE_URL, else https://api.twelvelabs.io/v1.3.
            timeout: Longest time of any call in seconds; a `Timeout` or `Timeouts` says more.
            max_retries: How often a call is repeated at most, where that is safe; 0 turns repeating off. Default: 2.
            retry: The whole policy of repeating; `max_retries` counts on top of it.
            headers: Headers that are sent with every call to the API.
            follow_redirects: Whether redirects within the API's own origin are followed. Others never are, because
                they would carry the key away.
            user_agent: Text to add to the User-Agent.
            max_connections: Requests in flight at a time; more of them wait, without a timeout. Default: 100.
            adaptive: Whether fewer requests are in flight for a while when the platform says that it is overloaded.
            requests_per_minute: Fixed limits by rate-limit group, below those of the account.
            max_response_bytes: Largest answer that is accepted.
            session: A session to use; it is never closed here.
            connector: A connector for the session that is made here; it is never closed here.
            proxy: URL of an HTTP proxy.
            trust_env: Whether the proxy is read from HTTPS_PROXY and HTTP_PROXY.
            ssl: An SSLContext, such as one that knows a certificate authority of your own.
            trace_configs: aiohttp trace configurations for the session that is made here.
            json: What parses and writes JSON instead of orjson: a module such as `json`, or an object with `loads`
                and `dumps`. Large answers are then parsed in one go.
            hooks: Functions that are called on requests, answers, repeats and changes of limits.
            telemetry: `twelvelabs_async.otel.Telemetry()` for OpenTelemetry spans and metrics.
            allow_http: Whether `base_url` may begin with http:// for a host that is not this machine. The key then
                travels unencrypted.

        Raises:
            ConfigurationError: There is no key, or a setting makes no sense. The message names what to set.
        """
        config = Config.create(
            api_key=api_key,
            base_url=base_url,
            allow_http=allow_http,
            timeout=timeout,
            max_retries=max_retries,
            retry=retry,
            headers=headers,
            follow_redirects=follow_redirects,
            user_agent=user_agent,
            max_connections=max_connections,
            adaptive=adaptive,
            requests_per_minute=requests_per_minute,
            max_response_bytes=max_response_bytes,
            session=session,
            connector=connector,
            proxy=proxy,
            trust_env=trust_env,
            ssl=ssl,
            trace_configs=trace_configs,
            json=json,
            hooks=hooks,
            telemetry=telemetry,
        )
        super().__init__(Core(config, Transport(config)))

    @cached_property
    def with_raw_response(self) -> RawResourceTree:
        """The same operations, giving the answer itself: `.status`, `.headers`, `.request_id`, `.parse()`."""
        from ._generated.raw_tree import RawResourceTree

        return RawResourceTree(self._core)

    def with_options(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | Timeout | Timeouts | None = None,
        max_retries: int | None = None,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        user_agent: str | None = None,
        max_response_bytes: int | None = None,
        allow_http: bool = False,
    ) -> Self:
        """Make a copy with other settings. It shares the session and the limits; closing one closes all.

        Args:
            api_key: Another API key.
            base_url: Another URL of the API.
            timeout: Longest time of any call in seconds; a `Timeout` or `Timeouts` says more.
            max_retries: How often a call is repeated at most; 0 turns repeating off.
            retry: The whole policy of repeating.
            headers: Headers that are sent as well, or instead of those of the same name.
            user_agent: Text to add to the User-Agent.
            max_response_bytes: Largest answer that is accepted.
            allow_http: Whether `base_url` may begin with http:// for a host that is not this machine.

        Raises:
            ConfigurationError: A setting makes no sense.
        """
        config = self._core.config.evolve(
            allow_http=allow_http,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            retry=retry,
            headers=headers,
            user_agent=user_agent,
            max_response_bytes=max_response_bytes,
        )
        copy = object.__new__(type(self))
        # Resources that were made already belong to the old settings; what a subclass has added is taken along.
        own = {name: value for name, value in vars(self).items() if not isinstance(value, Resource | Core)}
        vars(copy).update(own, _core=Core(config, self._core.transport.with_config(config)))
        return copy

    @property
    def base_url(self) -> str:
        """URL of the API."""
        return self._core.config.base_url

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._core.transport.closed

    @property
    def limits(self) -> LimitsState:
        """A snapshot of slots and rate limits: what is in flight, what waits, what the platform allows."""
        return self._core.transport.limits

    async def close(self) -> None:
        """Close the session, if it was made here. Calls that are going on end with an APIConnectionError."""
        await self._core.transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}{' (closed)' if self.closed else ''}>"

    def __getstate__(self) -> Any:
        # A pickle would carry the key to wherever it goes.
        raise TypeError("a client cannot be pickled; make one in each process")
