"""Tag Imports: files of a provider become assets.

The provider's files are those of the emulator's media folder; the identifier of a file is its name. A name that begins
with `private` stands for a file without permission.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from .. import media
from ..api.call import Response
from ..api.registry import Registry
from ..resources.documents import PRIVATE, new_document, public, require
from ..resources.listing import listing
from ..services import Services
from ..services.media_sources import file_within
from . import assets
from .connections import mark_used, must_be_active, require_connection

if TYPE_CHECKING:
    from ..api.call import Call
    from ..state.store import Document, Job, Transaction

registry: Registry = Registry()

JOB = "import"
_SIZES = {"video": "import_video", "audio": "asset_url", "image": "image"}


def _rejected(source_id: str, code: str, message: str) -> Document:
    error = {"code": code, "message": message}
    return {"source_id": source_id, "action": "rejected", "status": "failed", "error": error}


@registry.operation("createImport")
async def create_import(call: Call) -> Response:
    """Starts copying files of a provider."""
    services = call.services
    folder = services.settings.media_folder
    ids = [item["source_id"] for item in call.body["items"]]
    found = await asyncio.to_thread(lambda: {source_id: file_within(folder, source_id) for source_id in ids})

    def change(tx: Transaction) -> Document:
        connection = require_connection(call, tx)
        must_be_active(connection)
        mark_used(tx, connection)
        items = [_begin(tx, connection["_id"], source_id, found[source_id]) for source_id in ids]
        made = new_document(
            connection_id=connection["_id"],
            provider=connection["provider"],
            custom_id=connection.get("custom_id"),
            item_count=len(items),
            private={"items": items},
        )
        made.pop("updated_at")
        tx.put("import", made["_id"], made, parent=connection["_id"])
        for item in items:
            if item["action"] in {"created", "retried"}:
                target = f"{made['_id']}/{item['asset_id']}"
                tx.schedule(JOB, target, "copy", services.settings.duration("import.item"))
        return made

    made = await services.store.run(change)
    items = made[PRIVATE]["items"]
    return Response({"_id": made["_id"], "has_failures": any("error" in item for item in items), "items": items})


def _begin(tx: Transaction, connection_id: str, source_id: str, path: Path | None) -> Document:
    """The outcome for one file: rejected, skipped, retried, or created."""
    if source_id.startswith("private"):
        return _rejected(source_id, "source_not_authorized", "There is no permission for the file.")
    if path is None:
        return _rejected(source_id, "source_unavailable", "The file cannot be read.")
    earlier = tx.get("imported", f"{connection_id}/{source_id}")
    asset = tx.get("asset", earlier["asset_id"]) if earlier else None
    if asset is not None and asset["status"] != "failed":
        return {"source_id": source_id, "action": "skipped", "asset_id": asset["_id"], "status": asset["status"]}
    new = assets.new_asset(path.name, "connector", hls=False, thumbnail=False, user_metadata=None)
    new["source"] = {
        "type": "connector",
        "details": {"provider": "google_drive", "source_id": source_id, "original_filename": path.name},
    }
    new[PRIVATE]["path"] = str(path)
    tx.put("asset", new["_id"], new)
    tx.put("imported", f"{connection_id}/{source_id}", {"asset_id": new["_id"]}, parent=connection_id)
    action = "retried" if earlier else "created"
    return {"source_id": source_id, "action": action, "asset_id": new["_id"], "status": "processing"}


@registry.job(JOB)
async def copy(services: Services, job: Job) -> None:
    """Copies one file, then schedules its processing as an asset."""
    import_id, asset_id = job.target.split("/")
    asset = await services.store.get("asset", asset_id)
    if asset is None or asset[PRIVATE]["blob"] is not None:
        return
    problem, blob = await _store_file(services, Path(asset[PRIVATE]["path"]))

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("asset", asset_id)
        if current is None:
            return
        if problem is not None or blob is None:
            message = problem.message if problem else "The file cannot be read."
            current.update(status="failed", error={"message": message})
            _record_failure(tx, import_id, asset_id, problem)
        else:
            current[PRIVATE]["blob"] = blob
            tx.use_blob(blob)
            tx.schedule(assets.JOB, asset_id, "process", services.settings.duration("asset.processing"))
        tx.put("asset", asset_id, current)

    await services.store.run(change)


async def _store_file(services: Services, path: Path) -> tuple[media.MediaError | None, str | None]:
    try:
        _check(services, await services.engine.probe(path))
        upload = await services.sources.copy_file(path)
    except media.MediaError as error:
        return error, None
    except OSError as error:
        return media.MediaError("source_unavailable", f"The file cannot be read: {error.strerror}."), None
    return None, await asyncio.to_thread(services.store.adopt, upload.path)


def _check(services: Services, info: media.MediaInfo) -> None:
    if info.kind == "document":
        raise media.MediaError("unsupported_media_type", f"{info.mime} cannot be imported.")
    limit = services.settings.size(_SIZES[info.kind])
    if info.size > limit:
        kind = "media" if info.kind == "image" else info.kind
        message = f"The file has {info.size} bytes, at most {limit} are allowed."
        raise media.MediaError(f"{kind}_filesize_too_large", message)


def _record_failure(tx: Transaction, import_id: str, asset_id: str, problem: media.MediaError | None) -> None:
    """Records the cause of a failure in the import."""
    made = tx.get("import", import_id)
    if made is None:
        return
    known = {"unsupported_media_type", "source_unavailable"}
    for item in made[PRIVATE]["items"]:
        if item.get("asset_id") == asset_id and problem is not None:
            code = problem.code
            if code not in known and not code.endswith("_filesize_too_large"):
                code = "unsupported_media_type"
            item.update(status="failed", error={"code": code, "message": problem.message})
    tx.put("import", import_id, made)


@registry.operation("listImports")
async def list_imports(call: Call) -> Response:
    """Lists the imports of a connection."""
    return await listing(
        call, "import", parent=call.path["connection_id"], before=lambda tx: require_connection(call, tx)
    )


@registry.operation("retrieveImport")
async def retrieve_import(call: Call) -> Response:
    """Returns one import with the state of its files."""

    def find(tx: Transaction) -> Document:
        connection = require_connection(call, tx)
        made = require(call, tx, "import", call.path["import_id"], "imports")
        if made["connection_id"] != connection["_id"]:
            require(call, tx, "import", f"{connection['_id']}/{made['_id']}", "imports")
        items = []
        for item in made[PRIVATE]["items"]:
            asset = tx.get("asset", item["asset_id"]) if item.get("asset_id") else None
            shown = dict(item)
            if asset is not None:
                shown["status"] = asset["status"]
                if asset["status"] == "failed" and "error" not in shown:
                    message = (asset.get("error") or {}).get("message", "The asset could not be processed.")
                    shown["error"] = {"code": "unsupported_media_type", "message": message}
            items.append(shown)
        return {**public(made), "items": items}

    return Response(await call.services.store.run(find))
