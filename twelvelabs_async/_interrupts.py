"""Ctrl-C while the command `twelvelabs-async` starts or ends: it ends at once, without a traceback.

Python imports the whole package before any code of the command runs. Nothing has begun then, so there is nothing to
clean up; nor is there at the end. Every other program that imports the package keeps its own signal handlers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

INTERRUPTED: Final = 130


def end_quietly() -> None:
    """Let Ctrl-C end this process at once. A handler that somebody else has set stays."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)


def raise_as_usual() -> None:
    """Let Ctrl-C raise a KeyboardInterrupt, as in every program."""
    if signal.getsignal(signal.SIGINT) is _end:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def end_now(code: int) -> NoReturn:
    """End this process, which was interrupted: the interpreter would wait for threads, and restore the handlers."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _end(_: int, __: FrameType | None) -> None:
    os.write(2, b"Interrupted.\n")
    os._exit(INTERRUPTED)


def _is_command() -> bool:
    """Whether this process is the command: its script, or `python -m twelvelabs_async.cli`."""
    program = sys.argv[0] if sys.argv else ""
    if program == "-m":  # Python is still looking for the module
        return any(argument.endswith("twelvelabs_async.cli") for argument in sys.orig_argv)
    return Path(program).stem == "twelvelabs-async"


if _is_command():
    end_quietly()
