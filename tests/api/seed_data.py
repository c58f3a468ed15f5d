"""What exists on the emulator before the first generated request, so that not every request is a 404."""

from __future__ import annotations

import asyncio
import itertools
import time
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, write_audio, write_image

VIDEO = SampleVideo("clip.mp4", (Scene("red", 2, tone=440.0), Scene("blue", 2)), width=480, height=360, fps=5)
"""About the smallest video that every operation takes: indexing wants four seconds and 360 lines."""

SPARES = 3
"""Things of each kind that may be deleted; the first ones must stay for the operations that come later."""

Known = dict[str, list[str]]
"""Kind of thing to the identifiers of those that exist."""

MEDIA = ("clip.mp4", "red.png", "tone.mp3")
"""Files that requests carry or name."""

WAITING = 4
"""Analyses, and batches of them, that wait and can be canceled; five batches at work are the most there can be."""


def write_files(folder: Path) -> None:
    """Writes the files of `MEDIA`."""
    VIDEO.write(folder)
    write_image(folder / "red.png", "red")
    write_audio(folder / "tone.mp3", [(4.0, 440.0, 0.5)])


class Seeder:
    """Makes things through the API of a running emulator."""

    def __init__(self, session: aiohttp.ClientSession, emulator: Emulator, folder: Path) -> None:
        self._session = session
        self._emulator = emulator
        self._folder = folder
        self._numbers = itertools.count(1)

    async def build(self) -> tuple[Known, Known]:
        """Makes everything.

        Returns:
            What must stay, and what may be deleted.
        """
        kept = {
            "index": [await self._index()],
            "asset": [await self._asset("clip.mp4"), await self._asset("red.png")],
            "entity_collection": [await self._made("/entity-collections", name="People")],
            "knowledge_store": [await self._made("/knowledge-stores", name="Films")],
        }
        kept |= await self._parts(kept) | await self._connection() | await self._rest(kept)
        spare: Known = {}
        for _ in range(SPARES):
            more = await self._parts(kept) | await self._connection()
            more |= {
                "index": [await self._index()],
                "asset": [await self._asset("red.png")],
                "entity_collection": [await self._made("/entity-collections", name="Spare")],
                "knowledge_store": [await self._made("/knowledge-stores", name="Spare")],
            }
            for kind, identifiers in more.items():
                spare.setdefault(kind, []).extend(identifiers)
        return kept, spare

    async def waiting(self, asset: str) -> Known:
        """Analyses that wait, of an emulator that lets them."""
        return {
            "waiting_task": [await self._analysis(asset) for _ in range(WAITING)],
            "waiting_batch": [await self._batch(asset) for _ in range(WAITING)],
        }

    async def _analysis(self, asset: str) -> str:
        body = {"video": {"type": "asset_id", "asset_id": asset}, "prompt": "What happens?"}
        return str((await self._call("POST", "/analyze/tasks", json=body))["task_id"])

    async def _batch(self, asset: str) -> str:
        request = {"video": {"type": "asset_id", "asset_id": asset}, "prompt": {"input_text": "What happens?"}}
        body = {"model_name": "pegasus1.5", "analysis_mode": "general", "requests": [request]}
        return str((await self._call("POST", "/analyze/batches", json=body))["batch_id"])

    async def _parts(self, kept: Known) -> Known:
        """One of each kind that lives in another thing, or is made from an asset."""
        (index,), (asset, picture) = kept["index"], kept["asset"]
        (collection,), (store,) = kept["entity_collection"], kept["knowledge_store"]
        task = await self._call("POST", "/tasks", data=self._form(index_id=index, video_file="@clip.mp4"))
        await self._until(f"/tasks/{task['_id']}")
        indexed = await self._made(f"/indexes/{index}/indexed-assets", asset_id=asset)
        await self._until(f"/indexes/{index}/indexed-assets/{indexed}")
        item = await self._made(f"/knowledge-stores/{store}/items", asset_id=asset)
        await self._until(f"/knowledge-stores/{store}/items/{item}")
        group = await self._made(f"/knowledge-stores/{store}/item-collections", name="Some")
        entity = await self._made(f"/entity-collections/{collection}/entities", name="Someone", asset_ids=[picture])
        analysis, batch = await self._analysis(asset), await self._batch(asset)
        await self._until(f"/analyze/tasks/{analysis}")
        await self._until(f"/analyze/batches/{batch}")
        return {
            "task": [task["_id"]],
            "video": [task["video_id"]],
            "indexed_asset": [indexed],
            "item": [item],
            "item_collection": [group],
            "entity": [entity],
            "analyze_task": [analysis],
            "batch": [batch],
        }

    async def _connection(self) -> Known:
        """A redirect URI, and a connection that has an import."""
        uri = f"https://app.example/{next(self._numbers)}"
        registered = await self._made("/connections/redirect-uris", redirect_uri=uri)
        body = {"provider": "google_drive", "redirect_uri": uri}
        begun = await self._call("POST", "/connections:authorize", json=body)
        async with self._session.get(begun["authorize_url"], allow_redirects=False) as response:
            connection = URL(response.headers["Location"]).query["connection_id"]
        copied = await self._made(f"/connections/{connection}/imports", items=[{"source_id": "red.png"}])
        return {
            "redirect_uri": [registered],
            "registered_uri": [uri],
            "connection": [connection],
            "import": [copied],
        }

    async def _rest(self, kept: Known) -> Known:
        """What cannot be deleted."""
        (index,), (asset, _) = kept["index"], kept["asset"]
        upload = await self._call(
            "POST", "/assets/multipart-uploads", json={"filename": "a.mp4", "type": "video", "total_size": 20_000_000}
        )
        embedding = await self._call(
            "POST", "/embed/tasks", data=self._form(model_name="marengo3.0", video_file="@clip.mp4")
        )
        await self._until(f"/embed/tasks/{embedding['_id']}/status")
        body = {"input_type": "video", "model_name": "marengo3.0", "video": {"media_source": {"asset_id": asset}}}
        newer = await self._call("POST", "/embed-v2/tasks", json=body)
        await self._until(f"/embed-v2/tasks/{newer['_id']}")
        form = self._form(index_id=index, query_text="red", search_options="visual", page_limit="1")
        found = await self._call("POST", "/search", data=form)
        return {
            "upload": [upload["upload_id"]],
            "embed_task": [embedding["_id"]],
            "embed_v2_task": [newer["_id"]],
            "search_page": [found["page_info"]["next_page_token"]],
        }

    async def _index(self) -> str:
        options = ["visual", "audio"]
        models = [{"model_name": name, "model_options": options} for name in ("marengo3.0", "pegasus1.2")]
        return await self._made("/indexes", index_name=f"films {next(self._numbers)}", models=models)

    async def _asset(self, name: str) -> str:
        made = await self._call("POST", "/assets", data=self._form(method="direct", file=f"@{name}"))
        await self._until(f"/assets/{made['_id']}")
        return str(made["_id"])

    def _form(self, **fields: str) -> aiohttp.FormData:
        """A form; `@name` stands for a file."""
        form = aiohttp.FormData(default_to_multipart=True)
        for name, value in fields.items():
            if value.startswith("@"):
                form.add_field(name, (self._folder / value[1:]).read_bytes(), filename=value[1:])
            else:
                form.add_field(name, value)
        return form

    async def _made(self, path: str, **body: Any) -> str:
        return str((await self._call("POST", path, json=body))["_id"])

    async def _call(self, method: str, path: str, **kwargs: Any) -> Any:
        headers = {"x-api-key": self._emulator.api_key}
        async with self._session.request(method, self._emulator.base_url + path, headers=headers, **kwargs) as response:
            body = await response.json()
            if not response.ok:
                raise RuntimeError(f"{method} {path}: {response.status} {body}")
            return body

    async def _until(self, path: str) -> None:
        deadline = time.monotonic() + 60
        while (found := await self._call("GET", path))["status"] not in {"ready", "completed"}:
            if found["status"] == "failed" or time.monotonic() > deadline:
                raise RuntimeError(f"{path} does not become ready: {found}")
            await asyncio.sleep(0.02)
