"""The steps of the demo: upload and index, search, analyze, embed. Each records the result and the expected result."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import attrs
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from twelvelabs_async import BadRequestError, TaskFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from twelvelabs_async import AsyncTwelveLabs
    from twelvelabs_async.emulator.media.samples import SampleVideo
    from twelvelabs_async.types import IndexedAssetDetailed
    from twelvelabs_async.uploads import UploadProgress

BROKEN = "broken.mp4"
"""Name of the file that is not a valid video."""

QUERY_COLOURS = ("red", "green", "purple", "cyan")
ANALYZED_COLOURS = ("blue", "yellow", "red")
INDEX_STATES = {"validating": 10, "pending": 20, "queued": 30, "indexing": 60, "ready": 100}


@attrs.frozen
class Finding:
    """One line of the report: the query, the expected result and the actual result."""

    query: str
    expected: str
    found: str
    score: str
    matches: bool


@attrs.define
class Outcome:
    """All results of the demo."""

    findings: list[Finding] = attrs.field(factory=list)


@attrs.frozen
class Indexed:
    """A video that was uploaded and indexed."""

    spec: SampleVideo
    asset_id: str
    video_id: str


async def run_all(
    client: AsyncTwelveLabs, console: Console, specs: Sequence[SampleVideo], paths: Mapping[str, Path]
) -> Outcome:
    """Run every step with a new index, and delete everything that was created at the end."""
    outcome = Outcome()
    index = await client.indexes.create(
        index_name=f"twelvelabs-async demo {time.time_ns()}",
        models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}],
    )
    console.print(f"Index {index.id} was created.")
    indexed: list[Indexed] = []
    try:
        console.rule("2. Upload and index")
        indexed = await _upload_all(client, console, index.id, specs, paths, outcome)
        console.rule("3. Search")
        await _search(client, index.id, indexed, outcome)
        console.print(f"{len(outcome.findings) - 1} searches finished.")
        console.rule("4. Analyze, word by word")
        await _analyze(client, console, indexed[0], outcome)
        console.rule("5. Embeddings")
        await _embed(client, console, indexed[0], outcome)
    finally:
        await client.indexes.delete(index)
        await asyncio.gather(*(client.assets.delete(video.asset_id, force=True) for video in indexed))
    return outcome


async def _upload_all(
    client: AsyncTwelveLabs,
    console: Console,
    index_id: str,
    specs: Sequence[SampleVideo],
    paths: Mapping[str, Path],
    outcome: Outcome,
) -> list[Indexed]:
    columns = (
        TextColumn("{task.description:>28}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    largest = max(specs, key=lambda spec: paths[spec.name].stat().st_size)
    with Progress(*columns, console=console) as progress:
        async with asyncio.TaskGroup() as group:
            videos = [
                group.create_task(
                    _upload(client, progress, index_id, spec, paths[spec.name], in_chunks=spec is largest)
                )
                for spec in specs
            ]
            broken = group.create_task(_upload_broken(client, progress, paths[BROKEN]))
    outcome.findings.append(broken.result())
    return [video.result() for video in videos]


async def _upload(
    client: AsyncTwelveLabs, progress: Progress, index_id: str, spec: SampleVideo, path: Path, *, in_chunks: bool
) -> Indexed:
    bar = progress.add_task(f"{spec.name}", total=100, state="uploading")
    if in_chunks:

        def on_progress(seen: UploadProgress) -> None:
            progress.update(bar, completed=seen.percentage, state=f"chunk {seen.completed_chunks}/{seen.total_chunks}")

        result = await client.multipart_upload.upload_file(path, progress_callback=on_progress)
        asset_id = result.asset_id
    else:
        asset = await client.assets.create(method="direct", file=path)
        asset_id = asset.id
    await client.assets.wait_for_done(asset_id, sleep_interval=0.2)
    progress.update(bar, completed=5, state="uploaded")
    created = await client.indexes.indexed_assets.create(index_id, asset_id=asset_id)

    def on_state(seen: IndexedAssetDetailed) -> None:
        _show(progress, bar, seen.status or "pending")

    video = await client.indexes.indexed_assets.wait_for_done(index_id, created, sleep_interval=0.2, callback=on_state)
    return Indexed(spec, asset_id, video.id)


def _show(progress: Progress, bar: TaskID, status: str) -> None:
    progress.update(bar, completed=INDEX_STATES.get(status, 50), state=status)


async def _upload_broken(client: AsyncTwelveLabs, progress: Progress, path: Path) -> Finding:
    bar = progress.add_task(path.name, total=100, state="uploading")
    try:
        asset = await client.assets.create(method="direct", file=path)
        await client.assets.wait_for_done(asset, sleep_interval=0.2)
    except BadRequestError as error:
        reason = f"{error.code}: {error.message}"
    except TaskFailedError as error:
        reason = str(error)
    else:
        reason = ""
    progress.update(bar, completed=100, state="rejected" if reason else "accepted")
    return Finding(f"upload {path.name}", "rejected, with a reason", reason or "accepted", "", matches=bool(reason))


async def _search(client: AsyncTwelveLabs, index_id: str, videos: Sequence[Indexed], outcome: Outcome) -> None:
    for colour in QUERY_COLOURS:
        video, start, end = _scene(videos, colour)
        expected = f"{video.spec.name} {start:.1f}-{end:.1f} s"
        first: Any = None
        async for hit in client.search.query(index_id=index_id, query_text=colour, search_options=["visual"]):
            first = hit
            break
        if first is None:
            outcome.findings.append(Finding(f"search {colour!r}", expected, "nothing", "", matches=False))
            continue
        names = {one.video_id: one.spec.name for one in videos}
        found = f"{names.get(first.video_id, first.video_id)} {first.start:.1f}-{first.end:.1f} s"
        score = f"rank {first.rank}" if first.score is None else f"{first.score:.0f}"
        matches = first.video_id == video.video_id and _overlap((first.start, first.end), (start, end)) >= 0.5
        outcome.findings.append(Finding(f"search {colour!r}", expected, found, score, matches=matches))


def _scene(videos: Sequence[Indexed], colour: str) -> tuple[Indexed, float, float]:
    for video in videos:
        for start, end, scene in video.spec.timeline():
            if scene.colour == colour:
                return video, start, end
    raise LookupError(f"no video of the demo has a {colour} scene")


def _overlap(found: tuple[float, float], expected: tuple[float, float]) -> float:
    """Overlap of two spans, as a fraction of the longer one."""
    shared = min(found[1], expected[1]) - max(found[0], expected[0])
    longer = max(found[1] - found[0], expected[1] - expected[0])
    return max(0.0, shared) / longer if longer else 0.0


async def _analyze(client: AsyncTwelveLabs, console: Console, video: Indexed, outcome: Outcome) -> None:
    prompt = "Describe the scenes of this video in order, and name the main colour of each."
    words: list[str] = []
    async with client.analyze_stream(video={"type": "asset_id", "asset_id": video.asset_id}, prompt=prompt) as events:
        async for event in events:
            text = getattr(event, "text", None)
            if text:
                words.append(text)
                console.print(text, end="", markup=False, highlight=False)
    console.print()
    description = "".join(words).lower()
    named = [colour for colour in ANALYZED_COLOURS if colour in description]
    outcome.findings.append(
        Finding(
            f"analyze {video.spec.name}",
            ", ".join(ANALYZED_COLOURS),
            ", ".join(named) or "none of them",
            f"{len(words)} pieces",
            matches=named == list(ANALYZED_COLOURS),
        )
    )


async def _embed(client: AsyncTwelveLabs, console: Console, video: Indexed, outcome: Outcome) -> None:
    start, end = next((start, end) for start, end, scene in video.spec.timeline() if scene.colour == "red")
    task = await client.embed.v_2.tasks.create(
        input_type="video",
        model_name="marengo3.0",
        video={
            "media_source": {"asset_id": video.asset_id},
            "embedding_option": ["visual"],
            "embedding_scope": ["clip"],
            "segmentation": {"strategy": "dynamic", "dynamic": {"min_duration_sec": 2}},
        },
    )
    done = await client.embed.v_2.tasks.wait_for_done(task, sleep_interval=0.2)
    text = await client.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": "red"})
    query = text.data[0].embedding
    clips = [clip for clip in done.data or () if clip.start_sec is not None and clip.end_sec is not None]
    console.print(f"{len(clips)} clips and one text, {len(query)} numbers each.")
    similarity = {
        (clip.start_sec or 0.0, clip.end_sec or 0.0): sum(a * b for a, b in zip(clip.embedding, query, strict=True))
        for clip in clips
    }
    best = max(similarity, key=lambda span: similarity[span])
    outcome.findings.append(
        Finding(
            "clip most similar to the text 'red'",
            f"{video.spec.name} {start:.1f}-{end:.1f} s",
            f"{video.spec.name} {best[0]:.1f}-{best[1]:.1f} s",
            f"{similarity[best]:.2f}",
            matches=start - 0.5 <= (best[0] + best[1]) / 2 <= end + 0.5,
        )
    )
