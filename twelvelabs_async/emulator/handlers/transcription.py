"""The transcription of an asset: words, sentences, utterances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..api.call import Response
from ..api.registry import Registry
from ..media import MediaError
from ..resources.documents import PRIVATE, require
from ..services import Services
from ..services.media_engine import as_info

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..api.call import Call
    from ..state.store import Document, Job, Transaction

registry: Registry = Registry()

JOB = "transcription"


@registry.operation("retrieveAssetTranscription")
async def retrieve_transcription(call: Call) -> Response:
    """Returns the transcription; the first call for an asset starts it."""
    services, asset_id = call.services, call.path["asset_id"]

    def look(tx: Transaction) -> Document:
        asset = require(call, tx, "asset", asset_id, "assets")
        private = asset[PRIVATE]
        if asset["status"] == "ready" and "transcription" not in private:
            private["transcription"] = "processing"
            tx.put("asset", asset_id, asset)
            tx.schedule(JOB, asset_id, "read", services.settings.duration("transcription.processing"))
        return asset

    asset = await services.store.run(look)
    state = asset[PRIVATE].get("transcription", "pending" if asset["status"] == "processing" else "failed")
    if asset["status"] == "failed":
        return Response({"status": "failed", "error": {"message": "The asset could not be processed."}})
    if state == "failed":
        return Response({"status": "failed", "error": {"message": "The sound of the asset could not be read."}})
    if state != "ready":
        return Response({"status": state})
    index = await services.engine.index_blob(asset[PRIVATE]["blob"], as_info(asset[PRIVATE]["media"]))
    return Response({"status": "ready", **_levels(index.get("transcription", []), call.query["include"])})


@registry.job(JOB)
async def read_words(services: Services, job: Job) -> None:
    """Makes the media index of the asset, which holds the words."""
    asset = await services.store.get("asset", job.target)
    if asset is None:
        return
    try:
        await services.engine.index_blob(asset[PRIVATE]["blob"], as_info(asset[PRIVATE]["media"]))
        state = "ready"
    except MediaError:
        state = "failed"

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("asset", job.target)
        if current is not None:
            current[PRIVATE]["transcription"] = state
            tx.put("asset", job.target, current)

    await services.store.run(change)


def _levels(entries: Sequence[Document], include: Sequence[str]) -> Document:
    shown: Document = {}
    if "words" in include:
        shown["words"] = [word for entry in entries for word in _words(entry)]
    if "sentences" in include:
        shown["sentences"] = [_entry(entry) for entry in entries]
    if "utterances" in include:
        shown["utterances"] = [_entry(entry) for entry in entries]
    return shown


def _entry(entry: Document) -> Document:
    return {name: entry[name] for name in ("start", "end", "value")}


def _words(entry: Document) -> list[Document]:
    """The words of an entry; its time is divided by their length."""
    words = entry["value"].split()
    letters = sum(len(word) for word in words) or 1
    start, seconds = entry["start"], entry["end"] - entry["start"]
    found, done = [], 0
    for word in words:
        begin = start + seconds * done / letters
        done += len(word)
        found.append({"start": round(begin, 3), "end": round(start + seconds * done / letters, 3), "value": word})
    return found
