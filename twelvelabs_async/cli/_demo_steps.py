"""The steps of the demo. What each finds is compared with what the sample videos hold."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final, Protocol

import attrs

from .._safe_repr import SafeRepr
from ..errors import BadRequestError, TaskFailedError, TwelveLabsError
from . import _demo_code as code
from ._output import error_line, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..client import AsyncTwelveLabs
    from ..emulator.media.samples import SampleVideo
    from ..types import AssetDetail, IndexOrId

BROKEN: Final = "broken.mp4"
"""Name of the file that is not a video."""

PROMPT: Final = "Describe the scenes of this video in order, and name the main colour of each."

QUERIES: Final = ("red", "green", "purple")


@attrs.frozen(repr=False)
class Finding(SafeRepr):
    """One result next to what was expected.

    Attributes:
        query: What was done.
        expected: What the content of the files says.
        found: What the platform said.
        detail: A score, or the like.
        matches: Whether they agree.
    """

    query: str
    expected: str
    found: str
    detail: str
    matches: bool


class View(Protocol):
    """What the steps report to."""

    def begin(self, title: str, functions: Sequence[Callable[..., object]]) -> None:
        """A step begins, which runs these functions."""

    def video(self, spec: SampleVideo, path: Path) -> None:
        """A sample video was made."""

    def note(self, text: str) -> None:
        """Something to know about the step."""

    def piece(self, text: str) -> None:
        """A piece of an answer has arrived."""

    def finding(self, finding: Finding) -> None:
        """There is a result."""

    def end(self, seconds: float) -> None:
        """The step has ended."""


@contextlib.contextmanager
def step(view: View, title: str, *functions: Callable[..., object]) -> Iterator[None]:
    """Report when a step begins and ends; it runs these functions."""
    begun = time.perf_counter()
    view.begin(title, functions)
    yield
    view.end(time.perf_counter() - begun)


@attrs.frozen(repr=False)
class _Video(SafeRepr):
    spec: SampleVideo
    asset: AssetDetail
    id: str


class Demo:
    """One run.

    Args:
        client: What it uses.
        view: Where it reports.

    Attributes:
        findings: All results so far.
    """

    def __init__(self, client: AsyncTwelveLabs, view: View) -> None:
        self._client = client
        self._view = view
        self._assets: list[AssetDetail] = []
        self.findings: list[Finding] = []

    @property
    def matched(self) -> bool:
        """Whether all results are what was expected."""
        return all(finding.matches for finding in self.findings)

    async def run(self, specs: Sequence[SampleVideo], paths: Mapping[str, Path]) -> None:
        """Run every step. What it creates is deleted at the end, also after an error and a cancellation.

        Args:
            specs: What the videos hold.
            paths: Where they are, and the broken file.
        """
        with step(self._view, "Create an index", code.create_index):
            index = await code.create_index(self._client, f"twelvelabs-async demo {time.time_ns()}")
        try:
            with step(
                self._view,
                f"Upload {len(specs)} videos, and a file that is broken, and index them",
                code.upload,
                code.add,
            ):
                videos = await self._upload_all(index, specs, paths)
            with step(self._view, "Search", code.search):
                for text in QUERIES:
                    await self._search(index, videos, text)
            with step(self._view, "Analyze, word by word", code.analyze):
                await self._analyze(videos[0])
            with step(self._view, "Compare clips with a text", code.embed):
                await self._embed(videos[0], "red")
        finally:
            with step(self._view, "Delete all of it", code.clean_up):
                await self._clean_up(index)

    def _report(self, query: str, expected: str, found: str, detail: str, *, matches: bool) -> None:
        finding = Finding(query, expected, one_line(found), one_line(detail), matches)
        self.findings.append(finding)
        self._view.finding(finding)

    async def _upload_all(
        self, index: IndexOrId, specs: Sequence[SampleVideo], paths: Mapping[str, Path]
    ) -> list[_Video]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._upload(index, spec, paths[spec.name])) for spec in specs]
            group.create_task(self._upload_broken(paths[BROKEN]))
        return [task.result() for task in tasks]

    async def _upload(self, index: IndexOrId, spec: SampleVideo, path: Path) -> _Video:
        asset = await code.upload(self._client, path)
        self._assets.append(asset)
        video = await code.add(self._client, index, asset)
        self._report(f"index {spec.name}", "ready", video.status or "", "", matches=video.status == "ready")
        return _Video(spec, asset, video.id)

    async def _upload_broken(self, path: Path) -> None:
        found, reason = "rejected", ""
        try:
            self._assets.append(await code.upload(self._client, path))
        except BadRequestError as error:
            reason = error.message
        except TaskFailedError as error:
            reason = str(error).rpartition(": ")[2]
        else:
            found = "accepted"
        self._report(f"upload {path.name}", "rejected", found, reason, matches=found == "rejected")

    async def _search(self, index: IndexOrId, videos: Sequence[_Video], text: str) -> None:
        wanted, start, end = next((video, start, end) for video in videos for start, end in _scenes(video.spec, text))
        expected = f"{wanted.spec.name} {_span(start, end)}"
        hit = await code.search(self._client, index, text)
        if hit is None or hit.start is None or hit.end is None:
            self._report(f"search {text!r}", expected, "nothing", "", matches=False)
            return
        names = {video.id: video.spec.name for video in videos}
        found = f"{names.get(hit.video_id or '', hit.video_id)} {_span(hit.start, hit.end)}"
        detail = f"rank {hit.rank}" if hit.score is None else f"score {hit.score:.0f}"
        matches = hit.video_id == wanted.id and _overlap((hit.start, hit.end), (start, end)) >= 0.5
        self._report(f"search {text!r}", expected, found, detail, matches=matches)

    async def _analyze(self, video: _Video) -> None:
        pieces: list[str] = []

        def show(piece: str) -> None:
            pieces.append(piece)
            self._view.piece(piece)

        text = (await code.analyze(self._client, video.asset, PROMPT, show)).lower()
        self._view.piece("\n")
        colours = [str(scene.colour) for _, _, scene in video.spec.timeline()]
        named = [colour for colour in colours if colour in text]
        found = ", ".join(named) or "none of them"
        self._report(
            f"analyze {video.spec.name}", ", ".join(colours), found, f"{len(pieces)} pieces", matches=named == colours
        )

    async def _embed(self, video: _Video, text: str) -> None:
        [(start, end)] = _scenes(video.spec, text)
        clip, similarity = await code.embed(self._client, video.asset, text)
        found = (clip.start_sec or 0.0, clip.end_sec or 0.0)
        self._report(
            f"clip most like {text!r}",
            f"{video.spec.name} {_span(start, end)}",
            f"{video.spec.name} {_span(*found)}",
            f"similarity {similarity:.2f}",
            matches=start - 0.5 <= sum(found) / 2 <= end + 0.5,
        )

    async def _clean_up(self, index: IndexOrId) -> None:
        try:
            await code.clean_up(self._client, index, self._assets)
        except TwelveLabsError as error:  # it must not hide what ended the demo
            found = error_line(error)
        else:
            found = "deleted"
        self._report("index and uploads", "deleted", found, "", matches=found == "deleted")


def _scenes(spec: SampleVideo, colour: str) -> list[tuple[float, float]]:
    return [(start, end) for start, end, scene in spec.timeline() if scene.colour == colour]


def _span(start: float, end: float) -> str:
    return f"{start:.1f}-{end:.1f} s"


def _overlap(found: tuple[float, float], expected: tuple[float, float]) -> float:
    """Overlap of two spans, as a fraction of the longer one."""
    shared = min(found[1], expected[1]) - max(found[0], expected[0])
    longer = max(found[1] - found[0], expected[1] - expected[0])
    return max(0.0, shared) / longer if longer else 0.0
