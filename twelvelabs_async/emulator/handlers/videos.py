"""Tags Videos and IndexedAssets: two views of the same documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import bad, parameter_invalid
from ..resources import video_indexing
from ..resources.documents import PRIVATE, public, require
from ..resources.filters import Filter, all_of, since, system_filter
from ..resources.listing import listing
from ..resources.quotas import check_quotas
from ..resources.user_metadata import check_metadata, clean_metadata, merge_metadata
from ..services import Services
from ..services.media_engine import as_info, with_words
from ..state.store import Document, Transaction, merge

if TYPE_CHECKING:
    from ..api.call import Call

registry: Registry = Registry()


def require_video(call: Call, tx: Transaction, identifier: str) -> Document:
    """A video of the index that the path names.

    Raises:
        ApiError: The index or the video does not exist.
    """
    index_id = call.path["index_id"]
    require(call, tx, "index", index_id, "indexes")
    video = require(call, tx, "video", identifier, "videos")
    if video[PRIVATE]["index_id"] != index_id:
        require(call, tx, "video", f"{index_id}/{identifier}", "videos")
    return video


def remove_video(tx: Transaction, video: Document) -> None:
    """Removes a video from its index."""
    tx.delete("video", video["_id"])
    tx.release_blob(video[PRIVATE]["blob"])
    index = tx.get("index", video[PRIVATE]["index_id"])
    if index is not None and video["status"] == "ready":
        video_indexing.count_video(tx, index, video, -1)


def hls(services: Services, video: Document) -> Document | None:
    """The HLS stream of a video, when it was requested."""
    if not video[PRIVATE]["stream"] or video["status"] == "failed":
        return None
    stream: Document = {"status": "COMPLETE" if video["status"] == "ready" else "PROCESSING"}
    if video["status"] == "ready":
        stream["video_url"] = services.urls.playlist_url(video[PRIVATE]["blob"])
        stream["thumbnail_urls"] = [services.urls.thumbnail_url(video[PRIVATE]["blob"], 0.0)]
    stream["updated_at"] = video["updated_at"]
    return stream


def _filters(call: Call) -> Filter | None:
    query = call.query
    changed: Filter | None = None
    if query.get("updated_at") is not None:
        # Videos that were never changed do not match a time of change.
        changed = all_of(lambda d: bool(d[PRIVATE].get("changed")), since("updated_at", query["updated_at"]))
    return all_of(
        changed,
        system_filter(query, "duration", "fps", "width", "height", "size"),
        since("created_at", query.get("created_at")),
    )


def _fields(call: Call, status: Any) -> Document:
    """The values that the videos of a list must have."""
    metadata = call.query.get("user_metadata") or {}
    named = {f"user_metadata.{name}": value for name, value in metadata.items()}
    return {"status": status, "filename": call.query.get("filename"), **named}


def _as_video(document: Document) -> Document:
    shown = public(document)
    for name in ("status", "user_metadata", "video_title"):
        shown.pop(name, None)
    return shown


def _as_indexed_asset(document: Document) -> Document:
    shown = public(document)
    for name in ("user_metadata", "video_title"):
        shown.pop(name, None)
    return shown


@registry.operation("listVideos")
async def list_videos(call: Call) -> Response:
    """Lists the videos of an index that are ready."""
    index_id = call.path["index_id"]
    return await listing(
        call,
        "video",
        parent=index_id,
        fields=_fields(call, "ready"),
        where=_filters(call),
        shape=_as_video,
        before=lambda tx: require(call, tx, "index", index_id, "indexes"),
    )


@registry.operation("listIndexedAssets")
async def list_indexed_assets(call: Call) -> Response:
    """Lists the indexed assets of an index, in every state."""
    index_id = call.path["index_id"]
    return await listing(
        call,
        "video",
        parent=index_id,
        fields=_fields(call, call.query.get("status")),
        where=_filters(call),
        shape=_as_indexed_asset,
        before=lambda tx: require(call, tx, "index", index_id, "indexes"),
    )


@registry.operation("listIndexedAssetsByAsset")
async def list_indexed_assets_by_asset(call: Call) -> Response:
    """Lists what was indexed from one asset."""
    asset_id = call.path["asset_id"]
    names: dict[str, str] = {}

    def prepare(tx: Transaction) -> None:
        require(call, tx, "asset", asset_id, "assets")
        names.update({index["_id"]: index["index_name"] for index in tx.all("index")})

    def shape(video: Document) -> Document:
        index_id = video[PRIVATE]["index_id"]
        return {"_id": video["_id"], "index": {"_id": index_id, "name": names.get(index_id, "")}}

    return await listing(call, "video", fields={"asset_id": asset_id}, shape=shape, before=prepare)


@registry.operation("createIndexedAsset")
async def create_indexed_asset(call: Call) -> Response:
    """Starts indexing an asset."""
    services, body, index_id = call.services, call.body, call.path["index_id"]
    check_metadata(body.get("user_metadata"))

    def change(tx: Transaction) -> Document:
        index = require(call, tx, "index", index_id, "indexes")
        asset = require(call, tx, "asset", body["asset_id"], "assets")
        if asset["status"] != "ready":
            raise bad("asset_not_ready", f"The asset is {asset['status']}; it must be ready.")
        info = asset[PRIVATE]["media"]
        try:
            media.check_indexable(as_info(info))
        except media.MediaError as error:
            raise video_indexing.as_api_error(error) from error
        check_quotas(services, tx, index, info["duration"])
        metadata = {**asset.get("user_metadata", {}), **clean_metadata(body.get("user_metadata"))}
        video = video_indexing.new_video(
            index_id,
            blob=asset[PRIVATE]["blob"],
            filename=asset["filename"],
            info=info,
            status="pending",
            stream=body.get("enable_video_stream", False),
            user_metadata=metadata,
            asset_id=asset["_id"],
        )
        tx.use_blob(asset[PRIVATE]["blob"])
        tx.put("video", video["_id"], video, parent=index_id)
        video_indexing.schedule(services, tx, video)
        return video

    video = await services.store.run(change)
    location = f"{services.addresses.base_url}/indexes/{index_id}/indexed-assets/{video['_id']}"
    return Response({"_id": video["_id"], "asset_id": video["asset_id"]}, headers={"Location": location})


async def _retrieve(call: Call, identifier: str) -> Document:
    services = call.services
    video = await services.store.run(lambda tx: require_video(call, tx, identifier))
    shown = public(video)
    stream = hls(services, video)
    if stream is not None:
        shown["hls"] = stream
    options = call.query.get("embedding_option")
    if video["status"] == "ready" and (options or call.query.get("transcription")):
        found = await services.engine.index_blob(video[PRIVATE]["blob"], as_info(video[PRIVATE]["media"]))
        index = with_words(found, video_indexing.words_of(video))
        if call.query.get("transcription"):
            shown["transcription"] = index.get("transcription", [])
        if options:
            shown["embedding"] = await _embedding(call, index, options)
    return shown


async def _embedding(call: Call, index: Document, options: list[str]) -> Document:
    home = await call.services.store.get("index", call.path["index_id"])
    names = [m["model_name"] for m in (home or {}).get("models", [])]
    model = next((name for name in names if name.startswith("marengo")), None)
    if model is None:
        raise parameter_invalid("embedding_option", "Embeddings need a Marengo model in the index.")
    named = {("visual" if option == "visual-text" else option): option for option in options}
    found = await call.services.engine.run(media.embed_segments, index, options=tuple(named), scopes=("clip",))
    segments = [segment_v1(segment, named) for segment in found]
    return {"model_name": model, "video_embedding": {"segments": segments}}


def segment_v1(segment: media.Segment, names: dict[str, str] | None = None) -> Document:
    """A vector in the shape of the first version of the embedding API."""
    return {
        "float": segment.vector,
        "start_offset_sec": segment.start,
        "end_offset_sec": segment.end,
        "embedding_option": (names or {}).get(segment.option, segment.option),
        "embedding_scope": segment.scope,
    }


@registry.operation("retrieveVideo")
async def retrieve_video(call: Call) -> Response:
    """Returns one video."""
    shown = await _retrieve(call, call.path["video_id"])
    shown.pop("status")
    shown["system_metadata"].pop("size", None)
    return Response(shown, large="embedding" in shown)


@registry.operation("retrieveIndexedAsset")
async def retrieve_indexed_asset(call: Call) -> Response:
    """Returns one indexed asset."""
    shown = await _retrieve(call, call.path["indexed_asset_id"])
    shown.pop("video_title", None)
    return Response(shown, large="embedding" in shown)


async def _change(call: Call, identifier: str, changes: dict[str, Any] | None, **more: Any) -> Response:
    check_metadata(changes)

    def change(tx: Transaction) -> None:
        video = require_video(call, tx, identifier)
        video[PRIVATE]["changed"] = True
        metadata = merge_metadata(video.get("user_metadata"), changes or {}, ignore_empty=False)
        merge(video, {"user_metadata": metadata, **more})
        tx.put("video", identifier, video)

    await call.services.store.run(change)
    return Response()


@registry.operation("partialUpdateVideo")
async def partial_update_video(call: Call) -> Response:
    """Changes fields of the user metadata of a video."""
    return await _change(call, call.path["video_id"], call.body.get("user_metadata"))


@registry.operation("updateIndexedAsset")
async def update_indexed_asset(call: Call) -> Response:
    """Changes fields of the user metadata of an indexed asset."""
    return await _change(call, call.path["indexed_asset_id"], call.body.get("user_metadata"))


@registry.operation("updateVideo")
async def update_video(call: Call) -> Response:
    """The older way to change a video: its title and its user metadata."""
    body = call.body
    title = {"video_title": body["video_title"]} if "video_title" in body else {}
    return await _change(call, call.path["video_id"], body.get("user_metadata"), **title)


async def _delete(call: Call, identifier: str) -> Response:
    await call.services.store.run(lambda tx: remove_video(tx, require_video(call, tx, identifier)))
    return Response()


@registry.operation("deleteVideo")
async def delete_video(call: Call) -> Response:
    """Deletes a video."""
    return await _delete(call, call.path["video_id"])


@registry.operation("deleteIndexedAsset")
async def delete_indexed_asset(call: Call) -> Response:
    """Deletes an indexed asset."""
    return await _delete(call, call.path["indexed_asset_id"])
