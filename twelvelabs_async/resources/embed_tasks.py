"""Embedding tasks of the first version: waiting, and creating many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from .. import waiters
from .._generated.operations import embed as generated
from .._request.ids import id_of
from . import _bulk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .._generated.models.embed import EmbedTasksCreateResponse, EmbedTasksStatusResponse
    from .._generated.params.ids import EmbedTaskOrId
    from .._request.options import RequestOptions
    from ._bulk import CreateEmbeddingsTaskVideoParams


class EmbedTasksResource(generated.EmbedTasksResource):
    """Operations of `embed.tasks`, and helpers on top of them."""

    async def create_bulk(
        self,
        model_name: str,
        videos: Sequence[CreateEmbeddingsTaskVideoParams | Mapping[str, Any]],
        *,
        max_concurrency: int = _bulk.DEFAULT_CONCURRENCY,
        request_options: RequestOptions | None = None,
    ) -> Sequence[EmbedTasksCreateResponse]:
        """Create one embedding task per video, several at a time.

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
        if not videos:
            raise ValueError("videos is empty: there is nothing to create")

        api = self._inside_helper()

        async def create(video: CreateEmbeddingsTaskVideoParams | Mapping[str, Any]) -> EmbedTasksCreateResponse:
            members: Mapping[str, Any] = video if isinstance(video, Mapping) else attrs.asdict(video, recurse=False)
            return await api.create(model_name=model_name, **members, request_options=request_options)

        return await _bulk.create_all(videos, create, noun="embedding tasks", max_concurrency=max_concurrency)

    async def wait_for_done(
        self,
        task_id: EmbedTaskOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        callback: waiters.Callback[EmbedTasksStatusResponse] | None = None,
        *,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> EmbedTasksStatusResponse:
        """Wait until the embeddings of a task are ready. Read them with `retrieve`.

        Args:
            task_id: Identifier of the task, or the task itself.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            callback: Called with the state on every check, the first included. An asynchronous one is awaited.
            timeout: Timeout of the wait, in seconds.
            request_options: Timeouts, retries, and additional headers for each check.

        Returns:
            The state of the task, whose status is `ready`.

        Raises:
            TaskFailedError: The task failed; its state is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
        """
        request_options = request_options and self._hide(request_options)
        identifier = id_of("task_id", task_id, "embed_task")
        api = self._inside_helper()
        waiting = waiters.wait_for(
            lambda: api.status(identifier, request_options=request_options),
            waiters.EMBEDDING_TASK,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
