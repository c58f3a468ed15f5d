"""Embedding vectors: a compact, read-only sequence of numbers that NumPy reads without a copy.

A list of 512 numbers takes 16 KiB of memory, 24 bytes for each number and 8 for its place in the list. A `Vector` takes
4 KiB: its numbers lie next to each other, as doubles.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, overload

from ._extras import needs
from ._safe_repr import SafeRepr

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["Vector", "stack"]

Segment: TypeAlias = Any
"""A vector, or a model with one: `EmbeddingData` and the segments of `embed.tasks`."""

_SHOWN: Final = 3
"""Numbers of a long vector that its `repr` shows."""

_SHORT: Final = 8
"""Numbers up to which `repr` shows all of them."""

_NO_NUMBERS: Final = (str, bytes, bytearray)
"""`array` would take their bytes for the memory of doubles."""


class Vector(SafeRepr, Sequence[float]):
    """An embedding vector: behaves like a tuple of floats, and converts to NumPy without a copy.

    It is equal to a list or tuple of the same numbers, can be hashed, copied and pickled, and its slices are vectors.
    `tolist()` makes a list; `to_dict` and `to_json` do that by themselves.

    Args:
        numbers: The numbers. They are copied.
    """

    __slots__ = ("__weakref__", "_numbers")

    _numbers: array[float]

    def __init__(self, numbers: Iterable[float] = ()) -> None:
        if isinstance(numbers, _NO_NUMBERS):
            raise TypeError(f"a vector is made of numbers, not of {type(numbers).__name__}")
        self._numbers = array("d", numbers)

    @property
    def buffer(self) -> memoryview:
        """The numbers as a read-only `memoryview` of doubles, without a copy.

        From Python 3.12 on, `memoryview(vector)` is the same.
        """
        return memoryview(self._numbers).toreadonly()

    def __buffer__(self, flags: int, /) -> memoryview:
        return self.buffer

    @overload
    def numpy(self, dtype: Literal["float64"] = "float64") -> npt.NDArray[np.float64]: ...

    @overload
    def numpy(self, dtype: Literal["float32"]) -> npt.NDArray[np.float32]: ...

    @overload
    def numpy(self, dtype: npt.DTypeLike) -> npt.NDArray[Any]: ...

    def numpy(self, dtype: Any = "float64") -> npt.NDArray[Any]:
        """The vector as a NumPy array.

        Args:
            dtype: Type of its numbers. `"float64"`, the default, makes a read-only array that shares the memory of the
                vector; any other, such as `"float32"`, makes a copy.

        Raises:
            MissingExtraError: NumPy is not installed. It is an ImportError.
        """
        with needs("vectors"):
            import numpy as np
        return np.asarray(self.buffer, dtype=dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """What `numpy.asarray(vector)` and `numpy.array(vector)` call where Python has no `__buffer__`."""
        import numpy as np

        shared = np.asarray(self.buffer)
        if copy:
            return np.array(shared, dtype=dtype)
        if dtype is None or np.dtype(dtype) == shared.dtype:
            return shared
        if copy is False:
            raise ValueError(f"a vector cannot be an array of {np.dtype(dtype)} without a copy")
        return shared.astype(dtype)

    def tolist(self) -> list[float]:
        """The numbers as a list."""
        return self._numbers.tolist()

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> float: ...

    @overload
    def __getitem__(self, index: slice) -> Vector: ...

    def __getitem__(self, index: int | slice) -> float | Vector:
        found = self._numbers[index]
        return wrap(found) if isinstance(found, array) else found

    def __iter__(self) -> Iterator[float]:
        return iter(self._numbers)

    def __reversed__(self) -> Iterator[float]:
        return reversed(self._numbers)

    def __contains__(self, value: object) -> bool:
        return value in self._numbers

    def index(self, value: Any, start: int = 0, stop: int = sys.maxsize) -> int:
        """The position of the first number that equals the value.

        Raises:
            ValueError: There is none.
        """
        return self._numbers.index(value, start, stop)

    def count(self, value: Any) -> int:
        """How many numbers equal the value."""
        return self._numbers.count(value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Vector):
            return self._numbers == other._numbers
        if isinstance(other, list):
            return self.tolist() == other
        if isinstance(other, tuple):
            return tuple(self._numbers) == other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._numbers))  # that of an equal tuple

    def __repr__(self) -> str:
        if len(self) <= _SHORT:
            return f"Vector({self.tolist()})"
        shown = ", ".join(f"{number:.4g}" for number in self._numbers[:_SHOWN])
        return f"Vector([{shown}, ...], dimension={len(self)})"

    def __copy__(self) -> Vector:
        return self

    def __deepcopy__(self, memo: Any) -> Vector:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Vector, (self._numbers,)


def wrap(numbers: array[float]) -> Vector:
    """A vector with these numbers, which are not copied: nothing else may change them."""
    vector = object.__new__(Vector)
    vector._numbers = numbers
    return vector


def doubles(numbers: Sequence[float]) -> array[float]:
    """An array of the numbers: `array("d", numbers)`, in half of the time.

    Raises:
        TypeError: One of them is not a number, or an integer that is too large.
    """
    try:
        return array("d", struct.pack(f"{len(numbers)}d", *numbers))
    except struct.error as error:
        raise TypeError(str(error)) from None


def to_vector(numbers: Iterable[float]) -> Vector:
    """Make a vector of numbers, or return the one that is given."""
    return numbers if isinstance(numbers, Vector) else Vector(numbers)


def to_optional_vector(numbers: Iterable[float] | None) -> Vector | None:
    """Like `to_vector`, for None as well."""
    return None if numbers is None else to_vector(numbers)


@overload
def stack(segments: Iterable[Segment], dtype: Literal["float64"] = "float64") -> npt.NDArray[np.float64]: ...


@overload
def stack(segments: Iterable[Segment], dtype: Literal["float32"]) -> npt.NDArray[np.float32]: ...


@overload
def stack(segments: Iterable[Segment], dtype: npt.DTypeLike) -> npt.NDArray[Any]: ...


def stack(segments: Iterable[Segment], dtype: Any = "float64") -> npt.NDArray[Any]:
    """The vectors of many segments as the rows of one NumPy array.

        matrix = stack(response.data, dtype="float32")

    Args:
        segments: Vectors, or models that hold one: the `data` of `embed.v_2`, the `segments` of `embed.tasks`.
        dtype: Type of the numbers.

    Returns:
        An array with a row for each segment, in their order. It shares no memory with them.

    Raises:
        ValueError: There are no segments, one has no vector, or their vectors have different dimensions.
        MissingExtraError: NumPy is not installed. It is an ImportError.
    """
    with needs("vectors"):
        import numpy as np
    rows = [_vector_of(segment, at) for at, segment in enumerate(segments)]
    if not rows:
        raise ValueError("there are no vectors to stack")
    matrix = np.empty((len(rows), len(rows[0])), dtype=dtype)
    for at, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(f"segment {at} has {len(row)} numbers, segment 0 has {len(rows[0])}")
        matrix[at] = row.buffer
    return matrix


def _vector_of(segment: Segment, at: int) -> Vector:
    if isinstance(segment, Vector):
        return segment
    if isinstance(segment, list | tuple):
        return Vector(segment)
    for name in ("embedding", "float_"):
        vector = getattr(segment, name, None)
        if isinstance(vector, Vector):
            return vector
    raise ValueError(f"segment {at} has no vector: {type(segment).__name__}")
