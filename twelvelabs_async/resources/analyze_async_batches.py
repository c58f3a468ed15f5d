"""Batches of analyses: waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import waiters
from .._generated.operations import analyze_batches as generated
from .._request.ids import id_of

if TYPE_CHECKING:
    from .._generated.models.analyze_batches import AnalyzeBatchStatusResponse
    from .._generated.params.ids import AnalyzeBatchOrId
    from .._request.options import RequestOptions


class AnalyzeAsyncBatchesResource(generated.AnalyzeAsyncBatchesResource):
    """Operations of `analyze_async.batches`, and a wait for the result."""

    async def wait_for_done(
        self,
        batch_id: AnalyzeBatchOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        callback: waiters.Callback[AnalyzeBatchStatusResponse] | None = None,
        *,
        timeout: float = waiters.BATCH_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> AnalyzeBatchStatusResponse:
        """Wait until a batch is completed. Its items may still have failed: see its counts and `results`.

        Args:
            batch_id: Identifier of the batch, or the batch itself.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            callback: Called with the batch on every check, the first included. An asynchronous one is awaited.
            timeout: Timeout of the wait, in seconds.
            request_options: Timeouts, retries, and additional headers for each check.

        Returns:
            The batch, whose status is `completed`.

        Raises:
            TaskFailedError: The batch was canceled or expired; it is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
        """
        request_options = request_options and self._hide(request_options)
        identifier = id_of("batch_id", batch_id, "analyze_batch")
        api = self._inside_helper()
        waiting = waiters.wait_for(
            lambda: api.retrieve(identifier, request_options=request_options),
            waiters.ANALYZE_BATCH,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
