"""The root command, and what becomes of errors: one line on stderr, and an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from .. import __version__
from .._config.hooks import logger
from ..errors import ConfigurationError, TwelveLabsError
from ._exit_codes import FAILED, INTERRUPTED, MISUSED
from ._output import complain, explain
from .analyze import analyze
from .embed import embed
from .emulator import emulator
from .indexes import indexes
from .search import search
from .status import status
from .upload import upload

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM: Final = "twelvelabs-async"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=PROGRAM)
def root() -> None:
    """Upload videos to TwelveLabs, search them, have them analyzed.

    The API key comes from the environment variable TWELVE_LABS_API_KEY, and the address of the API, where it is not the
    public one, from TWELVELABS_BASE_URL. TWELVELABS_LOG=debug shows every request.

    \b
    A first session:
      twelvelabs-async indexes create films
      twelvelabs-async upload *.mp4 --index INDEX_ID
      twelvelabs-async search --index INDEX_ID "a goal"
      twelvelabs-async analyze --video VIDEO_ID "What happens?"

    \b
    Without a key, in another terminal:
      twelvelabs-async emulator

    Exit codes: 0 done, 1 something failed, 2 wrong usage or configuration, 130 interrupted.
    """


for _command in (indexes, upload, search, analyze, embed, status, emulator):
    root.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code."""
    given = None if arguments is None else list(arguments)
    try:
        result: Any = root.main(given, prog_name=PROGRAM, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return MISUSED
    except click.Abort:
        complain("Interrupted.")
        return INTERRUPTED
    except click.UsageError as error:
        hint = f" See '{error.ctx.command_path} --help'." if error.ctx is not None else ""
        complain(f"Error: {_sentence(error.format_message())}{hint}")
        return MISUSED
    except click.ClickException as error:
        complain(f"Error: {error.format_message()}")
        return error.exit_code
    except (TwelveLabsError, OSError, ValueError) as error:
        complain(f"Error: {explain(error)}")
        # A ValueError is an argument that was refused before anything was sent.
        wrong_use = isinstance(error, ConfigurationError | ValueError)
        return MISUSED if wrong_use else FAILED
    except Exception as error:
        logger.debug("the command failed", exc_info=True)
        complain(
            f"Error: unexpected {type(error).__name__}: {explain(error)}. This is a fault of the command; "
            "TWELVELABS_LOG=debug shows where it is."
        )
        return FAILED
    return result if isinstance(result, int) else 0


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
