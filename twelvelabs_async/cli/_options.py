"""Options that the commands share, and the decorator that makes a command of an asynchronous function."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

import click

from ..client import AsyncTwelveLabs
from ._exit_codes import TERMINATED

AGENT: Final = "twelvelabs-async-cli"


class TerminatedError(Exception):
    """The command was ended by SIGTERM."""


def nonempty_text(text: str) -> str:
    """A type for click: text that is not empty and can be encoded."""
    if not text.strip():
        raise click.BadParameter("it is empty.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise click.BadParameter("it holds bytes that are not valid in the encoding of this terminal.") from None
    return text


as_json: Final = click.option("--json", "as_json", is_flag=True, help="Write JSON for scripts: one object per line.")


def api_command(function: Callable[..., Coroutine[Any, Any, int | None]]) -> Callable[..., int]:
    """Make a command of `async def function(client, **arguments)`, and add the options of the client.

    The client is closed when the function ends, also by Ctrl-C and SIGTERM. A second of these ends it at once.
    """

    @click.option(
        "--api-key",
        metavar="KEY",
        help="API key. TWELVE_LABS_API_KEY is safer: other users of this machine can see the options of a process.",
    )
    @click.option(
        "--base-url", metavar="URL", help="Base URL of the API. Default: TWELVELABS_BASE_URL, or the public one."
    )
    @click.option(
        "--allow-http",
        is_flag=True,
        help="Allow http:// to other hosts than this machine: the key is sent unencrypted.",
    )
    @functools.wraps(function)
    def command(api_key: str | None, base_url: str | None, allow_http: bool, **arguments: Any) -> int:
        terminated = False

        async def work() -> int:
            loop = asyncio.get_running_loop()
            task = asyncio.current_task()

            def terminate() -> None:
                nonlocal terminated
                if terminated or task is None:
                    raise SystemExit(TERMINATED)
                terminated = True
                task.cancel()

            with contextlib.suppress(NotImplementedError, RuntimeError):  # Windows; not the main thread
                loop.add_signal_handler(signal.SIGTERM, terminate)
            async with AsyncTwelveLabs(
                api_key=api_key, base_url=base_url, allow_http=allow_http, user_agent=AGENT
            ) as client:
                return await function(client, **arguments) or 0

        try:
            return asyncio.run(work())
        except asyncio.CancelledError:
            if terminated:
                raise TerminatedError from None
            raise
        except BaseExceptionGroup as errors:
            raise _first(errors) from None

    return command


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
