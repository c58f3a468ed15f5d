"""Clients that disconnect in the middle of a request or of a response: that is not an error of the emulator."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

logger: logging.Logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def end_quietly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ends a request whose client has disconnected without a traceback."""
    try:
        return await handler(request)
    except (ConnectionError, web.RequestPayloadError) as error:
        if request.transport is not None and not request.transport.is_closing():
            raise
        logger.debug("The client disconnected during %s %s: %r", request.method, request.path, error)
        return web.Response()  # for nobody: aiohttp drops what cannot be written
