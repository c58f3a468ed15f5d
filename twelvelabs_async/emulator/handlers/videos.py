"""Tags Videos and IndexedAssets: two views of the same things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import media
from ..engine import as_info, with_words
from ..errors import bad, parameter_invalid
from ..platform import Platform, Reply, operation
from ..store import Document, Transaction, merge
from . import ingest
from .common import (
    PRIVATE,
    Where,
    both,
    check_metadata,
    clean_metadata,
    equals,
    listing,
    matches,
    merge_metadata,
    metadata_filter,
    need,
    public,
    since,
    system_filter,
)

if TYPE_CHECKING:
    from ..reading import Call


def need_video(call: Call, tx: Transaction, identifier: str) -> Document:
    """A video of the index that the path names.

    Raises:
        ApiError: The index or the video does not exist.
    """
    index_id = call.path["index_id"]
    need(call, tx, "index", index_id, "indexes")
    video = need(call, tx, "video", identifier, "videos")
    if video[PRIVATE]["index_id"] != index_id:
        need(call, tx, "video", f"{index_id}/{identifier}", "videos")
    return video


def remove_video(tx: Transaction, video: Document) -> None:
    """Takes a video out of its index."""
    tx.delete("video", video["_id"])
    tx.release_blob(video[PRIVATE]["blob"])
    index = tx.get("index", video[PRIVATE]["index_id"])
    if index is not None and video["status"] == "ready":
        ingest.count_video(tx, index, video, -1)


def hls(platform: Platform, video: Document) -> Document | None:
    """The stream of a video, when it was asked for."""
    if not video[PRIVATE]["stream"] or video["status"] == "failed":
        return None
    stream: Document = {"status": "COMPLETE" if video["status"] == "ready" else "PROCESSING"}
    if video["status"] == "ready":
        stream["video_url"] = platform.objects.playlist_url(video[PRIVATE]["blob"])
        stream["thumbnail_urls"] = [platform.objects.thumbnail_url(video[PRIVATE]["blob"], 0.0)]
    stream["updated_at"] = video["updated_at"]
    return stream


def _filters(call: Call) -> Where | None:
    query = call.query
    name = query.get("filename")
    named: Where | None = None if name is None else lambda d: matches(d["system_metadata"].get("filename"), name)
    changed: Where | None = None
    if query.get("updated_at") is not None:
        # Videos that nobody has changed do not match a time of change.
        changed = both(lambda d: bool(d[PRIVATE].get("changed")), since("updated_at", query["updated_at"]))
    return both(
        named,
        changed,
        system_filter(query, "duration", "fps", "width", "height", "size"),
        since("created_at", query.get("created_at")),
        metadata_filter(query.get("user_metadata")),
    )


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


@operation("listVideos")
async def list_videos(call: Call) -> Reply:
    """Lists the videos of an index that are ready."""
    index_id = call.path["index_id"]
    return await listing(
        call,
        "video",
        parent=index_id,
        where=both(equals("status", "ready"), _filters(call)),
        shape=_as_video,
        before=lambda tx: need(call, tx, "index", index_id, "indexes"),
    )


@operation("listIndexedAssets")
async def list_indexed_assets(call: Call) -> Reply:
    """Lists the indexed assets of an index, in every state."""
    index_id = call.path["index_id"]
    return await listing(
        call,
        "video",
        parent=index_id,
        where=both(equals("status", call.query.get("status")), _filters(call)),
        shape=_as_indexed_asset,
        before=lambda tx: need(call, tx, "index", index_id, "indexes"),
    )


@operation("listIndexedAssetsByAsset")
async def list_indexed_assets_by_asset(call: Call) -> Reply:
    """Lists what was indexed from one asset."""
    asset_id = call.path["asset_id"]
    names: dict[str, str] = {}

    def prepare(tx: Transaction) -> None:
        need(call, tx, "asset", asset_id, "assets")
        names.update({index["_id"]: index["index_name"] for index in tx.all("index")})

    def shape(video: Document) -> Document:
        index_id = video[PRIVATE]["index_id"]
        return {"_id": video["_id"], "index": {"_id": index_id, "name": names.get(index_id, "")}}

    return await listing(call, "video", where=equals("asset_id", asset_id), shape=shape, before=prepare)


@operation("createIndexedAsset")
async def create_indexed_asset(call: Call) -> Reply:
    """Starts indexing an asset."""
    platform, body, index_id = call.platform, call.body, call.path["index_id"]
    check_metadata(body.get("user_metadata"))

    def change(tx: Transaction) -> Document:
        need(call, tx, "index", index_id, "indexes")
        asset = need(call, tx, "asset", body["asset_id"], "assets")
        if asset["status"] != "ready":
            raise bad("asset_not_ready", f"The asset is {asset['status']}; it must be ready.")
        info = asset[PRIVATE]["media"]
        try:
            media.check_indexable(as_info(info))
        except media.MediaError as error:
            raise ingest.refuse(error) from error
        metadata = {**asset.get("user_metadata", {}), **clean_metadata(body.get("user_metadata"))}
        video = ingest.new_video(
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
        ingest.begin(platform, tx, video)
        return video

    video = await platform.store.run(change)
    location = f"{platform.base_url}/indexes/{index_id}/indexed-assets/{video['_id']}"
    return Reply({"_id": video["_id"], "asset_id": video["asset_id"]}, headers={"Location": location})


async def _retrieve(call: Call, identifier: str) -> Document:
    platform = call.platform
    video = await platform.store.run(lambda tx: need_video(call, tx, identifier))
    shown = public(video)
    stream = hls(platform, video)
    if stream is not None:
        shown["hls"] = stream
    options = call.query.get("embedding_option")
    if video["status"] == "ready" and (options or call.query.get("transcription")):
        found = await platform.engine.make_index(video[PRIVATE]["blob"], as_info(video[PRIVATE]["media"]))
        index = with_words(found, ingest.words(video))
        if call.query.get("transcription"):
            shown["transcription"] = index.get("transcription", [])
        if options:
            shown["embedding"] = await _embedding(call, index, options)
    return shown


async def _embedding(call: Call, index: Document, options: list[str]) -> Document:
    home = await call.platform.store.get("index", call.path["index_id"])
    names = [m["model_name"] for m in (home or {}).get("models", [])]
    model = next((name for name in names if name.startswith("marengo")), None)
    if model is None:
        raise parameter_invalid("embedding_option", "Embeddings need a Marengo model in the index.")
    named = {("visual" if option == "visual-text" else option): option for option in options}
    found = await call.platform.engine.run(media.embed_segments, index, options=tuple(named), scopes=("clip",))
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


@operation("retrieveVideo")
async def retrieve_video(call: Call) -> Reply:
    """Gives one video."""
    shown = await _retrieve(call, call.path["video_id"])
    shown.pop("status")
    shown["system_metadata"].pop("size", None)
    return Reply(shown, heavy="embedding" in shown)


@operation("retrieveIndexedAsset")
async def retrieve_indexed_asset(call: Call) -> Reply:
    """Gives one indexed asset."""
    shown = await _retrieve(call, call.path["indexed_asset_id"])
    shown.pop("video_title", None)
    return Reply(shown, heavy="embedding" in shown)


async def _change(call: Call, identifier: str, changes: dict[str, Any] | None, **more: Any) -> Reply:
    check_metadata(changes)

    def change(tx: Transaction) -> None:
        video = need_video(call, tx, identifier)
        video[PRIVATE]["changed"] = True
        metadata = merge_metadata(video.get("user_metadata"), changes or {}, ignore_empty=False)
        merge(video, {"user_metadata": metadata, **more})
        tx.put("video", identifier, video)

    await call.platform.store.run(change)
    return Reply()


@operation("partialUpdateVideo")
async def partial_update_video(call: Call) -> Reply:
    """Changes fields of the user metadata of a video."""
    return await _change(call, call.path["video_id"], call.body.get("user_metadata"))


@operation("updateIndexedAsset")
async def update_indexed_asset(call: Call) -> Reply:
    """Changes fields of the user metadata of an indexed asset."""
    return await _change(call, call.path["indexed_asset_id"], call.body.get("user_metadata"))


@operation("updateVideo")
async def update_video(call: Call) -> Reply:
    """The older way to change a video: its title and its user metadata."""
    body = call.body
    title = {"video_title": body["video_title"]} if "video_title" in body else {}
    return await _change(call, call.path["video_id"], body.get("user_metadata"), **title)


async def _delete(call: Call, identifier: str) -> Reply:
    await call.platform.store.run(lambda tx: remove_video(tx, need_video(call, tx, identifier)))
    return Reply()


@operation("deleteVideo")
async def delete_video(call: Call) -> Reply:
    """Deletes a video."""
    return await _delete(call, call.path["video_id"])


@operation("deleteIndexedAsset")
async def delete_indexed_asset(call: Call) -> Reply:
    """Deletes an indexed asset."""
    return await _delete(call, call.path["indexed_asset_id"])
