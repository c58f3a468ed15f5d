from __future__ import annotations

import enum
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, NewType

import attrs
import pytest

from twelvelabs_async import DecodeError, UncheckedStr, Vector
from twelvelabs_async._codec.decode import decode
from twelvelabs_async._codec.model import Model

Seconds = NewType("Seconds", float)


class Color(enum.Enum):
    RED = "red"


class Name(str):
    __slots__ = ()


@attrs.frozen(kw_only=True)
class Segment(Model):
    start: float


@dataclass
class Film:
    title: str
    segments: list[Segment]
    color: Color | None = None
    vector: Vector | None = None


def decoded(kind: Any, data: Any) -> Any:
    return decode(kind, data)


ALL_KINDS = """
import importlib, pkgutil, sys
from twelvelabs_async import _generated
from twelvelabs_async._codec.decode import decoder
from twelvelabs_async._generated import operations
from twelvelabs_async._generated.models import webhooks
from twelvelabs_async._request.operation import Operation

kinds = [webhooks.WebhookEvent]
for module in pkgutil.iter_modules(operations.__path__):
    members = vars(importlib.import_module(f"{operations.__name__}.{module.name}")).values()
    kinds += [one.response.resolve() for one in members if isinstance(one, Operation) and one.response is not None]
for kind in kinds:
    decoder(kind)
print(len(kinds), "cattrs" in sys.modules)
"""


def test_no_type_of_the_platform_needs_the_converter() -> None:
    shown = subprocess.run([sys.executable, "-c", ALL_KINDS], check=True, capture_output=True, text=True).stdout.split()
    assert int(shown[0]) > 80
    assert shown[1] == "False"


def test_new_types() -> None:
    assert decoded(Seconds, 3) == 3.0
    assert decoded(UncheckedStr, "later") == "later"
    with pytest.raises(DecodeError, match="should be a number"):
        decoded(Seconds, "3")


def test_other_types_and_what_they_hold() -> None:
    film = decoded(Film, {"title": "t", "segments": [{"start": 1}], "color": None, "vector": [1.0]})
    assert film == Film("t", [Segment(start=1.0)], None, Vector([1.0]))
    assert decoded(Color, "red") is Color.RED
    assert decoded(bytes, [1, 2]) == b"\x01\x02"  # as cattrs does: its hook of bytes calls the type
    assert decoded(tuple[int, str], [1, "a"]) == (1, "a")
    assert decoded(Name, "n") == "n"
    assert decoded(list[Film], [{"title": "t", "segments": []}]) == [Film("t", [])]
    with pytest.raises(DecodeError, match=r"\[0\].start is missing"):
        decoded(Film, {"title": "t", "segments": [{}]})
