"""Finds an index by its name or its id, and makes it on request; and a knowledge store by its id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..errors import APIStatusError, IndexMismatchError
from ._setup import SetupError

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

MODELS: Final[list[Any]] = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
"""Models of an index that is made."""


async def find_index(client: AsyncTwelveLabs, wanted: str, *, create: bool) -> str:
    """The id of an index.

    Args:
        client: The client.
        wanted: Its name or its id.
        create: Whether to make it if there is none. When several commands do this at once, there is one index.

    Raises:
        SetupError: There is none, or several have this name.
    """
    listed = client.indexes.list(index_name=wanted, page_limit=50)
    found = [index.id async for index in listed if index.index_name == wanted]
    if len(found) > 1:
        raise SetupError(f"{len(found)} indexes have the name {wanted!r}: give the id of one, {', '.join(found)}")
    if found:
        return found[0]
    try:
        return (await client.indexes.retrieve(wanted)).id
    except APIStatusError as error:
        if error.status not in {400, 404}:
            raise
    if not create:
        raise SetupError(
            f"there is no index with the name or id {wanted!r}: give --create to make one of this name, or see "
            "'twelvelabs-async indexes list'"
        )
    try:
        return (await client.indexes.get_or_create(index_name=wanted, models=MODELS)).id
    except IndexMismatchError as error:  # somebody else has made it just now, with other models
        return str(error.index.id)


async def find_knowledge_store(client: AsyncTwelveLabs, wanted: str) -> str:
    """The id of a knowledge store.

    Raises:
        SetupError: There is none with this id.
    """
    try:
        return (await client.knowledge_stores.retrieve(wanted)).id
    except APIStatusError as error:
        if error.status not in {400, 404}:
            raise
        raise SetupError(f"there is no knowledge store with the id {wanted!r}") from error
