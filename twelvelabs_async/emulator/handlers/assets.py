"""Tag Assets."""

from __future__ import annotations

import asyncio
import mimetypes
import shutil
from typing import TYPE_CHECKING, Any

from .. import media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import bad, conflict, parameter_missing
from ..resources.documents import PRIVATE, new_document, public, require
from ..resources.filters import Filter
from ..resources.listing import listing
from ..resources.user_metadata import check_metadata, clean_metadata, merge_metadata
from ..services import Services
from ..services.media_engine import as_document
from ..state.store import Document, Job, Store, Transaction, merge
from ..state.terms import terms_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..api.call import Call
    from ..services.media_sources import Upload
    from ..settings import Settings

registry: Registry = Registry()

JOB = "asset"

_PIECE = 4 * 1024 * 1024

_USERS = (
    ("video", "asset_id", "an index"),
    ("entity", "asset_ids", "an entity"),
    ("item", "asset_id", "a knowledge store"),
)
"""What uses assets: kinds of documents, the field that names the assets, and what the message says."""


def new_asset(
    filename: str, method: str, *, hls: bool, thumbnail: bool, user_metadata: Mapping[str, Any] | None, **more: Any
) -> Document:
    """An asset that is about to be processed."""
    kind = mimetypes.guess_type(filename)[0] or "application/octet-stream"
    asset = new_document(
        method=method,
        status="processing",
        filename=filename,
        file_type=kind,
        user_metadata=clean_metadata(user_metadata),
        private={"hls": hls, "thumbnail": thumbnail, "blob": None, "media": None},
        **more,
    )
    # The API shows no time of change of assets.
    asset.pop("updated_at")
    return asset


@registry.operation("createAsset")
async def create_asset(call: Call) -> Response:
    """Receives or fetches a file, and starts processing it."""
    services, body = call.services, call.body
    check_metadata(body.get("user_metadata"))
    if body["method"] == "direct":
        if "file" not in call.files:
            raise parameter_missing("file", "The parameter file is required when method is direct.")
        upload = call.files.pop("file")[0]
        limit = services.settings.size("asset_direct")
        if upload.size > limit:
            await asyncio.to_thread(upload.path.unlink)
            message = f"The file is too large: {upload.size} bytes, at most {limit} are allowed."
            raise bad("video_filesize_too_large", message, maximum_size=limit, current_file_size=upload.size)
    else:
        if not body.get("url"):
            raise parameter_missing("url", "The parameter url is required when method is url.")
        upload = await services.sources.fetch(body["url"], "url", services.settings.size("asset_url"))
    asset = new_asset(
        body.get("filename") or upload.filename,
        body["method"],
        hls=body.get("enable_hls", True),
        thumbnail=body.get("enable_thumbnail", True),
        user_metadata=body.get("user_metadata"),
    )
    await _store_asset(services, asset, upload)
    await finish_without_delay(services, asset["_id"])
    return Response(_as_asset(await services.store.get("asset", asset["_id"]) or asset))


async def finish_without_delay(services: Services, asset_id: str) -> None:
    """Waits until an asset is processed, if that takes no simulated time: it is ready when its upload returns."""
    if not services.settings.duration("asset.processing"):
        await services.scheduler.finished(JOB, asset_id)


async def _store_asset(services: Services, asset: Document, upload: Upload) -> None:
    """Stores an asset with its file and schedules its processing."""
    blob = await asyncio.to_thread(services.store.adopt, upload.path)
    asset[PRIVATE]["blob"] = blob

    def change(tx: Transaction) -> None:
        tx.use_blob(blob)
        tx.put("asset", asset["_id"], asset)
        tx.schedule(JOB, asset["_id"], "process", services.settings.duration("asset.processing"))

    await services.store.run(change)


def _as_asset(asset: Document) -> Document:
    names = ("_id", "method", "status", "filename", "file_type", "created_at", "user_metadata", "source")
    return {name: asset[name] for name in names if name in asset}


def detail(services: Services, asset: Document) -> Document:
    """An asset in full."""
    shown = public(asset)
    private = asset[PRIVATE]
    kind = (private["media"] or {}).get("kind")
    ready = asset["status"] == "ready"
    failed = asset["status"] == "failed"
    if private["hls"] and (kind in {"video", "audio"} or not ready):
        shown["hls"] = {"status": "error" if failed else "ready" if ready else "pending"}
        if ready:
            shown["hls"]["manifest_url"] = services.urls.playlist_url(private["blob"])
    if private["thumbnail"] and (kind in {"video", "image"} or not ready):
        shown["thumbnail"] = {"status": "error" if failed else "ready" if ready else "pending"}
        if ready:
            shown["thumbnail"]["representative_url"] = services.urls.thumbnail_url(private["blob"], 0.0)
    return shown


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """Assembles an asset from its chunks, or probes its file."""
    asset = await services.store.get("asset", job.target)
    if asset is None or asset["status"] != "processing":
        return
    if job.step == "assemble":
        await _assemble(services, job, asset)
        return
    changes: Document = {}
    try:
        services.check_file("broken_asset", asset["filename"])
        info = await services.engine.probe_blob(asset[PRIVATE]["blob"])
        _check_size(info, services.settings)
        changes = {
            "status": "ready",
            "size": info.size,
            "file_type": info.mime,
            "technical_metadata": info.technical,
            "duration": info.duration if info.kind in {"video", "audio"} else None,
        }
    except media.MediaError as error:
        changes = {"status": "failed", "error": {"message": f"{error.code}: {error.message}"}}
        info = None

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("asset", job.target)
        if current is None:
            return
        merge(current, changes)
        current.pop("updated_at")
        current[PRIVATE]["media"] = as_document(info) if info is not None else None
        tx.put("asset", job.target, current)

    await services.store.run(change)


def _check_size(info: media.MediaInfo, settings: Settings) -> None:
    """Rejects a file whose kind has a smaller limit than that of the upload, which did not know the kind."""
    name = {"image": "image", "document": "document_url"}.get(info.kind)
    if name is not None and info.size > settings.size(name):
        message = f"{info.kind.capitalize()}s have at most {settings.size(name)} bytes."
        raise media.MediaError("media_filesize_too_large", message)


async def _assemble(services: Services, job: Job, asset: Document) -> None:
    upload_id = asset[PRIVATE]["upload_id"]
    chunks = await services.store.run(lambda tx: list(tx.all("chunk", parent=upload_id)))
    names = [chunk["file"] for chunk in sorted(chunks, key=lambda c: c["index"])]
    blob = await asyncio.to_thread(_join, services.store, upload_id, names, asset["filename"])

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("asset", job.target)
        if current is None:
            return
        current[PRIVATE]["blob"] = blob
        tx.use_blob(blob)
        tx.put("asset", job.target, current)
        tx.delete_children("used_url", upload_id)
        tx.schedule(JOB, job.target, "process", services.settings.duration("asset.processing"))

    await services.store.run(change)
    await asyncio.to_thread(shutil.rmtree, services.store.chunks / upload_id, True)


def _join(store: Store, upload_id: str, names: list[str], filename: str) -> str:
    path = store.scratch(filename)
    folder = store.chunks / upload_id
    with path.open("wb") as whole:
        for name in names:
            with (folder / name).open("rb") as part:
                shutil.copyfileobj(part, whole, _PIECE)
    return store.adopt(path)


@registry.operation("listAssets")
async def list_assets(call: Call) -> Response:
    """Lists assets."""
    query = call.query
    types = query.get("asset_types")
    where: Filter | None = None
    if types:
        where = lambda d: ((d[PRIVATE]["media"] or {}).get("kind") or _kind(d["file_type"])) in types  # noqa: E731
    fields = {"_id": query.get("asset_ids"), "filename": query.get("filename")}
    return await listing(call, "asset", fields=fields, where=where, shape=lambda asset: detail(call.services, asset))


def _kind(mime: str) -> str:
    kind = mime.partition("/")[0]
    return kind if kind in {"video", "audio", "image"} else "document"


@registry.operation("retrieveAsset")
async def retrieve_asset(call: Call) -> Response:
    """Returns one asset."""
    asset = await call.services.store.run(lambda tx: require(call, tx, "asset", call.path["asset_id"], "assets"))
    return Response(detail(call.services, asset))


@registry.operation("deleteAsset")
async def delete_asset(call: Call) -> Response:
    """Deletes an asset that is not in use, or any asset with force."""
    asset_id = call.path["asset_id"]

    def change(tx: Transaction) -> None:
        asset = require(call, tx, "asset", asset_id, "assets")
        if not call.query.get("force"):
            for kind, name, what in _USERS:
                if tx.count_terms(terms_for(kind, None, name, asset_id)):
                    raise conflict("asset_in_use", f"The asset is used by {what}. Send force=true to delete it.")
        tx.delete("asset", asset_id)
        tx.release_blob(asset[PRIVATE]["blob"])

    await call.services.store.run(change)
    return Response()


async def _metadata(call: Call, change_values: Any) -> Response:
    asset_id = call.path["asset_id"]

    def change(tx: Transaction) -> None:
        asset = require(call, tx, "asset", asset_id, "assets")
        asset["user_metadata"] = change_values(asset.get("user_metadata", {}))
        tx.put("asset", asset_id, asset)

    await call.services.store.run(change)
    return Response()


@registry.operation("replaceAssetUserMetadata")
async def replace_user_metadata(call: Call) -> Response:
    """Replaces all user metadata of an asset."""
    values = call.body["user_metadata"]
    check_metadata(values)
    return await _metadata(call, lambda old: clean_metadata(values))


@registry.operation("updateAssetUserMetadata")
async def update_user_metadata(call: Call) -> Response:
    """Merges fields into the user metadata of an asset."""
    values = call.body["user_metadata"]
    check_metadata(values)
    return await _metadata(call, lambda old: merge_metadata(old, values, ignore_empty=True))


@registry.operation("deleteAssetUserMetadata")
async def delete_user_metadata(call: Call) -> Response:
    """Deletes all user metadata of an asset."""
    return await _metadata(call, lambda old: {})
