"""Methods of the client itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import attrs

from .. import waiters
from .._codec.model import set_request_id
from .._generated.operations import analyze as generated
from .._generated.tree import ResourceTree
from .._untyped import UntypedCalls
from ..errors import BadRequestError, ConflictError, StreamError
from ._sources import UPLOAD_SLEEP_INTERVAL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from typing import Literal

    from .._generated.models.analyze import NonStreamAnalyzeResponse, StreamAnalyzeResponse, SyncResponseFormat
    from .._generated.models.analyze_tasks import AnalyzeTaskResponse, CreateAnalyzeTaskResponse
    from .._generated.params.analyze import SyncResponseFormatParams
    from .._generated.params.ids import AssetOrId, VideoOrId
    from .._media.kinds import Kind
    from .._request.files import FileInput
    from .._request.options import RequestOptions
    from ..streaming import AsyncStream
    from ._one_call import Ready, Rules

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
            check_end=False,
        )
        received = await events.collect()
        result = _assemble(received, events.text, events.request_id)
        set_request_id(result, events.request_id)
        return result

    async def analyze_file(
        self,
        source: FileInput | AssetOrId,
        prompt: str,
        *,
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = None,
        kind: Kind | None = None,
        temperature: float | None = None,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = None,
        max_tokens: int | None = None,
        start_time: float | None = None,
        end_time: float | None = None,
        task: bool | None = None,
        keep: bool = False,
        sleep_interval: float = UPLOAD_SLEEP_INTERVAL,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> NonStreamAnalyzeResponse | AnalyzeTaskResponse:
        """Analyze a file: a video or an image.

        The content of the file decides what it is, and its length whether the platform responds at once or works on a
        task. Where the header of the file does not state the length, a task is used after the platform has rejected
        the file as too long. A small file is sent with the request; a large one becomes an asset, which is removed
        afterwards, also after an error or a cancellation (within two seconds); an asset that could not be removed is
        reported in the log. A task whose result is not awaited to the end is canceled. A file that the platform does
        not accept is refused before it is sent, as far as its size, kind and length are known.

        Args:
            source: A file, in any form that other methods accept; a URL (a `str` that begins with `http://` or
                `https://`); or an asset, or its id. A `str` is an id if it has the form of one, and there is no such
                file.
            prompt: Instruction or question for the model.
            model_name: Model to use.
            kind: Kind of content: `video` or `image`. Default: found from the content of a file or an asset, and from
                the name in a URL.
            temperature: Randomness of the generated text, from 0 to 1.
            response_format: Asks for output that follows a JSON schema.
            max_tokens: Largest number of tokens to generate. Tasks take at least 512.
            start_time: Start of the part of the video to analyze, in seconds.
            end_time: End of the part of the video to analyze, in seconds.
            task: Whether to use a task. Default: decided by the length.
            keep: Whether an asset that was made stays at the platform, and a task goes on.
            sleep_interval: Seconds between the first two checks of an asset or task; later intervals grow up to six
                times as long.
            timeout: Timeout of each of these waits, in seconds.
            request_options: Timeouts, retries, and additional headers for each request.

        Returns:
            The response of `analyze`, or the task with its result. Both have the text as `text`.

        Raises:
            UnsupportedMediaError: The platform does not accept the file: its kind, size or length.
            TaskFailedError: The platform could not process the file; the asset or task is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
            OSError: The file is missing, a directory, or may not be read.
            ValueError: The file is empty, or an argument is invalid.
            APIStatusError: The platform rejected a request.
        """
        from .._generated.operations.analyze_tasks import AnalyzeAsyncTasksResource
        from ._one_call import bring
        from .assets import UploadSettings

        request_options = request_options and self._hide(request_options)
        rules = _rules("analyze_file", model_name, task=task)
        settings = UploadSettings(sleep_interval=sleep_interval, timeout=timeout, request_options=request_options)
        common: dict[str, Any] = {
            "model_name": model_name,
            "prompt": prompt,
            "temperature": temperature,
            "response_format": response_format,
            "max_tokens": max_tokens,
            "start_time": start_time,
            "end_time": end_time,
            "request_options": request_options,
        }
        async with bring(self._core, source, rules, kind=kind, keep=keep, settings=settings) as ready:
            subject: dict[str, Any] = _subject(ready)
            if not rules.wants_task(ready.media):
                try:
                    return await generated.AnalyzeOperations(self._core)._inside_helper().analyze(**subject, **common)
                except BadRequestError as error:
                    if not rules.wants_task_after(ready.media, error):
                        raise
            tasks = AnalyzeAsyncTasksResource(self._core)
            api = tasks._inside_helper()

            def register(created: CreateAnalyzeTaskResponse) -> None:
                async def cancel() -> None:
                    with contextlib.suppress(ConflictError):  # it has ended
                        await api.cancel(created, request_options=request_options)

                ready.removals.add(f"analysis task {created.task_id}", cancel, only_after_errors=True)

            created = await ready.removals.make(api.create(**subject, **common), register, lambda: True)
            subject.clear()
            ready.sent()
            return await tasks.wait_for_done(created, sleep_interval, timeout=timeout, request_options=request_options)

    def analyze_file_stream(
        self,
        source: FileInput | AssetOrId,
        prompt: str,
        *,
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = None,
        kind: Kind | None = None,
        temperature: float | None = None,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = None,
        max_tokens: int | None = None,
        start_time: float | None = None,
        end_time: float | None = None,
        keep: bool = False,
        sleep_interval: float = UPLOAD_SLEEP_INTERVAL,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,
        request_options: RequestOptions | None = None,
    ) -> AsyncStream[StreamAnalyzeResponse]:
        """Analyze a file, like `analyze_file`, and return the response as a stream of events.

        The file is sent when the stream is entered or first read, and an asset that was made of it is removed when the
        stream ends or is closed. There are no tasks here: a video that is too long for `analyze` is refused.

        Args:
            source: As in `analyze_file`.
            prompt: As in `analyze_file`.
            model_name: As in `analyze_file`.
            kind: As in `analyze_file`.
            temperature: As in `analyze_file`.
            response_format: As in `analyze_file`.
            max_tokens: As in `analyze_file`.
            start_time: As in `analyze_file`.
            end_time: As in `analyze_file`.
            keep: Whether an asset that was made stays at the platform.
            sleep_interval: As in `analyze_file`.
            timeout: As in `analyze_file`.
            request_options: As in `analyze_file`.

        Returns:
            A stream: use it with `async with` or `async for`. It raises what `analyze_file` raises.
        """
        from ._one_call import bring
        from .assets import UploadSettings

        request_options = request_options and self._hide(request_options)
        rules = _rules("analyze_file_stream", model_name, task=False)
        settings = UploadSettings(sleep_interval=sleep_interval, timeout=timeout, request_options=request_options)

        @contextlib.asynccontextmanager
        async def body() -> AsyncIterator[Mapping[str, Any]]:
            async with bring(self._core, source, rules, kind=kind, keep=keep, settings=settings) as ready:
                yield {
                    **_subject(ready),
                    "model_name": model_name,
                    "prompt": prompt,
                    "temperature": temperature,
                    "response_format": response_format,
                    "max_tokens": max_tokens,
                    "start_time": start_time,
                    "end_time": end_time,
                }

        return self._stream(generated.ANALYZE_VIDEO_STREAM, body=body, options=request_options)


def _rules(name: str, model: str | None, *, task: bool | None) -> Rules:
    from .._generated.operations.analyze_tasks import CREATE_ANALYZE_TASK
    from ._one_call import Rules

    return Rules(
        name=name,
        kinds=("video", "image"),
        limits=generated.ANALYZE_VIDEO.media_limits,
        task_kinds=("video", "image"),
        task_limits=CREATE_ANALYZE_TASK.media_limits,
        model=model,
        task=task,
    )


def _subject(ready: Ready) -> dict[str, Any]:
    """What is analyzed, as a member of the body."""
    if ready.kind == "image":
        return {"image": [{"name": ready.media.name or "image", **ready.source}]}
    return {"video": {"type": next(iter(ready.source)), **ready.source}}


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
