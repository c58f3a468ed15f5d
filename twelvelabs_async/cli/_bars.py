"""Progress bars on stderr; none where stderr is not a terminal."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from ._output import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import TaskID


class Bars:
    """One bar for all files, and one for each file in progress."""

    def __init__(self, files: int, *, visible: bool = True) -> None:
        """Prepare the bars; `with` shows them.

        Args:
            files: Number of files.
            visible: Whether to show them on a terminal.
        """
        screen = Console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=screen,
            transient=True,
            disable=not (visible and screen.is_terminal),
        )
        self._files = files
        self._done = 0
        self._all = self._progress.add_task("All files", total=files, state=f"0/{files}")

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    @contextlib.contextmanager
    def file(self, name: str, size: int) -> Iterator[Bar]:
        """The bar of one file, while it is in progress."""
        task = self._progress.add_task(escape(one_line(name)), total=size, state="uploading")
        try:
            yield Bar(self._progress, task)
        finally:
            self._progress.remove_task(task)
            self._done += 1
            self._progress.update(self._all, completed=self._done, state=f"{self._done}/{self._files}")


class Bar:
    """The bar of one file."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def sent(self, size: int) -> None:
        """Show how many bytes were sent. May be called from a thread."""
        self._update(completed=size)

    def state(self, state: str) -> None:
        """Show the state of the file on the platform, which does not report progress."""
        self._update(total=None, state=escape(one_line(state)))

    def _update(self, **values: Any) -> None:
        # A read may report after its upload was cancelled and the bar was removed.
        with contextlib.suppress(KeyError):
            self._progress.update(self._task, **values)
