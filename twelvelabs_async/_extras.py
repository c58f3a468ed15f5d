"""Optional dependencies: what a module needs that pip installs with an extra, and the error where it is missing."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PACKAGES: Final[Mapping[str, frozenset[str]]] = {
    "cli": frozenset({"click", "rich"}),
    "emulator": frozenset({"av", "jsonschema", "numpy", "yaml"}),
    "otel": frozenset({"opentelemetry"}),
    "starlette": frozenset({"starlette"}),
    "testing": frozenset({"pytest"}),
    "vectors": frozenset({"numpy"}),
}
"""What may be missing for each part, by the names that are imported."""

_INSTALL: Final[Mapping[str, str]] = {
    "cli": "'twelvelabs-async[cli]'",
    "emulator": "'twelvelabs-async[emulator]'",
    "otel": "'twelvelabs-async[otel]'",
    "starlette": "'twelvelabs-async[starlette]'",
    # pytest is no extra: who tests with it has it.
    "testing": "pytest 'twelvelabs-async[emulator]'",
    "vectors": "numpy",  # no extra either
}
"""What pip has to install for each part."""

WRONG_INSTALLATION: Final = 2
"""Exit code of a command whose extra is missing: nothing that the user can do without another installation."""


class MissingExtraError(ModuleNotFoundError):
    """A package is missing that is installed with an extra; the message says which."""


@contextmanager
def needs(part: str) -> Iterator[None]:
    """Import what belongs to an extra in this block: where a package is missing, the error says what to install.

    Args:
        part: Name of the part of this package, with a module of that name.

    Raises:
        MissingExtraError: A package of the extra is missing. Any other module that is missing is an error as usual.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES[part]:
            raise
        module = f"{__package__}.{part}"
        message = f"{module} needs {package}: pip install {_INSTALL[part]}"
        if _is_being_started(module):
            sys.stderr.write(f"Error: {message}\n")
            raise SystemExit(WRONG_INSTALLATION) from None
        raise MissingExtraError(message, name=error.name) from None


def _is_being_started(module: str) -> bool:
    """Whether Python was started with `-m` and this module, which it is still looking for.

    It imports the package before it comes to its `__main__`, so that no code there could leave out the traceback.
    """
    return sys.argv[:1] == ["-m"] and any(argument.endswith(module) for argument in sys.orig_argv)
