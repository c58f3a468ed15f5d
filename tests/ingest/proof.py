"""The proof that files were ingested exactly once, from the state of the platform and from nothing else."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from twelvelabs_async.emulator import DEFAULT_KEY, Emulator, clock
from twelvelabs_async.emulator.state.store import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.ingest.files import SourceFile
    from twelvelabs_async.emulator.state.store import Transaction

ATTEMPTS: Final = 50
"""How often a list is read at most: the fault plan may be at work while the state is read."""


@dataclasses.dataclass(frozen=True)
class Asset:
    """An asset at the platform. Its fingerprint is empty where the platform does not show it: a failed asset of another
    process.
    """

    id: str
    status: str
    filename: str
    metadata: Mapping[str, Any]
    fingerprint: str


@dataclasses.dataclass(frozen=True)
class Entry:
    """An indexed asset, or an item of a knowledge store; `container` is the index or the knowledge store."""

    id: str
    container: str
    asset_id: str
    status: str


@dataclasses.dataclass(frozen=True)
class OpenUpload:
    """A session of an upload that was neither completed nor has it ended; `ends` is a time, or None for never."""

    id: str
    ends: float | None


@dataclasses.dataclass(frozen=True)
class PlatformState:
    """What is at the platform."""

    assets: list[Asset]
    entries: list[Entry]
    uploads: list[OpenUpload]
    used: frozenset[str] = frozenset()
    """Assets that something else uses: an entity."""


async def platform_state(
    emulator: Emulator | None = None, *, base_url: str = "", api_key: str = DEFAULT_KEY
) -> PlatformState:
    """Read the state of an emulator of this process, or of another one at a base URL.

    Lists are read through the API. Of an emulator of this process, the lists are compared with its state.
    """
    if emulator is not None:
        base_url, api_key = emulator.base_url, emulator.api_key
    async with aiohttp.ClientSession(headers={"x-api-key": api_key}) as session:
        reader = _Reader(session, base_url)
        assets = await reader.all("/assets")
        entries = []
        for index in await reader.all("/indexes"):
            rows = await reader.all(f"/indexes/{index['_id']}/indexed-assets")
            entries += [Entry(row["_id"], index["_id"], row["asset_id"], row["status"]) for row in rows]
        for store in await reader.all("/knowledge-stores"):
            rows = await reader.all(f"/knowledge-stores/{store['_id']}/items")
            entries += [Entry(row["_id"], store["_id"], row["asset_id"], row["status"]) for row in rows]
        uploads = await reader.all("/assets/multipart-uploads")
        entities = await reader.all("/entities")
    fingerprints = {asset["_id"]: _shown_fingerprint(asset) for asset in assets}
    ends = {row["upload_id"]: clock.seconds_of(row["expires_at"]) for row in uploads if row["status"] == "active"}
    found: dict[str, float | None] = dict(ends)
    if emulator is not None:
        fingerprints, expiring = await _internal_state(emulator, {asset["_id"] for asset in assets}, entries)
        found = {identifier: moment if identifier in expiring else None for identifier, moment in ends.items()}
    return PlatformState(
        assets=[
            Asset(
                asset["_id"],
                asset["status"],
                asset["filename"],
                asset.get("user_metadata") or {},
                fingerprints[asset["_id"]],
            )
            for asset in assets
        ],
        entries=entries,
        uploads=[OpenUpload(identifier, moment) for identifier, moment in found.items()],
        used=frozenset(asset_id for entity in entities for asset_id in entity["asset_ids"]),
    )


class _Reader:
    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session = session
        self._base_url = base_url

    async def all(self, path: str) -> list[dict[str, Any]]:
        """All items of a list."""
        items: list[dict[str, Any]] = []
        page = 1
        while True:
            body = await self._read(path, {"page": page, "page_limit": 50})
            items += body["data"]
            if page >= body["page_info"]["total_page"]:
                return items
            page += 1

    async def _read(self, path: str, query: dict[str, int]) -> Any:
        last: object = None
        for _ in range(ATTEMPTS):
            try:
                async with self._session.get(self._base_url + path, params=query) as response:
                    body = await response.read()
                    if response.status == 200 and response.content_type == "application/json":
                        return await response.json()
                    last = f"{response.status} {body[:200]!r}"
            except (aiohttp.ClientError, ValueError) as error:
                last = error
            await asyncio.sleep(0.01)
        raise AssertionError(f"{path} cannot be read: {last}")


def _shown_fingerprint(asset: Mapping[str, Any]) -> str:
    """The fingerprint in the URLs of an asset."""
    urls = (asset.get("hls") or {}).get("manifest_url"), (asset.get("thumbnail") or {}).get("representative_url")
    for url in urls:
        if url:
            return _fingerprint_of(str(url).split("/")[4])
    return ""


def _fingerprint_of(blob: str | None) -> str:
    """The fingerprint of a file of the emulator, which is a part of its identifier."""
    return blob.partition(".")[0][:-24] if blob and content_of(blob) != blob else ""


async def _internal_state(
    emulator: Emulator, asset_ids: set[str], entries: list[Entry]
) -> tuple[dict[str, str], set[str]]:
    """The fingerprints of all assets, and the uploads that will expire; checks that the lists show everything."""
    assert emulator.platform is not None

    def read(tx: Transaction) -> tuple[dict[str, str], set[str]]:
        fingerprints = {d["_id"]: _fingerprint_of(d["private"]["blob"]) for d in tx.all("asset")}
        assert set(fingerprints) == asset_ids, "the list of assets differs from the state"
        kept = {d["_id"] for kind in ("video", "item") for d in tx.all(kind)}
        assert kept == {entry.id for entry in entries}, "the lists of indexed assets and items differ from the state"
        return fingerprints, {job.target for job in tx.pending_jobs() if job.kind == "upload"}

    return await emulator.platform.store.run(read)


def prove(
    state: PlatformState, files: Iterable[SourceFile], *, container: str | None = None, open_uploads: bool = True
) -> list[str]:
    """What is wrong; nothing if each good file was ingested exactly once, each broken one was not, and nothing is left.

    Args:
        state: The state of the platform.
        files: The files that were ingested; each has bytes of its own.
        container: The index or the knowledge store they were added to; None if the account has only one.
        open_uploads: Whether uploads may be open that will expire.
    """
    wrong: list[str] = []
    by_fingerprint: defaultdict[str, list[Asset]] = defaultdict(list)
    by_name: defaultdict[str, list[Asset]] = defaultdict(list)
    for asset in state.assets:
        (by_fingerprint[asset.fingerprint] if asset.fingerprint else by_name[asset.filename]).append(asset)
    by_asset: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in state.entries:
        by_asset[entry.asset_id].append(entry)
    known: set[str] = set()
    for file in files:
        assets = by_fingerprint[file.fingerprint] or (by_name[file.path.name] if file.broken else [])
        known.update(asset.id for asset in assets)
        entries = [entry for asset in assets for entry in by_asset[asset.id]]
        if container is not None:
            wrong += [f"{file.path}: added to {e.container}, too" for e in entries if e.container != container]
            entries = [entry for entry in entries if entry.container == container]
        wrong += [f"{file.path}: {problem}" for problem in _problems(file, assets, entries)]
    wrong += [f"asset {a.id} ({a.filename}): it belongs to no file" for a in state.assets if a.id not in known]
    used = state.used | {entry.asset_id for entry in state.entries}
    wrong += [f"asset {a.id} ({a.filename}): nothing uses it" for a in state.assets if a.id not in used]
    present = {asset.id for asset in state.assets}
    wrong += [f"entry {e.id}: its asset {e.asset_id} was deleted" for e in state.entries if e.asset_id not in present]
    now = time.time()
    for upload in state.uploads:
        if not open_uploads:
            wrong.append(f"upload {upload.id}: it is open")
        elif upload.ends is None or upload.ends <= now:
            wrong.append(f"upload {upload.id}: it is open and will not expire")
    return wrong


def _problems(file: SourceFile, assets: list[Asset], entries: list[Entry]) -> list[str]:
    """What is wrong with one file."""
    states = Counter(entry.status for entry in entries)
    if file.broken:
        return [f"it is broken, but ready {states['ready']} times"] if states["ready"] else []
    wrong = []
    if len(assets) != 1:
        wrong.append(f"it has {len(assets)} assets")
    if len(entries) != 1 or not states["ready"]:
        wrong.append(f"it was added {len(entries)} times, of which {states['ready']} are ready")
    return wrong
