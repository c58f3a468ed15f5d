"""Tag Embed: the first version of the embedding API."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .. import media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import bad, parameter_invalid
from ..resources import video_indexing
from ..resources.documents import PRIVATE, new_document, require
from ..resources.filters import all_of, equals, since
from ..resources.listing import listing
from ..services import Services
from ..services.media_engine import as_document, as_info, with_words
from ..state.store import Document, Job, Transaction, merge
from .videos import segment_v1

if TYPE_CHECKING:
    from ..api.call import Call
    from ..services.media_sources import Upload

registry: Registry = Registry()

JOB = "embed"
TOKENS = {"marengo3.0": 500}
"""Tokens of a text that a model takes; the older model takes 77."""


@registry.operation("createEmbeddings")
async def create_embeddings(call: Call) -> Response:
    """Creates embeddings of texts, images, sound and short videos at once."""
    body = call.body
    result: Document = {"model_name": body["model_name"]}
    if "text" in body:
        result["text_embedding"] = await _text(call)
    if "image_url" in body or "image_file" in call.files:
        result["image_embedding"] = await _medium(call, "image")
    if "audio_url" in body or "audio_file" in call.files:
        result["audio_embedding"] = await _medium(call, "audio")
    if "video_url" in body or "video_file" in call.files:
        result["video_embedding"] = await _medium(call, "video")
    return Response(result, large=True)


async def _text(call: Call) -> Document:
    text = call.body["text"]
    if not text.strip():
        raise parameter_invalid("text", "It must not be empty.")
    words = text.split()
    limit = TOKENS.get(call.body["model_name"], 77)
    if len(words) > limit:
        cut = call.body.get("text_truncate", "end")
        if cut == "none":
            return {"error_message": f"The text has more than {limit} tokens."}
        text = " ".join(words[-limit:] if cut == "start" else words[:limit])
    vector = await call.services.engine.run(media.embed_text, text)
    return {"segments": [{"float": vector}]}


async def _medium(call: Call, kind: str) -> Document:
    """One medium of the request; the response itself says what is wrong with it."""
    services, url = call.services, call.body.get(f"{kind}_url")
    if url is not None:
        limit = services.settings.size("image" if kind == "image" else "base64")
        upload = await services.sources.fetch(url, f"{kind}_url", limit)
        call.files[f"{kind}_url"] = [upload]
    else:
        upload = call.files[f"{kind}_file"][0]
    metadata = {"input_url": url} if url else {"input_filename": upload.filename}
    try:
        segments = await _vectors(services, upload, kind, call.body.get("audio_start_offset_sec") or 0.0)
    except media.MediaError as error:
        return {"error_message": f"{error.code}: {error.message}", "metadata": metadata}
    return {"segments": segments, "metadata": metadata}


async def _vectors(services: Services, upload: Upload, kind: str, start: float) -> list[Document]:
    info = await services.engine.probe(upload.path)
    if info.kind != kind:
        raise media.MediaError("unsupported_media_type", f"It must be of the kind {kind}, not {info.mime}.")
    if kind == "image":
        return [{"float": await services.engine.run(media.embed_image, upload.path)}]
    if info.duration > 600:
        raise media.MediaError("video_duration_too_long", "It may last at most 10 minutes.")
    if start >= info.duration:
        raise parameter_invalid("audio_start_offset_sec", "It must be before the end of the audio.")
    index = await services.engine.index_file(upload.path, info, {"filename": upload.filename})
    options = ("audio",) if kind == "audio" else ("visual", "audio", "transcription")
    found = await services.engine.run(
        media.embed_segments, index, clip_length=6.0, start=start, options=options, scopes=("clip",)
    )
    names = ("float", "start_offset_sec", "end_offset_sec")
    if kind == "audio":
        return [{name: segment_v1(segment)[name] for name in names} for segment in found]
    return [segment_v1(segment) for segment in found]


@registry.operation("createEmbeddingTask")
async def create_task(call: Call) -> Response:
    """Receives a video and starts its embedding."""
    services, body = call.services, call.body
    limit = services.settings.size("task")
    if "video_url" in body:
        upload = await services.sources.fetch(body["video_url"], "video_url", limit)
        call.files["video_url"] = [upload]
    else:
        upload = call.files["video_file"][0]
        if upload.size > limit:
            raise bad("video_filesize_too_large", f"The file is too large: {upload.size} bytes.", maximum_size=limit)
    try:
        info = await video_indexing.probe_indexable(services, upload)
    except media.MediaError as error:
        raise video_indexing.as_api_error(error) from error
    clip = float(body.get("video_clip_length", 6))
    start, end = body.get("video_start_offset_sec"), body.get("video_end_offset_sec")
    _check_range(clip, start, end, info.duration)
    scopes = call.values("video_embedding_scope") or call.values("video_embedding_scopes") or ["clip"]
    blob = await asyncio.to_thread(services.store.adopt, upload.path)
    task = new_document(
        model_name=body["model_name"],
        status="processing",
        private={
            "blob": blob,
            "media": as_document(info),
            "filename": upload.filename,
            "url": body.get("video_url"),
            "clip": clip,
            "start": start or 0.0,
            "end": end,
            "scopes": list(dict.fromkeys(scopes)),
        },
    )

    def change(tx: Transaction) -> None:
        tx.use_blob(blob)
        tx.put("embed_task", task["_id"], task)
        tx.schedule(JOB, task["_id"], "embed", services.settings.duration("embed.processing"))

    await services.store.run(change)
    return Response({"_id": task["_id"]})


def _check_range(clip: float, start: float | None, end: float | None, duration: float) -> None:
    if start is not None and start > max(0.0, duration - clip):
        raise parameter_invalid(
            "video_start_offset_sec", f"At most the duration minus the clip length: {duration:.2f}."
        )
    if end is not None and (end > duration + 0.5 or end < (start or 0.0) + clip):
        raise parameter_invalid("video_end_offset_sec", f"Between the start plus the clip length and {duration:.2f}.")


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """Makes the media index, from which the vectors are computed."""
    task = await services.store.get("embed_task", job.target)
    if task is None:
        return
    status = "ready"
    try:
        await services.engine.index_blob(task[PRIVATE]["blob"], as_info(task[PRIVATE]["media"]))
    except media.MediaError:
        status = "failed"

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("embed_task", job.target)
        if current is not None:
            merge(current, {"status": status})
            tx.put("embed_task", job.target, current)

    await services.store.run(change)


def _metadata(task: Document) -> Document:
    private = task[PRIVATE]
    metadata: dict[str, Any] = {
        "video_clip_length": private["clip"],
        "video_embedding_scope": private["scopes"],
        "duration": private["media"]["duration"],
    }
    if private["url"]:
        metadata["input_url"] = private["url"]
    else:
        metadata["input_filename"] = private["filename"]
    return metadata


@registry.operation("listEmbeddingTasks")
async def list_tasks(call: Call) -> Response:
    """Lists embedding tasks."""

    def shape(task: Document) -> Document:
        names = ("_id", "model_name", "status", "created_at", "updated_at")
        return {**{n: task[n] for n in names}, "video_embedding": {"metadata": _metadata(task)}}

    return await listing(call, "embed_task", where=task_filter(call), shape=shape)


def task_filter(call: Call) -> Any:
    """The filter of a list of embedding tasks: status and time."""
    query = call.query
    ended = query.get("ended_at")
    after = since("created_at", ended)
    return all_of(
        equals("status", query.get("status")),
        since("created_at", query.get("started_at")),
        (lambda task: not after(task)) if after is not None else None,
    )


@registry.operation("retrieveEmbeddingTaskStatus")
async def retrieve_status(call: Call) -> Response:
    """Returns the state of a task without its vectors."""
    task = await call.services.store.run(
        lambda tx: require(call, tx, "embed_task", call.path["task_id"], "embedding tasks")
    )
    shown = {name: task[name] for name in ("_id", "model_name", "status")}
    return Response({**shown, "video_embedding": {"metadata": _metadata(task)}})


@registry.operation("retrieveEmbeddingTask")
async def retrieve_task(call: Call) -> Response:
    """Returns a task with its vectors."""
    services = call.services
    task = await services.store.run(lambda tx: require(call, tx, "embed_task", call.path["task_id"], "embedding tasks"))
    shown = {name: task[name] for name in ("_id", "model_name", "status", "created_at", "updated_at")}
    private = task[PRIVATE]
    embedding: Document = {"metadata": _metadata(task)}
    if task["status"] == "ready":
        wanted = call.query.get("embedding_option") or ["visual", "audio", "transcription"]
        names = {("visual" if option == "visual-text" else option): option for option in wanted}
        index = await services.engine.index_blob(private["blob"], as_info(private["media"]))
        found = await services.engine.run(
            media.embed_segments,
            with_words(index, {"filename": private["filename"]}),
            clip_length=private["clip"],
            start=private["start"],
            end=private["end"],
            options=tuple(names),
            scopes=tuple(private["scopes"]),
        )
        embedding["segments"] = [segment_v1(segment, names) for segment in found]
    return Response({**shown, "video_embedding": embedding}, large=True)
