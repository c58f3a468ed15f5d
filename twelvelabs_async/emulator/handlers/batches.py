"""Tag AnalyzeBatches: many analyses with one model and one mode, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from .. import clock
from ..api.call import Response
from ..api.registry import Registry
from ..errors import conflict, parameter_invalid, parameter_missing
from ..resources import background_analysis
from ..resources.analysis_inputs import check_references
from ..resources.documents import PRIVATE, require
from ..resources.filters import all_of, equals
from ..resources.listing import listing
from ..services import Services
from . import analyze_tasks as tasks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..api.call import Call
    from ..state.store import Document, Job, Transaction

registry: Registry = Registry()

JOB = "batch"

TERMINAL = frozenset({"completed", "canceled", "expired"})
MAX_ACTIVE = 5
"""Active batches of an account at a time."""

MAX_HOURS = 2000
"""Hours of content in one batch."""

_ITEM_DURATION = "batch.item"


@registry.operation("createAnalyzeBatch")
async def create_batch(call: Call) -> Response:
    """Starts a batch."""
    services, body = call.services, call.body
    bodies = [_item_body(body, item, f"requests[{n}].") for n, item in enumerate(body["requests"])]
    custom = [item["custom_id"] for item in bodies if item.get("custom_id")]
    if len(set(custom)) < len(custom):
        raise parameter_invalid("requests.custom_id", "It must be unique within the batch.")
    for item in bodies:
        await check_references(services, item, 400)
    lifetime = services.settings.lifetime("batch")
    batch: Document = {
        "batch_id": clock.new_id(),
        "analysis_mode": body["analysis_mode"],
        "model_name": body["model_name"],
        "status": "pending",
        "total_items": len(bodies),
        "created_at": clock.now(),
        "expires_at": clock.stamp(clock.time() + lifetime),
    }

    def change(tx: Transaction) -> list[Document]:
        if sum(b["status"] not in TERMINAL for b in tx.all("batch")) >= MAX_ACTIVE:
            raise conflict("batch_limit_exceeded", f"At most {MAX_ACTIVE} batches can be active at a time.")
        items, seconds = [], 0.0
        for item in bodies:
            made, length = _new_item(tx, batch["batch_id"], item)
            seconds += length
            items.append(made)
        if seconds > MAX_HOURS * 3600:
            raise parameter_invalid("requests", f"A batch holds at most {MAX_HOURS} hours of content.")
        for made in items:
            tx.put("analyze_task", made["task_id"], made, parent=batch["batch_id"])
        tx.put("batch", batch["batch_id"], batch)
        tx.schedule(JOB, batch["batch_id"], "start", services.settings.duration("analyze.queued"))
        tx.schedule(JOB, batch["batch_id"], "expire", lifetime)
        return items

    made = await services.store.run(change)
    names = ("batch_id", "status", "total_items", "created_at", "expires_at")
    listed = [{"task_id": item["task_id"], "custom_id": item["custom_id"]} for item in made]
    return Response({**{name: batch[name] for name in names}, "items": listed})


def _item_body(body: Mapping[str, Any], item: Mapping[str, Any], prefix: str) -> Document:
    """The request of one item, with the defaults of the batch, as the request of a single task."""
    merged: Document = {**(body.get("defaults") or {}), **item}
    merged["analysis_mode"] = mode = body["analysis_mode"]
    merged["model_name"] = body["model_name"]
    prompt = merged.pop("prompt", None)
    if mode == "general" and prompt is None:
        raise parameter_missing(f"{prefix}prompt", "A prompt is required, of the item or in the defaults.")
    if mode == "time_based_metadata":
        if prompt is not None:
            raise parameter_invalid(f"{prefix}prompt", "It is not allowed when analysis_mode is time_based_metadata.")
        if (merged.get("response_format") or {}).get("type") != "segment_definitions":
            raise parameter_missing(f"{prefix}response_format", "Segment definitions are required in this mode.")
    if prompt is not None:
        merged["prompt_v2"] = prompt
    background_analysis.check_body(merged, prefix)
    return merged


def _new_item(tx: Transaction, batch_id: str, body: Document) -> tuple[Document, float]:
    """The task of one item, and the length of its video; an unusable asset fails its item alone."""
    asset_id = body["video"]["asset_id"]
    asset = tx.get("asset", asset_id)
    source: Document = {"type": "asset_id", "asset_id": asset_id}
    usable = asset is not None and asset["status"] == "ready" and asset[PRIVATE]["media"]["kind"] == "video"
    if asset is None or not usable:
        task = tasks.new_task(body, source, {}, batch_id=batch_id)
        task["status"] = "failed"
        task["error"] = {"message": f"The asset {asset_id} does not exist or is not a video that is ready."}
        task[PRIVATE]["failure"] = "asset_unavailable"
        task["completed_at"] = clock.now()
        return task, 0.0
    duration = asset[PRIVATE]["media"]["duration"]
    source["system_metadata"] = {"duration": duration}
    stored = {"blob": asset[PRIVATE]["blob"], "words": {"filename": asset["filename"]}}
    tx.use_blob(stored["blob"])
    return tasks.new_task(body, source, stored, batch_id=batch_id), duration


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """One step of a batch: its start, its next item, its end."""
    if job.step == "item":
        await _run_item(services, job)
        return

    def change(tx: Transaction) -> None:
        tx.finish(job)
        batch = tx.get("batch", job.target)
        if batch is None or batch["status"] in TERMINAL:
            return
        if job.step == "start" and batch["status"] == "pending":
            batch["status"] = "processing"
            _begin_next(services, tx, batch)
        elif job.step == "expire":
            _end(tx, batch, "expired", "batch_expired")
        elif job.step == "cancel":
            _end(tx, batch, "canceled", "batch_canceled")
        tx.put("batch", job.target, batch)

    await services.store.run(change)


def _begin_next(services: Services, tx: Transaction, batch: Document) -> None:
    """Starts the next queued item; without one the batch is completed."""
    for item in tx.all("analyze_task", parent=batch["batch_id"]):
        if item["status"] == "queued":
            item["status"] = "processing"
            tx.put("analyze_task", item["task_id"], item)
            tx.schedule(
                JOB, f"{batch['batch_id']}/{item['task_id']}", "item", services.settings.duration(_ITEM_DURATION)
            )
            return
    batch["status"] = "completed"
    batch["completed_at"] = clock.now()


def _end(tx: Transaction, batch: Document, status: str, code: str) -> None:
    for item in tx.all("analyze_task", parent=batch["batch_id"]):
        if item["status"] in {"queued", "processing"}:
            item["status"] = "canceled"
            item["error"] = {"code": code, "message": f"The batch was {status}."}
            item["completed_at"] = clock.now()
            tx.release_blob(item[PRIVATE].pop("blob", None))
            tx.put("analyze_task", item["task_id"], item)
    batch["status"] = status
    batch[f"{status}_at"] = clock.now()


async def _run_item(services: Services, job: Job) -> None:
    batch_id, task_id = job.target.split("/")
    item = await services.store.get("analyze_task", task_id)
    outcome: Document = {}
    if item is not None and item["status"] == "processing":
        outcome = await background_analysis.run_analysis(services, item)

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current, batch = tx.get("analyze_task", task_id), tx.get("batch", batch_id)
        if current is not None and current["status"] == "processing":
            current.update(outcome)
            tasks.end_task(services, tx, current)
            tx.put("analyze_task", task_id, current)
        if batch is not None and batch["status"] == "processing":
            _begin_next(services, tx, batch)
            tx.put("batch", batch_id, batch)

    await services.store.run(change)


def _show(tx: Transaction, batch: Document) -> Document:
    states = [item["status"] for item in tx.all("analyze_task", parent=batch["batch_id"])]
    names = ("queued", "processing", "ready", "failed", "canceled")
    return {**batch, **{f"{name}_items": states.count(name) for name in names}}


@registry.operation("listAnalyzeBatches")
async def list_batches(call: Call) -> Response:
    """Lists batches."""
    holder: list[Transaction] = []
    query = call.query
    where = all_of(
        equals("status", query.get("status")),
        equals("analysis_mode", query.get("analysis_mode")),
    )
    return await listing(call, "batch", where=where, before=holder.append, shape=lambda batch: _show(holder[0], batch))


@registry.operation("retrieveAnalyzeBatch")
async def retrieve_batch(call: Call) -> Response:
    """Returns one batch with its counters."""
    batch_id = call.path["batch_id"]
    return Response(
        await call.services.store.run(lambda tx: _show(tx, require(call, tx, "batch", batch_id, "analyze batches")))
    )


@registry.operation("cancelAnalyzeBatch")
async def cancel_batch(call: Call) -> Response:
    """Starts canceling a batch."""
    services = call.services

    def change(tx: Transaction) -> Document:
        batch = require(call, tx, "batch", call.path["batch_id"], "analyze batches")
        if batch["status"] in TERMINAL:
            raise conflict(f"batch_{batch['status']}", f"The batch is {batch['status']} already.")
        if batch["status"] != "canceling":
            batch["status"] = "canceling"
            tx.put("batch", batch["batch_id"], batch)
            tx.schedule(JOB, batch["batch_id"], "cancel", services.settings.duration("batch.canceling"))
        return _show(tx, batch)

    return Response(await services.store.run(change))


@registry.operation("deleteAnalyzeBatch")
async def delete_batch(call: Call) -> Response:
    """Deletes a batch that has ended."""

    def change(tx: Transaction) -> None:
        batch = require(call, tx, "batch", call.path["batch_id"], "analyze batches")
        if batch["status"] not in TERMINAL:
            raise conflict("batch_not_terminal", f"The batch is {batch['status']}; cancel it first.")
        tx.delete_children("analyze_task", batch["batch_id"])
        tx.delete("batch", batch["batch_id"])

    await call.services.store.run(change)
    return Response()


@registry.operation("retrieveAnalyzeBatchResults")
async def retrieve_results(call: Call) -> web.StreamResponse:
    """Streams one line of JSON for each item."""

    def find(tx: Transaction) -> list[Document]:
        batch = require(call, tx, "batch", call.path["batch_id"], "analyze batches")
        return list(tx.all("analyze_task", parent=batch["batch_id"]))

    items = await call.services.store.run(find)
    response = web.StreamResponse(headers=call.response_headers)
    response.content_type = "application/jsonl"
    await response.prepare(call.request)
    for item in items:
        line = _line(item)
        await call.check_response(200, "application/jsonl", line)
        await response.write(orjson.dumps(line) + b"\n")
    await response.write_eof()
    return response


def _line(item: Document) -> Document:
    line: Document = {"task_id": item["task_id"], "custom_id": item["custom_id"], "status": item["status"]}
    if "result" in item:
        line["data"] = item["result"]
    if "error" in item:
        line["error"] = {"message": item["error"]["message"]}
        message = item["error"]["message"]
        if item[PRIVATE].get("failure") or message.startswith("video_duration_too_long"):
            line["error"]["code"] = item[PRIVATE].get("failure") or "video_duration_too_long"
    return line
