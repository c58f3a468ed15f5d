from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import jinja2
import openapi_python_client
import pytest

from codegen import formatter

from .generated import Generator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class _Compiled(jinja2.BytecodeCache):
    """Keeps compiled templates: jinja compiles those of every environment again, and every document has its own."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if found := self._found.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(found)

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._found[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


_environment = functools.partial(jinja2.Environment, bytecode_cache=_Compiled())
_check_once = functools.cache(formatter.check)


def _check(version: str, command: Sequence[str] = formatter.COMMAND) -> None:
    _check_once(version, tuple(command))


@pytest.fixture
def generate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator:
    """Templates are compiled once, and ruff says its version once, for all tests."""
    monkeypatch.setattr(openapi_python_client, "Environment", _environment)
    monkeypatch.setattr(formatter, "check", _check)
    return Generator(tmp_path)
