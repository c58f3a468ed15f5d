"""Tag Transfers: the older import of all files of an integration into an index.

The integration's files are the videos of the emulator's media folder, whatever the integration is called.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .. import clock, media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import parameter_missing
from ..resources import video_indexing
from ..resources.documents import PRIVATE, require
from ..resources.user_metadata import check_metadata, clean_metadata
from ..services.media_engine import as_document

if TYPE_CHECKING:
    from pathlib import Path

    from ..api.call import Call
    from ..state.store import Document, Transaction

registry: Registry = Registry()

_STATES = ("validating", "pending", "queued", "indexing", "ready")


def _files(folder: Path | None) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder else []


@registry.operation("createTransferImport")
async def create_transfer(call: Call) -> Response:
    """Starts indexing all files of the integration."""
    services, body = call.services, call.body
    check_metadata(body.get("user_metadata"))

    def choose(tx: Transaction) -> str:
        wanted = body.get("index_id")
        if wanted:
            return str(require(call, tx, "index", wanted, "indexes")["_id"])
        # Some sources leave the index out: then it is the newest one.
        newest = next(tx.all("index", descending=True), None)
        if newest is None:
            raise parameter_missing("index_id")
        return str(newest["_id"])

    index_id = await services.store.run(choose)
    paths = await asyncio.to_thread(_files, services.settings.media_folder)
    log: Document = {
        "index_id": index_id,
        "created_at": clock.now(),
        "failed_files": [],
        "videos": [],
        "integration_id": call.path["integration_id"],
    }
    for path in paths:
        await _import_file(call, path, log)
    log["ended_at"] = clock.now()
    log_id = clock.new_id()

    def change(tx: Transaction) -> None:
        tx.put("transfer", log_id, log, parent=call.path["integration_id"])

    await services.store.run(change)
    return Response({"failed_files": log["failed_files"], "videos": log["videos"]})


async def _import_file(call: Call, path: Path, log: Document) -> None:
    """Starts indexing one file, or records why it cannot be indexed."""
    services, body, index_id = call.services, call.body, log["index_id"]
    integration = call.path["integration_id"]
    key = f"{integration}/{index_id}/{path.name}"
    earlier = await services.store.get("transferred", key)
    retry = earlier is not None and earlier.get("failed") and body.get("retry_failed")
    if earlier is not None and body.get("incremental_import", True) and not retry:
        return
    upload = await services.sources.copy_file(path)
    try:
        info = await video_indexing.probe_indexable(services, upload)
    except media.MediaError as error:
        await asyncio.to_thread(upload.path.unlink)
        message = f"{error.code}: {error.message}"
        log["failed_files"].append({"filename": path.name, "error_message": message})
        record = {"failed": message, "created_at": clock.now(), "filename": path.name, "index_id": index_id}
        await services.store.put("transferred", key, record, parent=integration)
        return
    blob = await asyncio.to_thread(services.store.adopt, upload.path)
    video = video_indexing.new_video(
        index_id,
        blob=blob,
        filename=path.name,
        info=as_document(info),
        status="validating",
        stream=False,
        user_metadata=clean_metadata(body.get("user_metadata")),
    )

    def change(tx: Transaction) -> None:
        tx.use_blob(blob)
        tx.put("video", video["_id"], video, parent=index_id)
        video_indexing.schedule(services, tx, video)
        record = {"created_at": clock.now(), "filename": path.name, "index_id": index_id, "video_id": video["_id"]}
        tx.put("transferred", key, record, parent=integration)

    await services.store.run(change)
    log["videos"].append({"video_id": video["_id"], "filename": path.name})


@registry.operation("retrieveTransferImportStatus")
async def retrieve_status(call: Call) -> Response:
    """Returns the files of an integration by state."""
    index_id, integration = call.query.get("index_id"), call.path["integration_id"]
    paths = await asyncio.to_thread(_files, call.services.settings.media_folder)

    def find(tx: Transaction) -> Document:
        if index_id is not None:
            require(call, tx, "index", index_id, "indexes")
        found: Document = {name: [] for name in ("not_imported", *_STATES, "failed")}
        seen = set()
        for record in tx.all("transferred", parent=integration):
            if index_id not in {None, record["index_id"]}:
                continue
            seen.add(record["filename"])
            shown = {name: record[name] for name in ("filename", "created_at")}
            video = tx.get("video", record["video_id"]) if "video_id" in record else None
            if "failed" in record:
                found["failed"].append({**shown, "error_message": record["failed"]})
            elif video is not None and video["status"] == "failed":
                message = video[PRIVATE].get("error", {}).get("message", "The video could not be indexed.")
                found["failed"].append({**shown, "error_message": message})
            elif video is not None:
                found[video["status"]].append({**shown, "video_id": video["_id"]})
        found["not_imported"] = [path.name for path in paths if path.name not in seen]
        return found

    return Response(await call.services.store.run(find))


@registry.operation("listTransferImportLogs")
async def list_logs(call: Call) -> Response:
    """Lists the imports of an integration, oldest first."""

    def find(tx: Transaction) -> list[Document]:
        shown = []
        for log in tx.all("transfer", parent=call.path["integration_id"]):
            states = [v["status"] for video in log["videos"] if (v := tx.get("video", video["video_id"]))]
            counts = {name: states.count(name) for name in (*_STATES, "failed")}
            counts["failed"] += len(log["failed_files"])
            index = tx.get("index", log["index_id"])
            names = ("index_id", "created_at", "ended_at", "failed_files")
            entry = {name: log[name] for name in names}
            shown.append({**entry, "index_name": index["index_name"] if index else "", "video_status": counts})
        return shown

    return Response({"data": await call.services.store.run(find)})
