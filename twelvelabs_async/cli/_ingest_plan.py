"""What `ingest` was asked to do, and the sources that it stands for."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from .._safe_repr import SafeRepr
from ..ingest.keys import is_url
from ..ingest.sources import expand, items, manifest

if TYPE_CHECKING:
    from ..ingest import IngestItem
    from ..ingest.sources import Candidate, Shard


@attrs.frozen(kw_only=True)
class IngestPlan(SafeRepr):
    """The arguments of `ingest`.

    Attributes:
        paths: Files, folders and URLs.
        manifest: A file that lists sources; `-` is standard input.
        root: The folder that places are below; None for the default.
        index: Name or id of the index.
        knowledge_store: Id of the knowledge store, in place of an index.
        create: Whether to make the index if there is none.
        include: Patterns of files to take.
        exclude: Patterns of files and folders to leave out.
        metadata: User metadata of all sources.
        shard: Only this part of the sources.
        limit: Only the first sources.
        journal: The journal; None for none.
        retry_failed: Whether to try again what has failed for good.
        max_failures: Failures above which the run ends.
        concurrency: Sources in each stage at a time.
        max_processing: Sources that the platform works on at a time.
        requests_per_minute: Uploads per minute.
        analyze: A prompt to analyze each video with.
        embed: Whether to write embeddings.
        output: The folder for embeddings, or for the outcomes of Ray.
        workers: Actors of Ray; None without Ray.
        interval: Seconds between two checks of a wait.
        timeout: Timeout of each wait.
    """

    paths: Sequence[str]
    manifest: str | None
    root: str | None
    index: str | None
    knowledge_store: str | None
    create: bool
    include: Sequence[str]
    exclude: Sequence[str]
    metadata: Mapping[str, str]
    shard: Shard | None
    limit: int | None
    journal: str | None
    retry_failed: bool
    max_failures: int | None
    concurrency: int
    max_processing: int | None
    requests_per_minute: int | None
    analyze: str | None
    embed: bool
    output: str | None
    workers: int | None
    interval: float
    timeout: float

    def candidates(self) -> Iterable[Candidate]:
        """The sources, as they are found. Blocks."""
        if self.manifest is not None:
            return manifest(self.manifest)
        return expand(self.paths, include=self.include, exclude=self.exclude)

    def items(self) -> AsyncGenerator[IngestItem]:
        """The sources with their keys, up to the limit."""
        found = items(self.candidates(), root=self.common_root(), metadata=self.metadata, shard=self.shard)
        return found if self.limit is None else _first(found, self.limit)

    def common_root(self) -> str | None:
        """The folder that the keys of files are relative to; None for the folder that was given, or the manifest's.

        Of several paths, it is the folder that they have in common: otherwise, two files of the same name, size and
        time in two of them would have the same key.
        """
        if self.root is not None or len(self.paths) < 2:
            return self.root
        folders = [path if Path(path).is_dir() else os.path.dirname(path) for path in self.paths if not is_url(path)]  # noqa: PTH120 - may be empty
        try:
            return os.path.commonpath([os.path.abspath(folder) for folder in folders])  # noqa: PTH100 - as in keys
        except ValueError:  # there is none: URLs, or several drives
            return None

    def embeddings(self) -> str | None:
        """The folder for embeddings; None if they are not wanted."""
        if not self.embed:
            return None
        return self.output or (f"{self.journal}.embeddings" if self.journal else "embeddings")

    def pipeline(self) -> dict[str, Any]:
        """The arguments that `client.ingest` and Ray have in common."""
        return {
            "analyze": self.analyze,
            "embed": self.embeddings() or False,
            "concurrency": self.concurrency,
            "max_processing": self.max_processing,
            "retry_failed": self.retry_failed,
            "sleep_interval": self.interval,
            "timeout": self.timeout,
        }


async def _first(found: AsyncGenerator[IngestItem], limit: int) -> AsyncGenerator[IngestItem]:
    async with aclosing(found):
        left = limit
        async for item in found:
            yield item
            left -= 1
            if not left:
                return
