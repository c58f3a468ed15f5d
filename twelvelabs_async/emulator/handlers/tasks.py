"""Tag Tasks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .. import media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import ApiError, bad
from ..resources.documents import PRIVATE, new_document, public, require
from ..resources.filters import all_of, since, system_filter
from ..resources.listing import listing
from ..resources.quotas import check_quotas
from ..resources.user_metadata import check_metadata, clean_metadata
from ..resources.video_indexing import as_api_error, new_video, probe_indexable, schedule
from ..services.media_engine import as_document
from .videos import hls

if TYPE_CHECKING:
    from ..api.call import Call
    from ..services.media_sources import Upload
    from ..state.store import Document, Transaction

registry: Registry = Registry()


@registry.operation("createTask")
async def create_task(call: Call) -> Response:
    """Receives a video and starts indexing it."""
    services, body = call.services, call.body
    index_id = body["index_id"]
    await services.store.run(lambda tx: require(call, tx, "index", index_id, "indexes"))
    check_metadata(body.get("user_metadata"))
    upload = await _video(call)
    info: Document | None = None
    try:
        info = as_document(await probe_indexable(services, upload))
    except media.MediaError as error:
        if not services.settings.late_validation:
            await asyncio.to_thread(upload.path.unlink)
            raise as_api_error(error) from error
    duration = info["duration"] if info else 0.0

    def check(tx: Transaction) -> None:
        check_quotas(services, tx, require(call, tx, "index", index_id, "indexes"), duration)

    try:
        await services.store.run(check)  # and once more below, with the change
    except ApiError:
        await asyncio.to_thread(upload.path.unlink)
        raise
    blob = await asyncio.to_thread(services.store.adopt, upload.path)
    video = new_video(
        index_id,
        blob=blob,
        filename=upload.filename,
        info=info,
        status="validating",
        stream=body.get("enable_video_stream", True),
        user_metadata=clean_metadata(body.get("user_metadata")),
    )
    facts = video["system_metadata"]
    task = new_document(
        video_id=video["_id"],
        status="validating",
        index_id=index_id,
        system_metadata={n: facts[n] for n in ("duration", "filename", "width", "height") if n in facts},
    )
    video[PRIVATE]["task_id"] = task["_id"]

    def change(tx: Transaction) -> None:
        check(tx)
        tx.use_blob(blob)
        tx.put("video", video["_id"], video, parent=index_id)
        tx.put("task", task["_id"], task, parent=index_id)
        schedule(services, tx, video)

    await services.store.run(change)
    return Response({"_id": task["_id"], "video_id": video["_id"]})


async def _video(call: Call) -> Upload:
    """The video of the form; a URL has precedence over a file."""
    limit = call.services.settings.size("task")
    if "video_url" in call.body:
        return await call.services.sources.fetch(call.body["video_url"], "video_url", limit)
    upload = call.files.pop("video_file")[0]
    if upload.size > limit:
        await asyncio.to_thread(upload.path.unlink)
        message = f"The file is too large: {upload.size} bytes, at most {limit} are allowed."
        raise bad("video_filesize_too_large", message, maximum_size=limit, current_file_size=upload.size)
    return upload


@registry.operation("listTasks")
async def list_tasks(call: Call) -> Response:
    """Lists tasks."""
    query = call.query
    where = all_of(
        system_filter(query, "duration", "width", "height"),
        since("created_at", query.get("created_at")),
        since("updated_at", query.get("updated_at")),
    )
    fields = {name: query.get(name) for name in ("index_id", "status", "filename")}
    return await listing(call, "task", fields=fields, where=where)


@registry.operation("retrieveTask")
async def retrieve_task(call: Call) -> Response:
    """Returns one task."""

    def find(tx: Transaction) -> Document:
        task = require(call, tx, "task", call.path["task_id"], "tasks")
        video = tx.get("video", task["video_id"])
        stream = hls(call.services, video) if video is not None else None
        return {**public(task), **({"hls": stream} if stream else {})}

    return Response(await call.services.store.run(find))


@registry.operation("deleteTask")
async def delete_task(call: Call) -> Response:
    """Deletes a task that has ended; a video must be deleted before its task."""

    def change(tx: Transaction) -> None:
        task = require(call, tx, "task", call.path["task_id"], "tasks")
        if task["status"] not in {"ready", "failed"}:
            raise bad("task_cannot_be_deleted", f"The task is {task['status']}; it must be ready or failed.")
        video = tx.get("video", task["video_id"])
        if video is not None and video["status"] == "ready":
            raise bad("task_cannot_be_deleted", f"Delete the video {task['video_id']} of the task first.")
        if video is not None:
            tx.delete("video", video["_id"])
            tx.release_blob(video[PRIVATE]["blob"])
        tx.delete("task", task["_id"])

    await call.services.store.run(change)
    return Response()
