"""Options that the commands share, and the decorator that makes a command of an asynchronous function."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import click

from ..client import AsyncTwelveLabs
from ._exit_codes import FAILED, TERMINATED
from ._output import print_error

Function = TypeVar("Function", bound=Callable[..., Any])

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


def client_options(function: Function) -> Function:
    """Add the options of the client: `api_key`, `base_url`, `allow_http`."""
    for option in (
        click.option(
            "--allow-http",
            is_flag=True,
            help="Allow http:// to other hosts than this machine: the key is sent unencrypted.",
        ),
        click.option(
            "--base-url", metavar="URL", help="Base URL of the API. Default: TWELVELABS_BASE_URL, or the public one."
        ),
        click.option(
            "--api-key",
            metavar="KEY",
            help="API key. TWELVE_LABS_API_KEY is safer: other users of this machine can see the options of a process.",
        ),
    ):
        function = option(function)
    return function


def api_command(function: Callable[..., Coroutine[Any, Any, int | None]]) -> Callable[..., int]:
    """Make a command of `async def function(client, **arguments)`, and add the options of the client.

    The client is closed when the function ends, also by Ctrl-C and SIGTERM. A second of these ends it at once.
    """

    @client_options
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
            raise first_error(errors) from None

    return command


def first_error(error: BaseException) -> BaseException:
    """The first error in nested groups."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def ask(question: str, *, without_terminal: str, declined: str) -> None:
    """Ask a question, and end the command with exit code 1 if the answer is no.

    Args:
        question: The question.
        without_terminal: Why it has to be answered by --yes where standard input is not a terminal.
        declined: What is said after a no.
    """
    context = click.get_current_context()
    if sys.stdin is None or not sys.stdin.isatty():
        raise click.UsageError(f"{without_terminal}: give --yes, because standard input is not a terminal.", context)
    if not click.confirm(question, err=True):
        print_error(declined)
        context.exit(FAILED)


def confirmation(question: str, *, unless: str | None = None) -> Callable[[Function], Function]:
    """The option `--yes`, without which the question is asked before the command begins.

    Args:
        question: The question.
        unless: The parameter without which nothing is deleted, so that there is no question.
    """

    def confirm(context: click.Context, _: click.Parameter, yes: bool) -> bool:
        # Asked here, before an event loop runs: Ctrl-C would not end the prompt there.
        if not yes and (unless is None or context.params.get(unless)):
            ask(question, without_terminal="Deleting is final", declined="Nothing was deleted.")
        return yes

    return click.option(
        "--yes", "-y", is_flag=True, callback=confirm, expose_value=False, help="Do not ask for confirmation."
    )
