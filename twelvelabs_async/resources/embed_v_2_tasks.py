"""Embedding tasks: waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import waiters
from .._generated.operations import embed_v2 as generated
from .._request.ids import id_of

if TYPE_CHECKING:
    from .._generated.models.embed_v2 import EmbeddingTaskResponse
    from .._generated.params.ids import EmbedV2TaskOrId
    from .._request.options import RequestOptions


class EmbedV2TasksResource(generated.EmbedV2TasksResource):
    """Operations of `embed.v_2.tasks`, and a wait for the result."""

    async def wait_for_done(
        self,
        task_id: EmbedV2TaskOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        callback: waiters.Callback[EmbeddingTaskResponse] | None = None,
        *,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> EmbeddingTaskResponse:
        """Wait until the embeddings of a task are ready.

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
        identifier = id_of("task_id", task_id, "embed_v2_task")
        api = self._inside_helper()
        waiting = waiters.wait_for(
            lambda: api.retrieve(identifier, request_options=request_options),
            waiters.EMBEDDING_TASK,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
