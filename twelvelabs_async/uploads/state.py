"""What must be known about an upload to resume it, as plain values: for a state file, and for an `UploadError`.

Neither holds a secret: no key, no presigned URL, and no header that looks like one.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from .._request.streams import StreamSource
from .._safe_repr import SafeRepr
from .session import Session
from .values import UploadResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._request.sources import Source
    from ..errors import UploadError

FORMAT: Final = "twelvelabs-async upload"
VERSION: Final = 1

EDGE_BYTES: Final = 64 * 1024
"""Bytes at the beginning and at the end of a file that are part of its identity."""

_PIECE: Final = 1024 * 1024

_SECRET: Final = re.compile(r"(?<!kms-)key|token|secret|sign|credential|password|auth|cookie", re.IGNORECASE)


@attrs.frozen
class FileIdentity(SafeRepr):
    """What identifies a file.

    Attributes:
        size: Its size.
        mtime_ns: When it was changed last, in nanoseconds; None for what is no file in a file system.
        sha256: Of its beginning and its end; of all of it where there is no `mtime_ns`; None if it was not computed.
    """

    size: int
    mtime_ns: int | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, source: Source | StreamSource, *, complete: bool) -> FileIdentity:
        """The identity of a file. Blocks.

        Args:
            source: The file.
            complete: Whether to read all of what is no file in a file system.

        Raises:
            SourceError: It could not be read.
        """
        mtime, size = getattr(source, "mtime_ns", None), source.size
        if isinstance(source, StreamSource):
            return cls(size)
        if mtime is not None and size > 2 * EDGE_BYTES:
            regions = [(0, EDGE_BYTES), (size - EDGE_BYTES, EDGE_BYTES)]
        elif mtime is not None or complete:
            regions = [(at, min(_PIECE, size - at)) for at in range(0, size, _PIECE)]
        else:
            return cls(size)
        digest = hashlib.sha256()
        for offset, length in regions:
            digest.update(source.read(offset, length))
        return cls(size, mtime, digest.hexdigest())

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> FileIdentity:
        """The identity that `to_dict` has written.

        Raises:
            ValueError: It is none.
        """
        size, mtime, digest = values.get("size"), values.get("mtime_ns"), values.get("sha256")
        if (
            type(size) is not int
            or not (mtime is None or type(mtime) is int)
            or not (digest is None or isinstance(digest, str))
        ):
            raise ValueError("it does not identify a file")
        return cls(size, mtime, digest)

    def to_dict(self) -> dict[str, int | str]:
        """As plain values, without those that are not known."""
        return {name: value for name, value in attrs.asdict(self).items() if value is not None}

    def difference(self, other: FileIdentity) -> str | None:
        """How another file differs, None if it is the same as far as both are known."""
        if self.size != other.size:
            return f"it had {self.size:,} bytes and has {other.size:,} now"
        if self.mtime_ns != other.mtime_ns:
            return "its time of modification is another one"
        if self.sha256 != other.sha256 and None not in {self.sha256, other.sha256}:
            return "its content is another one"
        return None


class StateKeeper(Protocol):
    """Where the state of one upload is kept."""

    async def load(self) -> UploadState | None:
        """The state; None if nothing was kept."""
        ...

    async def save(self, state: UploadState) -> None:
        """Keep a state, instead of the one before."""
        ...

    def error(self, problem: str) -> UploadError:
        """The error of a state that cannot be used; nothing has been sent or changed."""
        ...


@attrs.frozen(kw_only=True)
class UploadState(SafeRepr):
    """What a state file holds.

    Attributes:
        origin: Scheme, host and port of the base URL.
        upload_id: Identifier of the session.
        asset_id: Identifier of the asset.
        file: What identifies the file.
        chunk_size: Size of every chunk but the last one, in bytes.
        upload_headers: Headers of every chunk; None if some were left out, because they hold a secret.
        asset_url: URL of the file at the platform, once the upload is finished; None before.
    """

    origin: str
    upload_id: str
    asset_id: str
    file: FileIdentity
    chunk_size: int
    upload_headers: Mapping[str, str] | None
    asset_url: str | None = None

    @property
    def result(self) -> UploadResult | None:
        """The result, if the upload is finished."""
        return None if self.asset_url is None else UploadResult(self.asset_id, self.asset_url)

    def session(self) -> Session | None:
        """The session, None if it cannot be resumed because the headers of its chunks are not known.

        Raises:
            UploadError: A value cannot be used.
        """
        if self.upload_headers is None:
            return None
        return Session.of(
            KnownSession(self.upload_id, self.asset_id, self.chunk_size, self.upload_headers), self.file.size
        )

    def finished(self, result: UploadResult) -> UploadState:
        """The state of the finished upload. A URL with a query may hold a signature, and is left out."""
        url = "" if "?" in result.asset_url else result.asset_url
        return attrs.evolve(self, asset_id=result.asset_id, asset_url=url)

    def to_json(self) -> bytes:
        """As JSON."""
        members = {
            "format": FORMAT,
            "version": VERSION,
            "status": "active" if self.asset_url is None else "completed",
            **attrs.asdict(self, recurse=False),
            "file": self.file.to_dict(),
        }
        return json.dumps(members, indent=2).encode() + b"\n"

    @classmethod
    def from_json(cls, data: bytes) -> UploadState:
        """The state that `to_json` has written.

        Raises:
            ValueError: It is none; the message is the end of a sentence.
        """
        try:
            values = json.loads(data)
        except (ValueError, RecursionError):
            raise ValueError("it is damaged, or not the state of an upload") from None
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise ValueError("it is not the state of an upload")
        if type(values.get("version")) is not int or values["version"] != VERSION:
            raise ValueError(f"its version is {values.get('version')!r:.40}, and this release knows version {VERSION}")
        names = ("origin", "upload_id", "asset_id")
        headers, url = values.get("upload_headers"), values.get("asset_url")
        if (
            not all(isinstance(values.get(name), str) for name in names)
            or type(values.get("chunk_size")) is not int
            or not isinstance(values.get("file"), dict)
            or not (headers is None or isinstance(headers, dict))
            or not (url is None or isinstance(url, str))
        ):
            raise ValueError("it is damaged")
        return cls(
            **{name: values[name] for name in names},
            file=FileIdentity.from_dict(values["file"]),
            chunk_size=values["chunk_size"],
            upload_headers=headers,
            asset_url=url,
        )


@attrs.frozen
class KnownSession(SafeRepr):
    """A session that was created before, in the form of the platform's response to its creation."""

    upload_id: str
    asset_id: str
    chunk_size: int
    upload_headers: Mapping[str, str]
    total_chunks: None = None
    upload_urls: None = None


def headers_to_keep(headers: Mapping[str, str]) -> dict[str, str] | None:
    """The headers of a session if they may be kept; None if one of them may hold a secret."""
    return None if any(map(_SECRET.search, headers)) else dict(headers)
