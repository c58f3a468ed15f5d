"""One request on the wire: URL, headers, body and limits for aiohttp, and redirects, which are ours to follow.

The key goes to the API's origin alone. aiohttp would send it along to whatever host a redirect names, so redirects are
never left to it: those within the origin are followed for GET and HEAD, all others end in an error that says so.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import aiohttp
from multidict import CIMultiDict, istr
from yarl import URL

from .._request.headers import check_header
from .._request.urls import split_http_url
from .._version import __version__
from .isolation import AUTHORIZATION, authorized, only

if TYPE_CHECKING:
    from .._config.config import Config
    from .._config.timeouts import Timeout
    from .._request.message import Request

MAX_REDIRECTS: Final = 5
"""Redirects that are followed for one attempt."""

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

_ACCEPT: Final = istr("Accept")
_CONTENT_LENGTH: Final = istr("Content-Length")
_CONTENT_TYPE: Final = istr("Content-Type")
_KEY: Final = istr("x-api-key")
_USER_AGENT: Final = istr("User-Agent")
_NO_CONTENT_TYPE: Final = frozenset({_CONTENT_TYPE})
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class RequestEncoder:
    """Everything about requests that does not change from one to the next, built once."""

    def __init__(self, config: Config) -> None:
        base = URL(config.base_url)
        self._base = str(base).rstrip("/")
        self.origin = str(base.origin())
        self._follows = config.follow_redirects
        package = f"twelvelabs-async/{__version__}"
        self._foreign: CIMultiDict[str] = CIMultiDict({_USER_AGENT: package})
        agent = f"{package} aiohttp/{aiohttp.__version__} Python/{'.'.join(map(str, sys.version_info[:3]))}"
        self._common: CIMultiDict[str] = CIMultiDict(
            {_USER_AGENT: f"{agent} {config.user_agent}" if config.user_agent else agent}
        )
        for name, value in config.headers.items():
            self._common[istr(name)] = value
        self._common[_KEY] = config.api_key
        # What a session of our own has as a setting is said with each request to a session of the user.
        given = {} if config.session is None else {"proxy": config.proxy, "ssl": config.ssl}
        self._fixed: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if config.session is not None:
            self._fixed["raise_for_status"] = False  # the status is ours to look at, with the platform's code and id
        # Our own session adds nothing to a request, unless it reads the environment.
        self._session = config.session
        self._isolates = config.session is not None or config.trust_env

    def target(self, request: Request) -> str:
        """Scheme, host and port that a request goes to, for messages."""
        if request.url is None:
            return self.origin
        try:
            return str(URL(request.url).origin())
        except ValueError:
            return "an address that is no URL"

    def arguments(self, request: Request, limits: aiohttp.ClientTimeout) -> dict[str, Any]:
        """What `session.request` is called with for one attempt; the body is made anew."""
        headers = self._headers(request)
        arguments: dict[str, Any] = {
            "headers": headers,
            "allow_redirects": False,
            "auto_decompress": False,  # see decompression.py
            "timeout": limits,
            **self._fixed,
        }
        body = request.body
        if body is not None:
            arguments["data"] = body.open()
        if _CONTENT_TYPE not in headers and request.method not in _WITHOUT_BODY:
            arguments["skip_auto_headers"] = _NO_CONTENT_TYPE
        if self._isolates and (request.url is not None or AUTHORIZATION in headers):
            added = authorized(headers[AUTHORIZATION]) if request.url is None else only(headers.copy())
            headers.popall(AUTHORIZATION, None)
            # First in the chain: middlewares are code of the user, and what they add on purpose is sent.
            arguments["middlewares"] = (added, *getattr(self._session, "_middlewares", ()))
        return arguments

    async def follow(
        self,
        session: aiohttp.ClientSession,
        request: Request,
        response: aiohttp.ClientResponse,
        arguments: dict[str, Any],
    ) -> aiohttp.ClientResponse:
        """Follow redirects within the API's origin; a response that is not followed is returned as it is."""
        if not self._follows or request.url is not None or request.method not in {"GET", "HEAD"}:
            return response
        for _ in range(MAX_REDIRECTS):
            url = redirect_target(response)
            if url is None or str(url.origin()) != self.origin:
                return response
            response.close()
            response = await session.request(request.method, url, **arguments)
            if response.status not in REDIRECTS:
                return response
        return response

    def url(self, request: Request) -> URL:
        if request.url is not None:
            # Presigned: quoting it again would break the signature.
            return URL(request.url, encoded=True)
        text = self._base + request.path
        if request.query:
            text += "?" + urlencode(request.query, quote_via=quote, safe="")
        return URL(text, encoded=True)

    def _headers(self, request: Request) -> CIMultiDict[str]:
        if request.url is None:
            headers = self._common.copy()
            headers[_ACCEPT] = request.accept
        else:
            headers = self._foreign.copy()
        body = request.body
        if body is not None:
            if body.content_type is not None:
                headers[_CONTENT_TYPE] = body.content_type
            headers[_CONTENT_LENGTH] = str(body.content_length)
        for name, value in request.headers.items():
            check_header(name, value)
            headers[name] = value
        return headers


def redirect_target(response: aiohttp.ClientResponse) -> URL | None:
    """Where a redirect points to; None if it does not say, or not to an HTTP URL that a request can be sent to.

    A user name in it would be sent as a header of its own: such a target is none.
    """
    location = response.headers.get("Location")
    if not location or " " in location or not location.isprintable():
        return None
    try:
        url = response.url.join(URL(location))
        split_http_url(str(url))
    except ValueError:
        return None
    return url


def client_timeout(limits: Timeout, own_pool: bool, own_clock: bool) -> aiohttp.ClientTimeout:
    """Limits for aiohttp. The total is not among them: aiohttp's would count the wait for a pooled connection.

    For the same reason `connect` is given only where the pool is ours and has no limit; a pool of the user's gets
    `sock_connect`, which begins when the pool has a free place.

    Args:
        limits: The limits of a kind of call.
        own_pool: Whether the connector is ours.
        own_clock: Whether `CallTimer` watches the silence of the server: aiohttp sets two timers per
            request for it, and one for each packet of a stream.
    """
    if not own_pool:
        return aiohttp.ClientTimeout(total=None, sock_connect=limits.connect, sock_read=limits.read)
    if own_clock:
        return aiohttp.ClientTimeout(total=None, connect=limits.connect)
    return aiohttp.ClientTimeout(total=None, connect=limits.connect, sock_read=limits.read)
