"""`verify`: checks the real service against the document, with a budget, and reports what differs."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .._extras import MissingExtraError
from ..client import AsyncTwelveLabs
from ._exit_codes import FAILED, NOT_CONFIGURED
from ._ingest_run import run_until_signal
from ._options import AGENT, as_json, ask, client_options
from ._output import one_line, print_error, print_json, write
from ._setup import SetupError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..verify import Report, Verification

_PATIENCE: Final = 60.0
"""Seconds after Ctrl-C for the removal of what was made. A second Ctrl-C ends the command at once."""

_LENGTH: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|sec|min|m|h)")

_SECONDS: Final = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}


def _seconds(context: click.Context, parameter: click.Parameter, value: str) -> float:
    found = _LENGTH.fullmatch(value.strip())
    if found is None and value.strip() != "0":
        raise click.BadParameter(f"{value!r} is not a length such as 2min, 90s or 0.", context, parameter)
    return float(found[1]) * _SECONDS[found[2]] if found is not None else 0.0


def _report_file(context: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    if value is None:
        return None
    path = Path(value)
    if path.suffix not in {".md", ".json"}:
        raise click.BadParameter("its name must end with .md or .json.", context, parameter)
    if not path.parent.is_dir() or path.is_dir():
        raise click.BadParameter("its folder does not exist, or it is a folder itself.", context, parameter)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise click.BadParameter("it cannot be written.", context, parameter)
    return path


@click.command()
@click.option(
    "--budget", metavar="LENGTH", callback=_seconds, default="2min", show_default=True,
    help="Maximum duration of video to process, such as 2min, 90s or 0.",
)  # fmt: skip
@click.option(
    "--requests", metavar="N", type=click.IntRange(min=1), default=600, show_default=True,
    help="Maximum number of requests, including those for the cleanup.",
)  # fmt: skip
@click.option(
    "--report", metavar="FILE", callback=_report_file,
    help="Write the report to this file, .md or .json, instead of standard output. It replaces an earlier report.",
)  # fmt: skip
@click.option(
    "--record", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Save the redacted traffic in this folder, which must not contain JSON files.",
)  # fmt: skip
@click.option(
    "--only", metavar="OPERATION", multiple=True,
    help="Only this operation, such as listIndexes or indexes.list, and its prerequisites; repeatable.",
)  # fmt: skip
@click.option("--keep", is_flag=True, help="Do not remove what was created; the next run removes it.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@as_json
@client_options
def verify(
    *,
    budget: float,
    requests: int,
    report: Path | None,
    record: Path | None,
    only: Sequence[str],
    keep: bool,
    yes: bool,
    as_json: bool,
    api_key: str | None,
    base_url: str | None,
    allow_http: bool,
) -> int:
    """Check the service against the OpenAPI document of this package, and report differences.

    It creates small resources (an index, a video of five seconds, a picture, ...), calls the operations that cost
    little, compares each response with the document, and removes what it created, even after Ctrl-C. After a run that
    was killed, the next one cleans up. Do not run two at the same time with one account.

    The report can be published: it contains no key and no data of the account. The command needs the extras cli and
    emulator.

    Exit codes: 0 nothing contradicts the document, 1 something does, or could not be removed, 2 invalid usage, 3
    nothing could be checked: the key is not accepted, or the service does not respond.

    \b
    Examples:
      twelvelabs-async verify --report report.md
      twelvelabs-async verify --budget 0 --requests 100 --yes --json
      twelvelabs-async verify --only indexes.list --only createSearch
      twelvelabs-async verify --record traffic --report report.md
      python -m twelvelabs_async.emulator --replay traffic
    """
    try:
        from ..emulator.openapi import document
        from ..verify import Verification, open_client
    except MissingExtraError as error:
        raise click.UsageError(str(error)) from None
    operations = {method: name for name, method in document.load().methods.items()}

    def begin(client: AsyncTwelveLabs, folder: Path | None) -> Verification:
        return Verification(
            client,
            max_requests=requests,
            max_seconds=budget,
            record=folder,
            only=[operations.get(name, name) for name in only],
            keep=keep,
            on_step=_say_step,
            on_interrupt=lambda made: _say_interrupted(client, made),
        )

    options: dict[str, Any] = {"api_key": api_key, "base_url": base_url, "allow_http": allow_http, "user_agent": AGENT}
    begin(AsyncTwelveLabs(**options), None)  # what is wrong with the options is said before the question
    _confirm(budget, requests, yes=yes)

    async def work() -> int:
        async with open_client(**options) as client:
            try:
                verification = begin(client, record)
            except OSError as error:
                raise click.UsageError(f"--record: {one_line(error.strerror or str(error))}") from None
            try:
                await _run(verification)
            finally:
                made = verification.report()
                written = _write(made, report, as_json=as_json)
        if not made.findings.succeeded and not made.differs:
            print_error("Error: nothing could be checked; the report says why.")
            return NOT_CONFIGURED
        return FAILED if made.differs or made.findings.left_behind or not written else 0

    return run_until_signal(work, patience=_PATIENCE)


async def _run(verification: Verification) -> None:
    from ..verify.calls import KeyRejectedError, UnreachableError

    try:
        await verification.run()
    except KeyRejectedError:
        raise SetupError("401: the API key is not accepted. Set TWELVE_LABS_API_KEY.") from None
    except UnreachableError:
        raise SetupError("the service does not respond: is the base URL right, and is there a network?") from None


def _confirm(seconds: float, requests: int, *, yes: bool) -> None:
    if not yes:
        ask(
            f"Send up to {requests} requests, and have up to {seconds:g} seconds of video processed?",
            without_terminal="It spends some of the account's budget",
            declined="Nothing was sent.",
        )


def _say_step(text: str) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        print_error(f"... {text}")


def _say_interrupted(client: AsyncTwelveLabs, made: list[str]) -> None:
    """What a second Ctrl-C would leave behind."""
    if made:
        text = client._core.transport.secrets_of(None).text(", ".join(made))
        print_error(f"Cleaning up; if this is interrupted too, it leaves behind: {one_line(text)}")


def _write(made: Report, path: Path | None, *, as_json: bool) -> bool:
    """Write the report; whether the file could be written."""
    written = True
    if path is not None:
        try:
            path.write_text(made.to_json() if path.suffix == ".json" else made.to_markdown(), encoding="utf-8")
        except OSError as error:
            print_error(f"Error: {one_line(str(path))}: {error.strerror}; the report is on standard output.")
            written = False
    if as_json:
        print_json(made.to_dict())
    elif path is None or not written:
        write(made.to_markdown(), nl=False)
    else:
        write(f"{made.summary()} The report is in {one_line(str(path))}.")
    if made.findings.left_behind:
        left = [f"{kind} {identifier}" for identifier, kind in made.findings.left_ids.items()]
        left += [kind for kind in made.findings.left_behind if kind not in made.findings.left_ids.values()]
        print_error(
            f"Could not be removed: {one_line(made.without_secrets(', '.join(sorted(left))))}. The next run tries it "
            "again; everything has names that begin with twelvelabs-async-verify."
        )
    return written
