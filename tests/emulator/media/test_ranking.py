"""Ranked searches, as those of the platform: there is always a best result."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import media
from twelvelabs_async.emulator.media import Hit, SearchQuery, search, searching
from twelvelabs_async.emulator.media.samples import Caption, SampleVideo, Scene, image_bytes, write_audio

if TYPE_CHECKING:
    from pathlib import Path

ALL = ("visual", "audio", "transcription")
SENTENCE = "a man walking his dog in the park"


def ranked(indexes: dict[str, dict[str, Any]], text: str | None, threshold: float = 0.0, **more: Any) -> list[Hit]:
    query = SearchQuery(text, **{"options": ALL, **more}, threshold=threshold, ranked=True)
    hits = search(query, list(indexes.items()))
    assert all(threshold <= hit.score <= 1.0 and hit.modalities for hit in hits)
    assert all(first.score >= second.score for first, second in pairwise(hits))
    return hits


@pytest.mark.parametrize("text", [SENTENCE, "red", "elephant", "two people talking about cars", "über größe", "?!"])
def test_everything_is_ranked(indexes: dict[str, dict[str, Any]], text: str) -> None:
    hits = ranked(indexes, text, options=["visual"])
    scenes = {(name, scene["start"], scene["end"]) for name, index in indexes.items() for scene in index["scenes"]}
    assert {(hit.video_id, hit.start, hit.end) for hit in hits} == scenes
    assert hits == ranked(dict(reversed(indexes.items())), text, options=["visual"])
    assert len({hit.score for hit in hits}) > len(hits) // 2, "scores are graded"


def test_what_fits_comes_first(indexes: dict[str, dict[str, Any]]) -> None:
    dog = {**indexes["night"], "words": {"filename": ["dog", "park"]}, "scenes": indexes["night"]["scenes"][:1]}
    hits = ranked({**indexes, "dog": dog}, SENTENCE)
    assert hits[0].video_id == "dog"
    assert ranked(indexes, SENTENCE)[0].video_id == "garden", "a meadow, in slow motion or not, is green"
    reds = ranked(indexes, "red")
    assert (reds[0].video_id, reds[0].start, reds[0].score) == ("beach", 7, 1.0)
    assert reds[1].video_id == "garden", "the pink scene is nearer to red than the others"
    assert reds[1].score < 0.35
    night = ranked(indexes, "a dark street in the middle of the night, without any cars or people")
    assert night[0].video_id == "night"


def test_a_threshold_is_a_cut(indexes: dict[str, dict[str, Any]]) -> None:
    for text in ("red", SENTENCE, "slow movement on yellow", "bright tone", "blue sky over a green meadow"):
        everything = ranked(indexes, text)
        for threshold in (0.2, 0.35, 0.6, 0.8):
            wanted = [hit for hit in everything if hit.score >= threshold]
            found = ranked(indexes, text, threshold)
            assert [(hit.video_id, hit.score) for hit in found] == [(hit.video_id, hit.score) for hit in wanted]


def test_pictures_are_ranked(indexes: dict[str, dict[str, Any]]) -> None:
    hits = ranked(indexes, None, options=["visual"], images=[image_bytes("red")])
    assert len(hits) == len(ranked(indexes, "red", options=["visual"]))
    assert (hits[0].video_id, hits[0].start) == ("beach", 7)
    both = ranked(indexes, "green meadow", options=["visual"], images=[image_bytes("purple")])
    assert len(both) == len(hits)
    assert {hit.video_id for hit in both[:2]} == {"night", "garden"}


def test_what_has_no_sound_and_no_speech_is_no_result_of_it(indexes: dict[str, dict[str, Any]]) -> None:
    assert {hit.video_id for hit in ranked(indexes, "red", options=["audio"])} == {"beach", "garden"}
    captions = sum(len(index["transcription"]) for index in indexes.values())
    spoken = ranked(indexes, SENTENCE, options=["transcription"])
    assert sum(hit.modalities == ("transcription",) for hit in spoken) == len(spoken) > 0
    assert len(spoken) <= captions
    assert ranked(indexes, SENTENCE, options=["transcription"], transcription_options=["lexical"]) == []
    assert ranked(indexes, "sunset", options=["transcription"], transcription_options=["lexical"])


def test_operator_and_ranks_what_has_all_options(indexes: dict[str, dict[str, Any]]) -> None:
    both = ranked(indexes, "red", options=["visual", "audio"], operator="and")
    assert {hit.video_id for hit in both} == {"beach", "garden"}
    assert (both[0].video_id, both[0].start) == ("beach", 7)
    assert ranked(indexes, "red", 0.6, options=["visual", "audio"], operator="and") == []
    single = ranked(indexes, "red sunset", 0.3, options=["visual", "transcription"], operator="and")
    assert (single[0].video_id, single[0].start) == ("beach", 7)


def test_a_search_has_a_largest_number_of_hits(
    indexes: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = ranked(indexes, "red")
    monkeypatch.setattr(searching, "MAX_HITS", 3)
    assert ranked(indexes, "red") == everything[:3]


def test_sound_within_a_scene_is_found(tmp_path: Path) -> None:
    """A single picture, with a tone in the middle."""
    spec = SampleVideo("a.mp4", (Scene("blue", 4), Scene("blue", 4, tone=440.0), Scene("blue", 4)))
    path = spec.write(tmp_path)
    index = media.index(path, media.probe(path))
    assert len(index["scenes"]) == 1
    videos = {"a": index}

    def best(text: str, *options: str) -> tuple[float, float]:
        hit = ranked(videos, text, options=options)[0]
        return hit.start, hit.end

    for options in (["audio"], ["visual", "audio"]):
        assert best("a beep", *options) == pytest.approx((4, 8), abs=0.3)
        plain = search(SearchQuery("beep", options=options), [*videos.items()])
        assert [(hit.start, hit.end) for hit in plain] == [pytest.approx((4, 8), abs=0.3)]
    assert best("silence", "audio") == pytest.approx((0, 4), abs=0.3)
    assert best("blue", "visual", "audio") == (0, 12), "the sound makes no difference: the scene stays whole"
    part = media.timeline.part_between(index, 5.0, 9.0)
    assert [(sound["start"], sound["end"]) for sound in part["sounds"]] == [(5.0, 8.0), (8.0, 9.0)]
    clips = media.embed_segments(index, clip_length=4.0, options=["audio"], scopes=["clip"])
    first, second, third = (media.cosine(media.embed_text("beep"), clip.vector) for clip in clips)
    assert second > first + 0.3
    assert first == pytest.approx(third)


def test_changes_of_sound_and_picture_are_one(tmp_path: Path) -> None:
    """Sound is measured in windows, pictures to the frame: a change of both at once is one time."""
    spec = SampleVideo("a.mp4", (Scene("blue", 3.1), Scene("red", 3.3, tone=440.0), Scene("green", 3.7, tone=880.0)))
    path = spec.write(tmp_path)
    index = media.index(path, media.probe(path))
    assert [sound["start"] for sound in index["sounds"]] == [scene["start"] for scene in index["scenes"]]
    assert index["sounds"][-1]["end"] == pytest.approx(index["duration"])


def test_hits_end_with_the_video(tmp_path: Path) -> None:
    """Also where subtitles go on after it."""
    captions = (Caption(1, 2, "hello"), Caption(3.5, 60.0, "goodbye"), Caption(50, 60, "late"))
    spec = SampleVideo("a.mkv", (Scene("blue", 2.3), Scene("red", 1.87, tone=440.0)), captions)
    path = spec.write(tmp_path)
    info = media.probe(path)
    index = media.index(path, info)
    for text in ("goodbye", "red", "late", "tone"):
        hits = ranked({"a": index}, text)
        assert hits
        assert max(hit.end for hit in hits) <= info.duration
        assert all(hit.start <= hit.end for hit in hits)
    assert [item["value"] for item in index["transcription"] if item["start"] < info.duration] == [
        item["value"] for item in index["transcription"]
    ]


def test_sound_files_are_ranked(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", [(3, 440.0, 0.5), (3, None, 0.0)])
    videos = {"a": media.index(path, media.probe(path), {"filename": "whale song.wav"})}
    assert [(hit.start, hit.end) for hit in ranked(videos, "an elephant")] in ([(0, 3), (3, 6)], [(3, 6), (0, 3)])
