"""Indexing real files: scenes, colours, sound and words at the right seconds."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import media
from twelvelabs_async.emulator.media.frames import needs_key_frames_only
from twelvelabs_async.emulator.media.samples import (
    Caption,
    SampleVideo,
    Scene,
    demo_videos,
    write_audio,
    write_image,
)

if TYPE_CHECKING:
    from pathlib import Path


def index_of(spec: SampleVideo, directory: Path, **options: Any) -> dict[str, Any]:
    path = spec.write(directory)
    return media.index(path, media.probe(path), {"filename": spec.name}, **options)


@pytest.mark.parametrize("spec", demo_videos(), ids=lambda spec: spec.name)
def test_scenes_are_cut_exactly(spec: SampleVideo, indexes: dict[str, dict[str, Any]]) -> None:
    index = indexes[spec.name.partition("_")[0]]
    found = [(scene["start"], scene["end"]) for scene in index["scenes"]]
    assert found == [(pytest.approx(start), pytest.approx(end)) for start, end, _ in spec.timeline()]
    assert json.loads(json.dumps(index)) == index


def test_what_is_seen(indexes: dict[str, dict[str, Any]]) -> None:
    blue, yellow, red = indexes["beach"]["scenes"]
    assert (blue["colours"], red["colours"]) == ({"blue": 1.0}, {"red": 1.0})
    assert list(yellow["colours"]) == ["yellow", "white"]
    assert [s["motion"] for s in (blue, yellow, red)] == ["still", "slow", "still"]
    assert [s["motion"] for s in indexes["night"]["scenes"]] == ["still", "fast", "still"]
    assert [s["brightness_name"] for s in indexes["night"]["scenes"]] == ["dark", "dark", "medium"]
    assert indexes["city"]["scenes"][0]["brightness_change"] > 0.1
    assert [s["texture"] for s in indexes["garden"]["scenes"]] == ["plain", "textured"]


def test_what_is_heard_and_read(indexes: dict[str, dict[str, Any]]) -> None:
    heard = [scene["audio"] for scene in indexes["beach"]["scenes"]]
    assert [(h["loudness"], h["tone"]) for h in heard] == [
        ("loud", pytest.approx(tone, abs=5)) for tone in (220, 330, 440)
    ]
    assert [scene["audio"]["loudness"] for scene in indexes["garden"]["scenes"]] == ["quiet", "loud"]
    assert indexes["night"]["scenes"][0]["audio"] == {"loudness": "none", "level": None, "tone": None}
    assert indexes["beach"]["transcription"][1] == {"start": 7.5, "end": 11.0, "value": "A sunset to remember"}
    assert indexes["beach"]["words"] == {"filename": ["beach", "holiday"], "title": ["beach", "holiday"]}


def test_words_of_any_shape(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.png", "red")
    words = {
        "title": None,
        "metadata": {"place": ["Nice", "Nantes"], "year": 1999, "good": True},
        "filename": "MyTrip_2.mov",
    }
    index = media.index(path, media.probe(path), words)
    assert index["words"] == {
        "metadata": ["place", "nice", "nantes", "year", "1999", "good"],
        "filename": ["my", "trip", "2"],
    }
    renamed = media.with_words(index, {"title": "Sunny days", "filename": None})
    assert (renamed["title"], renamed["words"]["title"], index["title"]) == ("Sunny days", ["sunny", "days"], "")


def test_variable_frame_rate(tmp_path: Path) -> None:
    spec = SampleVideo("v.mp4", (Scene("red", 3), Scene("green", 2.5), Scene("blue", 2)), variable_rate=True)
    scenes = index_of(spec, tmp_path)["scenes"]
    assert [s["start"] for s in scenes] == [0.0, 3.0, 5.5]
    assert [next(iter(s["colours"])) for s in scenes] == ["red", "green", "blue"]


def test_similar_brightness_and_patterns_are_still_cut(tmp_path: Path) -> None:
    scenes = (
        Scene("gray", 2, pattern="noise"),
        Scene("red", 2, pattern="stripes", second="blue", shape="white", motion="fast"),
        Scene((200, 60, 40), 2, pattern="gradient", second="cyan"),
    )
    index = index_of(SampleVideo("p.mp4", scenes, fps=30), tmp_path)
    assert [s["start"] for s in index["scenes"]] == [0.0, 2.0, 4.0]


def test_a_fade_to_another_colour_ends_the_scene(tmp_path: Path) -> None:
    index = index_of(SampleVideo("f.mp4", (Scene("white", 6, fade_to=0.0),)), tmp_path)
    names = [next(iter(scene["colours"])) for scene in index["scenes"]]
    assert names[0] in {"white", "gray"}
    assert names[-1] in {"gray", "black"}
    assert all(scene["brightness_change"] < 0 for scene in index["scenes"])


def test_only_key_frames_of_an_expensive_video(tmp_path: Path) -> None:
    spec = SampleVideo("k.mp4", (Scene("red", 4), Scene("green", 4, shape="white", motion="fast")), fps=12)
    index = index_of(spec, tmp_path, pixel_budget=1000)
    assert index["exact"] is False
    assert [next(iter(s["colours"])) for s in index["scenes"]] == ["red", "green"]
    assert [s["start"] for s in index["scenes"]] == [0.0, 4.0]
    assert {s["motion"] for s in index["scenes"]} == {"unknown"}


def test_an_hour_of_video_is_judged_by_key_frames() -> None:
    info = media.MediaInfo("video", "video/mp4", 1, "mp4", duration=3600, width=1920, height=1080, fps=30)
    assert needs_key_frames_only(info)
    assert not needs_key_frames_only(media.MediaInfo("video", "", 1, "mp4", 60, 1920, 1080, 30))
    assert needs_key_frames_only(media.MediaInfo("video", "", 1, "mp4", 36_000, 64, 64, 30))


def test_damaged_middle_is_passed_over(tmp_path: Path) -> None:
    spec = SampleVideo("d.mp4", (Scene("red", 3, pattern="noise"), Scene("blue", 3, pattern="noise")))
    data = bytearray((path := spec.write(tmp_path)).read_bytes())
    middle = len(data) // 3
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(bytes(data))
    index = media.index(path, media.probe(path))
    assert index["scenes"][0]["start"] == 0.0
    assert index["scenes"][-1]["end"] == pytest.approx(6.0, abs=0.1)


def test_audio_only(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", [(3, 440.0, 0.5), (2, None, 0.0), (3, 880.0, 0.02)])
    index = media.index(path, media.probe(path))
    assert [(s["start"], s["end"], s["audio"]["loudness"], s["audio"]["tone"]) for s in index["scenes"]] == [
        (0.0, 3.0, "loud", 440.0),
        (3.0, 5.0, "silent", None),
        (5.0, 8.0, "quiet", 880.0),
    ]


def test_a_sound_of_many_tones_is_no_tone(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", [(0.25, 200.0 + 150 * n, 0.5) for n in range(12)])
    index = media.index(path, media.probe(path))
    assert all(s["end"] - s["start"] >= 1.0 for s in index["scenes"])
    assert index["scenes"][0]["audio"]["tone"] is None


def test_images_and_documents(tmp_path: Path) -> None:
    picture = write_image(tmp_path / "a.jpg", "green")
    (scene,) = media.index(picture, media.probe(picture))["scenes"]
    assert (scene["colours"], scene["start"], scene["end"]) == ({"green": 1.0}, 0.0, 0.0)
    text = tmp_path / "a.md"
    text.write_text("First one. Second\none!\n\nThird", encoding="utf-8")
    assert media.index(text, media.probe(text))["sentences"] == ["First one.", "Second one!", "Third"]
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7\n/Type /Page\n")
    assert media.index(pdf, media.probe(pdf))["pages"] == 1


def test_subtitles_in_both_containers(tmp_path: Path) -> None:
    captions = (Caption(0.5, 1.0, "One"), Caption(2.25, 4.0, "Zwei — drei"))
    for name in ("s.mp4", "s.mkv"):
        index = index_of(SampleVideo(name, (Scene("red", 5),), captions=captions), tmp_path)
        assert [(c["start"], c["end"], c["value"]) for c in index["transcription"]] == [
            (c.start, c.end, c.text) for c in captions
        ]


def test_scenes_always_cover_the_video(indexes: dict[str, dict[str, Any]]) -> None:
    for index in indexes.values():
        scenes = index["scenes"]
        assert scenes[0]["start"] == 0.0
        assert scenes[-1]["end"] == pytest.approx(index["duration"])
        assert all(a["end"] == b["start"] for a, b in pairwise(scenes))
        assert [scene["number"] for scene in scenes] == list(range(len(scenes)))


def test_indexing_twice_gives_the_same(videos: dict[str, Path], indexes: dict[str, dict[str, Any]]) -> None:
    path = videos["city"]
    assert media.index(path, media.probe(path), {"filename": path.name}) == indexes["city"]


@pytest.mark.parametrize(
    ("name", "at", "colour"), [("beach", 0.0, "blue"), ("beach", 11.9, "red"), ("beach", 60, "red")]
)
def test_thumbnails(videos: dict[str, Path], tmp_path: Path, name: str, at: float, colour: str) -> None:
    target = tmp_path / "t.jpg"
    target.write_bytes(media.thumbnail(videos["beach"], at, width=201))
    info = media.probe(target)
    assert (info.mime, info.width, info.height) == ("image/jpeg", 200, 112)
    assert next(iter(media.index(target, info)["scenes"][0]["colours"])) == colour


def test_thumbnail_is_upright_and_refuses_sound(tmp_path: Path) -> None:
    target = tmp_path / "t.jpg"
    target.write_bytes(media.thumbnail(SampleVideo("r.mp4", (Scene("red", 1),), rotation=90).write(tmp_path)))
    assert (info := media.probe(target)).height > info.width
    with pytest.raises(media.MediaError, match="unsupported_media_type"):
        media.thumbnail(write_audio(tmp_path / "a.wav", [(1, 440.0, 0.5)]))
    broken = tmp_path / "b.mp4"
    broken.write_bytes(bytes(5000))
    with pytest.raises(media.MediaError, match="video_file_broken"):
        media.thumbnail(broken)
