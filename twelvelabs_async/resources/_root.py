"""Methods of the client itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from .._codec.model import set_request_id
from .._generated.operations import analyze as generated
from .._generated.tree import ResourceTree
from .._untyped import UntypedCalls
from ..errors import StreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._generated.models.analyze import NonStreamAnalyzeResponse
    from .._generated.params.ids import VideoOrId
    from .._request.options import RequestOptions

_GENERATE: Final = attrs.evolve(generated.GENERATE_TEXT_STREAM, fixed={}, kind="jsonl")
"""`stream` is an argument here, and the response may be a stream or a single object: both are JSON lines."""


class Root(ResourceTree, UntypedCalls):
    """The resource tree, and helpers on top of it."""

    async def generate(
        self,
        *,
        video_id: VideoOrId,
        prompt: str,
        temperature: float | None = None,
        stream: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> NonStreamAnalyzeResponse:
        """Generate text from a video.

        Deprecated: use `analyze` instead. A call emits a DeprecationWarning.

        Args:
            video_id: Identifier of the video to analyze, or the video itself.
            prompt: Instruction or question that guides the generated text.
            temperature: Randomness of the generated text, from 0 to 1.
            stream: Whether the platform streams the text, which it does by default. The whole text is returned in
                either case; `generate_stream` returns the stream.
            request_options: Timeouts, retries, and additional headers or members for this call alone.

        Returns:
            The whole text.

        Raises:
            StreamError: The stream ended early; the received events and text are attached.
        """
        request_options = request_options and self._hide(request_options)
        if stream is False:
            return await super().generate(
                video_id=video_id,
                prompt=prompt,
                temperature=temperature,
                stream=False,
                request_options=request_options,
            )
        events = self._stream(
            _GENERATE,
            body={"video_id": video_id, "prompt": prompt, "temperature": temperature, "stream": stream},
            options=request_options,
        )
        received = await events.collect()
        result = _assemble(received, events.text, events.request_id)
        set_request_id(result, events.request_id)
        return result


def _assemble(events: Sequence[object], text: str, request_id: str | None) -> NonStreamAnalyzeResponse:
    """Assemble the response from the events of a stream; a platform that did not stream has sent it as a whole."""
    from .._codec.decode import decode
    from .._codec.model import UnknownVariant
    from .._generated.models.analyze import NonStreamAnalyzeResponse, StreamEndResponse, StreamStartResponse
    from ..streaming.stream import KEPT_EVENTS

    if len(events) == 1 and isinstance(events[0], UnknownVariant) and events[0].tag is None:
        return decode(NonStreamAnalyzeResponse, events[0].data, request_id=request_id)
    identifier: str | None = None
    end: StreamEndResponse | None = None
    for event in events:
        if isinstance(event, StreamStartResponse | StreamEndResponse) and event.metadata is not None:
            identifier = event.metadata.generation_id or identifier
        if isinstance(event, StreamEndResponse):
            end = event
    if end is None:
        problem = "the stream ended before its last event"
        received = events[-KEPT_EVENTS:]
        raise StreamError(problem, events=received, text=text, request_id=request_id, retryable=True)
    return NonStreamAnalyzeResponse(
        id=identifier,
        data=text,
        finish_reason=end.finish_reason,
        usage=None if end.metadata is None else end.metadata.usage,
        error=end.error,
    )
