"""Waiting for what nobody announces: a condition that is looked at again and again, with a deadline."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from aiohttp import ClientResponse

if TYPE_CHECKING:
    from collections.abc import Callable

PAUSE = 0.005
LOOKS = 18_000
"""A minute and a half; a number of looks and no time, because tests may set the clock forward."""


async def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    for _ in range(LOOKS):
        if condition():
            return
        await asyncio.sleep(PAUSE)
    raise AssertionError("it did not come to pass")


def responses_in_part() -> list[ClientResponse]:
    """Responses of which this process has received a part of the body, and not its end."""
    return [
        found
        for found in gc.get_objects()
        if type(found) is ClientResponse
        and not found.closed
        and found.content is not None
        and found.content.total_bytes
        and not found.content.is_eof()
    ]
