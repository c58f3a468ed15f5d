"""`ingest --on-ray`."""

from __future__ import annotations

import contextlib
import importlib.util
import signal
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from .._safe_repr import SafeRepr
from ..errors import JournalError, TwelveLabsError
from ._exit_codes import FAILED
from ._options import TerminatedError
from ._output import error_line, print_error, print_json, write
from ._setup import SetupError, setup_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..ingest.ray import Progress
    from ._ingest_plan import IngestPlan

PROGRESS_INTERVAL: Final = 5.0
"""Seconds between two lines about the progress."""


def check_ray() -> None:
    """Check that Ray is installed.

    Raises:
        SetupError: It is not.
    """
    if importlib.util.find_spec("ray") is None:
        raise SetupError("--on-ray needs ray: pip install 'twelvelabs-async[ray]'")


def run_on_ray(plan: IngestPlan, target: Mapping[str, Any], connection: Mapping[str, Any], *, as_json: bool) -> int:
    """Ingest with Ray, and count the outcomes; the exit code describes the output as a whole.

    Raises:
        SetupError: The key, the index, the output or the cluster cannot be used.
        click.Abort: Ctrl-C has ended it.
        TerminatedError: SIGTERM has ended it.
    """
    from .. import ingest
    from ..ingest.ray import DEFAULT_WORKERS, count_outcomes

    lines = ProgressLines(as_json=as_json)
    error: Exception | None = None
    try:
        with _interruptible(), setup_errors(JournalError):
            ingest.on_ray(
                plan.items(),
                **target,
                **{**plan.pipeline(), "embed": plan.embed},  # beside the output, which is a table
                workers=plan.workers or DEFAULT_WORKERS,
                requests_per_minute=plan.requests_per_minute,
                output=str(plan.output),
                base_url=connection.get("base_url"),
                allow_http=bool(connection.get("allow_http")),
                on_progress=lines,
            )
    except (click.Abort, TerminatedError, TwelveLabsError) as raised:
        error = raised
    lines.close()
    counts = {"done": 0, "failed": 0}
    with contextlib.suppress(JournalError):  # it was interrupted before there was one
        counts = count_outcomes(str(plan.output))
    is_interrupted = isinstance(error, click.Abort | TerminatedError)
    summary = {
        "event": "summary",
        **counts,
        "pending": lines.pending,
        "interrupted": is_interrupted,
        "error": None if error is None or is_interrupted else error_line(error),
        **target,
        "output": plan.output,
    }
    if as_json:
        print_json(summary)
    else:
        done, failed, pending = summary["done"], summary["failed"], summary["pending"]
        write(f"{done:,} done, {failed:,} failed, {pending:,} pending; the outcomes are in {plan.output}.")
    if error is not None:
        raise error
    return FAILED if counts["failed"] else 0


class ProgressLines(SafeRepr):
    """Writes the figures of a run from time to time, in a thread: a slow reader does not hold up the run.

    Args:
        as_json: Whether to write JSON lines on standard output, in place of text on standard error.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.pending = 0
        self._as_json = as_json
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="twelvelabs-progress")
        self._writing: Future[None] | None = None
        self._next = time.monotonic() + PROGRESS_INTERVAL

    def __call__(self, progress: Progress) -> None:
        """Take the figures of this moment.

        Raises:
            OutputError: They cannot be written.
        """
        self.pending = progress.pending
        if self._writing is not None and self._writing.done():
            self._writing.result()
            self._writing = None
        if self._writing is None and time.monotonic() >= self._next:
            self._next = time.monotonic() + PROGRESS_INTERVAL
            self._writing = self._thread.submit(self._write, attrs.evolve(progress))

    def close(self) -> None:
        """Write nothing more."""
        self._thread.shutdown(wait=False)

    def _write(self, progress: Progress) -> None:
        if self._as_json:
            print_json({"event": "progress", **attrs.asdict(progress), "pending": progress.pending})
        else:
            found = f"{progress.seen:,}" if progress.exhausted else f"{progress.seen:,} found so far"
            print_error(
                f"{progress.done:,} of {found} done, {progress.failed:,} failed, {progress.skipped:,} skipped, "
                f"{progress.workers:,} workers"
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.pending} pending>"


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C and SIGTERM end a run on Ray in the same way.

    Raises:
        click.Abort: Ctrl-C has ended it.
        TerminatedError: SIGTERM has ended it.
    """
    terminated = False

    def on_sigterm(*_: object) -> None:
        nonlocal terminated
        terminated = True
        signal.raise_signal(signal.SIGINT)

    before = None
    with contextlib.suppress(ValueError):  # only the main thread can handle signals
        before = signal.signal(signal.SIGTERM, on_sigterm)
    try:
        yield
    except KeyboardInterrupt:
        raise (TerminatedError() if terminated else click.Abort()) from None
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)
