"""Search in a knowledge store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .. import clock, media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import ApiError, parameter_invalid
from ..resources.documents import PRIVATE
from ..services import Services
from ..services.media_engine import as_info, with_words
from .knowledge_stores import item_words, require_store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..api.call import Call
    from ..state.store import Document, Job, Transaction

registry: Registry = Registry()

JOB = "knowledge_search"

_TOKEN = re.compile(r"(.+)-([0-9]{1,9})")


async def find_in_items(
    services: Services, items: Sequence[Document], text: str, options: Sequence[str], *, ranked: bool
) -> list[media.Hit]:
    """The hits of a text in some items, best first; the video of a hit is the item.

    With `ranked`, everything is a hit; else only what fits.
    """
    indexes = []
    for item in items:
        index = await services.engine.index_blob(item[PRIVATE]["blob"], as_info(item[PRIVATE]["media"]))
        indexes.append((item["_id"], with_words(index, item_words(item))))
    query = media.SearchQuery(
        text=text, options=tuple(options), threshold=0.0 if ranked else media.THRESHOLD, ranked=ranked
    )
    return await services.engine.run(media.search, query, indexes)


@registry.operation("searchKnowledgeStore")
async def search(call: Call) -> Response:
    """Searches a knowledge store, page by page."""
    services, body = call.services, call.body
    if body.get("page_token"):
        return Response(await _next_page(call, body["page_token"]))
    modalities = ((body.get("search_options") or {}).get("video") or {}).get("modalities") or ["visual"]
    wanted = _filter(body.get("filter") or {})

    def find(tx: Transaction) -> list[Document]:
        store = require_store(call, tx)
        return [i for i in tx.all("item", parent=store["_id"]) if i["status"] == "ready" and wanted(i)]

    items = {item["_id"]: item for item in await services.store.run(find)}
    if not body["query"]["text"].strip():
        raise parameter_invalid("query.text", "It must not be empty.")
    options = [*modalities, *(["transcription"] if "audio" in modalities else [])]
    hits = await find_in_items(services, [*items.values()], body["query"]["text"], options, ranked=True)
    grouped = body.get("group_by") == "item"
    results = _results(hits, items, grouped=grouped, metadata=bool(body.get("include_metadata")))
    search_id = clock.new_id()
    lifetime = services.settings.lifetime("search_page")
    kept = {
        "results": results,
        "size": body.get("page_size", 10),
        "store_id": call.path["knowledge_store_id"],
        "options": {"video": {"modalities": modalities}},
        "expires": clock.time() + lifetime,
    }

    def store_results(tx: Transaction) -> Document:
        if len(results) > kept["size"]:
            tx.put("knowledge_search", search_id, kept)
            tx.schedule(JOB, search_id, "expire", lifetime + 60.0)
        return _page(search_id, kept, 0)

    return Response(await services.store.run(store_results))


async def _next_page(call: Call, token: str) -> Document:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise parameter_invalid("page_token", "It is not a page token.")
    search_id, number = match[1], int(match[2])

    def find(tx: Transaction) -> Document:
        require_store(call, tx)
        kept = tx.get("knowledge_search", search_id)
        if kept is None or kept["expires"] <= clock.time():
            raise ApiError(410, "page_token_expired", "The page token has expired. Search again.")
        if kept["store_id"] != call.path["knowledge_store_id"]:
            raise parameter_invalid("page_token", "It belongs to another knowledge store.")
        return _page(search_id, kept, number)

    return await call.services.store.run(find)


@registry.job(JOB)
async def delete_results(services: Services, job: Job) -> None:
    """Removes the results of an expired search."""

    def change(tx: Transaction) -> None:
        tx.delete("knowledge_search", job.target)
        tx.finish(job)

    await services.store.run(change)


def _page(search_id: str, kept: Document, number: int) -> Document:
    first = number * kept["size"]
    page: Document = {
        "data": kept["results"][first : first + kept["size"]],
        "effective_search_options": kept["options"],
    }
    if first + kept["size"] < len(kept["results"]):
        page["next_page_token"] = f"{search_id}-{number + 1}"
    return page


def _filter(conditions: Mapping[str, Any]) -> Any:
    def fits(condition: Mapping[str, Any] | None, value: str) -> bool:
        if condition is None:
            return True
        return value == condition["eq"] if "eq" in condition else value in condition["in"]

    return lambda item: (
        fits(conditions.get("asset_type"), item["asset_type"]) and fits(conditions.get("item_id"), item["_id"])
    )


def _results(
    hits: Sequence[media.Hit], items: Mapping[str, Document], *, grouped: bool, metadata: bool
) -> list[Document]:
    results: list[Document] = []
    places: dict[str, int] = {}
    for hit in hits:
        item = items[hit.video_id]
        video = item["asset_type"] == "video"
        match = _match(hit) if video else None
        if hit.video_id in places and (grouped or not video):
            if match is not None:
                results[places[hit.video_id]]["matches"].append(match)
            continue
        places[hit.video_id] = len(results)
        result: Document = {"asset_type": item["asset_type"], "rank": len(results) + 1, "item_id": hit.video_id}
        if match is not None:
            result["matches"] = [match]
        if metadata:
            result["metadata"] = _metadata(item)
        results.append(result)
    return results


def _match(hit: media.Hit) -> Document:
    modalities = ["audio" if name == "transcription" else name for name in hit.modalities]
    match: Document = {"start_sec": hit.start, "end_sec": hit.end, "modalities": list(dict.fromkeys(modalities))}
    if hit.transcription:
        match["transcription"] = hit.transcription
    return match


def _metadata(item: Document) -> Document:
    names = ("width", "height", "size", *(("duration",) if item["asset_type"] == "video" else ()))
    return {"system": {n: item["system_metadata"][n] for n in names}, "user": item.get("metadata") or {}}
