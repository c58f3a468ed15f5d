"""Words of names, titles and metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_WORDS: Final = 2_000
"""Words of names, titles and metadata that are kept per file and source."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_CAMEL = re.compile(r"(?<=[a-z\u00df-\u00ff])(?=[A-Z])")


def words_of(text: str) -> list[str]:
    """Split a text into words in lower case; `CamelCase` and `snake_case` are taken apart."""
    return [word.lower().replace("\u2019", "'") for word in _WORD.findall(_CAMEL.sub(" ", text))]


def words_by_source(words: Mapping[str, Any]) -> dict[str, list[str]]:
    """Gather the words of each source (file name, title, metadata ...), each word once.

    A value may be a text, a number, or a list or mapping of them; of a mapping, keys and values count.
    """
    collected: dict[str, list[str]] = {}
    for source, value in words.items():
        text = " ".join(_texts(value))
        if source in {"filename", "file_name"}:
            text = re.sub(r"\.\w{1,5}$", "", text)
        if found := list(dict.fromkeys(words_of(text)))[:MAX_WORDS]:
            collected[source] = found
    return collected


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list | tuple | set | frozenset):
        return [text for part in value for text in _texts(part)]
    return []
