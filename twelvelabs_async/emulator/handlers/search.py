"""Tag Search."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import clock, media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import bad, parameter_invalid
from ..resources.documents import PRIVATE, require
from ..resources.filters import Filter, matches
from ..resources.video_indexing import words_of
from ..services import Services
from ..services.media_engine import as_info, with_words

if TYPE_CHECKING:
    from ..api.call import Call
    from ..state.store import Document, Job, Transaction

registry: Registry = Registry()

JOB = "search"

MAX_IMAGES = 10
"""Query images of one search."""

_TOKEN = re.compile(r"([0-9a-f]{24})-([1-9][0-9]{0,6})")
_ENTITY = re.compile(r"<@([^<>]+)>")
_SYSTEM_FIELDS = ("duration", "width", "height", "size", "filename")
_THRESHOLDS = {"high": 0.8, "medium": 0.6, "low": 0.0, "none": 0.0}
"""Lowest scores of the confidence levels. Every result has at least the lowest level."""


@registry.operation("createSearch")
async def create_search(call: Call) -> Response:
    """Searches an index and returns the first page."""
    services, body = call.services, call.body
    where = _filter(body.get("filter"))

    def find(tx: Transaction) -> tuple[Document, list[Document]]:
        index = require(call, tx, "index", body["index_id"], "indexes")
        ready = [v for v in tx.all("video", parent=index["_id"]) if v["status"] == "ready" and where(v)]
        return index, ready

    index, videos = await services.store.run(find)
    options = _options(call, index)
    images = await _images(call)
    text = await _text(services, body.get("query_text"))
    if not images and not (text or "").strip():
        raise parameter_invalid("query_text", "It must not be empty.")
    if images and "visual" not in options:
        message = "A query with images needs the search option visual."
        raise bad("search_option_combination_not_supported", message, search_option="visual")
    query = media.SearchQuery(
        text=text,
        images=images,
        options=tuple(options),
        operator=body.get("operator", "or"),
        transcription_options=tuple(body.get("transcription_options") or ("lexical", "semantic")),
        threshold=_THRESHOLDS[body.get("threshold", "low")],
        ranked=True,
    )
    hits = await search_videos(services, query, videos, "query_media_file")
    grouped = body.get("group_by") == "video"
    found = _results(hits, grouped=grouped)
    if grouped and body.get("sort_option") == "clip_count":
        found.sort(key=lambda item: -len(item["clips"]))
    lifetime = services.settings.lifetime("search_page")
    search_id = clock.new_id()
    search = {
        "results": found,
        "limit": body.get("page_limit", 10),
        "inner": len(hits),
        "expires_at": clock.stamp(clock.time() + lifetime),
        "expires": clock.time() + lifetime,
        "pool": {
            "total_count": len(videos),
            "total_duration": round(sum(v["system_metadata"]["duration"] for v in videos), 3),
            "index_id": index["_id"],
        },
    }

    def store_results(tx: Transaction) -> Document:
        if len(found) > search["limit"]:
            tx.put("search", search_id, search)
            tx.schedule(JOB, search_id, "expire", lifetime + 60.0)
        return _page(services, tx, search_id, search, 1, metadata=bool(body.get("include_user_metadata")))

    return Response(await services.store.run(store_results))


@registry.operation("retrieveSearchPage")
async def retrieve_search_page(call: Call) -> Response:
    """Returns another page of a search."""
    match = _TOKEN.fullmatch(call.path["page_token"])
    if match is None:
        raise parameter_invalid("page_token", "It is not a page token.")

    def find(tx: Transaction) -> Document:
        search = tx.get("search", match[1])
        if search is None or search["expires"] <= clock.time():
            token = call.path["page_token"]
            message = f"The page token {token} has expired. Search again."
            raise bad("search_page_token_expired", message, next_page_token=token)
        if (int(match[2]) - 1) * search["limit"] >= len(search["results"]):
            raise parameter_invalid("page_token", "It is not a page token.")
        metadata = bool(call.query.get("include_user_metadata"))
        return _page(call.services, tx, match[1], search, int(match[2]), metadata=metadata)

    return Response(await call.services.store.run(find))


@registry.job(JOB)
async def delete_results(services: Services, job: Job) -> None:
    """Removes the results of an expired search."""

    def change(tx: Transaction) -> None:
        tx.delete("search", job.target)
        tx.finish(job)

    await services.store.run(change)


async def search_videos(
    services: Services, query: media.SearchQuery, videos: Sequence[Document], image_name: str
) -> list[media.Hit]:
    """The hits in some videos, best first."""
    indexes = []
    for video in videos:
        blob, info = video[PRIVATE]["blob"], video[PRIVATE]["media"]
        indexes.append((video, await services.engine.index_blob(blob, as_info(info))))

    def run() -> list[media.Hit]:
        return media.search(query, [(v["_id"], with_words(index, words_of(v))) for v, index in indexes])

    try:
        return await services.engine.run(run)
    except media.MediaError as error:
        raise parameter_invalid(image_name, error.message) from error


def _options(call: Call, index: Document) -> list[str]:
    """The options of the search, which the models of the index must have."""
    body = call.body
    supported: set[str] = set()
    for model in index["models"]:
        if model["model_name"].startswith("marengo"):
            supported |= set(model["model_options"])
    if not supported:
        message = "Searching needs an index with a Marengo model."
        raise bad("index_not_supported_for_search", message, index_id=index["_id"])
    if "audio" in supported:
        supported.add("transcription")
    options: list[str] = list(dict.fromkeys(body["search_options"]))
    for option in options:
        if option not in supported:
            message = (
                f"The search option {option} is not supported by the index; it has {', '.join(sorted(supported))}."
            )
            raise bad("search_option_not_supported", message, search_option=option, index_id=index["_id"])
    if not options:
        raise parameter_invalid("search_options", "At least one search option is needed.")
    if body.get("transcription_options") and "transcription" not in options:
        raise parameter_invalid("transcription_options", "It needs transcription in search_options.")
    if body.get("sort_option") == "clip_count" and body.get("group_by") != "video":
        raise parameter_invalid("sort_option", "clip_count needs group_by video.")
    return options


async def _images(call: Call) -> list[bytes]:
    """The query images; URLs have precedence over files."""
    services = call.services
    uploads = call.files.get("query_media_file", [])
    urls = call.values("query_media_url")
    if urls:
        limit = services.settings.size("image")
        uploads = call.files["query_media_url"] = []
        for url in urls:
            uploads.append(await services.sources.fetch(url, "query_media_url", limit))
    if len(uploads) > MAX_IMAGES:
        raise parameter_invalid("query_media_file", f"At most {MAX_IMAGES} images are allowed.")
    return [await asyncio.to_thread(upload.path.read_bytes) for upload in uploads]


async def _text(services: Services, text: str | None) -> str | None:
    """The query with the names of entities in place of their identifiers."""
    for entity_id in _ENTITY.findall(text or ""):
        entity = await services.store.get("entity", entity_id)
        if entity is None:
            raise parameter_invalid("query_text", f"There is no entity {entity_id}.")
        text = (text or "").replace(f"<@{entity_id}>", entity["name"])
    return text


def _filter(conditions: Any) -> Filter:
    """The filter of a search as a condition on videos."""
    if conditions is None:
        return lambda video: True
    if not isinstance(conditions, Mapping):
        raise bad("search_filter_invalid", "The filter must be a JSON object.")
    for name, wanted in conditions.items():
        _check_condition(name, wanted)

    def fits(video: Document) -> bool:
        for name, wanted in conditions.items():
            if name == "id":
                if video["_id"] not in wanted:
                    return False
                continue
            home = "system_metadata" if name in _SYSTEM_FIELDS else "user_metadata"
            if not matches(video.get(home, {}).get(name), wanted):
                return False
        return True

    return fits


def _check_condition(name: str, wanted: Any) -> None:
    if name == "id":
        good = isinstance(wanted, list) and all(isinstance(item, str) for item in wanted)
        reason = "id takes a list of identifiers"
    elif isinstance(wanted, Mapping):
        numbers = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in wanted.values())
        good = bool(wanted) and set(wanted) <= {"gte", "lte"} and numbers and name != "filename"
        reason = f"{name} takes a range with gte and lte"
    else:
        number = name in _SYSTEM_FIELDS and name != "filename"
        plain = (int, float) if number else (str, int, float, bool)
        good = isinstance(wanted, plain) and not (number and isinstance(wanted, bool))
        reason = f"{name} takes a {'number' if number else 'text, a number or a boolean'}, or a range"
    if not good:
        raise bad("search_filter_invalid", f"The filter is not valid: {reason}.")


def _results(hits: Sequence[media.Hit], *, grouped: bool) -> list[Document]:
    clips: list[Document] = []
    for rank, hit in enumerate(hits, 1):
        clip: Document = {
            "start": hit.start,
            "end": hit.end,
            "video_id": hit.video_id,
            "rank": rank,
            "score": round(hit.score * 100, 2),
            "confidence": next((level for level in ("high", "medium") if hit.score >= _THRESHOLDS[level]), "low"),
        }
        if hit.transcription:
            clip["transcription"] = hit.transcription
        clips.append(clip)
    if not grouped:
        return clips
    groups: dict[str, Document] = {}
    for clip in clips:
        groups.setdefault(clip["video_id"], {"id": clip["video_id"], "clips": []})["clips"].append(clip)
    return list(groups.values())


def _page(
    services: Services, tx: Transaction, search_id: str, search: Document, number: int, *, metadata: bool
) -> Document:
    limit, results = search["limit"], search["results"]
    first = (number - 1) * limit
    info: Document = {
        "limit_per_page": limit,
        "total_results": len(results),
        "total_inner_matches": search["inner"],
        "page_expires_at": search["expires_at"],
    }
    if first + limit < len(results):
        info["next_page_token"] = f"{search_id}-{number + 1}"
    if number > 1:
        info["prev_page_token"] = f"{search_id}-{number - 1}"
    videos: dict[str, Document | None] = {}

    def show(clip: Document) -> Document:
        video_id = clip["video_id"]
        if video_id not in videos:
            videos[video_id] = tx.get("video", video_id)
        video = videos[video_id]
        shown = dict(clip)
        if video is not None:
            moment = (clip["start"] + clip["end"]) / 2
            shown["thumbnail_url"] = services.urls.thumbnail_url(video[PRIVATE]["blob"], moment)
            if metadata:
                shown["user_metadata"] = video.get("user_metadata", {})
        return shown

    items = []
    for item in results[first : first + limit]:
        if "clips" in item:
            items.append({**item, "clips": [show(clip) for clip in item["clips"]]})
        else:
            items.append(show(item))
    return {"data": items, "page_info": info, "search_pool": search["pool"]}
