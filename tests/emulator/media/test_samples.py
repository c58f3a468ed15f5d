"""The sample videos are what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twelvelabs_async.emulator import media
from twelvelabs_async.emulator.media.samples import PALETTE, Caption, SampleVideo, Scene, demo_videos

if TYPE_CHECKING:
    from pathlib import Path


def test_timeline_is_exact_to_a_frame() -> None:
    spec = SampleVideo("a.mp4", (Scene("red", 1.01), Scene("blue", 2)), fps=10)
    assert [(start, end, scene.colour) for start, end, scene in spec.timeline()] == [(0, 1, "red"), (1, 3, "blue")]
    assert spec.duration == 3


@pytest.mark.parametrize("spec", demo_videos(), ids=lambda spec: spec.name)
def test_demo_videos_hold_what_their_specs_say(spec: SampleVideo, videos: dict[str, Path]) -> None:
    info = media.probe(videos[spec.name.partition("_")[0]])
    media.check_indexable(info)
    assert (info.width, info.height, info.fps) == (spec.width, spec.height, spec.fps)
    assert info.duration == pytest.approx(spec.duration, abs=0.05)
    assert info.has_audio is spec.has_audio
    assert info.tags["title"] == spec.title


def test_the_same_spec_gives_the_same_picture(tmp_path: Path) -> None:
    spec = SampleVideo("a.mp4", (Scene("red", 1, shape="blue", motion="fast"),))
    assert spec.write(tmp_path / "1").read_bytes() == spec.write(tmp_path / "2").read_bytes()


def test_every_colour_of_the_palette_is_seen_under_its_own_name(tmp_path: Path) -> None:
    spec = SampleVideo("all.mp4", tuple(Scene(name, 1) for name in PALETTE), width=360, height=360)
    scenes = media.index(path := spec.write(tmp_path), media.probe(path))["scenes"]
    assert [next(iter(scene["colours"])) for scene in scenes] == list(PALETTE)
    assert [(s["start"], s["end"]) for s in scenes] == [(start, end) for start, end, _ in spec.timeline()]


def test_container_formats_and_tracks(tmp_path: Path) -> None:
    spec = SampleVideo(
        "a.mkv",
        (Scene("red", 4, tone=440),),
        captions=(Caption(1, 2, "Grüße & <b>Küsse</b>"),),
        tags={"comment": "x"},
    )
    info = media.probe(path := spec.write(tmp_path))
    assert (info.container, info.mime, info.tags["comment"]) == ("matroska", "video/x-matroska", "x")
    assert media.index(path, info)["transcription"] == [{"start": 1.0, "end": 2.0, "value": "Grüße & Küsse"}]
