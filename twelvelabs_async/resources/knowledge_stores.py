"""Knowledge stores: a search whose pager has the members of its first page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._generated.operations import knowledge_stores as generated
from ..pagination import AsyncPager

if TYPE_CHECKING:
    from typing import Literal

    from .._codec.model import UncheckedStr
    from .._generated.models.knowledge_stores import (
        KnowledgeStoreSearchQuery,
        SearchKnowledgeStoreFilter,
        SearchKnowledgeStoreHit,
        SearchKnowledgeStoreOptions,
        SearchKnowledgeStoreResponse,
    )
    from .._generated.params.ids import KnowledgeStoreOrId
    from .._generated.params.knowledge_stores import (
        KnowledgeStoreSearchQueryParams,
        SearchKnowledgeStoreFilterParams,
        SearchKnowledgeStoreOptionsParams,
    )
    from .._request.options import RequestOptions

    _SearchPager = AsyncPager[SearchKnowledgeStoreHit, SearchKnowledgeStoreResponse]
else:
    _SearchPager = AsyncPager


class KnowledgeStoreSearchPager(_SearchPager):
    """The hits of a search in a knowledge store. Once it was awaited, it has the members of the first page."""

    @property
    def data(self) -> list[SearchKnowledgeStoreHit]:
        """The hits of the first page."""
        return self.page.data

    @property
    def next_page_token(self) -> str | None:
        """Token of the second page; None where there is none."""
        return self.page.next_page_token

    @property
    def effective_search_options(self) -> SearchKnowledgeStoreOptions:
        """Search options that were used, with defaults filled in."""
        return self.page.effective_search_options


class KnowledgeStoresResource(generated.KnowledgeStoresResource):
    """Operations of `knowledge_stores`, and a search with a pager of its own."""

    def search(
        self,
        knowledge_store_id: KnowledgeStoreOrId,
        *,
        query: KnowledgeStoreSearchQuery | KnowledgeStoreSearchQueryParams,
        filter: SearchKnowledgeStoreFilter | SearchKnowledgeStoreFilterParams | None = None,  # noqa: A002 - the name that the platform gave it
        search_options: SearchKnowledgeStoreOptions | SearchKnowledgeStoreOptionsParams | None = None,
        group_by: Literal["none", "item"] | UncheckedStr | None = None,
        page_size: int | None = None,
        page_token: str | None = None,
        include_metadata: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreSearchPager:
        """Search a knowledge store and iterate over all hits; each page is requested when the loop reaches it.

        Args:
            knowledge_store_id: Identifier of the knowledge store, with the prefix `ks_`, or the knowledge store itself.
            query: What to look for.
            filter: Conditions on the items to search.
            search_options: What to search in, by asset type.
            group_by: Shape of the results: `none` (matches are not grouped) or `item` (matches are grouped by item).
            page_size: Largest number of results on a page, at most 50.
            page_token: Value of `next_page_token` of an earlier search, to begin after its page.
            include_metadata: Whether the results carry the metadata of their items.
            request_options: Timeouts, retries, and additional headers or members for these calls alone.

        Returns:
            A pager: `async for` yields every hit, `await` loads the first page, whose `data`, `next_page_token` and
            `effective_search_options` it has then.

        Raises:
            GoneError: The token of the next page expired. Search again.
        """
        request_options = request_options and self._hide(request_options)
        pager = super().search(
            knowledge_store_id,
            query=query,
            filter=filter,
            search_options=search_options,
            group_by=group_by,
            page_size=page_size,
            page_token=page_token,
            include_metadata=include_metadata,
            request_options=request_options,
        )
        return KnowledgeStoreSearchPager(pager._fetch, pager._operation, pager._call)
