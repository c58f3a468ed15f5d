"""Video indexing tasks: waiting, and creating many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import waiters
from .._generated.operations import tasks as generated
from .._request.ids import id_of
from . import _bulk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._generated.models.tasks import TasksCreateResponse, TasksRetrieveResponse
    from .._generated.params.common import UserMetadataParams
    from .._generated.params.ids import IndexOrId, TaskOrId
    from .._request.files import FileInput
    from .._request.options import RequestOptions


class TasksResource(generated.TasksResource):
    """Operations of `tasks`, and helpers on top of them."""

    async def create_bulk(
        self,
        index_id: IndexOrId,
        video_files: Sequence[FileInput] | None = None,
        video_urls: Sequence[str] | None = None,
        enable_video_stream: bool | None = None,
        *,
        user_metadata: UserMetadataParams | str | None = None,
        max_concurrency: int = _bulk.DEFAULT_CONCURRENCY,
        request_options: RequestOptions | None = None,
    ) -> Sequence[TasksCreateResponse]:
        """Create one indexing task per video, several at a time.

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
        index = id_of("index_id", index_id, "index")
        files, urls = _bulk.listed(video_files), _bulk.listed(video_urls)
        if not files and not urls:
            raise ValueError("video_files or video_urls is needed: there is nothing to create")

        api = self._inside_helper()

        async def create(item: tuple[FileInput | None, str | None]) -> TasksCreateResponse:
            return await api.create(
                index_id=index,
                video_file=item[0],
                video_url=item[1],
                enable_video_stream=enable_video_stream,
                user_metadata=user_metadata,
                request_options=request_options,
            )

        inputs = [*((file, None) for file in files), *((None, url) for url in urls)]
        return await _bulk.create_all(inputs, create, noun="indexing tasks", max_concurrency=max_concurrency)

    async def wait_for_done(
        self,
        task_id: TaskOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        callback: waiters.Callback[TasksRetrieveResponse] | None = None,
        *,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> TasksRetrieveResponse:
        """Wait until a task is ready.

        Args:
            task_id: Identifier of the task, or the task itself.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            callback: Called with the task on every check, the first included. An asynchronous one is awaited.
            timeout: Timeout of the wait, in seconds.
            request_options: Timeouts, retries, and additional headers for each check.

        Returns:
            The task, whose status is `ready`.

        Raises:
            TaskFailedError: The task failed; it is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
        """
        request_options = request_options and self._hide(request_options)
        identifier = id_of("task_id", task_id, "task")
        api = self._inside_helper()
        waiting = waiters.wait_for(
            lambda: api.retrieve(identifier, request_options=request_options),
            waiters.TASK,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
