"""The command `twelvelabs-async` (extra `cli`): indexes, uploads, batch ingestion, search, analyses and embeddings.

`python -m twelvelabs_async.cli` is the same. The commands are thin: all work is done by the client.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .._extras import MissingExtraError, needs
from .._interrupts import end_now, end_quietly, raise_as_usual
from ._exit_codes import INTERRUPTED, TERMINATED, WRONG_USAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: The arguments of the command. Default: those of this process.

    Returns:
        The exit code: 0 success, 1 failure, 2 invalid usage or configuration, 3 invalid configuration of `ingest`, 130
        interrupted, 141 the reader of the output has closed it, 143 terminated.
    """
    code = _run(arguments)
    if arguments is None:  # the process is about to end
        end_quietly()
        if code in {INTERRUPTED, TERMINATED}:
            end_now(code)
    return code


def _run(arguments: Sequence[str] | None) -> int:
    try:
        with needs("cli"):
            import rich  # noqa: F401 - the commands import it when they need it, and some only at their end

            from ._app import run
        raise_as_usual()
        return run(arguments)
    except MissingExtraError as error:
        sys.stderr.write(f"Error: {error}\n")
        return WRONG_USAGE
    except KeyboardInterrupt:  # before the command line was read
        return INTERRUPTED
