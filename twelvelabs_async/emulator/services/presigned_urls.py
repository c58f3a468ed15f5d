"""Signed URLs of the object store: for one chunk of an upload, and for the files that responses point to."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .. import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..addresses import Addresses
    from ..settings import Settings
    from ..state.store import Store


class PresignedUrls:
    """Signs URLs and verifies them."""

    def __init__(self, settings: Settings, store: Store, addresses: Addresses) -> None:
        self._settings = settings
        self._store = store
        self._addresses = addresses

    def upload_url(self, upload_id: str, index: int) -> tuple[str, float]:
        """A URL that takes one chunk once, and the time at which it expires."""
        expires = clock.time() + self._settings.lifetime("presigned_url")
        return self._sign("PUT", f"/uploads/{upload_id}/{index}", expires), expires

    def file_url(self, blob: str, name: str) -> str:
        """A URL of a file of the state."""
        return self._sign("GET", f"/files/{blob}/{name}", self._file_expiry())

    def playlist_url(self, blob: str) -> str:
        """A URL of an HLS playlist of one segment."""
        return self._sign("GET", f"/hls/{blob}/index.m3u8", self._file_expiry())

    def segment_url(self, blob: str, name: str) -> str:
        """A URL of a part of an HLS stream: `init.mp4` or `media.m4s`."""
        return self._sign("GET", f"/hls/{blob}/{name}", self._file_expiry())

    def thumbnail_url(self, blob: str, seconds: float) -> str:
        """A URL of a picture of a moment of a video, or of a small copy of a picture."""
        return self._sign("GET", f"/thumbnails/{blob}/{round(seconds * 1000)}.jpg", self._file_expiry())

    def is_signed(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        """Whether the signature in the query of a URL is valid; a URL that has expired may have a valid one."""
        expected = self._signature(method, path, query.get("expires", ""), query.get("token", ""))
        return hmac.compare_digest(expected.encode(), query.get("signature", "").encode())

    def _file_expiry(self) -> float:
        return clock.time() + self._settings.lifetime("thumbnail_url")

    def _sign(self, method: str, path: str, expires: float) -> str:
        query = {"expires": f"{expires:.3f}", "token": clock.new_id()}
        query["signature"] = self._signature(method, path, query["expires"], query["token"])
        return f"{self._addresses.objects_url}{path}?{urlencode(query)}"

    def _signature(self, method: str, path: str, expires: str, token: str) -> str:
        message = f"{method}\n{path}\n{expires}\n{token}".encode()
        return hmac.new(self._store.secret, message, hashlib.sha256).hexdigest()
