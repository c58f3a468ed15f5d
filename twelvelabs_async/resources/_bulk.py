"""Bulk creation: with bounded concurrency, in order, and with the outcome of every input."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from .._safe_repr import SafeRepr
from ..errors import BulkError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
    from typing import Literal

    from .._codec.model import UncheckedStr
    from .._request.files import FileInput

InputT = TypeVar("InputT")
ResultT = TypeVar("ResultT")

DEFAULT_CONCURRENCY: Final = 5
"""Calls of one bulk call that are in flight at a time."""


@attrs.frozen(kw_only=True)
class CreateEmbeddingsTaskVideoParams(SafeRepr):
    """One video of `embed.tasks.create_bulk`. A plain dict with the same keys is accepted, too.

    Attributes:
        video_file: The video as a file.
        video_url: Public URL of the video.
        video_start_offset_sec: Start of the part to embed, in seconds.
        video_end_offset_sec: End of the part to embed, in seconds.
        video_clip_length: Length of each clip, in seconds.
        video_embedding_scope: What to embed: `clip`, `video`, or both.
    """

    video_file: FileInput | None = None
    video_url: str | None = None
    video_start_offset_sec: float | None = None
    video_end_offset_sec: float | None = None
    video_clip_length: float | None = None
    video_embedding_scope: Sequence[Literal["clip", "video"] | UncheckedStr] | None = None


async def create_all(
    inputs: Iterable[InputT],
    create: Callable[[InputT], Awaitable[ResultT]],
    *,
    noun: str,
    max_concurrency: int = DEFAULT_CONCURRENCY,
) -> list[ResultT]:
    """Create one object per input, several at a time.

    Args:
        inputs: The inputs. They are consumed as calls begin, not in advance.
        create: Creates one object.
        noun: Name of the objects, in the plural, for the message of the error.
        max_concurrency: Calls in flight at a time.

    Returns:
        The results in the order of the inputs.

    Raises:
        BulkError: Some failed; the outcome of every input is attached. The others were carried out.
        ValueError: `max_concurrency` is below 1.
    """
    if max_concurrency < 1:
        raise ValueError(f"max_concurrency must be at least 1, not {max_concurrency!r}")
    outcomes: dict[int, ResultT | Exception] = {}
    source: Iterator[tuple[int, InputT]] = enumerate(inputs)

    async def work() -> None:
        for at, item in source:
            try:
                outcomes[at] = await create(item)
            except Exception as error:  # it becomes the outcome of this input
                outcomes[at] = error

    async with asyncio.TaskGroup() as group:
        for _ in range(max_concurrency):
            group.create_task(work())
    ordered = [outcomes[at] for at in sorted(outcomes)]
    results = [outcome for outcome in ordered if not isinstance(outcome, Exception)]
    if len(results) < len(ordered):
        failed = [(at, outcome) for at, outcome in enumerate(ordered) if isinstance(outcome, Exception)]
        at, first = failed[0]
        raise BulkError(
            f"{len(failed)} of {len(ordered)} {noun} were not created. Input {at}: {type(first).__name__}: {first}",
            outcomes=ordered,
        )
    return results


def listed(value: Any) -> list[Any]:
    """The members of a list argument, where one value without a list is a list of one."""
    if value is None:
        return []
    if isinstance(value, str | os.PathLike | bytes | bytearray | memoryview) or hasattr(value, "read"):
        return [value]
    return list(value)
