"""Tag AnalyzeTasks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from .. import clock
from ..api.call import Response
from ..api.registry import Registry
from ..errors import conflict, parameter_invalid
from ..resources import background_analysis
from ..resources.analysis_inputs import check_references
from ..resources.documents import PRIVATE, new_document, public, require
from ..resources.filters import all_of, equals
from ..resources.listing import listing
from ..services import Services

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..api.call import Call
    from ..state.store import Document, Job, Transaction

registry: Registry = Registry()

JOB = "analyze_task"

TERMINAL = frozenset({"ready", "failed", "canceled"})
_NEXT = {"queued": "pending", "pending": "processing", "processing": "finish"}
_SHORT_PROMPT = 30
_SHOWN = (
    *("prompt", "prompt_v2", "response_format", "temperature", "max_tokens"),
    *("min_segment_duration", "max_segment_duration", "start_time", "end_time"),
)


def new_task(body: Mapping[str, Any], source: Document, stored: Document, *, batch_id: str | None = None) -> Document:
    """A queued task."""
    task = new_document(
        batch_id=batch_id,
        status="queued",
        video_source=source or None,
        request_params=_shown_params(body),
        private={"body": dict(body), **stored},
    )
    task["task_id"] = task.pop("_id")
    task["custom_id"] = body.get("custom_id")
    task.pop("updated_at")
    return task


def _shown_params(body: Mapping[str, Any]) -> Document:
    shown: Document = {"analysis_mode": body.get("analysis_mode", "general")}
    for name in _SHOWN:
        if body.get(name) is not None:
            shown[name] = body[name]
    if body.get("image") is not None:
        shown["image"] = [{**image, "media_type": "image"} for image in body["image"]]
    cleaned: Document = orjson.loads(orjson.dumps(shown))
    _strip_inline(cleaned)
    return cleaned


def _strip_inline(value: Any) -> None:
    """Removes base64 text from what is shown."""
    if isinstance(value, dict):
        value.pop("base64_string", None)
        for member in value.values():
            _strip_inline(member)
    elif isinstance(value, list):
        for member in value:
            _strip_inline(member)


@registry.operation("createAnalyzeTask")
async def create_task(call: Call) -> Response:
    """Starts an analysis in the background."""
    services, body = call.services, call.body
    background_analysis.check_body(body)
    await check_references(services, body, 400)
    key = call.headers.get("Idempotency-Key")
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
    if key:
        earlier = await services.store.get("idempotency", key)
        if earlier is not None:
            return Response(await _task_of_key(services, earlier, digest))
    source, stored = await background_analysis.store_source(call, body)
    task = new_task(body, source, stored)

    def change(tx: Transaction) -> Document:
        earlier = tx.get("idempotency", key) if key else None
        if earlier is not None:
            return earlier
        if stored.get("blob"):
            tx.use_blob(stored["blob"])
        if key:
            tx.put("idempotency", key, {"task_id": task["task_id"], "digest": digest})
        tx.put("analyze_task", task["task_id"], task)
        tx.schedule(JOB, task["task_id"], "pending", services.settings.duration("analyze.queued"))
        return {"task_id": task["task_id"], "digest": digest}

    return Response(await _task_of_key(services, await services.store.run(change), digest))


async def _task_of_key(services: Services, earlier: Document, digest: str) -> Document:
    """The response for a task that an earlier call with the same idempotency key may have created."""
    if earlier["digest"] != digest:
        raise parameter_invalid("Idempotency-Key", "It was used before with another body.")
    task = await services.store.get("analyze_task", earlier["task_id"])
    return {"task_id": earlier["task_id"], "status": task["status"] if task else "canceled"}


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """Moves a task to its next state."""
    task = await services.store.get("analyze_task", job.target)
    if task is None or task["status"] in TERMINAL:
        return
    outcome = await background_analysis.run_analysis(services, task) if job.step == "finish" else {"status": job.step}

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("analyze_task", job.target)
        if current is None or current["status"] in TERMINAL:
            return
        current.update(outcome)
        if job.step == "finish":
            end_task(services, tx, current)
        else:
            tx.schedule(JOB, job.target, _NEXT[job.step], services.settings.duration(f"analyze.{job.step}"))
        tx.put("analyze_task", job.target, current)

    await services.store.run(change)


def end_task(services: Services, tx: Transaction, task: Document) -> None:
    """Records the end of a task and emits its event; items of a batch emit none."""
    task["completed_at"] = clock.now()
    tx.release_blob(task[PRIVATE].pop("blob", None))
    if task.get("batch_id"):
        return
    data: Document = {
        "id": task["task_id"],
        "custom_id": task["custom_id"],
        "created_at": task["created_at"],
        "status": task["status"],
    }
    source = dict(task.get("video_source") or {})
    if source:
        data["video_source"] = {n: source[n] for n in ("type", "url", "asset_id", "system_metadata") if n in source}
    if task["status"] == "failed":
        data["error"] = {"message": task["error"]["message"]}
    task[PRIVATE]["event"] = services.webhooks.emit(tx, f"analyze.task.{task['status']}", data)


def _show(services: Services, tx: Transaction, task: Document, *, short: bool = False) -> Document:
    shown = public(task)
    info = services.webhooks.info(tx, task[PRIVATE].get("event"))
    if info:
        shown["webhooks"] = info
    prompt = shown["request_params"].get("prompt")
    if short and prompt and len(prompt) > _SHORT_PROMPT:
        shown["request_params"] = {**shown["request_params"], "prompt": prompt[:_SHORT_PROMPT]}
    return shown


@registry.operation("listAnalyzeTasks")
async def list_tasks(call: Call) -> Response:
    """Lists tasks."""
    query = call.query
    wanted = {name: query[given] for given, name in _SOURCES.items() if query.get(given)}
    mode = query.get("analysis_mode")
    where = all_of(
        equals("status", query.get("status")),
        (lambda t: all((t.get("video_source") or {}).get(n) == v for n, v in wanted.items())) if wanted else None,
        (lambda t: t["request_params"]["analysis_mode"] == mode) if mode else None,
    )
    holder: list[Transaction] = []
    return await listing(
        call,
        "analyze_task",
        where=where,
        before=holder.append,
        shape=lambda task: _show(call.services, holder[0], task, short=True),
    )


_SOURCES = {"video_url": "url", "asset_id": "asset_id", "video_id": "video_id"}


@registry.operation("retrieveAnalyzeTask")
async def retrieve_task(call: Call) -> Response:
    """Returns one task."""

    def find(tx: Transaction) -> Document:
        task = require(call, tx, "analyze_task", call.path["task_id"], "analyze tasks")
        return _show(call.services, tx, task)

    return Response(await call.services.store.run(find))


@registry.operation("deleteAnalyzeTask")
async def delete_task(call: Call) -> Response:
    """Deletes a task that has ended."""

    def change(tx: Transaction) -> None:
        task = require(call, tx, "analyze_task", call.path["task_id"], "analyze tasks")
        if task["status"] not in TERMINAL:
            raise conflict("task_not_terminal", f"The task is {task['status']}; cancel it first.")
        if task.get("batch_id") and tx.get("batch", task["batch_id"]) is not None:
            raise conflict("task_in_batch", f"The task belongs to the batch {task['batch_id']}; delete the batch.")
        tx.delete("analyze_task", task["task_id"])

    await call.services.store.run(change)
    return Response()


@registry.operation("cancelAnalyzeTask")
async def cancel_task(call: Call) -> Response:
    """Cancels a task that has not ended."""

    def change(tx: Transaction) -> Document:
        task = require(call, tx, "analyze_task", call.path["task_id"], "analyze tasks")
        if task["status"] in TERMINAL:
            raise conflict(f"task_{task['status']}", f"The task is {task['status']} already.")
        task["status"] = "canceled"
        task["error"] = {"code": "user_canceled", "message": "The task was canceled on request."}
        end_task(call.services, tx, task)
        tx.put("analyze_task", task["task_id"], task)
        return {"task_id": task["task_id"], "status": "canceled"}

    return Response(await call.services.store.run(change))
