"""Batches of analyses: waiting, and results whose number is checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._generated.operations import analyze_batches as generated

if TYPE_CHECKING:
    from typing import Any

    from .._generated.models.analyze_batches import BatchResultItem
    from .._generated.params.ids import AnalyzeBatchOrId
    from .._request.options import RequestOptions
    from ..streaming import AsyncStream


class AnalyzeAsyncBatchesResource(generated.AnalyzeAsyncBatchesResource):
    """Operations of `analyze_async.batches`, and a wait for the result."""

    def results(
        self,
        batch_id: AnalyzeBatchOrId,
        *,
        expected: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> AsyncStream[BatchResultItem]:
        """Read the results of a batch.

        Streams the results of a batch as JSON lines, one item per line. Match items by `custom_id` or `task_id`, not by
        position. Results are kept for 30 days. A response that was cut short raises a StreamError. Pass the batch
        itself, or `expected`, to have the number of results compared, too.

        Operation: `GET /analyze/batches/{batch_id}/results`

        Args:
            batch_id: Identifier of the batch, or the batch as `create`, `retrieve` or `wait_for_done` returned it. If
                it was canceled or has expired since, pass what `retrieve` returns: fewer results are expected then.
            expected: Number of results that must come; by default that of the batch, if one is passed.
            request_options: Timeouts, retries, and additional headers or members for this call alone.

        Returns:
            A stream: use it with `async with` or `async for`. A stream of items, each with its data or its error. It
            raises a StreamError at its end if results are missing.

        Raises:
            BadRequestError: The input was rejected or a precondition is not met.
            AuthenticationError: The API key is missing or not valid.
            ForbiddenError: The plan, the region or the ownership of the resource does not allow the call.
            NotFoundError: The batch does not exist.
            TooManyRequestsError: A rate limit is exceeded.
            InternalServerError: The server failed.
        """
        request_options = request_options and self._hide(request_options)
        return self._stream(
            generated.RETRIEVE_ANALYZE_BATCH_RESULTS,
            path={"batch_id": batch_id},
            options=request_options,
            expected=_count_of(batch_id) if expected is None else expected,
        )


def _count_of(batch: Any) -> int | None:
    """The number of results that a batch must have; None for an identifier.

    Of a batch that has not run to its end, only the items that have ended are sure to have a result.
    """
    if getattr(batch, "status", "completed") == "completed" or not hasattr(batch, "ready_items"):
        return getattr(batch, "total_items", None)
    count: int = batch.ready_items + batch.failed_items
    return count
