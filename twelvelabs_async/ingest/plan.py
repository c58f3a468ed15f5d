"""What an ingestion was asked to do: the arguments of `client.ingest`, checked."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from .._request.ids import id_of
from .._safe_repr import SafeRepr
from ..waiters.schedule import check_seconds
from .engine import Settings
from .journal import Journal
from .sources import Shard, Sources, items
from .values import STAGES, IngestItem, Stage

if TYPE_CHECKING:
    from .._request.options import RequestOptions
    from .stages import Analyze

DEFAULT_CONCURRENCY: Final = 16
"""Sources in each stage at a time."""


@attrs.frozen(kw_only=True)
class Plan(SafeRepr):
    """What an ingestion was asked to do.

    Attributes:
        items: The sources, which are read from when the run begins.
        index_id: The index.
        knowledge_store_id: The knowledge store.
        journal: The journal, or its file.
        analyze: Analyzes an asset.
        embeddings: The folder for embeddings.
        settings: Settings of the engine.
        sleep_interval: Seconds between the first two checks of a wait.
        timeout: Timeout of each wait.
        options: Request options of every call.
    """

    items: AsyncGenerator[IngestItem]
    index_id: str | None
    knowledge_store_id: str | None
    journal: Journal | str | os.PathLike[str] | None
    analyze: Analyze | None
    embeddings: Path | None
    settings: Settings
    sleep_interval: float
    timeout: float
    options: RequestOptions | None

    @classmethod
    def of(
        cls,
        sources: Sources,
        *,
        index_id: Any,
        knowledge_store_id: Any,
        journal: Journal | str | os.PathLike[str] | None,
        key: Callable[[IngestItem], str] | None,
        root: str | os.PathLike[str] | None,
        shard: str | Shard | None,
        concurrency: int | Mapping[Stage, int],
        max_processing: int | None,
        analyze: str | Mapping[str, Any] | None,
        analyze_file: Callable[..., Awaitable[Any]],
        embed: bool | str | os.PathLike[str],
        metadata: Mapping[str, Any] | None,
        max_failures: int | None,
        retry_failed: bool,
        sleep_interval: float,
        timeout: float,
        options: RequestOptions | None,
    ) -> Self:
        """Check the arguments of `client.ingest`.

        Raises:
            ValueError: One is invalid.
            TypeError: `sources` are no sources.
        """
        if (index_id is None) == (knowledge_store_id is None):
            raise ValueError("pass one of index_id and knowledge_store_id")
        _check_number("max_processing", max_processing, 1)
        _check_number("max_failures", max_failures, 0)
        check_seconds(sleep_interval, timeout)
        path = journal.path if isinstance(journal, Journal) else journal
        return cls(
            items=items(sources, root=root, key=key, metadata=metadata, shard=shard),
            index_id=_text_of("index_id", index_id, "index"),
            knowledge_store_id=_text_of("knowledge_store_id", knowledge_store_id, "knowledge_store"),
            journal=journal,
            analyze=None if analyze is None else _analyze(analyze, analyze_file, timeout, options),
            embeddings=_folder(embed, path),
            settings=Settings(
                concurrency=_concurrency(concurrency),
                max_processing=max_processing,
                max_failures=max_failures,
                retry_failed=retry_failed,
                has_journal=path is not None,
            ),
            sleep_interval=sleep_interval,
            timeout=timeout,
            options=options,
        )


def _check_number(name: str, number: object, least: int) -> None:
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < least):
        raise ValueError(f"{name} must be a number of {least} or more, not {number!r}")


def _text_of(name: str, value: Any, kind: str) -> str | None:
    return None if value is None else str(id_of(name, value, kind))


def _concurrency(given: int | Mapping[Stage, int]) -> dict[Stage, int]:
    wanted: Mapping[Any, Any] = given if isinstance(given, Mapping) else dict.fromkeys(STAGES, given)
    if unknown := wanted.keys() - set(STAGES):
        raise ValueError(f"concurrency: there is no stage {min(unknown)!r}; the stages are {', '.join(STAGES)}")
    for number in wanted.values():
        _check_number("concurrency", number, 1)
    return {stage: wanted.get(stage, DEFAULT_CONCURRENCY) for stage in STAGES}


def _folder(embed: bool | str | os.PathLike[str], journal: str | os.PathLike[str] | None) -> Path | None:
    if embed is not True:
        return Path(embed) if embed else None
    if journal is None:
        raise ValueError("embed: without a journal, pass the folder for the embeddings")
    return Path(f"{os.fspath(journal)}.embeddings")


def _analyze(
    given: str | Mapping[str, Any],
    analyze_file: Callable[..., Awaitable[Any]],
    timeout: float,
    options: RequestOptions | None,
) -> Analyze:
    arguments: Mapping[str, Any] = {"prompt": given} if isinstance(given, str) else given
    if "prompt" not in arguments:
        raise ValueError("analyze: pass a prompt, or the arguments of analyze_file with a prompt")

    async def analyze(asset_id: str) -> str:
        response = await analyze_file(asset_id, **{"timeout": timeout, "request_options": options, **arguments})
        return str(response.text)

    return analyze
