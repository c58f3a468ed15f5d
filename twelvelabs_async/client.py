"""The client: configuration, lifecycle, and the resources."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from ._config.config import Config
from ._request.secret import hide, hide_headers
from ._resource import Core, Resource
from ._safe_repr import SafeRepr
from ._transport.transport import Transport
from .errors import APIConnectionError
from .resources._root import Root
from .waiters.schedule import DEFAULT_SLEEP_INTERVAL, DEFAULT_WAIT_TIMEOUT

if TYPE_CHECKING:
    import os
    import ssl as ssl_module
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    import aiohttp

    from ._codec.json_engine import JsonEngine
    from ._codec.model import UnknownVariant
    from ._config.hooks import Hooks, Telemetry
    from ._config.limits_state import LimitsState
    from ._config.retry_policy import RetryPolicy
    from ._config.timeouts import Timeout, Timeouts
    from ._generated.models.webhooks import WebhookEvent
    from ._generated.params.ids import IndexOrId, KnowledgeStoreOrId
    from ._request.options import RequestOptions
    from .ingest.journal import Journal
    from .ingest.keys import Shard
    from .ingest.pipeline import Ingestion
    from .ingest.sources import Sources
    from .ingest.values import IngestItem, Stage
    from .resources._raw_root import RawRoot

__all__ = ["AsyncTwelveLabs"]


class AsyncTwelveLabs(SafeRepr, Root):
    """Asynchronous client of the TwelveLabs API.

        async with AsyncTwelveLabs() as client:
            async for index in client.indexes.list():
                print(index.index_name)

    Creating a client does no I/O and needs no event loop. The session is created by the first call and closed by
    `close()` or at the end of `async with`. One client serves any number of concurrent calls; a program needs only one.
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
        max_streams: int | None = None,
        adaptive: bool = True,
        stall_timeout: float | None = None,
        requests_per_minute: Mapping[str, float] | None = None,
        max_response_bytes: int | None = None,
        readahead: int | None = None,
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
        """Validate the options.

        Args:
            api_key: The API key. Default: the environment variable TWELVE_LABS_API_KEY, else TWELVELABS_API_KEY.
            base_url: URL of the API. Default: TWELVELABS_BASE_URL, else https://api.twelvelabs.io/v1.3.
            timeout: Timeout of a call in seconds, everything included: the wait for a connection and for the rate
                limit, retries, and the response. A `Timeout`, or `Timeouts` for each kind of call, sets single limits.
            max_retries: Maximum number of retries of a call, where retries are safe; 0 disables them. Default: 2.
            retry: The retry policy; `max_retries` overrides the number in it.
            headers: Headers to send with every call to the API.
            follow_redirects: Whether to follow redirects within the origin of the API. Redirects to other origins are
                never followed, because they would leak the key.
            user_agent: Text to append to the User-Agent, which names the versions of this package, aiohttp and Python.
            max_connections: Maximum number of calls and uploads in flight; more of them wait. Default: 100.
            max_streams: Maximum number of open streams, which are counted apart; more of them wait. Default: 1000. A
                session or connector of your own that has a limit bounds all of them together.
            adaptive: Whether to reduce the number of requests in flight for some seconds when the platform is
                overloaded.
            stall_timeout: Seconds after which waiting calls fail if none of their kind (small calls, uploads, or
                streams) could be sent, because others hold all connections and do not end. Default: 300; `math.inf`
                disables this.
            requests_per_minute: Fixed limits by rate-limit group, below those of the account.
            max_response_bytes: Maximum size of a response.
            readahead: Maximum number of pages that a list reads ahead of the loop over it; 0 disables reading ahead.
                Default: 4.
            session: A session to use; the client never closes it.
            connector: A connector for the client's own session; the client never closes it.
            proxy: URL of an HTTP proxy.
            trust_env: Whether to read the proxy from HTTPS_PROXY and HTTP_PROXY, and credentials from `.netrc`.
            ssl: An SSLContext, such as one with your own certificate authority.
            trace_configs: aiohttp trace configurations for the client's own session.
            json: The JSON engine instead of orjson: a module such as `json`, or an object with `loads` and `dumps`.
                Large responses are then parsed at once instead of in pieces.
            hooks: Functions that are called on requests, responses, retries and changes of limits.
            telemetry: `twelvelabs_async.otel.Telemetry()` for OpenTelemetry spans and metrics.
            allow_http: Whether `base_url` may begin with http:// for a host other than this machine. The key is then
                sent unencrypted.

        Raises:
            ConfigurationError: There is no key, or an option is invalid. The message names the option to set.
        """
        api_key, proxy, headers = hide(api_key), hide(proxy), hide_headers(headers)
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
            max_streams=max_streams,
            adaptive=adaptive,
            stall_timeout=stall_timeout,
            requests_per_minute=requests_per_minute,
            max_response_bytes=max_response_bytes,
            readahead=readahead,
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
    def with_raw_response(self) -> RawRoot:
        """The same operations, which return the raw response: `.status`, `.headers`, `.request_id`, `.parse()`."""
        from .resources._raw_root import RawRoot

        return RawRoot(self._core)

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
        readahead: int | None = None,
        allow_http: bool = False,
    ) -> Self:
        """Create a copy with other options. It shares the session and the limits; closing one closes all.

        Args:
            api_key: Another API key.
            base_url: Another URL of the API.
            timeout: Timeout of a call in seconds, everything included, or a `Timeout`, or `Timeouts` for each kind of
                call.
            max_retries: Maximum number of retries of a call; 0 disables them.
            retry: The retry policy.
            headers: Headers to send in addition; they override those of the same name.
            user_agent: Text to append to the User-Agent.
            max_response_bytes: Maximum size of a response.
            readahead: Maximum number of pages that a list reads ahead of the loop over it; 0 disables reading ahead.
            allow_http: Whether `base_url` may begin with http:// for a host other than this machine.

        Raises:
            ConfigurationError: An option is invalid.
        """
        api_key, headers = hide(api_key), hide_headers(headers)
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
            readahead=readahead,
        )
        copy = object.__new__(type(self))
        # Resources that exist already belong to the old configuration; attributes that a subclass added are copied.
        own = {name: value for name, value in vars(self).items() if not isinstance(value, Resource | Core)}
        vars(copy).update(own, _core=Core(config, self._core.transport.with_config(config), waits=self._core.waits))
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
        """A snapshot of the limits: requests in flight, waiting requests, and the rate limits of the platform."""
        return self._core.transport.limits

    def notify(self, event: WebhookEvent | UnknownVariant | Mapping[str, Any]) -> bool:
        """Wake the waits for the object of a webhook event: they fetch its state at once.

        The event itself is never taken for the truth, and a repeated one causes no more than one request per second.
        An event without a wait is remembered for ten minutes. While events arrive that announce the end of what is
        waited for, polling is a safety net only, with pauses twelve times as long as `sleep_interval`.

        Call it in the event loop in which the waits run.

        Args:
            event: A verified event: what `webhooks.unwrap` returned, or its JSON as a dict.

        Returns:
            Whether this client or a `with_options` copy waits for the object now.

        Raises:
            TypeError: It is not an event.
        """
        return self._core.waits.notify(event)

    def ingest(
        self,
        sources: Sources,
        *,
        index_id: IndexOrId | None = None,
        knowledge_store_id: KnowledgeStoreOrId | None = None,
        journal: Journal | str | os.PathLike[str] | None = None,
        key: Callable[[IngestItem], str] | None = None,
        root: str | os.PathLike[str] | None = None,
        shard: str | Shard | None = None,
        concurrency: int | Mapping[Stage, int] = 16,
        max_processing: int | None = None,
        analyze: str | Mapping[str, Any] | None = None,
        embed: bool | str | os.PathLike[str] = False,
        metadata: Mapping[str, Any] | None = None,
        fail_fast: bool = False,
        max_failures: int | None = None,
        retry_failed: bool = False,
        sleep_interval: float = DEFAULT_SLEEP_INTERVAL,
        timeout: float = DEFAULT_WAIT_TIMEOUT,
        request_options: RequestOptions | None = None,
    ) -> Ingestion:
        """Ingest many sources into an index or a knowledge store, each exactly once.

            async with client.ingest("videos", index_id=index.id, journal="run.sqlite") as run:
                async for outcome in run:
                    print(outcome.key, outcome.status, outcome.message)

        Each source is uploaded as an asset and added to the index; the run waits until it is indexed, and then analyzes
        and embeds it on request. Each source has one outcome, `done` or `failed`; a failed source does not stop the
        others. Each source has a key, which is stored on the platform as `ingest_key` in the user metadata. If the
        process was killed or a response was lost, the run looks up the source by its key and adopts what it finds
        instead of creating it twice.

        With a journal, you can run again until everything is done: sources that are done are skipped; those that are
        pending or failed temporarily are resumed. Without a journal, each source is first looked up on the platform,
        and skipped if its key is in the index.

        Args:
            sources: Paths, folders, URLs, `(name, file)`, or mappings with one of `source`, `path`, `url`, and
                optionally `key`, `filename` and `metadata`; in any iterable or asynchronous iterable, which is read
                during the run. Also a single path or URL; the path of a folder stands for the videos in it.
            index_id: Identifier of the index. A model of an index is accepted in place of its id.
            knowledge_store_id: Identifier of the knowledge store, in place of an index.
            journal: A file, which is created if it does not exist, or an open `Journal`. It belongs to one index or
                knowledge store, and to one process at a time.
            key: Computes the key of an item. The item has its default key: path below the root, size and
                modification time; or the URL.
            root: The folder that paths in keys are relative to. Default: the folder that is read.
            shard: Only the sources of one part, such as `"2/8"`, by a hash of the key.
            concurrency: Number of concurrent sources in each stage, or a mapping from stages to numbers.
            max_processing: Sources that the platform may process at a time. Default: as many as it accepts.
            analyze: A prompt to analyze each video with, or the arguments of `analyze_file` (`prompt`, ...).
            embed: A folder for the embeddings, one JSON file for each source; True for a folder beside the journal.
            metadata: User metadata of all assets and indexed assets.
            fail_fast: Whether the first failure ends the run.
            max_failures: Number of failures above which the run ends.
            retry_failed: Whether to retry sources that failed permanently, according to the journal.
            sleep_interval: Seconds between the first two checks of an asset or indexed asset; later intervals grow up
                to six times as long.
            timeout: Timeout of each of these waits, in seconds. Reaching it is a temporary failure.
            request_options: Timeouts, retries, and additional headers for each request.

        Returns:
            The run. Nothing happens before it is iterated or waited for.

        Raises:
            ValueError: Neither or both of `index_id` and `knowledge_store_id` are given, or an argument is invalid.
            TypeError: `sources` is not a valid argument.
        """
        from .ingest.pipeline import Ingestion
        from .ingest.plan import Plan

        request_options = request_options and self._hide(request_options)
        plan = Plan.of(
            sources,
            index_id=index_id,
            knowledge_store_id=knowledge_store_id,
            journal=journal,
            key=key,
            root=root,
            shard=shard,
            concurrency=concurrency,
            max_processing=max_processing,
            analyze=analyze,
            analyze_file=self.analyze_file,
            embed=embed,
            metadata=metadata,
            max_failures=0 if fail_fast else max_failures,
            retry_failed=retry_failed,
            sleep_interval=sleep_interval,
            timeout=timeout,
            options=request_options,
        )
        return Ingestion(self._core, plan)

    async def close(self) -> None:
        """Close the session, unless it was passed in. Calls and waits in progress end with an APIConnectionError."""
        self._core.waits.close(APIConnectionError("The client was closed during a wait.", retryable=False))
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
        # A pickle would contain the key.
        raise TypeError("a client cannot be pickled; create one in each process")
