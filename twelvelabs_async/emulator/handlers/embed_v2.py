"""Tag EmbedV2: embeddings at once, and tasks for longer media."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .. import media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import not_exist
from ..resources.background_analysis import check_medium
from ..resources.documents import PRIVATE, new_document
from ..resources.embeddings import Input, check_model, embed, embed_file, inline_size, metadata, resolve, usage
from ..resources.listing import listing
from ..services import Services
from ..services.media_engine import as_document, as_info
from ..state.store import Document, Job, Transaction, merge
from .embed import task_filter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..api.call import Call

registry: Registry = Registry()

JOB = "embed_v2"


@registry.operation("createEmbeddingsV2")
async def create_embeddings(call: Call) -> Response:
    """Creates embeddings and returns them at once."""
    body = call.body
    part = check_model(body)
    data, described, tokens = await embed(call, part)
    result: Document = {"data": data, "usage": usage(tokens)}
    if described:
        result["metadata"] = described
    return Response(result, large=True)


@registry.operation("createEmbeddingTaskV2")
async def create_task(call: Call) -> Response:
    """Starts the embedding of one file."""
    services, body = call.services, call.body
    part = check_model(body)
    kind = body["input_type"]
    found = await resolve(call, part["media_source"], f"{kind}.media_source", inline_size(kind))
    if found.asset is not None:
        blob = found.asset[PRIVATE]["blob"]
    else:
        blob = await asyncio.to_thread(services.store.adopt, found.path)
        call.files.pop(f"{kind}.media_source", None)
    task = new_document(
        model_name=body["model_name"],
        status="processing",
        private={
            "kind": kind,
            "blob": blob,
            "media": None,
            "part": {name: value for name, value in part.items() if name != "media_source"},
            "filename": found.filename,
            "url": found.url,
            "dimension": body.get("embedding_dimension", media.DIMENSION),
            "uncertainty": bool(body.get("embedding_uncertainty")),
        },
    )

    def change(tx: Transaction) -> None:
        tx.use_blob(blob)
        tx.put("embed_v2_task", task["_id"], task)
        tx.schedule(JOB, task["_id"], "embed", services.settings.duration("embed.processing"))

    await services.store.run(change)
    result = {
        "_id": task["_id"],
        "status": "processing",
        "metadata": {"embedding_dimension": task[PRIVATE]["dimension"]},
    }
    return Response(result, headers={"Location": f"{services.addresses.base_url}/embed-v2/tasks/{task['_id']}"})


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """Indexes the file of a task; the task fails if the file cannot be read."""
    task = await services.store.get("embed_v2_task", job.target)
    if task is None or task["status"] != "processing":
        return
    private = task[PRIVATE]
    changes: Document = {"status": "ready"}
    info: media.MediaInfo | None = None
    try:
        info = await services.engine.probe_blob(private["blob"])
        check_medium(info, private["kind"])
        await services.engine.index_blob(private["blob"], info)
    except media.MediaError as error:
        changes = {"status": "failed", "error": {"message": f"{error.code}: {error.message}"}}

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("embed_v2_task", job.target)
        if current is None:
            return
        current[PRIVATE]["media"] = as_document(info) if info is not None else None
        merge(current, changes)
        tx.put("embed_v2_task", job.target, current)

    await services.store.run(change)


def _input(services: Services, task: Mapping[str, Any]) -> Input:
    private = task[PRIVATE]
    return Input(
        path=services.store.blob(private["blob"]),
        filename=private["filename"],
        url=private["url"],
        info=as_info(private["media"]),
        blob=private["blob"],
        asset=None,
    )


@registry.operation("retrieveEmbeddingTaskV2")
async def retrieve_task(call: Call) -> Response:
    """Returns a task; its vectors are computed from the media index, and are the same each time."""
    services = call.services
    task = await services.store.get("embed_v2_task", call.path["task_id"])
    if task is None:
        raise not_exist("embedding tasks", call.path["task_id"])
    private = task[PRIVATE]
    shown: Document = {name: task[name] for name in ("_id", "status", "created_at", "updated_at")}
    if task["status"] == "failed":
        return Response({**shown, "error": task["error"]})
    if task["status"] == "ready":
        given = _input(services, task)
        data = await embed_file(
            services,
            given,
            private["kind"],
            private["part"],
            model=task["model_name"],
            dimension=private["dimension"],
            uncertainty=private["uncertainty"],
        )
        shown["data"] = data
        shown["usage"] = usage({private["kind"]: len(data)})
        shown["metadata"] = metadata(given, private["kind"], private["part"], task["model_name"], private["dimension"])
    return Response(shown, large=True)


@registry.operation("listEmbeddingTasksV2")
async def list_tasks(call: Call) -> Response:
    """Lists embedding tasks without their vectors."""

    def shape(task: Document) -> Document:
        private = task[PRIVATE]
        kind, part = private["kind"], private["part"]
        names = ("_id", "model_name", "status", "created_at", "updated_at")
        described: Document = (
            {"input_url": private["url"]} if private["url"] else {"input_filename": private["filename"]}
        )
        for name in ("embedding_option", "embedding_scope"):
            if part.get(name):
                described[f"{kind}_{name}"] = part[name]
        if kind in {"video", "audio"} and private["media"]:
            described["duration"] = private["media"]["duration"]
        return {**{n: task[n] for n in names}, f"{kind}_embedding": {"metadata": described}}

    return await listing(call, "embed_v2_task", where=task_filter(call), shape=shape)
