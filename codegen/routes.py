"""Which path values would turn one operation into another."""

from __future__ import annotations

from collections.abc import Iterable


def reserved_words(url: str, urls: Iterable[str]) -> set[str]:
    """Words that other paths have where this path has a parameter.

    `multipart-uploads` as an asset's id would turn `/assets/{asset_id}` into the route `/assets/multipart-uploads`.
    """
    segments = url.split("/")
    words: set[str] = set()
    for other in urls:
        theirs = other.split("/")
        if len(theirs) != len(segments):
            continue
        pairs = list(zip(segments, theirs, strict=True))
        if all(mine == their or _is_parameter(mine) or _is_parameter(their) for mine, their in pairs):
            words |= {their for mine, their in pairs if _is_parameter(mine) and not _is_parameter(their)}
    return words


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{") and segment.endswith("}")
