"""What aiohttp would add to a request of its own accord, and where it must not.

To each request aiohttp adds the headers, the cookies and the credentials of its session, and with `trust_env` those of
`.netrc`. They are meant for whom the user made them for: a store that the platform names is not among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multidict import istr

if TYPE_CHECKING:
    from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse
    from multidict import CIMultiDict

AUTHORIZATION: Final = istr("Authorization")

_HOST: Final = istr("Host")
_MADE_BY_AIOHTTP: Final = frozenset({"accept", "accept-encoding", "connection", "host"})
"""Headers of aiohttp itself that tell nothing."""


def only(wanted: CIMultiDict[str]) -> ClientMiddlewareType:
    """A middleware that sends these headers and nothing that the session would add to them."""

    async def send(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        headers = request.headers
        for name in {*headers}:
            if name.lower() not in _MADE_BY_AIOHTTP and name not in wanted:
                del headers[name]
        headers.update(wanted)
        headers[_HOST] = str(request.url.host_port_subcomponent)
        return await handler(request)

    return send


def authorized(value: str) -> ClientMiddlewareType:
    """A middleware for a header `Authorization` that the caller gave: it has priority over the session's and `.netrc`.

    Given with the other headers, it would be an error of aiohttp as soon as there are others.
    """

    async def send(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        request.headers[AUTHORIZATION] = value
        return await handler(request)

    return send
