"""Search: a pager over all results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._generated.operations import search as generated
from ._bulk import listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from .._codec.model import UncheckedStr
    from .._generated.models.search import SearchItem, SearchResults
    from .._generated.params.ids import IndexOrId
    from .._generated.params.search import SearchFilterParams
    from .._request.files import FileInput
    from .._request.options import RequestOptions
    from ..pagination import AsyncPager


class SearchResource(generated.SearchResource):
    """Operations of `search`, and a search that returns a pager."""

    def query(
        self,
        *,
        index_id: IndexOrId,
        search_options: Sequence[Literal["visual", "audio", "transcription"] | UncheckedStr],
        query_text: str | None = None,
        query_media_type: Literal["image"] | UncheckedStr | None = None,
        query_media_url: str | Sequence[str] | None = None,
        query_media_urls: Sequence[str] | None = None,
        query_media_file: FileInput | Sequence[FileInput] | None = None,
        query_media_files: Sequence[FileInput] | None = None,
        transcription_options: Sequence[Literal["lexical", "semantic"] | UncheckedStr] | None = None,
        group_by: Literal["video", "clip"] | UncheckedStr | None = None,
        operator: Literal["or", "and"] | UncheckedStr | None = None,
        page_limit: int | None = None,
        filter: SearchFilterParams | str | None = None,  # noqa: A002 - the name that the platform gave it
        include_user_metadata: bool | None = None,
        adjust_confidence_level: float | None = None,
        threshold: Literal["high", "medium", "low", "none"] | UncheckedStr | None = None,
        sort_option: Literal["score", "clip_count"] | UncheckedStr | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncPager[SearchItem, SearchResults]:
        """Search an index and iterate over all hits; each page is requested when the loop reaches it.

        Args:
            index_id: Identifier of the index to search, or the index itself.
            search_options: What to search in: `visual`, `audio`, `transcription`.
            query_text: What to look for, in natural language.
            query_media_type: Kind of the query media: `image`. Required with query media.
            query_media_url: Public URL of a query image, or several.
            query_media_urls: The same as a list; added to `query_media_url`.
            query_media_file: Query image as a file, or several.
            query_media_files: The same as a list; added to `query_media_file`.
            transcription_options: How query text is matched with spoken words: `lexical`, `semantic`.
            group_by: Shape of the results: `clip` or `video`.
            operator: How several search options combine: `or` or `and`.
            page_limit: Results on a page, at most 50.
            filter: Conditions on the videos to search.
            include_user_metadata: Whether the results carry the user metadata of their videos.
            adjust_confidence_level: Strictness of the confidence levels. Legacy.
            threshold: Lowest confidence level of the results. Legacy.
            sort_option: Order of the results: `score` or `clip_count`. Legacy.
            request_options: Timeouts, retries, and additional headers or members for these calls alone.

        Returns:
            A pager: `async for` yields every hit, `await` loads the first page.

        Raises:
            GoneError: The token of the next page expired, because the pages were read too slowly. Search again.
        """
        request_options = request_options and self._hide(request_options)
        urls = [*listed(query_media_url), *listed(query_media_urls)]
        files = [*_files(query_media_file), *_files(query_media_files)]
        return self._paginate(
            generated.CREATE_SEARCH,
            body={
                "index_id": index_id,
                "search_options": search_options,
                "query_media_type": query_media_type,
                "query_media_url": urls or None,
                "query_text": query_text,
                "transcription_options": transcription_options,
                "group_by": group_by,
                "operator": operator,
                "page_limit": page_limit,
                "filter": filter,
                "include_user_metadata": include_user_metadata,
                "query_media_file": files or None,
                "adjust_confidence_level": adjust_confidence_level,
                "threshold": threshold,
                "sort_option": sort_option,
            },
            # The token identifies the search, with all its other members.
            next_query={"include_user_metadata": include_user_metadata},
            options=request_options,
        )


def _files(value: Any) -> list[FileInput]:
    # A tuple that begins with a name is one file, (name, content), not a list of files.
    one = isinstance(value, tuple) and (not value or value[0] is None or isinstance(value[0], str))
    return [value] if one else listed(value)
