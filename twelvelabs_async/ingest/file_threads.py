"""The threads of a run that look at files."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

THREADS: Final = 3
"""Enough to open thousands of files in a second. Each more competes with the event loop for the interpreter lock."""


@contextmanager
def file_threads() -> Iterator[Executor]:
    """An executor for the length of a run. Leaving does not wait for a file system that hangs."""
    executor = ThreadPoolExecutor(THREADS, thread_name_prefix="twelvelabs-files")
    begun = threading.Event()
    try:
        for _ in range(THREADS):
            executor.submit(begun.wait)  # all begin now: the event loop waits for the first step of a new thread
        begun.set()
        yield executor
    finally:
        begun.set()
        executor.shutdown(wait=False, cancel_futures=True)
