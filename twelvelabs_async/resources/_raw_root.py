"""What `with_raw_response` returns."""

from __future__ import annotations

from .._generated.raw_tree import RawResourceTree
from .._untyped import RawUntypedCalls


class RawRoot(RawResourceTree, RawUntypedCalls):
    """The resource tree, and calls of unknown operations, with methods that return the response itself."""
