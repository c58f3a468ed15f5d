"""Embedding tasks of the first version: creating many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from .._deprecation import coroutine_function, deprecated
from .._generated.operations import embed as generated
from . import _bulk

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from .._generated.models.embed import EmbedTasksCreateResponse
    from .._request.options import RequestOptions
    from ._bulk import CreateEmbeddingsTaskVideoParams


class EmbedTasksResource(generated.EmbedTasksResource):
    """Operations of `embed.tasks`, and helpers on top of them."""

    @deprecated("embed.tasks.create_bulk is deprecated: use embed.v_2.tasks.create instead.")
    @coroutine_function
    def create_bulk(
        self,
        model_name: str,
        videos: Sequence[CreateEmbeddingsTaskVideoParams | Mapping[str, Any]],
        *,
        max_concurrency: int = _bulk.DEFAULT_CONCURRENCY,
        request_options: RequestOptions | None = None,
    ) -> Coroutine[Any, Any, Sequence[EmbedTasksCreateResponse]]:
        """Create one embedding task per video, several at a time.

        Deprecated: use `embed.v_2.tasks.create` instead. A call emits a DeprecationWarning.

        Args:
            model_name: Embedding model.
            videos: The videos, each with a file or a URL and what `embed.tasks.create` takes besides.
            max_concurrency: Uploads in flight at a time.
            request_options: Timeouts, retries, and additional headers or members for each call.

        Returns:
            The created tasks in the order of the videos.

        Raises:
            BulkError: Some videos failed; `outcomes` holds the task or the exception of every video.
            ValueError: There are no videos.
        """
        request_options = request_options and self._hide(request_options)
        self._warn(generated.CREATE_EMBEDDING_TASK, {"model_name": model_name})
        api = self._inside_helper()

        async def create(video: CreateEmbeddingsTaskVideoParams | Mapping[str, Any]) -> EmbedTasksCreateResponse:
            members: Mapping[str, Any] = video if isinstance(video, Mapping) else attrs.asdict(video, recurse=False)
            return await api.create(model_name=model_name, **members, request_options=request_options)

        async def create_all() -> Sequence[EmbedTasksCreateResponse]:
            if not videos:
                raise ValueError("videos is empty: there is nothing to create")
            return await _bulk.create_all(videos, create, noun="embedding tasks", max_concurrency=max_concurrency)

        return create_all()
