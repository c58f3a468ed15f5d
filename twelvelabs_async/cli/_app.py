"""The root command, and the handling of errors: one line on stderr, and an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click

from .. import __version__
from .._config.hooks import logger
from ..errors import ConfigurationError, TwelveLabsError
from . import ingest_status  # noqa: F401 - adds subcommands to `ingest`
from ._exit_codes import FAILED, INTERRUPTED, PIPE_CLOSED, TERMINATED, WRONG_USAGE
from ._options import TerminatedError
from ._output import OutputError, abandon, error_line, prepare, print_error
from ._subcommands import Root
from .analyze import analyze
from .assets import assets
from .demo import demo
from .embed import embed
from .emulator import emulator
from .indexes import indexes
from .ingest import ingest
from .migrate import migrate
from .search import search
from .status import status
from .upload import upload
from .verify import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM: Final = "twelvelabs-async"


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=PROGRAM)
def root() -> None:
    """Upload videos to TwelveLabs, search them and analyze them.

    The API key is read from the environment variable TWELVE_LABS_API_KEY, and the base URL of the API, if it is not the
    public one, from TWELVELABS_BASE_URL. TWELVELABS_LOG=debug logs every request.

    \b
    A first session:
      twelvelabs-async indexes create films
      twelvelabs-async upload *.mp4 --index INDEX_ID
      twelvelabs-async ingest films --index films --create --journal run.sqlite
      twelvelabs-async search --index INDEX_ID "a goal"
      twelvelabs-async analyze --video VIDEO_ID "What happens?"

    \b
    Without a key:
      twelvelabs-async demo
      twelvelabs-async emulator        (in another terminal)

    Exit codes: 0 success, 1 failure, 2 invalid usage or configuration (ingest: 3), 130 interrupted, 141 the reader of
    the output has closed it, 143 terminated.
    """


for _command in (indexes, ingest, upload, assets, search, analyze, embed, status, emulator, demo, migrate, verify):
    root.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code."""
    given = None if arguments is None else list(arguments)
    if sys.stdout is None:
        # Nothing is sent whose result would be lost.
        print_error("Error: standard output is closed: redirect it to a file, or to /dev/null.")
        return FAILED
    prepare()
    stdout = sys.stdout
    try:
        result: Any = root.main(given, prog_name=PROGRAM, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return WRONG_USAGE
    except click.Abort:
        print_error("Interrupted.")
        return INTERRUPTED
    except TerminatedError:
        print_error("Terminated.")
        return TERMINATED
    except OutputError as error:
        abandon()
        if error.closed:
            return PIPE_CLOSED
        print_error(f"Error: {error}.")
        return FAILED
    except SystemExit:
        if sys.stdout is stdout:
            raise
        # click ends the process where the help is not read to its end, and replaces the stream.
        sys.stdout = stdout
        abandon()
        return PIPE_CLOSED
    except click.UsageError as error:
        hint = f" See '{error.ctx.command_path} --help'." if error.ctx is not None else ""
        print_error(f"Error: {_sentence(error.format_message())}{hint}")
        return WRONG_USAGE
    except click.ClickException as error:
        print_error(f"Error: {error.format_message()}")
        return error.exit_code
    except (TwelveLabsError, OSError, ValueError) as error:
        print_error(f"Error: {error_line(error)}")
        # A ValueError is an argument that was rejected before anything was sent.
        wrong_usage = isinstance(error, ConfigurationError | ValueError)
        return WRONG_USAGE if wrong_usage else FAILED
    except Exception as error:
        logger.debug("the command failed", exc_info=True)
        print_error(
            f"Error: unexpected {type(error).__name__}: {error_line(error)}. This is a bug in the command; "
            "TWELVELABS_LOG=debug shows the traceback."
        )
        return FAILED
    return result if isinstance(result, int) else 0


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
