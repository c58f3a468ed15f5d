"""Video indexing tasks: creating many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._deprecation import coroutine_function, deprecated
from .._generated.operations import tasks as generated
from .._request.ids import id_of
from . import _bulk

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence
    from typing import Any

    from .._generated.models.tasks import TasksCreateResponse
    from .._generated.params.common import UserMetadataParams
    from .._generated.params.ids import IndexOrId
    from .._request.files import FileInput
    from .._request.options import RequestOptions


class TasksResource(generated.TasksResource):
    """Operations of `tasks`, and helpers on top of them."""

    @deprecated("tasks.create_bulk is deprecated: use assets.create and indexes.indexed_assets.create instead.")
    @coroutine_function
    def create_bulk(
        self,
        index_id: IndexOrId,
        video_files: Sequence[FileInput] | None = None,
        video_urls: Sequence[str] | None = None,
        enable_video_stream: bool | None = None,
        *,
        user_metadata: UserMetadataParams | str | None = None,
        max_concurrency: int = _bulk.DEFAULT_CONCURRENCY,
        request_options: RequestOptions | None = None,
    ) -> Coroutine[Any, Any, Sequence[TasksCreateResponse]]:
        """Create one indexing task per video, several at a time.

        Deprecated: use `assets.create` and `indexes.indexed_assets.create` instead. A call emits a DeprecationWarning.

        Args:
            index_id: Identifier of the index, or the index itself.
            video_files: Videos as files.
            video_urls: Videos as public URLs.
            enable_video_stream: Whether the videos can be streamed afterwards.
            user_metadata: User metadata of every video.
            max_concurrency: Uploads in flight at a time.
            request_options: Timeouts, retries, and additional headers or members for each call.

        Returns:
            The created tasks in the order of the inputs, those of the files first.

        Raises:
            BulkError: Some videos failed; `outcomes` holds the task or the exception of every input.
            ValueError: There are neither files nor URLs.
        """
        request_options = request_options and self._hide(request_options)
        self._warn(generated.CREATE_TASK, None)
        api = self._inside_helper()

        async def create(item: tuple[IndexOrId, FileInput | None, str | None]) -> TasksCreateResponse:
            index, file, url = item
            return await api.create(
                index_id=index,
                video_file=file,
                video_url=url,
                enable_video_stream=enable_video_stream,
                user_metadata=user_metadata,
                request_options=request_options,
            )

        async def create_all() -> Sequence[TasksCreateResponse]:
            index = id_of("index_id", index_id, "index")
            files, urls = _bulk.listed(video_files), _bulk.listed(video_urls)
            if not files and not urls:
                raise ValueError("video_files or video_urls is needed: there is nothing to create")
            inputs = [*((index, file, None) for file in files), *((index, None, url) for url in urls)]
            return await _bulk.create_all(inputs, create, noun="indexing tasks", max_concurrency=max_concurrency)

        return create_all()
