"""The code of the demo, step by step, as a user writes it: the demo shows what it runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import TYPE_CHECKING

from ..vectors import stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..client import AsyncTwelveLabs
    from ..types import AssetDetail, EmbeddingData, IndexedAssetDetailed, IndexesCreateResponse, IndexOrId, SearchItem


def source(function: Callable[..., object]) -> str:
    """The body of an asynchronous function, without its docstring and the `return` at its end.

    It is empty where Python has no source code, as in a frozen program.
    """
    try:
        text = textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return ""
    body = [line for made in ast.parse(text).body if isinstance(made, ast.AsyncFunctionDef) for line in made.body[1:]]
    if isinstance(body[-1], ast.Return):
        body.pop()
    lines = text.splitlines()[body[0].lineno - 1 : body[-1].end_lineno]
    return textwrap.dedent("\n".join(lines))


async def create_index(client: AsyncTwelveLabs, name: str) -> IndexesCreateResponse:
    """An index holds videos, and names the models that process them."""
    index = await client.indexes.create(
        index_name=name,
        models=[{"model_name": "marengo3.0", "model_options": ["visual"]}],
    )
    return index


async def upload(client: AsyncTwelveLabs, path: Path) -> AssetDetail:
    """An uploaded file, which is removed again if the platform cannot use it."""
    asset = await client.assets.upload(path)
    return asset


async def add(client: AsyncTwelveLabs, index: IndexOrId, asset: AssetDetail) -> IndexedAssetDetailed:
    """The same in an index."""
    videos = client.indexes.indexed_assets
    added = await videos.create(index, asset_id=asset)
    video = await videos.wait_for_done(index, added, sleep_interval=0.5)
    return video


async def search(client: AsyncTwelveLabs, index: IndexOrId, text: str) -> SearchItem | None:
    """The best hit."""
    hits = client.search.query(
        index_id=index,
        query_text=text,
        search_options=["visual"],
    )
    hit = await hits.first()
    return hit


async def analyze(client: AsyncTwelveLabs, asset: AssetDetail, prompt: str, show: Callable[[str], None]) -> str:
    """An answer, as it is written."""
    async with client.analyze_file_stream(asset, prompt) as stream:
        async for piece in stream.text_stream:
            show(piece)
    return stream.text


async def embed(client: AsyncTwelveLabs, asset: AssetDetail, text: str) -> tuple[EmbeddingData, float]:
    """The clip of a video that is most similar to a text, and the similarity."""
    video = await client.embed.v_2.embed_file(
        asset,
        model_name="marengo3.0",
        embedding_option=["visual"],
        embedding_scope=["clip"],
        segmentation={
            "strategy": "dynamic",
            "dynamic": {"min_duration_sec": 2},
        },
    )
    texts = await client.embed.v_2.embed_texts([text], model_name="marengo3.0")
    query = texts[0].data[0].embedding
    clips = video.data or []
    scores = stack(clips) @ query.numpy()
    best = clips[scores.argmax()]
    return best, float(scores.max())


async def clean_up(client: AsyncTwelveLabs, index: IndexOrId, assets: Sequence[AssetDetail]) -> None:
    """What was created is deleted."""
    await client.indexes.delete(index)
    for asset in assets:
        await client.assets.delete(asset, force=True)
