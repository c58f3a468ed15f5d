"""Embeddings in the shape of embed v2, of requests and of files."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from ..._safe_repr import SafeRepr
from .. import media
from ..errors import bad, parameter_invalid, parameter_missing
from ..services.media_engine import as_info, with_words
from .documents import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..api.call import Call
    from ..services import Services
    from ..state.store import Document

NEWER = "marengo3.5"
MAX_DIMENSION = 4096
SYNC_SECONDS = {"marengo3.0": 600.0, NEWER: 30.0}
"""Maximum duration of media in synchronous calls, in seconds."""

_ONLY_NEWER = ("auto_truncate", "embedding_uncertainty", "embedding_dimension")


@dataclasses.dataclass(frozen=True, slots=True)
class Input(SafeRepr):
    """A file to embed.

    Attributes:
        path: Filter it is.
        filename: Its name, when known.
        url: The URL it was given as.
        info: Facts about it.
        blob: Its identifier in the store, when it stays there.
        asset: The asset it belongs to.
    """

    path: Path
    filename: str
    url: str | None
    info: media.MediaInfo
    blob: str | None
    asset: Document | None


@dataclasses.dataclass(frozen=True, slots=True)
class Resolved(SafeRepr):
    """A media source of a request, before it is probed."""

    path: Path
    filename: str
    url: str | None
    asset: Document | None


def check_model(body: Mapping[str, Any]) -> Document:
    """The part of the body that `input_type` names.

    Raises:
        ApiError: It is missing, or the model does not support an option.
    """
    kind = body["input_type"]
    part = body.get(kind)
    if part is None:
        raise parameter_missing(kind, f"The parameter {kind} is required when input_type is {kind}.")
    if body["model_name"] != NEWER:
        for name in _ONLY_NEWER:
            if body.get(name) is not None:
                raise parameter_invalid(name, f"It needs {NEWER}.")
    dimension = body.get("embedding_dimension")
    if dimension is not None and not 1 <= dimension <= MAX_DIMENSION:
        raise parameter_invalid("embedding_dimension", f"It must be between 1 and {MAX_DIMENSION}.")
    start, end = part.get("start_sec"), part.get("end_sec")
    if end is not None and end <= (start or 0):
        raise parameter_invalid(f"{kind}.end_sec", "It must be after start_sec.")
    found: Document = dict(part)
    return found


def usage(tokens: Mapping[str, int]) -> Document:
    """How many tokens a request used."""
    return {"input_tokens": dict(tokens), "truncated": False}


async def resolve(call: Call, source: Mapping[str, Any], name: str, inline: str) -> Resolved:
    """The file of a media source; a temporary file is removed after the request.

    `inline` is the name of its largest size as base64 text.
    """
    path, upload, asset = await call.services.sources.media_source(dict(source), name, inline=inline)
    if upload is not None:
        call.files.setdefault(name, []).append(upload)
    filename = asset["filename"] if asset else upload.filename if upload and source.get("url") else ""
    return Resolved(path, filename, source.get("url"), asset)


def inline_size(kind: str) -> str:
    """Name of the largest size of a file of a kind as base64 text."""
    return "base64_image" if kind == "image" else "base64"


async def open_input(call: Call, source: Mapping[str, Any], name: str, kind: str, inline: str | None = None) -> Input:
    """The file of a media source, probed.

    Raises:
        ApiError: It is of another kind, or damaged.
    """
    found = await resolve(call, source, name, inline or inline_size(kind))
    try:
        info = as_info(found.asset[PRIVATE]["media"]) if found.asset else await call.services.engine.probe(found.path)
    except media.MediaError as error:
        raise bad(error.code, error.message) from error
    if info.kind != kind:
        raise parameter_invalid(name, f"It must be of the kind {kind}, not {info.mime}.")
    blob = found.asset[PRIVATE]["blob"] if found.asset else None
    return Input(found.path, found.filename, found.url, info, blob, found.asset)


async def embed(call: Call, part: Mapping[str, Any]) -> tuple[list[Document], Document | None, dict[str, int]]:
    """The vectors of a request, what is known about its input, and the tokens it used."""
    body, engine = call.body, call.services.engine
    kind, model = body["input_type"], body["model_name"]
    dimension = body.get("embedding_dimension", media.DIMENSION)
    uncertain = bool(body.get("embedding_uncertainty"))
    if kind == "text":
        vector = await engine.run(media.embed_text, part["input_text"], dimension)
        tokens = {"text": media.count_tokens(part["input_text"])}
        return [_data(vector, uncertain, option="text")], None, tokens
    if kind == "multi_input":
        return await _multi(call, part, dimension, uncertain=uncertain)
    medium = "image" if kind == "text_image" else kind
    given = await open_input(call, part["media_source"], f"{kind}.media_source", medium)
    try:
        if kind == "text_image":
            vector = await engine.run(media.embed_text_image, part["input_text"], [given.path], dimension)
            tokens = {"text": media.count_tokens(part["input_text"]), "image": 1}
            return [_data(vector, uncertain, option="fused")], metadata(given, kind, part, model, dimension), tokens
        if medium != "image" and given.info.duration > SYNC_SECONDS[model]:
            message = f"Media may last at most {SYNC_SECONDS[model]:g} seconds here; use an embedding task."
            raise bad("video_duration_too_long", message)
        data = await embed_file(
            call.services, given, kind, part, model=model, dimension=dimension, uncertainty=uncertain
        )
    except media.MediaError as error:
        raise bad(error.code, error.message) from error
    return data, metadata(given, kind, part, model, dimension), {kind: len(data)}


async def _multi(
    call: Call, part: Mapping[str, Any], dimension: int, *, uncertain: bool
) -> tuple[list[Document], Document, dict[str, int]]:
    """One vector of a text and several files: the mean of their vectors, since all are in one space."""
    engine = call.services.engine
    vectors: list[list[float]] = []
    tokens: dict[str, int] = {}
    if part.get("input_text"):
        vectors.append(await engine.run(media.embed_text, part["input_text"], dimension))
        tokens["text"] = media.count_tokens(part["input_text"])
    for position, source in enumerate(part.get("media_sources") or []):
        name = f"multi_input.media_sources[{position}]"
        kind = source.get("media_type", "image")
        given = await open_input(call, source, name, kind, "base64_multi_input")
        try:
            whole = {"embedding_scope": ["asset"], "embedding_type": ["fused_embedding"]}
            found = await embed_file(
                call.services, given, kind, whole, model=NEWER, dimension=dimension, uncertainty=False
            )
        except media.MediaError as error:
            raise bad(error.code, error.message) from error
        vectors.append(_mean([item["embedding"] for item in found], dimension))
        tokens[kind] = tokens.get(kind, 0) + 1
    vector = _mean(vectors, dimension)
    return (
        [_data(vector, uncertain, option="fused")],
        {"input_type": "multi_input", "embedding_dimension": dimension},
        tokens,
    )


def _mean(vectors: Sequence[Sequence[float]], dimension: int) -> list[float]:
    total = [sum(column) for column in zip(*vectors, strict=True)] if vectors else [0.0] * dimension
    length = math.sqrt(sum(value * value for value in total)) or 1.0
    return [value / length for value in total]


def _data(vector: list[float], uncertain: bool, **more: Any) -> Document:
    data: Document = {"embedding": vector}
    if uncertain:
        # The vectors are calculated, not estimated: there is no uncertainty.
        data["embedding_uncertainty"] = [0.0] * len(vector)
    data["embedding_option"] = more.pop("option", None)
    data["embedding_scope"] = more.pop("scope", None)
    data.update(more)
    return data


async def embed_file(
    services: Services,
    given: Input,
    kind: str,
    part: Mapping[str, Any],
    *,
    model: str,
    dimension: int,
    uncertainty: bool,
) -> list[Document]:
    """The vectors of a file.

    Raises:
        media.MediaError: Nothing of it can be decoded.
    """
    engine = services.engine
    if kind == "image":
        vector = await engine.run(media.embed_image, given.path, dimension)
        return [_data(vector, uncertainty, option="visual", scope="asset")]
    if given.blob is not None:
        index = await engine.index_blob(given.blob, given.info)
    else:
        index = await engine.index_file(given.path, given.info, {})
    index = with_words(index, {"filename": given.filename} if given.filename else {})
    if kind == "document":
        return await _document(services, index, part, dimension, uncertain=uncertainty)
    types = part.get("embedding_type") or ["separate_embedding"]
    end = part.get("end_sec")
    found = await engine.run(
        media.embed_segments,
        index,
        **_cutting(part.get("segmentation"), kind, model),
        start=part.get("start_sec") or 0.0,
        end=end,
        options=tuple(_options(part, kind, model)),
        scopes=tuple(dict.fromkeys(part.get("embedding_scope") or ("clip", "asset"))),
        dimension=dimension,
        separate="separate_embedding" in types,
        fused="fused_embedding" in types,
    )
    return [
        _data(
            segment.vector,
            uncertainty,
            option=segment.option,
            scope="asset" if segment.scope == "asset" else "clip",
            start_sec=segment.start,
            end_sec=segment.end,
        )
        for segment in found
    ]


def _options(part: Mapping[str, Any], kind: str, model: str) -> list[str]:
    given = part.get("embedding_option")
    if given:
        return list(dict.fromkeys(given))
    own = ["audio"] if kind == "audio" else ["visual", "audio"]
    return own if model == NEWER else [*own, "transcription"]


def _cutting(segmentation: Mapping[str, Any] | None, kind: str, model: str) -> dict[str, Any]:
    """How a medium is cut into clips, as arguments of the media engine."""
    chosen = (segmentation or {}).get("temporal") or segmentation
    if chosen is None:
        if kind == "audio" and model != NEWER:
            return {"clip_length": 6.0}
        return {"min_duration": 2.0 if model == NEWER else 4.0}
    if chosen["strategy"] == "fixed":
        fixed = chosen.get("fixed")
        if fixed is None:
            raise parameter_missing(f"{kind}.segmentation.fixed")
        return {"clip_length": float(fixed["duration_sec"])}
    return {"min_duration": float(chosen["dynamic"]["min_duration_sec"])}


async def _document(
    services: Services, index: Document, part: Mapping[str, Any], dimension: int, *, uncertain: bool
) -> list[Document]:
    cut = part.get("segmentation") or {}
    sequential, spatial = cut.get("sequential") or {}, cut.get("spatial") or {}
    found = await services.engine.run(
        media.embed_document,
        index,
        max_sentences=sequential.get("max_sentences"),
        overlap=sequential.get("overlap_sentences", 0),
        quadrants=spatial.get("strategy") == "quadrants",
        dimension=dimension,
    )
    return [
        _data(
            piece.vector,
            uncertain,
            option="visual" if piece.page is not None else "text",
            scope=piece.scope,
            chunk_index=piece.chunk,
            start_page_number=piece.page,
            end_page_number=piece.last_page,
            quadrant=piece.quadrant,
        )
        for piece in found
    ]


def metadata(given: Input, kind: str, part: Mapping[str, Any], model: str, dimension: int) -> Document:
    """What is known about an input."""
    described: Document = {"input_type": kind}
    if given.url:
        described["input_url"] = given.url
    if given.filename:
        described["input_filename"] = given.filename
    if kind in {"video", "audio"}:
        cutting = _cutting(part.get("segmentation"), kind, model)
        described |= {
            "embedding_options": _options(part, kind, model),
            "embedding_scopes": list(part.get("embedding_scope") or ("clip", "asset")),
            "duration": given.info.duration,
            "start_offset_sec": part.get("start_sec") or 0.0,
            "end_offset_sec": part.get("end_sec") or given.info.duration,
            "embedding_dimension": dimension,
        }
        if kind == "video" and "clip_length" in cutting:
            described["clip_length"] = int(cutting["clip_length"])
    elif kind == "document":
        pdf = given.info.mime == "application/pdf"
        described |= {
            "embedding_options": list(part.get("embedding_option") or (["visual"] if pdf else ["text"])),
            "embedding_scopes": list(part.get("embedding_scope") or (["local"] if pdf else ["asset"])),
            "embedding_dimension": dimension,
        }
    return described
