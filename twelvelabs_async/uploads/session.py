"""What the platform says about an upload, checked when it arrives.

A store is written to with what the platform sends: URLs, headers, sizes. Nothing of that may split a message, lead to
something that is no store, or take more memory than a file of the platform's largest size needs.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._request.headers import check_header
from .._request.urls import is_loopback, split_http_url
from .._safe_repr import SafeRepr
from ..errors import UploadError
from .plan import Layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .api import PresignedUrl, UploadSession

MAX_CHUNKS: Final = 10_000
"""Chunks of one upload. Object stores take no more; those of the platform's largest file, of 10 GB, have 1 MB then."""

MAX_CHUNK_SIZE: Final = 2**40
"""Bytes of a chunk: a hundred times the platform's largest file."""

MAX_URL_LENGTH: Final = 16 * 1024
"""Characters of a presigned URL. Stores accept about half of it."""

MAX_HEADERS_LENGTH: Final = 16 * 1024
"""Characters of all upload headers together."""

MAX_ID_LENGTH: Final = 512

_ID: Final = re.compile(r"[A-Za-z0-9_.~:@=+-]+")

_ID_IN_JSON: Final = re.compile(rb'"upload_id"\s*:\s*"(' + _ID.pattern.encode() + rb')"')

_HOST: Final = re.compile(r"[A-Za-z0-9_.-]+")


@attrs.frozen
class Session(SafeRepr):
    """An upload session whose values can be used.

    Attributes:
        upload_id: Identifier of the session.
        asset_id: Identifier of the asset.
        layout: How the file is divided.
        headers: Headers of every chunk.
        urls: Presigned URLs of the first chunks; `UrlChecker` checks them.
    """

    upload_id: str
    asset_id: str
    layout: Layout
    headers: Mapping[str, str]
    urls: Sequence[PresignedUrl] = attrs.field(default=(), repr=False)

    @classmethod
    def of(cls, opened: UploadSession, total_size: int) -> Session:
        """Check the platform's response to the creation of a session.

        Raises:
            UploadError: Something in it cannot be used.
        """
        try:
            return cls(
                _check_id("upload_id", opened.upload_id),
                _check_id("asset_id", opened.asset_id),
                _check_layout(total_size, opened.chunk_size, opened.total_chunks),
                _check_headers(opened.upload_headers),
                opened.upload_urls or (),
            )
        except ValueError as problem:
            raise UploadError(
                f"The upload session {opened.upload_id!r:.100} that the platform created cannot be used: {problem}",
                upload_id=opened.upload_id if isinstance(opened.upload_id, str) else None,
                asset_id=opened.asset_id if isinstance(opened.asset_id, str) else None,
            ) from None


class UrlChecker:
    """Checks the presigned URLs of one upload as they arrive.

    Args:
        total_chunks: Number of chunks of the upload.
        allow_http: Whether `http://` is allowed for hosts other than this machine.
    """

    def __init__(self, total_chunks: int, *, allow_http: bool) -> None:
        self._total = total_chunks
        self._allow_http = allow_http
        # Digests of the latest URL of each chunk: two chunks in one place would overwrite each other.
        self._digests: dict[int, bytes] = {}
        self._chunks: dict[bytes, int] = {}

    def check(self, items: Sequence[PresignedUrl]) -> Iterator[tuple[int, str, PresignedUrl]]:
        """The chunk and the URL of each item of one response.

        Raises:
            ValueError: An item cannot be used; the message names its chunk and says why, without the URL.
        """
        if len(items) > self._total:
            raise ValueError(f"the platform sent {len(items)} presigned URLs for {self._total} chunks")
        seen: set[int] = set()
        for item in items:
            index: Any = item.chunk_index
            if type(index) is not int or not 1 <= index <= self._total:
                raise ValueError(
                    f"the platform sent a presigned URL for chunk {index!r:.40}; they are 1 to {self._total}"
                )
            if index in seen:
                raise ValueError(f"the platform sent two presigned URLs for chunk {index}")
            seen.add(index)
            try:
                url = check_presigned_url(item.url, allow_http=self._allow_http)
            except ValueError as problem:
                raise ValueError(f"the presigned URL of chunk {index} {problem}") from None
            self._register(index, url)
            yield index, url, item

    def _register(self, index: int, url: str) -> None:
        digest = hashlib.blake2b(url.encode(), digest_size=16).digest()
        other = self._chunks.setdefault(digest, index)
        if other != index:
            raise ValueError(f"the presigned URL of chunk {index} is that of chunk {other}")
        old = self._digests.get(index)
        if old is not None and old != digest:
            del self._chunks[old]
        self._digests[index] = digest


def check_presigned_url(url: object, *, allow_http: bool) -> str:
    """Check a presigned URL.

    Args:
        url: The URL as the platform sent it.
        allow_http: Whether `http://` is allowed for hosts other than this machine.

    Raises:
        ValueError: It cannot be used; the message is the end of a sentence and does not contain the URL.
    """
    if not isinstance(url, str):
        raise ValueError("is missing" if url is None else f"is no text, but {type(url).__name__}")  # noqa: TRY004
    if len(url) > MAX_URL_LENGTH:
        raise ValueError(f"has {len(url)} characters; at most {MAX_URL_LENGTH} are accepted")
    if not url.isascii():
        raise ValueError("holds characters outside ASCII")
    parts = split_http_url(url)
    host = parts.hostname or ""
    if not (_HOST.fullmatch(host) or _is_ipv6(host)):
        raise ValueError("names no valid host")
    if parts.scheme == "http" and not allow_http and not is_loopback(host):
        raise ValueError("would send the file unencrypted: it begins with http://, and base_url with https://")
    return url


def _is_ipv6(host: str) -> bool:
    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        return False
    return True


def session_named_in(body: bytes) -> str | None:
    """The upload id in the beginning of a response that could not be decoded, None if there is none."""
    found = _ID_IN_JSON.search(body)
    return found[1].decode() if found else None


def _check_id(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"its {name} is missing")
    if len(value) > MAX_ID_LENGTH or not _ID.fullmatch(value) or value in {".", ".."}:
        raise ValueError(f"its {name} is not a valid id: {value!r:.100}")
    return value


def _check_layout(total_size: int, chunk_size: object, total_chunks: object) -> Layout:
    if type(chunk_size) is not int or not 1 <= chunk_size <= MAX_CHUNK_SIZE:
        raise ValueError(f"its chunk_size must be a number of bytes from 1 to {MAX_CHUNK_SIZE}, not {chunk_size!r:.40}")
    layout = Layout(total_size, chunk_size)
    if layout.total_chunks > MAX_CHUNKS:
        raise ValueError(
            f"in chunks of {chunk_size:,} bytes, {total_size:,} bytes are {layout.total_chunks:,} chunks; at most "
            f"{MAX_CHUNKS:,} are accepted"
        )
    if total_chunks is not None and (type(total_chunks) is not int or total_chunks != layout.total_chunks):
        raise ValueError(
            f"the platform expects {total_chunks!r:.40} chunks, but {total_size:,} bytes in chunks of "
            f"{chunk_size:,} bytes are {layout.total_chunks}"
        )
    return layout


def _check_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    checked: dict[str, str] = {}
    length = 0
    for name, value in (headers or {}).items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise ValueError(f"its upload header {name!r:.100} is no text")  # noqa: TRY004 - as for all bad values
        length += len(name) + len(value)
        if length > MAX_HEADERS_LENGTH:
            raise ValueError(f"its upload headers have more than {MAX_HEADERS_LENGTH} characters")
        try:
            check_header(name, value)
        except ValueError as problem:
            raise ValueError(f"its upload headers are invalid: {problem}") from None
        checked[name] = value
    return checked
