"""The indexing of a video: validating, pending, queued, indexing, then ready or failed.

Tasks, videos and indexed assets are views of the same document: the video holds the state, and the task that
uploaded it follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import clock, media
from ..api.registry import Registry
from ..errors import ApiError, bad
from ..services import Services
from ..services.media_engine import as_document, as_info
from ..state.store import Document, Job, Transaction, merge
from .documents import PRIVATE, new_document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..services.media_sources import Upload

registry: Registry = Registry()

JOB = "ingest"

_NEXT = {"pending": "queued", "queued": "indexing", "indexing": "finish"}


def as_api_error(error: media.MediaError) -> ApiError:
    """An error of the media engine as an error response."""
    return bad(error.code, error.message)


async def probe_indexable(services: Services, upload: Upload) -> media.MediaInfo:
    """Probes an uploaded video, which must be indexable.

    Raises:
        media.MediaError: The platform rejects such a video.
    """
    info = await services.engine.probe(upload.path)
    media.check_indexable(info, media.Limits(max_size=services.settings.size("task")))
    return info


def new_video(
    index_id: str,
    *,
    blob: str,
    filename: str,
    info: Document | None,
    status: str,
    stream: bool,
    user_metadata: Mapping[str, Any] | None = None,
    asset_id: str | None = None,
) -> Document:
    """A video that is about to be indexed."""
    return new_document(
        asset_id=asset_id,
        status=status,
        system_metadata=system_metadata(filename, info),
        user_metadata=dict(user_metadata or {}),
        private={"index_id": index_id, "blob": blob, "media": info, "filename": filename, "stream": stream},
    )


def system_metadata(filename: str, info: Mapping[str, Any] | None) -> Document:
    """The system metadata of a video or a task."""
    if info is None:
        return {"filename": filename}
    return {"filename": filename, **{name: info[name] for name in ("duration", "fps", "width", "height", "size")}}


def schedule(services: Services, tx: Transaction, video: Document) -> None:
    """Schedules the next step of a stored video. States that last no time pass at once."""
    status = video["status"]
    while status in {"pending", "queued"} and not services.settings.duration(f"task.{status}"):
        status = _NEXT[status]
    if status != video["status"]:
        _enter(services, tx, video, status)
    following = "pending" if status == "validating" else _NEXT[status]
    tx.schedule(JOB, video["_id"], following, services.settings.duration(f"task.{status}"))


def words_of(video: Mapping[str, Any]) -> Document:
    """The words of the name, the title and the metadata of a video."""
    found: Document = {"filename": video[PRIVATE]["filename"], "metadata": video.get("user_metadata") or {}}
    if video.get("video_title"):
        found["title"] = video["video_title"]
    return found


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """Moves a video to its next state."""
    video = await services.store.get("video", job.target)
    if video is None or video["status"] in {"ready", "failed"}:
        return
    problem: media.MediaError | None = None
    info = video[PRIVATE]["media"]
    try:
        if job.step == "pending" and info is None:
            found = await services.engine.probe_blob(video[PRIVATE]["blob"])
            media.check_indexable(found, media.Limits(max_size=services.settings.size("task")))
            info = as_document(found)
        elif job.step == "finish":
            services.check_file("broken_indexing", video[PRIVATE]["filename"])
            await services.engine.index_blob(video[PRIVATE]["blob"], as_info(info))
    except media.MediaError as error:
        problem = error

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("video", job.target)
        if current is None or current["status"] in {"ready", "failed"}:
            return
        if info is not None and current[PRIVATE]["media"] is None:
            current[PRIVATE]["media"] = info
            current["system_metadata"] = system_metadata(current[PRIVATE]["filename"], info)
        if problem is not None:
            current[PRIVATE]["error"] = {"code": problem.code, "message": problem.message}
            _enter(services, tx, current, "failed")
        elif job.step == "finish":
            current["indexed_at"] = clock.now()
            _enter(services, tx, current, "ready")
        else:
            _enter(services, tx, current, job.step)
            schedule(services, tx, current)

    await services.store.run(change)


def _enter(services: Services, tx: Transaction, video: Document, status: str) -> None:
    merge(video, {"status": status})
    tx.put("video", video["_id"], video)
    task_id = video[PRIVATE].get("task_id")
    task = tx.get("task", task_id) if task_id else None
    if task is not None:
        facts = video["system_metadata"]
        known = {name: facts[name] for name in ("duration", "filename", "width", "height") if name in facts}
        merge(task, {"status": status, "system_metadata": known})
        tx.put("task", task["_id"], task)
    index = tx.get("index", video[PRIVATE]["index_id"])
    if status == "ready" and index is not None:
        count_video(tx, index, video, +1)
    if status in {"ready", "failed"}:
        data: Document = {
            "id": task_id or video["_id"],
            "metadata": {"duration": video["system_metadata"].get("duration", 0)},
            "status": status,
            "models": [
                {"name": m["model_name"], "options": m["model_options"]} for m in (index["models"] if index else [])
            ],
            "tags": [],
        }
        services.webhooks.emit(tx, f"index.task.{status}", data)


def count_video(tx: Transaction, index: Document, video: Document, sign: int) -> None:
    """Adds a video to the counters of its index, or removes it from them."""
    seconds = video["system_metadata"].get("duration", 0)
    index["video_count"] = max(0, index["video_count"] + sign)
    index["total_duration"] = max(0.0, round(index["total_duration"] + sign * seconds, 6))
    tx.put("index", index["_id"], index)
