"""The body of a request, read with limits on its size and time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

from .problems import Problem, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

MAX_DIGITS: Final = 18
"""Digits of a size in bytes; more of them are no size."""


def check_length(request: Request, max_bytes: int) -> int | None:
    """Check the size that a request announces, before a byte of it is read.

    Args:
        request: The request.
        max_bytes: Largest size.

    Returns:
        The size; None where the request does not say.

    Raises:
        RefusedError: 413 if it is larger; 400 if it is no number.
    """
    announced = request.headers.get("content-length")
    if announced is None or "transfer-encoding" in request.headers:
        return None
    if not (announced.isascii() and announced.isdigit()) or len(announced) > MAX_DIGITS:
        raise RefusedError(Problem(status=400, code="length_invalid", message="Content-Length must be a number."))
    size = int(announced)
    if size > max_bytes:
        raise too_large(max_bytes)
    return size


async def limited(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body piece by piece, counted.

    Raises:
        RefusedError: 413 once it is larger than `max_bytes`.
        ClientDisconnect: The caller has left before the end.
    """
    size = 0
    async with contextlib.aclosing(request.stream()) as pieces:
        async for piece in pieces:
            size += len(piece)
            if size > max_bytes:
                raise too_large(max_bytes)
            if piece:
                yield piece


async def read_limited(request: Request, max_bytes: int, seconds: float) -> bytes:
    """The whole body.

    Args:
        request: The request.
        max_bytes: Largest size.
        seconds: Time for all of it.

    Raises:
        RefusedError: 413 if it is larger, 408 if it takes longer.
        ClientDisconnect: The caller has left before the end.
    """
    check_length(request, max_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for piece in limited(request, max_bytes):
                body += piece
    except TimeoutError:
        problem = Problem(status=408, code="too_slow", message="The request did not arrive in time.")
        raise RefusedError(problem) from None
    return bytes(body)


def too_large(max_bytes: int) -> RefusedError:
    """The refusal of a body that is too large."""
    return RefusedError(
        Problem(status=413, code="too_large", message=f"The request may have at most {max_bytes:,} bytes.")
    )
