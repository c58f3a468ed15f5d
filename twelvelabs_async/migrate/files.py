"""The files of a migration: which ones, and how they are read and written without changing what is not Python."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NOTEBOOK: Final = ".ipynb"

SKIPPED: Final = frozenset({"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv"})
"""Folders that hold no programs of one's own."""

_BOM: Final = b"\xef\xbb\xbf"


class UnreadableError(Exception):
    """A file cannot be read as Python source."""


@attrs.frozen
class SourceFile(SafeRepr):
    """A file.

    Attributes:
        path: Where it is.
        text: Its text, with the newlines that it has.
        encoding: Its encoding.
        has_bom: Whether it begins with a byte order mark.
    """

    path: Path
    text: str
    encoding: str
    has_bom: bool

    @classmethod
    def read(cls, path: Path) -> SourceFile:
        """Read a file with the encoding that it declares.

        Raises:
            UnreadableError: It cannot be read, or is not in that encoding.
        """
        try:
            data = path.read_bytes()
            has_bom = data.startswith(_BOM)
            encoding = "utf-8"
            if path.suffix != NOTEBOOK:
                encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0].removesuffix("-sig")
            return cls(path, data.removeprefix(_BOM).decode(encoding), encoding, has_bom)
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from error
        except (SyntaxError, UnicodeError, LookupError) as error:
            raise UnreadableError(str(error)) from error

    def write(self, text: str) -> None:
        """Replace the text. The file always has the old or the new text as a whole.

        Raises:
            OSError: The file cannot be written.
        """
        data = (_BOM if self.has_bom else b"") + text.encode(self.encoding)
        target = Path(os.path.realpath(self.path))  # a symbolic link stays one
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            shutil.copymode(target, temporary)
            temporary.replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise


def find(paths: Iterable[Path]) -> Iterator[Path]:
    """Files as they are given, and the programs and notebooks in folders, each once.

    Hidden folders, virtual environments and the like are skipped, unless they are given themselves.
    """
    seen: set[Path] = set()
    for path in paths:
        for found in _programs(path) if path.is_dir() else [path]:
            real = found.resolve()
            if real not in seen:
                seen.add(real)
                yield found


def _programs(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(root, name)))
        yield from (Path(root, name) for name in sorted(names) if Path(name).suffix in {".py", ".pyi", NOTEBOOK})


def _is_skipped(folder: Path) -> bool:
    return folder.name.startswith(".") or folder.name in SKIPPED or (folder / "pyvenv.cfg").exists()
