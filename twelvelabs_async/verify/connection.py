"""The client of a verification: each call of it is one request on the wire, so that requests can be counted."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from ..client import AsyncTwelveLabs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_LARGEST_RESPONSE: Final = 32 * 1024 * 1024


@asynccontextmanager
async def open_client(**options: Any) -> AsyncIterator[AsyncTwelveLabs]:
    """A client that sends each request once: without retries, redirects, and connections that may be stale.

    Args:
        options: Further options of the client.
    """
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(total=None)
    ) as session:
        session._retry_connection = False  # aiohttp would send idempotent requests a second time
        async with AsyncTwelveLabs(
            **options, session=session, max_retries=0, follow_redirects=False, max_response_bytes=_LARGEST_RESPONSE
        ) as client:
            yield client
