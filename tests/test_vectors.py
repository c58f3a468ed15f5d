"""The vector type, against a list of the same numbers; and NumPy."""

from __future__ import annotations

import copy
import json
import math
import pickle
import struct
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import Vector, to_dict, to_json, types
from twelvelabs_async.types import EmbeddingData, VideoSegment
from twelvelabs_async.vectors import doubles, stack

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBERS = st.lists(st.floats(allow_nan=False) | st.integers(-9, 9).map(float), max_size=20)
INDEX = st.none() | st.integers(-25, 25)


def outcome(call: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return call(*arguments)
    except (IndexError, ValueError) as error:
        return type(error)


# --- like a list -------------------------------------------------------------------------------------------------


@given(NUMBERS, st.integers(-25, 25), INDEX, INDEX, INDEX.filter(lambda step: step != 0))
def test_like_a_list(numbers: list[float], at: int, start: int | None, stop: int | None, step: int | None) -> None:
    vector = Vector(numbers)
    assert len(vector) == len(numbers)
    assert bool(vector) is bool(numbers)
    assert list(vector) == vector.tolist() == numbers
    assert list(reversed(vector)) == numbers[::-1]
    assert outcome(vector.__getitem__, at) == outcome(numbers.__getitem__, at)
    part = vector[start:stop:step]
    assert type(part) is Vector
    assert part == numbers[start:stop:step]


@given(NUMBERS, st.floats(allow_nan=False) | st.integers(-9, 9) | st.text(max_size=1) | st.none(), st.integers(-9, 9))
def test_searching_like_in_a_list(numbers: list[float], value: Any, start: int) -> None:
    vector = Vector(numbers)
    for candidate in [value, *numbers]:
        assert (candidate in vector) is (candidate in numbers)
        assert vector.count(candidate) == numbers.count(candidate)
        assert outcome(vector.index, candidate) == outcome(numbers.index, candidate)
        assert outcome(vector.index, candidate, start, 9) == outcome(numbers.index, candidate, start, 9)


@given(NUMBERS, NUMBERS)
def test_comparing_like_a_list(one: list[float], other: list[float]) -> None:
    assert Vector(one) == Vector(one) == one
    assert one == Vector(one)
    assert Vector(one) == tuple(one)
    assert hash(Vector(one)) == hash(tuple(one))
    for kind in (Vector, list, tuple):
        assert (Vector(one) == kind(other)) is (one == other)
        assert (Vector(one) != kind(other)) is (one != other)


def test_what_it_is_never_equal_to() -> None:
    vector = Vector([1, 2])
    others: list[Any] = [None, "12", {1.0, 2.0}, [1, 2, 3], [1, "2"], ("1", 2), array("d", [1, 2]).tobytes()]
    assert all(vector != other for other in others)


def test_equal_zeros_have_the_same_hash() -> None:
    assert Vector([0.0]) == Vector([-0.0])
    assert len({Vector([0.0]), Vector([-0.0]), (0.0,)}) == 1


def test_it_is_a_sequence_that_cannot_be_changed() -> None:
    assert issubclass(Vector, Sequence)
    vector: Any = Vector([1, 2])
    with pytest.raises(TypeError):
        vector[0] = 3
    with pytest.raises(TypeError):
        vector.buffer[0] = 3
    with pytest.raises(AttributeError):
        vector.append(3)
    with pytest.raises(TypeError):
        del vector[0]


def test_the_numbers_are_copied() -> None:
    source = array("d", [1, 2])
    vector = Vector(source)
    source[0] = 9
    assert vector == [1, 2]
    assert Vector(vector) == vector
    assert Vector(number for number in (1, 2)) == vector
    assert Vector() == []


@pytest.mark.parametrize("wrong", ["12", b"12345678", bytearray(8), ["1"], [None], [[1.0]], 3, None])
def test_what_is_no_vector(wrong: Any) -> None:
    with pytest.raises(TypeError):
        Vector(wrong)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle(protocol: int) -> None:
    vector = Vector([0.1, -0.0, 5e-324, math.inf])
    restored = pickle.loads(pickle.dumps(vector, protocol))
    assert type(restored) is Vector
    assert restored.buffer.tobytes() == vector.buffer.tobytes()


def test_a_pickle_is_small() -> None:
    assert len(pickle.dumps(Vector([0.1] * 512))) < 512 * 8 + 200


def test_copies_are_the_vector_itself() -> None:
    vector = Vector([1])
    assert copy.copy(vector) is vector
    assert copy.deepcopy([vector])[0] is vector


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([], "Vector([])"),
        ([0.1, 2, -3e100], "Vector([0.1, 2.0, -3e+100])"),
        ([1 / 3] * 8, f"Vector({[1 / 3] * 8})"),
        ([1 / 3, -2e-9, 3, *[0.0] * 509], "Vector([0.3333, -2e-09, 3, ...], dimension=512)"),
    ],
)
def test_repr(numbers: list[float], shown: str) -> None:
    assert repr(Vector(numbers)) == str(Vector(numbers)) == shown


# --- buffers and NumPy -------------------------------------------------------------------------------------------


def test_buffer() -> None:
    vector = Vector([1.5, 2])
    for view in (vector.buffer, vector.__buffer__(0)):
        assert (view.format, view.itemsize, view.readonly) == ("d", 8, True)
        assert view.tolist() == [1.5, 2.0]
        assert view.tobytes() == struct.pack("2d", 1.5, 2)


def shares(found: np.ndarray[Any, Any], vector: Vector) -> bool:
    """Whether an array reads the memory of the vector."""
    return bool(np.shares_memory(found, np.frombuffer(vector.buffer)))


@given(NUMBERS)
def test_numpy_without_a_copy(numbers: list[float]) -> None:
    vector = Vector(numbers)
    for found in (vector.numpy(), vector.numpy("float64"), np.asarray(vector), np.asarray(vector, dtype=np.float64)):
        assert found.dtype == np.float64
        assert found.tolist() == numbers
        assert not found.flags.writeable
        assert shares(found, vector) is bool(numbers)


def test_numpy_copies_other_types() -> None:
    vector = Vector([1 / 3, 2])
    for found in (vector.numpy("float32"), vector.numpy(dtype=np.float32), np.asarray(vector, dtype="float32")):
        assert found.dtype == np.float32
        assert found.tolist() == [np.float32(1 / 3), 2]
        assert found.flags.writeable
    copied = np.array(vector)
    copied[0] = 9
    assert vector[0] == 1 / 3
    assert np.equal(vector, np.array([1 / 3, 3])).tolist() == [True, False]


def test_the_array_protocol() -> None:
    """From Python 3.12 on, NumPy uses the buffer instead."""
    vector = Vector([1, 2])
    assert shares(vector.__array__(), vector)
    assert shares(vector.__array__(np.float64, copy=False), vector)
    assert not shares(vector.__array__(copy=True), vector)
    assert vector.__array__("float32").dtype == np.float32
    assert vector.__array__("float32", copy=True).dtype == np.float32
    with pytest.raises(ValueError, match="cannot be an array of float32 without a copy"):
        vector.__array__("float32", copy=False)


def test_an_array_outlives_its_vector() -> None:
    found = Vector([1, 2]).numpy()
    assert found.tolist() == [1, 2]


def test_stack() -> None:
    vectors = [Vector([1, 2]), Vector([3, 4])]
    segments = [VideoSegment(float_=vector) for vector in vectors]
    data = [EmbeddingData(embedding=vector) for vector in vectors]
    for rows in (vectors, segments, data, [[1, 2], (3, 4)], iter(vectors)):
        matrix = stack(rows)
        assert matrix.dtype == np.float64
        assert matrix.tolist() == [[1, 2], [3, 4]]
    matrix[0, 0] = 9
    assert vectors[0][0] == 1
    assert stack(vectors, dtype="float32").dtype == np.float32


@pytest.mark.parametrize(
    ("segments", "message"),
    [
        ([], "there are no vectors to stack"),
        ([Vector([1]), Vector([1, 2])], "segment 1 has 2 numbers, segment 0 has 1"),
        ([Vector([1]), VideoSegment()], "segment 1 has no vector: VideoSegment"),
        (["12"], "segment 0 has no vector: str"),
    ],
)
def test_what_cannot_be_stacked(segments: list[Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stack(segments)


# --- in models ---------------------------------------------------------------------------------------------------


def test_exported_with_the_models() -> None:
    assert types.Vector is Vector


def test_models_take_lists() -> None:
    made = EmbeddingData(embedding=[1, 2])
    assert type(made.embedding) is Vector
    vector = Vector([1])
    assert EmbeddingData(embedding=vector).embedding is vector
    assert VideoSegment(float_=None).float_ is None
    assert made == EmbeddingData(embedding=Vector([1, 2]))


@given(NUMBERS.map(lambda numbers: [number for number in numbers if math.isfinite(number)]))
def test_to_dict_and_to_json(numbers: list[float]) -> None:
    model = EmbeddingData(embedding=numbers)
    found = to_dict(model)
    assert found == {"embedding": numbers}
    assert type(found["embedding"]) is list
    assert json.loads(to_json(model)) == {"embedding": numbers}
    assert to_dict(model.embedding) == numbers


def test_what_json_cannot_hold() -> None:
    with pytest.raises(ValueError, match="nan cannot be represented"):
        to_dict(EmbeddingData(embedding=[1, math.nan]))


@given(st.lists(st.floats() | st.integers(-(2**70), 2**70), max_size=20))
def test_packing(numbers: list[float]) -> None:
    assert doubles(numbers).tobytes() == array("d", numbers).tobytes()


@pytest.mark.parametrize("wrong", ["1", None, [1.0], 10**400])
def test_what_cannot_be_packed(wrong: Any) -> None:
    with pytest.raises(TypeError):
        doubles([1.0, wrong])
