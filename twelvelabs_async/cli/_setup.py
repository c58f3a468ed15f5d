"""What keeps an ingestion from beginning: exit code 3."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from ..errors import AuthenticationError, ConfigurationError, ForbiddenError, JournalError
from ._exit_codes import NOT_CONFIGURED
from ._output import error_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class SetupError(click.ClickException):
    """The key, the index, the journal or a missing package keeps the command from beginning."""

    exit_code = NOT_CONFIGURED


@contextlib.contextmanager
def setup_errors(*kinds: type[Exception]) -> Iterator[None]:
    """Turn errors of the configuration into a SetupError.

    Args:
        kinds: Further errors that are errors of the configuration in this block.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (ConfigurationError, AuthenticationError, ForbiddenError, *kinds)):
            raise SetupError(error_line(error)) from error
        raise


def journal_errors() -> contextlib.AbstractContextManager[None]:
    """Turn errors of a journal that cannot be opened into a SetupError."""
    return setup_errors(JournalError, OSError)
