"""Methods of the client itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, overload

import attrs

from .._codec.model import Model, UnknownVariant, get_request_id, set_request_id
from .._deprecation import coroutine_function, deprecated
from .._generated.operations import analyze as generated
from .._generated.tree import ResourceTree
from .._request.ids import id_of
from .._untyped import UntypedCalls
from ..errors import BadRequestError, ConflictError, StreamError, StructuredOutputError
from ..waiters.schedule import DEFAULT_SLEEP_INTERVAL, DEFAULT_WAIT_TIMEOUT, UPLOAD_SLEEP_INTERVAL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
    from typing import Literal

    from .._codec.model import UncheckedStr
    from .._generated.models.analyze import (
        AnalyzeImageInput,
        AnalyzePromptV2,
        NonStreamAnalyzeResponse,
        StreamAnalyzeResponse,
        SyncResponseFormat,
        VideoContext,
    )
    from .._generated.models.analyze_tasks import AnalyzeTaskResponse, CreateAnalyzeTaskResponse
    from .._generated.params.analyze import (
        AnalyzeImageInputParams,
        AnalyzePromptV2Params,
        SyncResponseFormatParams,
        VideoContextParams,
    )
    from .._generated.params.ids import AssetOrId, VideoOrId
    from .._media.kinds import Kind
    from .._request.files import FileInput
    from .._request.options import RequestOptions
    from ..streaming import AsyncStream
    from ..structured import Segment
    from ..waiters.rules import Callback
    from ._one_call import Ready, Rules

T = TypeVar("T")

_GENERATE: Final = attrs.evolve(
    generated.GENERATE_TEXT_STREAM, fixed={}, kind="jsonl", deprecated=generated.GENERATE_TEXT.deprecated
)
"""`stream` is an argument here, and the response may be a stream or a single object: both are JSON lines."""


class Root(ResourceTree, UntypedCalls):
    """The resource tree, and helpers on top of it."""

    @overload
    async def analyze(
        self,
        *,
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = ...,
        video: VideoContext | VideoContextParams | None = ...,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = ...,
        prompt: str | None = ...,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = ...,
        prompt_v2: AnalyzePromptV2 | AnalyzePromptV2Params | None = ...,
        temperature: float | None = ...,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = ...,
        max_tokens: int | None = ...,
        start_time: float | None = ...,
        end_time: float | None = ...,
        video_id: VideoOrId | None = ...,
        into: None = ...,
        request_options: RequestOptions | None = ...,
    ) -> NonStreamAnalyzeResponse: ...

    @overload
    async def analyze(
        self,
        *,
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = ...,
        video: VideoContext | VideoContextParams | None = ...,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = ...,
        prompt: str | None = ...,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = ...,
        prompt_v2: AnalyzePromptV2 | AnalyzePromptV2Params | None = ...,
        temperature: float | None = ...,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = ...,
        max_tokens: int | None = ...,
        start_time: float | None = ...,
        end_time: float | None = ...,
        video_id: VideoOrId | None = ...,
        into: type[T],
        request_options: RequestOptions | None = ...,
    ) -> T: ...

    async def analyze(
        self,
        *,
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = None,
        video: VideoContext | VideoContextParams | None = None,
        image: Sequence[AnalyzeImageInput | AnalyzeImageInputParams] | None = None,
        prompt: str | None = None,
        prompt_v_2: AnalyzePromptV2 | AnalyzePromptV2Params | None = None,
        prompt_v2: AnalyzePromptV2 | AnalyzePromptV2Params | None = None,
        temperature: float | None = None,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = None,
        max_tokens: int | None = None,
        start_time: float | None = None,
        end_time: float | None = None,
        video_id: VideoOrId | None = None,
        into: type[T] | None = None,
        request_options: RequestOptions | None = None,
    ) -> NonStreamAnalyzeResponse | T:
        """Analyze a video or images.

        Generates text from a video or from up to 20 images, following a prompt and optionally a JSON Schema for the
        output, or a class. Give exactly one of `video`, `image` and the older `video_id`. Videos may last from 1 second
        to 1 hour; for longer ones use `analyze_async.tasks.create`. Rate limited.

        Operation: `POST /analyze`

        Args:
            model_name: Model to use. Older sources also name `pegasus1.2`. Default of the platform: `pegasus1.5`.
            video: Video to analyze, given as a URL, an asset or base64 data (at most 30 MB). Must last 1 second to 1
                hour.
            image: Images to analyze, instead of a video. Not allowed with `prompt_v2`. At most 20 entries.
            prompt: Instruction or question for the model, at most 2000 tokens with `pegasus1.2`. Not allowed with
                `prompt_v2`.
            prompt_v_2: Prompt with reference images. Not allowed with `prompt` or `image`.
            prompt_v2: The same as `prompt_v_2`, under its wire name. Give one of the two.
            temperature: Randomness of the generated text: low values give focused and repeatable output, high values
                more varied output. From 0 to 1. Default of the platform: 0.2.
            response_format: Asks for output that follows a JSON schema. Without it the output is free text.
            max_tokens: Largest number of tokens to generate: up to 4096 with `pegasus1.2`, up to 98304 with
                `pegasus1.5` and newer.
            start_time: Start of the part of the video to analyze, in seconds. The part must last at least 1 second.
            end_time: End of the part of the video to analyze, in seconds.
            video_id: Identifier of an indexed video. Legacy way to name the input; use `video` instead. A model of a
                video is accepted in place of its id.
            into: An attrs class, a dataclass, a TypedDict or a pydantic model. It becomes the `response_format`, and
                the output an instance of it.
            request_options: Timeouts, retries, and additional headers or members for this call alone.

        Returns:
            The generated text; with `into`, an instance of that class.

        Raises:
            StructuredOutputError: The text does not match the class; it is attached.
            OutputTruncatedError: The text was cut off at the token limit, so it does not match the class.
            TypeError: The class has a field of a type that cannot be requested, which is named.
            ValueError: Both `into` and `response_format` are given.
            BadRequestError: The input was rejected or a precondition is not met.
        """
        request_options = request_options and self._hide(request_options)
        if into is not None:
            response_format = _format_of(into, response_format)
        response = await super().analyze(
            model_name=model_name,
            video=video,
            image=image,
            prompt=prompt,
            prompt_v_2=prompt_v_2,
            prompt_v2=prompt_v2,
            temperature=temperature,
            response_format=response_format,
            max_tokens=max_tokens,
            start_time=start_time,
            end_time=end_time,
            video_id=video_id,
            request_options=request_options,
        )
        return response if into is None else await _parse(into, response)

    async def segments(
        self,
        source: FileInput | AssetOrId | VideoContext | VideoContextParams,
        *kinds: type[T],
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = None,
        time_ranges: Sequence[tuple[float, float]] | None = None,
        min_segment_duration: float | None = None,
        max_segment_duration: float | None = None,
        start_time: float | None = None,
        end_time: float | None = None,
        temperature: float | None = None,
        max_tokens: int | Literal["unlimited"] | UncheckedStr | None = None,
        keep: bool = False,
        sleep_interval: float = DEFAULT_SLEEP_INTERVAL,
        callback: Callback[AnalyzeTaskResponse] | None = None,
        timeout: float = DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> list[Segment[T]]:
        """Find the segments of a video that classes describe, and extract data for each.

        Creates an analysis task in the mode `time_based_metadata`, waits for it, and takes the segments out of its
        result. A file is treated as in `analyze_file`: what was made of it is removed afterwards, also after an error
        or a cancellation, and a task whose result is not awaited to the end is canceled. Otherwise the task goes on.

        Args:
            source: The video: a file, an asset or its id, a public URL, or what `analyze` takes as `video`. At most 4
                hours.
            kinds: An attrs class, a dataclass or a TypedDict for each kind of segment, at most 20. Its docstring says
                which parts of the video are meant; its fields, what to extract for each. A field may be a text, a
                number, a boolean, a `Literal` or an enum of texts, a list of one of these, a `timedelta` (a point in
                the video), or a list of a class with `start_time` and `end_time`. Fields `start_time` and `end_time` of
                the class itself receive the times of the segment.
            model_name: Model to use. Default of the platform: `pegasus1.5`.
            time_ranges: Start and end of each segment in seconds, if the segments are known and only data is wanted;
                at least 2 seconds each. Excludes the four arguments that follow.
            min_segment_duration: Shortest segment, in seconds. At least 2.
            max_segment_duration: Longest segment, in seconds. At least 2.
            start_time: Start of the part of the video to analyze, in seconds.
            end_time: End of the part of the video to analyze, in seconds.
            temperature: Randomness of the generated text, from 0 to 1. Default of the platform: 0.2.
            max_tokens: Largest number of tokens to generate, from 2048 to 98304, or `unlimited` with `pegasus1.6`.
                Default of the platform: 32768.
            keep: Whether an asset that was made of a file stays at the platform, and its task goes on.
            sleep_interval: Seconds between the first two checks of the task; later intervals grow up to six times as
                long.
            callback: Called with the task on every check. An asynchronous one is awaited.
            timeout: Timeout of the wait, in seconds.
            request_options: Timeouts, retries, and additional headers for each request.

        Returns:
            The segments of all kinds, in the order of their times.

        Raises:
            TypeError: A class has no docstring, or a field of a type that the platform cannot extract.
            ValueError: The file is empty, or the classes are none or have the same name.
            OSError: The file is missing, a directory, or may not be read.
            UnsupportedMediaError: The platform does not accept the file: its kind, size or length.
            TaskFailedError: The task failed or was canceled; it is attached.
            WaitTimeoutError: The timeout passed; the last state of the task is attached.
            StructuredOutputError: The result does not match the classes; its text is attached.
            OutputTruncatedError: The result was cut off at the token limit; its text is attached.
        """
        request_options = request_options and self._hide(request_options)
        from ..structured import SegmentKind, parse_segments, segment_format_for

        known = [SegmentKind(kind) for kind in kinds]
        wanted = segment_format_for(known, time_ranges)
        arguments: dict[str, Any] = {
            "model_name": model_name,
            "analysis_mode": "time_based_metadata",
            "response_format": wanted,
            "min_segment_duration": min_segment_duration,
            "max_segment_duration": max_segment_duration,
            "start_time": start_time,
            "end_time": end_time,
            "temperature": temperature,
            "max_tokens": max_tokens,
            "request_options": request_options,
        }
        waiting: dict[str, Any] = {
            "sleep_interval": sleep_interval,
            "callback": callback,
            "timeout": timeout,
            "request_options": request_options,
        }
        video = await _video_of(source)
        if video is None:
            from ._one_call import bring
            from .assets import UploadSettings

            rules = attrs.evolve(_rules("segments", model_name, task=True), task_kinds=("video",))
            settings = UploadSettings(sleep_interval=sleep_interval, timeout=timeout, request_options=request_options)
            async with bring(self._core, source, rules, kind=None, keep=keep, settings=settings) as ready:
                done = await self._analyze_by_task(ready, arguments, waiting)
        else:
            tasks = self.analyze_async.tasks
            done = await tasks.wait_for_done(await tasks.create(video=video, **arguments), **waiting)
        result = done.result
        text, reason = (None, None) if result is None else (result.data, result.finish_reason)
        return await parse_segments(known, text, reason, get_request_id(done))

    @deprecated("generate is deprecated: use analyze instead.")
    @coroutine_function
    def generate(
        self,
        *,
        video_id: VideoOrId,
        prompt: str,
        temperature: float | None = None,
        stream: bool | None = None,
        request_options: RequestOptions | None = None,
    ) -> Coroutine[Any, Any, NonStreamAnalyzeResponse]:
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
            return super().generate(
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
        return _collect(events)

    @overload
    async def analyze_file(
        self,
        source: FileInput | AssetOrId,
        prompt: str,
        *,
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = ...,
        kind: Kind | None = ...,
        temperature: float | None = ...,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = ...,
        max_tokens: int | None = ...,
        start_time: float | None = ...,
        end_time: float | None = ...,
        into: None = ...,
        task: bool | None = ...,
        keep: bool = ...,
        sleep_interval: float = ...,
        timeout: float = ...,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = ...,
    ) -> NonStreamAnalyzeResponse | AnalyzeTaskResponse: ...

    @overload
    async def analyze_file(
        self,
        source: FileInput | AssetOrId,
        prompt: str,
        *,
        model_name: Literal["pegasus1.6", "pegasus1.5", "pegasus1.2"] | str | None = ...,
        kind: Kind | None = ...,
        temperature: float | None = ...,
        response_format: SyncResponseFormat | SyncResponseFormatParams | None = ...,
        max_tokens: int | None = ...,
        start_time: float | None = ...,
        end_time: float | None = ...,
        into: type[T],
        task: bool | None = ...,
        keep: bool = ...,
        sleep_interval: float = ...,
        timeout: float = ...,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = ...,
    ) -> T: ...

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
        into: type[T] | None = None,
        task: bool | None = None,
        keep: bool = False,
        sleep_interval: float = UPLOAD_SLEEP_INTERVAL,
        timeout: float = DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> NonStreamAnalyzeResponse | AnalyzeTaskResponse | T:
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
            into: An attrs class, a dataclass, a TypedDict or a pydantic model. It becomes the `response_format`, and
                the output an instance of it.
            task: Whether to use a task. Default: decided by the length.
            keep: Whether an asset that was made stays at the platform, and a task goes on.
            sleep_interval: Seconds between the first two checks of an asset or task; later intervals grow up to six
                times as long.
            timeout: Timeout of each of these waits, in seconds.
            request_options: Timeouts, retries, and additional headers for each request.

        Returns:
            The response of `analyze`, or the task with its result. Both have the text as `text`. With `into`, an
            instance of that class.

        Raises:
            StructuredOutputError: The text does not match the class; it is attached.
            OutputTruncatedError: The text was cut off at the token limit, so it does not match the class.
            TypeError: The class has a field of a type that cannot be requested, which is named.
            UnsupportedMediaError: The platform does not accept the file: its kind, size or length.
            TaskFailedError: The platform could not process the file; the asset or task is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
            OSError: The file is missing, a directory, or may not be read.
            ValueError: The file is empty, or an argument is invalid.
            APIStatusError: The platform rejected a request.
        """
        from ._one_call import bring
        from .assets import UploadSettings

        request_options = request_options and self._hide(request_options)
        if into is not None:
            response_format = _format_of(into, response_format)
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
        response: NonStreamAnalyzeResponse | AnalyzeTaskResponse | None = None
        async with bring(self._core, source, rules, kind=kind, keep=keep, settings=settings) as ready:
            if not rules.wants_task(ready.media):
                api = generated.AnalyzeOperations(self._core)._inside_helper()
                try:
                    response = await api.analyze(**_subject(ready), **common)
                except BadRequestError as error:
                    if not rules.wants_task_after(ready.media, error):
                        raise
            if response is None:
                waiting = {"sleep_interval": sleep_interval, "timeout": timeout, "request_options": request_options}
                response = await self._analyze_by_task(ready, common, waiting)
        return response if into is None else await _parse(into, response)

    async def _analyze_by_task(
        self, ready: Ready, arguments: dict[str, Any], waiting: dict[str, Any]
    ) -> AnalyzeTaskResponse:
        """Have a task analyze a file; it is canceled if its result is not awaited."""
        from .._generated.operations.analyze_tasks import AnalyzeAsyncTasksResource

        tasks = AnalyzeAsyncTasksResource(self._core)
        api = tasks._inside_helper()
        options = arguments["request_options"]

        def register(created: CreateAnalyzeTaskResponse) -> None:
            async def cancel() -> None:
                with contextlib.suppress(ConflictError):  # it has ended
                    await api.cancel(created, request_options=options)

            ready.removals.add(f"analysis task {created.task_id}", cancel, only_after_errors=True)

        created = await ready.removals.make(api.create(**_subject(ready), **arguments), register, lambda: True)
        ready.sent()
        return await tasks.wait_for_done(created, **waiting)

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
        timeout: float = DEFAULT_WAIT_TIMEOUT,
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


async def _collect(events: AsyncStream[StreamAnalyzeResponse]) -> NonStreamAnalyzeResponse:
    """The whole text of a stream."""
    received = await events.collect()
    result = _assemble(received, events.text, events.request_id)
    set_request_id(result, events.request_id)
    return result


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


def _format_of(
    into: type, response_format: SyncResponseFormat | SyncResponseFormatParams | None
) -> SyncResponseFormat | SyncResponseFormatParams:
    """The format that a class stands for."""
    from ..structured import response_format_for

    if response_format is not None:
        raise ValueError("give into or response_format, not both: the class is the format")
    wanted: SyncResponseFormatParams = response_format_for(into)
    return wanted


async def _parse(into: type[T], response: NonStreamAnalyzeResponse | AnalyzeTaskResponse) -> T:
    """The text of an analysis as an instance of a class."""
    from .._generated.models.analyze_tasks import AnalyzeTaskResponse
    from ..structured import parse_text

    result = response.result if isinstance(response, AnalyzeTaskResponse) else response
    text, reason = (None, None) if result is None else (result.data, result.finish_reason)
    if text is None and response.error is not None:
        raise StructuredOutputError(
            f"the generation failed: {response.error.message}", request_id=get_request_id(response)
        )
    return await parse_text(into, text, finish_reason=reason, request_id=get_request_id(response))


async def _video_of(
    source: FileInput | AssetOrId | VideoContext | VideoContextParams,
) -> VideoContext | VideoContextParams | None:
    """The video that a task is to analyze; None where it is a file."""
    from ._sources import asset_of, is_url

    if isinstance(source, dict | UnknownVariant) or (isinstance(source, Model) and not source._kinds):
        return cast("VideoContext", source)
    if is_url(source):
        return {"type": "url", "url": str(source)}
    asset = await asset_of(source)
    return None if asset is None else {"type": "asset_id", "asset_id": id_of("source", asset, "asset")}


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
