"""Media that a request names: a URL, base64 text, an asset, a file of the form.

URLs are fetched from the loopback interface only, because nothing of the emulator may depend on a network; a file of
the media folder can be named like a URL.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import dataclasses
import ipaddress
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import aiohttp

from ..._safe_repr import SafeRepr
from ..errors import ApiError, bad, not_exist, parameter_invalid

if TYPE_CHECKING:
    from ..settings import Settings
    from ..state.store import Document, Store

MEDIA_HOST = "media.localhost"
"""Host of URLs that stand for files of the media folder, so that nothing has to serve them.

`http://media.localhost/clip.mp4` is the file `clip.mp4`, and so is `http://media.localhost/clip.mp4/any/other.mp4`,
under the name `other.mp4`: one file has as many URLs as a program asks for.
"""

_PIECE = 1024 * 1024

_IMAGES = frozenset({"base64_image", "base64_analyze_image"})
"""Sizes of media sources that are images."""


@dataclasses.dataclass(slots=True)
class Upload(SafeRepr):
    """A file that a request brought, in the temporary folder of the state."""

    path: Path
    filename: str
    content_type: str
    size: int


class MediaSources:
    """Brings media into the temporary folder of the state."""

    def __init__(self, settings: Settings, store: Store, http: aiohttp.ClientSession) -> None:
        self._settings = settings
        self._store = store
        self._http = http

    async def fetch(self, url: str, name: str, limit: int) -> Upload:
        """The file behind a URL, in a temporary file.

        Raises:
            ApiError: The URL cannot be read.
        """
        try:
            parts = urlsplit(url)
        except ValueError:
            raise parameter_invalid(name, "It must be a URL.") from None
        if parts.scheme in {"http", "https"} and parts.hostname == MEDIA_HOST:
            name_of_file, _, alias = unquote(parts.path).lstrip("/").partition("/")
            found = await asyncio.to_thread(self._copy, name_of_file, name, limit)
            return dataclasses.replace(found, filename=Path(alias).name or found.filename)
        if parts.scheme in {"http", "https"}:
            if not _is_loopback(parts.hostname or ""):
                reason = "The emulator reads URLs of this machine only (127.0.0.1, localhost)."
                raise parameter_invalid(name, reason)
            return await self._download(url, name, limit)
        if parts.scheme in {"", "file"}:
            return await asyncio.to_thread(self._copy, unquote(parts.path), name, limit)
        raise parameter_invalid(name, "It must be an http or https URL.")

    async def decode(self, text: str, name: str, limit: int, filename: str = "inline") -> Upload:
        """The file in base64 text, in a temporary file.

        Raises:
            ApiError: It is not base64, or too large.
        """
        return await asyncio.to_thread(self._decode, text, name, limit, filename)

    async def asset(self, asset_id: str, *, status: int = 404) -> Document:
        """An asset that is ready.

        Raises:
            ApiError: It does not exist or is not ready.
        """
        asset = await self._store.get("asset", asset_id)
        if asset is None:
            raise not_exist("assets", asset_id, status=status)
        if asset["status"] != "ready":
            raise bad("asset_not_ready", f"The asset {asset_id} is {asset['status']}; wait until it is ready.")
        return asset

    async def media_source(
        self, source: dict[str, Any], name: str, *, inline: str, missing: int = 400
    ) -> tuple[Path, Upload | None, Document | None]:
        """The file of a media source (`url`, `base64_string` or `asset_id`): path, temporary file, asset.

        Args:
            source: The media source.
            name: Its name in errors.
            inline: Name of the largest size as base64 text, see `SIZES`.
            missing: Status of the error for an asset that does not exist.
        """
        if source.get("asset_id") is not None:
            asset = await self.asset(source["asset_id"], status=missing)
            return self._store.blob(asset["private"]["blob"]), None, asset
        if source.get("base64_string") is not None:
            upload = await self.decode(source["base64_string"], f"{name}.base64_string", self._settings.size(inline))
            return upload.path, upload, None
        largest = "image" if inline in _IMAGES else "asset_url"
        upload = await self.fetch(source["url"], f"{name}.url", self._settings.size(largest))
        return upload.path, upload, None

    async def _download(self, url: str, name: str, limit: int) -> Upload:
        filename = Path(unquote(urlsplit(url).path)).name or "download"
        path = self._store.scratch(filename)
        try:
            async with (
                asyncio.timeout(self._settings.source_timeout),
                self._http.get(url, allow_redirects=False) as response,
            ):
                _must_be_ok(response.status, name)
                size = 0
                file = await asyncio.to_thread(path.open, "wb")
                try:
                    async for piece in response.content.iter_chunked(_PIECE):
                        size += len(piece)
                        if size > limit:
                            raise _too_large(limit, size)
                        await asyncio.to_thread(file.write, piece)
                finally:
                    await asyncio.to_thread(file.close)
                kind = response.content_type
        except BaseException as error:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            if isinstance(error, TimeoutError):
                seconds = self._settings.source_timeout
                raise parameter_invalid(name, f"The URL was not read within {seconds:g} seconds.") from error
            if isinstance(error, (aiohttp.ClientError, ValueError)):
                raise parameter_invalid(name, "The URL cannot be read.") from error
            raise
        return Upload(path, filename, kind, size)

    async def copy_file(self, path: Path) -> Upload:
        """A copy of a file of this machine, in a temporary file."""
        return await asyncio.to_thread(self._copy_path, path)

    def _copy(self, name_of_file: str, name: str, limit: int) -> Upload:
        source = file_within(self._settings.media_folder, name_of_file.lstrip("/"))
        if source is None:
            raise parameter_invalid(name, "It must be a URL of this machine or the name of a file of the media folder.")
        size = source.stat().st_size
        if size > limit:
            raise _too_large(limit, size)
        return self._copy_path(source)

    def _copy_path(self, source: Path) -> Upload:
        path = self._store.scratch(source.name)
        shutil.copyfile(source, path)
        return Upload(path, source.name, "application/octet-stream", path.stat().st_size)

    def _decode(self, text: str, name: str, limit: int, filename: str) -> Upload:
        if text.startswith("data:"):
            text = text.partition(",")[2]
        too_large = ApiError(413, "payload_too_large", f"{name} is larger than {limit} bytes.")
        if len(text) * 3 // 4 > limit + 3:  # before it is decoded, which takes as much memory
            raise too_large
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise parameter_invalid(name, "It must be base64 text.") from None
        if len(data) > limit:
            raise too_large
        path = self._store.scratch(filename)
        path.write_bytes(data)
        return Upload(path, filename, "application/octet-stream", len(data))


def file_within(folder: Path | None, name: str) -> Path | None:
    """The file of a name in a folder; None if it is not there, or not in there; blocking."""
    if folder is None:
        return None
    try:
        path = (folder / name).resolve()
        return path if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):
        # A name that no file can have: too long, or with a null byte.
        return None


def _must_be_ok(status: int, name: str) -> None:
    if status != 200:
        raise parameter_invalid(name, f"The URL responds with status {status}.")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _too_large(limit: int, size: int) -> ApiError:
    message = f"The file is too large: {size} bytes, at most {limit} are allowed."
    return bad("video_filesize_too_large", message, maximum_size=limit, current_file_size=size)
