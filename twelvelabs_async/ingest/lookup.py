"""What is in doubt, or may be at the platform already, is looked up there, and taken instead of made again."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from .._config.hooks import logger
from ..errors import APIStatusError
from .destination import CLOCK_MARGIN, PAGE, is_gone
from .values import KEY_FIELD

if TYPE_CHECKING:
    from .._generated.models.assets import AssetDetail
    from .._request.options import RequestOptions
    from ..resources.assets import AssetsResource
    from .destination import Destination
    from .job import Job

SETTLE: Final = 2.0
"""Seconds after an intention within which the platform may still be carrying it out."""

_MANY: Final = 200
"""Assets of one name above which the keys of all of them are read once, instead of once for each source."""

_NAMES: Final = 4
"""Such names that are remembered."""


class Lookup:
    """Finds by its key what the platform has of a source.

    Args:
        assets: The assets.
        destination: The index or knowledge store.
        options: Request options of every call.
    """

    def __init__(self, assets: AssetsResource, destination: Destination, options: RequestOptions | None) -> None:
        self._assets = assets
        self._destination = destination
        self._options = options
        self._asks_for_new = False
        self._known: OrderedDict[str, dict[bytes, list[str]]] = OrderedDict()
        self._reading = asyncio.Lock()

    async def prepare(self, made: int) -> None:
        """Find out whether the platform may have something of sources of which the journal knows nothing.

        Args:
            made: Of how many sources the journal knows that something was made, or may have been.
        """
        page = await self._assets.list(page_limit=1, request_options=self._options)
        self._asks_for_new = bool(page.items) and (page.total is None or page.total > made)

    async def find_new(self, job: Job) -> None:
        """Take what the platform has of a source of which the journal knows nothing."""
        if self._asks_for_new:
            found = await self._known_assets(job)
            await self._adopt(job, found)
            job.adopted = job.asset_id is not None
            job.was_complete = job.entry_id is not None

    async def settle(self, job: Job) -> None:
        """Find out whether what is in doubt was made. If so, it is taken; if not, nothing is in doubt any more."""
        while job.doubt is not None:  # twice, if the request may still be on its way through the platform
            asked = time.time()
            if job.doubt == "asset":
                await self._adopt(job, await self._matching(job))
                is_found = job.asset_id is not None
            else:
                is_found = await self._adopt_entry(job)
            left = job.intended_at + SETTLE - asked
            if not is_found and 0 < left <= SETTLE:
                await asyncio.sleep(left)
                continue
            job.adopted = job.adopted or is_found
            job.doubt = None

    async def remove_twins(self, job: Job) -> None:
        """Remove what was made twice after all: the request of which nobody knew was carried out late."""
        await asyncio.sleep(max(0.0, min(SETTLE, job.intended_at + SETTLE - time.time())))
        if "asset" in job.doubts:
            for twin in await self._matching(job):
                if twin.id != job.asset_id:
                    await self.remove_asset(twin.id)
        if "index" in job.doubts and job.asset_id is not None and job.entry_id is not None:
            for entry_id in await self._destination.find(job.asset_id, _since(job, "index")):
                if entry_id != job.entry_id:
                    await self._remove_entry(entry_id)

    async def remove_asset(self, asset_id: str) -> bool:
        """Remove an asset, unless something uses it; whether it is gone."""
        try:
            await self._assets.delete(asset_id, request_options=self._options)
        except APIStatusError as error:
            if is_gone(error):
                return True
            if error.status == 409:
                return False
            raise
        return True

    async def remove_failed(self, job: Job) -> None:
        """Remove what a source that failed for good has left: first its entry, then its asset if nothing uses it."""
        if job.entry_id is not None:
            await self._remove_entry(job.entry_id)
            job.entry_id = None
        if job.asset_id is not None and await self.remove_asset(job.asset_id):
            job.asset_id = None
        await self.remove_twins(job)
        job.doubts.clear()

    async def _remove_entry(self, entry_id: str) -> None:
        try:
            await self._destination.remove(entry_id)
        except APIStatusError as error:
            if not is_gone(error):
                raise

    async def _adopt(self, job: Job, found: list[AssetDetail]) -> None:
        """Take one of the assets that have the key: the one that is in use, else the oldest; remove the others."""
        if not found:
            return
        entries = {asset.id: await self._destination.find(asset.id, asset.created_at) for asset in found}
        used = [asset for asset in found if entries[asset.id]]
        chosen = (used or [asset for asset in found if asset.status != "failed"] or found)[-1]
        for asset in found:
            if asset is not chosen and not await self.remove_asset(asset.id):
                logger.warning("assets %s and %s have the same key and are both in use", chosen.id, asset.id)
        job.asset_id = chosen.id
        job.asset_is_ready = chosen.status == "ready"
        job.entry_id = await self._one_of(entries[chosen.id])

    async def _adopt_entry(self, job: Job) -> bool:
        if job.asset_id is None:
            return False
        try:
            found = await self._destination.find(job.asset_id, _since(job, "index"))
        except APIStatusError as error:
            if not is_gone(error):
                raise
            job.forget_asset()
            return False
        job.entry_id = await self._one_of(found)
        return job.entry_id is not None

    async def _one_of(self, entries: list[str]) -> str | None:
        """The oldest of several entries of one asset; the others are removed."""
        for entry_id in entries[:-1]:
            await self._remove_entry(entry_id)
        return entries[-1] if entries else None

    async def _matching(self, job: Job) -> list[AssetDetail]:
        """The assets of a key that were made after the first intention in doubt, the newest first."""
        since = _since(job, "asset")
        options: RequestOptions = {**(self._options or {}), "readahead": 0}
        found = []
        async for asset in self._assets.list(filename=job.item.filename, page_limit=PAGE, request_options=options):
            if asset.created_at is not None and asset.created_at < since - CLOCK_MARGIN:
                break
            if _key_of(asset) == job.key:
                found.append(asset)
        return found

    async def _known_assets(self, job: Job) -> list[AssetDetail]:
        """The assets of a key, the newest first; those of a name that many have are read once."""
        name = job.item.filename
        known = self._known.get(name)
        if known is None:
            found, count = [], 0
            async for asset in self._assets.list(filename=name, page_limit=PAGE, request_options=self._options):
                count += 1
                if count > _MANY:
                    break
                if _key_of(asset) == job.key:
                    found.append(asset)
            if count <= _MANY:
                return found
            known = await self._read_keys(name)
        known_assets = [await self._retrieve(asset_id) for asset_id in known.get(_digest(job.key), ())]
        return [asset for asset in known_assets if asset is not None and _key_of(asset) == job.key]

    async def _read_keys(self, name: str) -> dict[bytes, list[str]]:
        async with self._reading:
            known = self._known.get(name)
            if known is None:
                known = {}
                async for asset in self._assets.list(filename=name, page_limit=PAGE, request_options=self._options):
                    key = _key_of(asset)
                    if key is not None:
                        known.setdefault(_digest(key), []).append(asset.id)
                self._known[name] = known
                while len(self._known) > _NAMES:
                    self._known.popitem(last=False)
            return known

    async def _retrieve(self, asset_id: str) -> AssetDetail | None:
        try:
            return await self._assets.retrieve(asset_id, request_options=self._options)
        except APIStatusError as error:
            if is_gone(error):
                return None
            raise


def _since(job: Job, what: str) -> datetime.datetime:
    """The time of the first intention in doubt."""
    return datetime.datetime.fromtimestamp(job.doubts[what], datetime.UTC)


def _key_of(asset: AssetDetail) -> str | None:
    value = (asset.user_metadata or {}).get(KEY_FIELD)
    return value if isinstance(value, str) else None


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=16).digest()
