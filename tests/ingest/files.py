"""Many small files: real videos of which each has bytes of its own, and files that the platform rejects."""

from __future__ import annotations

import dataclasses
import random
import struct
from typing import TYPE_CHECKING, Final, Literal

from twelvelabs_async.emulator.faults.plan import FaultPlan
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, numbered
from twelvelabs_async.emulator.state.fingerprint import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Damage = Literal["noise", "cut", "short"]

DAMAGES: Final[tuple[Damage, ...]] = ("noise", "cut", "short")
"""What can be wrong with a file: it is noise or was cut off (its asset fails), or its video is too short to be indexed
(its asset is ready, and cannot be added to an index)."""

_PER_FOLDER: Final = 500


@dataclasses.dataclass(frozen=True)
class SourceFile:
    """A file that is ingested.

    Attributes:
        path: Where it is.
        fingerprint: What its bytes are, as the emulator names them.
        broken: Whether it must fail.
    """

    path: Path
    fingerprint: str
    broken: bool = False


def tiny_video(folder: Path, seconds: float = 4.0) -> bytes:
    """A real video, about as small as the platform takes."""
    spec = SampleVideo("tiny.mp4", (Scene("red", seconds),), width=360, height=360, fps=2)
    path = spec.write(folder / ".tiny")
    data = path.read_bytes()
    path.unlink()
    path.parent.rmdir()
    return data


def padded(video: bytes, size: int) -> bytes:
    """A video of exactly this many bytes, with the same content: a box that no program looks at holds noise."""
    length = size - len(video)
    return video + struct.pack(">I4s", length, b"free") + random.Random(size).randbytes(length - 8)


def write_files(
    folder: Path, good: int, broken: int = 0, *, first: int = 0, large: int = 0, size: int = 0
) -> list[SourceFile]:
    """Write files into a folder and folders below it.

    Args:
        folder: The folder; it is made.
        good: Number of videos.
        broken: Number of files that must fail, with the damages in turn.
        first: Number of the first file, so that several calls write different files.
        large: How many of the videos are padded.
        size: Bytes of the first of these; each further one has one more.
    """
    folder.mkdir(parents=True, exist_ok=True)
    video, short = tiny_video(folder), tiny_video(folder, 1.0)
    contents = [(f"video-{at:06}.mp4", numbered(video, at), False) for at in range(first, first + good - large)]
    contents += [(f"large-{at:06}.mp4", padded(video, size + at), False) for at in range(large)]
    for at in range(first, first + broken):
        damage = DAMAGES[at % len(DAMAGES)]
        contents.append((f"{damage}-{at:06}.mp4", _damaged(damage, at, video, short), True))
    files = []
    for at, (name, data, wrong) in enumerate(contents):
        place = folder / f"{at // _PER_FOLDER:03}"
        place.mkdir(exist_ok=True)
        path = place / name
        path.write_bytes(data)
        files.append(SourceFile(path, fingerprint(path), wrong))
    return files


def _damaged(damage: Damage, number: int, video: bytes, short: bytes) -> bytes:
    if damage == "short":
        return numbered(short, number)
    if damage == "noise":
        return b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + random.Random(number).randbytes(2000)
    # Each is cut at another byte, so that each is a file of its own.
    return video[: len(video) // 2 + number % (len(video) // 4)]


def with_faults(files: Iterable[SourceFile], plan: FaultPlan) -> list[SourceFile]:
    """The files, of which those that a fault plan breaks are broken."""
    own = FaultPlan([rule.fault for rule in plan.rules], seed=plan.seed)  # asking must not count as a fault
    return [
        dataclasses.replace(
            file,
            broken=file.broken or any(own.breaks(kind, file.path.name) for kind in ("broken_asset", "broken_indexing")),
        )
        for file in files
    ]


TRANSIENT: Final[Sequence[tuple[str, int | None]]] = (
    ("status", 500),
    ("status", 503),
    ("status", 429),
    ("reset", None),
)

CREATES: Final = (
    "createAsset",
    "createIndexedAsset",
    "createKnowledgeStoreItem",
    "createMultipartUpload",
    "reportChunkBatch",
)
"""Operations that make something; the last call of `reportChunkBatch` makes the asset of an upload."""


def fault_plan(*, seed: int, transient: float = 0.05, lost: float = 0.02, broken: float = 0.01) -> FaultPlan:
    """What happens to a large ingestion.

    Args:
        seed: Decides which requests and which files.
        transient: Share of all requests that fail before they are executed: 500, 503, 429, a reset connection.
        lost: Share of the requests that make something whose response is lost after they were executed.
        broken: Share of the files that fail, half as assets and half when they are indexed.
    """
    plan = FaultPlan(seed=seed)
    plan.add(kind="reset", operation=CREATES, rate=lost, carried_out=True)
    for kind, status in TRANSIENT:
        wait = 0.01 if status == 429 else None
        plan.add(kind=kind, status=status, retry_after=wait, rate=transient / len(TRANSIENT))
    plan.add(kind="broken_asset", rate=broken / 2)
    plan.add(kind="broken_indexing", rate=broken / 2)
    return plan
