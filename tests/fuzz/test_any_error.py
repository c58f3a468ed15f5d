"""Whatever a server sends with a status that is not 2xx: the error of that status, which can be printed and pickled."""

from __future__ import annotations

import json
import pickle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import APIStatusError
from twelvelabs_async._transport.status_errors import status_class, status_error

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.dictionaries(
    st.sampled_from(["code", "error_code", "message", "docs_url", "details", "error", "request_id"]) | TEXT, JSON
)
DOCUMENTS = (MEMBERS | st.fixed_dictionaries({"error": MEMBERS}) | JSON).map(lambda value: json.dumps(value).encode())
NESTED = st.tuples(st.sampled_from([b"[", b'{"error":', b'{"details":']), st.integers(1, 3000)).map(
    lambda p: p[0] * p[1]
)
HEADERS = st.dictionaries(
    st.sampled_from(["X-Request-Id", "Retry-After", "X-RateLimit-Reset", "X-RateLimit-Limit", "Content-Type"]), TEXT
)


@given(st.integers(300, 999), HEADERS, DOCUMENTS | NESTED | st.binary(max_size=80))
def test_any_error_response(status: int, headers: dict[str, str], body: bytes) -> None:
    error = status_error(status, headers, body, request_id=headers.get("X-Request-Id"))
    assert error.status == status
    assert isinstance(error, status_class(status))
    assert str(error)
    assert repr(error)
    again: Any = pickle.loads(pickle.dumps(error))
    assert isinstance(again, APIStatusError)
    assert (str(again), again.status, again.code, again.request_id) == (
        str(error),
        status,
        error.code,
        error.request_id,
    )
