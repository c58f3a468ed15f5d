"""The command `twelvelabs-async` (extra `cli`): indexes, uploads, search, analyses and embeddings from a terminal.

`python -m twelvelabs_async.cli` is the same. The commands are thin: all work is done by the client.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from ._exit_codes import INTERRUPTED, WRONG_USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

EXTRA: Final = ("click", "rich")
"""Packages of the extra `cli`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The arguments of the command. Default: those of this process.

    Returns:
        The exit code: 0 success, 1 failure, 2 wrong usage or configuration, 130 interrupted.
    """
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        sys.stderr.write(f"Error: the command needs {' and '.join(missing)}: pip install 'twelvelabs-async[cli]'\n")
        return WRONG_USAGE
    try:
        from ._app import run

        return run(arguments)
    except KeyboardInterrupt:  # before the command line was read
        return INTERRUPTED
