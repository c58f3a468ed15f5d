"""`Value`: comparison, hash and `repr` as attrs would write them."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from twelvelabs_async._value import Value


@attrs.frozen(eq=False, repr=False)
class Ours(Value):
    a: Any
    b: Any = attrs.field(default=1, eq=False)
    c: Any = attrs.field(default=2, repr=False)
    d: Any = attrs.field(default=3, repr=lambda value: f"<{value}>")


@attrs.frozen
class Theirs:
    a: Any
    b: Any = attrs.field(default=1, eq=False)
    c: Any = attrs.field(default=2, repr=False)
    d: Any = attrs.field(default=3, repr=lambda value: f"<{value}>")


@attrs.frozen(eq=False, repr=False)
class Below(Ours):
    e: Any = 4


@pytest.mark.parametrize("other", [(1,), (1, 2), (1, 1, 3), (2,), ([],)], ids=str)
def test_the_same_as_attrs(other: tuple[Any, ...]) -> None:
    assert (Ours(1) == Ours(*other)) is (Theirs(1) == Theirs(*other))
    assert (Ours(1) != Ours(*other)) is (Theirs(1) != Theirs(*other))
    assert repr(Ours(*other)) == repr(Theirs(*other)).replace("Theirs", "Ours")


def test_hash() -> None:
    assert hash(Ours(1)) == hash(Ours(1, 5))
    assert len({Ours(1), Ours(1), Ours(2)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Ours([]))


def test_other_classes_are_not_equal() -> None:
    assert Ours(1) != Below(1)
    assert Below(1) == Below(1)
    assert Ours(1) != 1
    assert repr(Below(1)) == "Below(a=1, b=1, d=<3>, e=4)"


def test_repr_of_what_holds_itself() -> None:
    inside: list[Any] = []
    value = Ours(inside)
    inside.append(value)
    assert repr(value) == "Ours(a=[...], b=1, d=<3>)"


def test_repr_of_what_is_half_initialised() -> None:
    assert repr(Ours.__new__(Ours)) == "<Ours: repr raised AttributeError>"
