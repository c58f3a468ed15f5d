"""Embeddings: of a file in one call, and of many texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._generated.operations import embed_v2 as generated
from ..errors import BadRequestError
from ..waiters.schedule import DEFAULT_WAIT_TIMEOUT, UPLOAD_SLEEP_INTERVAL
from . import _bulk, _one_call
from .assets import UploadSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from .._codec.model import UncheckedStr
    from .._generated.models.embed_v2 import (
        AsyncTemporalSegmentation,
        AudioSegmentation,
        DocumentSegmentation,
        EmbeddingSuccessResponse,
        EmbeddingTaskResponse,
        VideoSegmentation,
    )
    from .._generated.params.embed_v2 import (
        AsyncTemporalSegmentationParams,
        AudioSegmentationParams,
        DocumentSegmentationParams,
        VideoSegmentationParams,
    )
    from .._generated.params.ids import AssetOrId
    from .._media.kinds import Kind
    from .._request.files import FileInput
    from .._request.options import RequestOptions


class EmbedV2Resource(generated.EmbedV2Resource):
    """Operations of `embed.v_2`, and helpers on top of them."""

    async def embed_file(
        self,
        source: FileInput | AssetOrId,
        *,
        model_name: Literal["marengo3.0", "marengo3.5"] | str,
        kind: Kind | None = None,
        start_sec: float | None = None,
        end_sec: float | None = None,
        segmentation: VideoSegmentation
        | VideoSegmentationParams
        | AudioSegmentation
        | AudioSegmentationParams
        | AsyncTemporalSegmentation
        | AsyncTemporalSegmentationParams
        | DocumentSegmentation
        | DocumentSegmentationParams
        | None = None,
        embedding_option: Sequence[Literal["visual", "audio", "transcription", "text"] | UncheckedStr] | None = None,
        embedding_scope: Sequence[Literal["clip", "local", "asset"] | UncheckedStr] | None = None,
        embedding_type: Sequence[Literal["separate_embedding", "fused_embedding"] | UncheckedStr] | None = None,
        embedding_uncertainty: bool | None = None,
        embedding_dimension: int | None = None,
        task: bool | None = None,
        keep: bool = False,
        sleep_interval: float = UPLOAD_SLEEP_INTERVAL,
        timeout: float = DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> EmbeddingSuccessResponse | EmbeddingTaskResponse:
        """Embed a file: video, audio, an image or a document.

        The content of the file determines its kind, and its duration whether the embeddings are created immediately or
        by a task. If the header of the file does not state the duration, a task is used if the platform rejects the
        file as too long. A small file is sent with the request; a large one becomes an asset, which is removed
        afterwards, even after an error or a cancellation (within two seconds); a failed removal is logged. A file
        that the platform does not accept is rejected before it is sent, as far as its size, kind and duration are
        known.

        Args:
            source: A file, in any form that other methods accept; a URL (a `str` that begins with `http://` or
                `https://`); or an asset, or its id. A `str` is an id if it has the form of one and no file has that
                name.
            model_name: Model to use: `marengo3.0` or `marengo3.5`.
            kind: Kind of content: `video`, `audio`, `image` or `document`. Default: found from the content of a file
                or an asset, and from the name in a URL.
            start_sec: Start of the part of video or audio to embed, in seconds.
            end_sec: End of the part of video or audio to embed, in seconds.
            segmentation: How the content is cut, as in `create` and `tasks.create`.
            embedding_option: What to embed, as in `create` and `tasks.create`.
            embedding_scope: What each embedding covers, as in `create` and `tasks.create`.
            embedding_type: How options are combined, as in `create` and `tasks.create`.
            embedding_uncertainty: Whether uncertainty values are returned. Only with `marengo3.5`.
            embedding_dimension: Number of values in each embedding. Only with `marengo3.5`.
            task: Whether to use a task. Default: decided by kind and duration.
            keep: Whether to keep an asset that was created.
            sleep_interval: Seconds between the first two checks of an asset or task; later intervals grow up to six
                times as long.
            timeout: Timeout of each of these waits, in seconds.
            request_options: Timeouts, retries, and additional headers for each request.

        Returns:
            The response of `create`, or the task with its embeddings. Both have `data` and `vector(...)`.

        Raises:
            UnsupportedMediaError: The platform does not accept the file: its kind, size or length.
            TaskFailedError: The platform could not process the file; the asset or task is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
            OSError: The file is missing, a directory, or may not be read.
            ValueError: The file is empty, or an argument is invalid.
            APIStatusError: The platform rejected a request.
        """
        request_options = request_options and self._hide(request_options)
        rules = _one_call.Rules(
            name="embed.v_2.embed_file",
            kinds=("video", "audio", "image"),
            limits=generated.CREATE_EMBEDDINGS_V2.media_limits,
            task_kinds=("video", "audio", "image", "document"),
            task_limits=generated.CREATE_EMBEDDING_TASK_V2.media_limits,
            model=model_name,
            task=task,
        )
        settings = UploadSettings(sleep_interval=sleep_interval, timeout=timeout, request_options=request_options)
        chosen = {
            "start_sec": start_sec,
            "end_sec": end_sec,
            "segmentation": segmentation,
            "embedding_option": embedding_option,
            "embedding_scope": embedding_scope,
            "embedding_type": embedding_type,
        }
        common: dict[str, Any] = {
            "model_name": model_name,
            "embedding_uncertainty": embedding_uncertainty,
            "embedding_dimension": embedding_dimension,
            "request_options": request_options,
        }
        async with _one_call.bring(self._core, source, rules, kind=kind, keep=keep, settings=settings) as ready:
            part = {name: value for name, value in chosen.items() if value is not None}
            body: dict[str, Any] = {"input_type": ready.kind, ready.kind: {"media_source": ready.source, **part}}
            if not rules.wants_task(ready.media):
                try:
                    return await self._inside_helper().create(**body, **common)
                except BadRequestError as error:
                    if not rules.wants_task_after(ready.media, error):
                        raise
            tasks = generated.EmbedV2TasksResource(self._core)
            created = await tasks._inside_helper().create(**body, **common)
            ready.sent()
            return await tasks.wait_for_done(created, sleep_interval, timeout=timeout, request_options=request_options)

    async def embed_texts(
        self,
        texts: Iterable[str],
        *,
        model_name: Literal["marengo3.0", "marengo3.5"] | str,
        auto_truncate: bool | None = None,
        embedding_uncertainty: bool | None = None,
        embedding_dimension: int | None = None,
        max_concurrency: int = 10,
        request_options: RequestOptions | None = None,
    ) -> list[EmbeddingSuccessResponse]:
        """Embed texts concurrently.

        Args:
            texts: The texts. They are consumed as calls begin, not in advance.
            model_name: Model to use: `marengo3.0` or `marengo3.5`.
            auto_truncate: Whether a text over the limit of the model is truncated. Only with `marengo3.5`.
            embedding_uncertainty: Whether uncertainty values are returned. Only with `marengo3.5`.
            embedding_dimension: Number of values in each embedding. Only with `marengo3.5`.
            max_concurrency: Calls in flight at a time.
            request_options: Timeouts, retries, and additional headers or members for each call.

        Returns:
            The responses in the order of the texts; `response.vector()` is the vector of each.

        Raises:
            BulkError: Some texts failed; `outcomes` holds the response or the exception of every text.
            ValueError: `texts` is a single text, or `max_concurrency` is below 1.
        """
        request_options = request_options and self._hide(request_options)
        if isinstance(texts, str):
            raise ValueError("texts must be a list of texts, not a single text")  # noqa: TRY004 - as for other lists
        api = self._inside_helper()

        async def embed(text: str) -> EmbeddingSuccessResponse:
            return await api.create(
                input_type="text",
                model_name=model_name,
                text={"input_text": text},
                auto_truncate=auto_truncate,
                embedding_uncertainty=embedding_uncertainty,
                embedding_dimension=embedding_dimension,
                request_options=request_options,
            )

        return await _bulk.create_all(texts, embed, noun="embeddings", max_concurrency=max_concurrency)
