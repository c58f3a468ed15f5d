"""Where the sources go: an index or a knowledge store."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterable, Awaitable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from .._generated.operations.indexed_assets import IndexesIndexedAssetsResource
from .._generated.operations.indexes import IndexesResource
from .._generated.operations.knowledge_store_items import KnowledgeStoreItemsResource
from .._generated.operations.knowledge_stores import KnowledgeStoresResource
from ..errors import APIStatusError, IngestError
from ..resources.embed_v_2 import EmbedV2Resource

if TYPE_CHECKING:
    from .._request.options import RequestOptions
    from .._resource import Core
    from ..waiters.many import Outcome, Outcomes

T = TypeVar("T")

PAGE: Final = 50
"""Rows of a page, the most that the platform gives."""

EMBEDDING_MODEL: Final = "marengo3.0"
"""The model of embeddings of what is in a knowledge store, which has no model of its own."""

CLOCK_MARGIN: Final = datetime.timedelta(hours=1)
"""By how much the clocks of this machine and of the platform may differ."""


class Destination(Protocol):
    """An index or a knowledge store.

    Attributes:
        name: What it is, in messages.
        id: Its id.
        field: The field of outcomes and of the journal that holds the id of what was added to it.
    """

    name: str
    id: str
    field: str

    async def check(self) -> None:
        """Look it up.

        Raises:
            IngestError: It does not exist.
        """
        ...

    async def add(self, asset_id: str, metadata: Mapping[str, Any]) -> str:
        """Add an asset; the id of what was added."""
        ...

    async def find(self, asset_id: str, made_at: datetime.datetime | None) -> list[str]:
        """What was added to it from an asset, the newest first.

        Args:
            asset_id: The asset.
            made_at: When the asset was made: nothing older has to be read.
        """
        ...

    def completed(self, ids: AsyncIterable[str], sleep_interval: float, timeout: float) -> Outcomes[Outcome[Any]]:
        """Wait until they are ready."""
        ...

    async def remove(self, entry_id: str) -> None:
        """Remove something that was added to it."""
        ...

    async def embedding(self, asset_id: str, entry_id: str) -> Any:
        """The embeddings of something that is ready."""
        ...


class IndexDestination:
    """An index."""

    name = "index"
    field = "indexed_asset_id"

    def __init__(self, core: Core, index_id: str, options: RequestOptions | None) -> None:
        self.id = index_id
        self._embedding_options: tuple[Any, ...] = ()
        self._indexes = IndexesResource(core)
        self._api = IndexesIndexedAssetsResource(core)
        self._options = options

    async def check(self) -> None:
        """Look it up."""
        index = await _existing(self, self._indexes.retrieve(self.id, request_options=self._options))
        for model in index.models or ():
            if (model.model_name or "").startswith("marengo"):
                self._embedding_options = tuple(model.model_options or ())

    async def add(self, asset_id: str, metadata: Mapping[str, Any]) -> str:
        """Index an asset."""
        created = await self._api.create(
            self.id, asset_id=asset_id, user_metadata=dict(metadata), request_options=self._options
        )
        return created.id

    async def find(self, asset_id: str, made_at: datetime.datetime | None) -> list[str]:
        """What was indexed from an asset."""
        rows = self._api.list_by_asset(asset_id, page_limit=PAGE, request_options=self._options)
        return [row.id async for row in rows if row.index is not None and row.index.id == self.id]

    def completed(self, ids: AsyncIterable[str], sleep_interval: float, timeout: float) -> Outcomes[Outcome[Any]]:
        """Wait until they are ready."""
        return self._api.as_completed(
            self.id, ids, sleep_interval=sleep_interval, timeout=timeout, request_options=self._options
        )

    async def remove(self, entry_id: str) -> None:
        """Remove an indexed asset."""
        await self._api.delete(self.id, entry_id, request_options=self._options)

    async def embedding(self, asset_id: str, entry_id: str) -> Any:
        """The embeddings of an indexed asset, which exist already.

        Raises:
            LookupError: The index has no model that makes embeddings.
        """
        if not self._embedding_options:
            raise LookupError(f"the index {self.id} has no Marengo model, so there are no embeddings")
        detail = await self._api.retrieve(
            self.id, entry_id, embedding_option=self._embedding_options, request_options=self._options
        )
        return detail.embedding


class KnowledgeStoreDestination:
    """A knowledge store."""

    name = "knowledge store"
    field = "item_id"

    def __init__(self, core: Core, knowledge_store_id: str, options: RequestOptions | None) -> None:
        self.id = knowledge_store_id
        self._embed = EmbedV2Resource(core)
        self._stores = KnowledgeStoresResource(core)
        self._api = KnowledgeStoreItemsResource(core)
        self._options = options

    async def check(self) -> None:
        """Look it up."""
        await _existing(self, self._stores.retrieve(self.id, request_options=self._options))

    async def add(self, asset_id: str, metadata: Mapping[str, Any]) -> str:
        """Add an asset."""
        item = await self._api.create(
            self.id, asset_id=asset_id, metadata=dict(metadata), request_options=self._options
        )
        return item.id

    async def find(self, asset_id: str, made_at: datetime.datetime | None) -> list[str]:
        """What was added from an asset. No list shows the items of one asset, so the newest are read."""
        rows = self._api.list(
            self.id, sort_by="created_at", sort_option="desc", page_limit=PAGE, request_options=self._options
        )
        found = []
        async for row in rows:
            if row.asset_id == asset_id:
                found.append(row.id)
            if made_at is not None and row.created_at is not None and row.created_at < made_at - CLOCK_MARGIN:
                break
        return found

    def completed(self, ids: AsyncIterable[str], sleep_interval: float, timeout: float) -> Outcomes[Outcome[Any]]:
        """Wait until they are ready."""
        return self._api.as_completed(
            self.id, ids, sleep_interval=sleep_interval, timeout=timeout, request_options=self._options
        )

    async def remove(self, entry_id: str) -> None:
        """Remove an item."""
        await self._api.delete(self.id, entry_id, request_options=self._options)

    async def embedding(self, asset_id: str, entry_id: str) -> Any:
        """The embeddings of an asset, which are made now."""
        made = await self._embed.embed_file(asset_id, model_name=EMBEDDING_MODEL, request_options=self._options)
        return made.data


def is_gone(error: BaseException) -> bool:
    """Whether an error says that something does not exist. The platform reports this with 404, or with 400."""
    return isinstance(error, APIStatusError) and (error.status == 404 or error.code == "resource_not_exist")


async def _existing(destination: Destination, retrieval: Awaitable[T]) -> T:
    try:
        return await retrieval
    except APIStatusError as error:
        if is_gone(error):
            raise IngestError(f"The {destination.name} {destination.id} does not exist: {error}") from error
        raise
