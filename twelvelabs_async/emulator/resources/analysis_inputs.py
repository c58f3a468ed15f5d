"""The inputs of analyses: a video by URL, asset, base64 text or identifier, or some images."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, Any

from ..._safe_repr import SafeRepr
from .. import media
from ..errors import bad, not_exist, parameter_invalid
from ..services.media_engine import as_info, with_words
from . import video_indexing
from .documents import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..services import Services
    from ..services.media_sources import Upload
    from ..state.store import Document, Transaction

MAX_PIXELS = 16_777_216
"""Maximum number of pixels of an image to analyze."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subject(SafeRepr):
    """The input of an analysis.

    Attributes:
        indexes: The media indexes: one of a video, or one for each image.
        source: How it was given, in the shape of `AnalyzeTaskResponse.video_source`.
        blob: File of the store that holds it, when it must outlive the request.
    """

    indexes: Sequence[Document]
    source: Document
    blob: str | None = None

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return float(self.indexes[0].get("duration", 0.0))


async def find(
    services: Services, body: Mapping[str, Any], *, shortest: float, longest: float, missing: int = 404
) -> Subject:
    """The input that a request names; `missing` is the status of errors for what does not exist.

    Raises:
        ApiError: It does not exist, is not ready, or has the wrong form or length.
    """
    await check_references(services, body, missing)
    if body.get("image") is not None:
        return await _images(services, body["image"], missing)
    if body.get("video_id") is not None:
        subject = await _indexed(services, body["video_id"], missing)
    else:
        subject = await _video(services, body["video"], missing)
    if subject.duration < shortest:
        raise bad("video_duration_too_short", f"The video must last at least {shortest:g} seconds.")
    if subject.duration > longest:
        raise bad("video_duration_too_long", f"The video may last at most {longest:g} seconds.")
    _window(body, subject.duration)
    return subject


def _window(body: Mapping[str, Any], duration: float) -> None:
    start, end = body.get("start_time"), body.get("end_time")
    if start is not None and not 0 <= start < duration:
        raise parameter_invalid("start_time", f"It must be between 0 and the duration, {duration:.2f} seconds.")
    if end is not None and end > duration + 1.0:
        raise parameter_invalid("end_time", f"It must not be after the end of the video, {duration:.2f} seconds.")
    if (start is not None or end is not None) and (end or duration) - (start or 0.0) < 1.0:
        raise parameter_invalid("end_time", "The part to analyze must last at least 1 second.")


async def _indexed(services: Services, video_id: str, missing: int) -> Subject:
    def look(tx: Transaction) -> tuple[Document, Document]:
        video = tx.get("video", video_id)
        index = tx.get("index", video[PRIVATE]["index_id"]) if video is not None else None
        if video is None or index is None:
            raise not_exist("videos", video_id, status=missing)
        if video["status"] != "ready":
            raise bad("video_not_ready", f"The video {video_id} is {video['status']}; wait until it is ready.")
        return video, index

    video, index = await services.store.run(look)
    names = [model["model_name"] for model in index["models"]]
    # Indexes of older Marengo models need a Pegasus model too; those of newer ones work with the newer Pegasus models.
    if not any(name.startswith(("pegasus", "marengo3")) for name in names):
        raise bad("index_not_supported_for_generate", "Analyzing needs an index with a Pegasus model.")
    found = await services.engine.index_blob(video[PRIVATE]["blob"], as_info(video[PRIVATE]["media"]))
    source = {
        "type": "video_id",
        "video_id": video_id,
        "index_id": index["_id"],
        "system_metadata": {"duration": found["duration"]},
    }
    return Subject([with_words(found, video_indexing.words_of(video))], source)


async def _video(services: Services, video: Mapping[str, Any], missing: int) -> Subject:
    kind = video["type"]
    path, upload, asset = await services.sources.media_source(
        {kind: video[kind]}, "video", inline="base64_analyze_video", missing=missing
    )
    try:
        if asset is not None:
            info = as_info(asset[PRIVATE]["media"])
            _must_be("video", info, "video.asset_id")
            found = await services.engine.index_blob(asset[PRIVATE]["blob"], info)
            known = {"filename": asset["filename"], "metadata": asset.get("user_metadata") or {}}
        else:
            info = await services.engine.probe(path)
            _must_be("video", info, f"video.{kind}")
            found = await services.engine.index_file(path, info, {})
            known = {"filename": upload.filename} if upload is not None and kind == "url" else {}
    except media.MediaError as error:
        raise video_indexing.as_api_error(error) from error
    finally:
        await remove(upload)
    source: Document = {"type": kind, "system_metadata": {"duration": info.duration}}
    if kind != "base64_string":
        source[kind] = video[kind]
    return Subject([with_words(found, known)], source)


async def _images(services: Services, images: Sequence[Mapping[str, Any]], missing: int) -> Subject:
    if not images:
        raise parameter_invalid("image", "At least one image is needed.")
    found = []
    for position, image in enumerate(images):
        name = f"image[{position}]"
        path, upload, _ = await services.sources.media_source(
            dict(image), name, inline="base64_analyze_image", missing=missing
        )
        try:
            info = await services.engine.probe(path)
            _must_be("image", info, name)
            if info.width * info.height > MAX_PIXELS:
                raise parameter_invalid(name, f"An image has at most {MAX_PIXELS} pixels.")
            index = await services.engine.index_file(path, info, {})
        except media.MediaError as error:
            raise parameter_invalid(name, error.message) from error
        finally:
            await remove(upload)
        found.append(with_words(index, {"title": image["name"]}))
    return Subject(found, {})


async def check_references(services: Services, body: Mapping[str, Any], missing: int) -> None:
    """Validates the reference images of a prompt and of segment definitions.

    Raises:
        ApiError: One of them is not an image.
    """
    definitions = (body.get("response_format") or {}).get("segment_definitions") or []
    groups = [("prompt_v2.media_sources", (body.get("prompt_v2") or {}).get("media_sources") or [])]
    groups += [
        (f"response_format.segment_definitions[{n}].media_sources", definition.get("media_sources") or [])
        for n, definition in enumerate(definitions)
    ]
    for prefix, sources in groups:
        for position, source in enumerate(sources):
            name = f"{prefix}[{position}]"
            path, upload, _ = await services.sources.media_source(
                dict(source), name, inline="base64_image", missing=missing
            )
            try:
                _must_be("image", await services.engine.probe(path), name)
            except media.MediaError as error:
                raise parameter_invalid(name, error.message) from error
            finally:
                await remove(upload)


def _must_be(kind: str, info: media.MediaInfo, name: str) -> None:
    if info.kind != kind:
        raise parameter_invalid(name, f"It must be {'an image' if kind == 'image' else 'a video'}, not {info.mime}.")


async def remove(upload: Upload | None) -> None:
    """Removes a temporary file."""
    if upload is not None:
        await asyncio.to_thread(upload.path.unlink, missing_ok=True)


def prompt_of(body: Mapping[str, Any]) -> str:
    """The text of the prompt in either form."""
    combined = body.get("prompt_v2") or {}
    return str(body.get("prompt") or combined.get("input_text") or "")


def check_tokens(body: Mapping[str, Any]) -> None:
    """Rejects prompts and max_tokens beyond what the model supports."""
    older = body.get("model_name") == "pegasus1.2"
    if older and media.count_tokens(prompt_of(body)) > 2000:
        raise bad("token_limit_exceeded", "The prompt has more than 2000 tokens.")
    limit = 4096 if older else 98304
    wanted = body.get("max_tokens")
    if isinstance(wanted, int) and not 1 <= wanted <= limit:
        raise parameter_invalid("max_tokens", f"It must be between 1 and {limit}.")


def generate_text(subject: Subject, body: Mapping[str, Any], max_tokens: int | None) -> media.AnalyzeText:
    """The text of an analysis; blocking.

    Several images are analyzed one by one, and the texts joined.
    """
    shape = body.get("response_format") or {}
    schema = shape.get("json_schema") if shape.get("type") == "json_schema" else None
    prompt = prompt_of(body) or "Describe what is shown."
    if len(subject.indexes) == 1 or schema is not None:
        return media.analyze(
            subject.indexes[0],
            prompt,
            max_tokens=max_tokens,
            json_schema=schema,
            temperature=body.get("temperature"),
            start=body.get("start_time"),
            end=body.get("end_time"),
        )
    texts = []
    for index, image in zip(subject.indexes, body["image"], strict=True):
        texts.append(f"{image['name']}: {media.analyze(index, prompt).text}")
    text = "\n\n".join(texts)
    return media.AnalyzeText(text, "stop", media.count_tokens(prompt), media.count_tokens(text))
