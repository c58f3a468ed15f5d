"""Searching real files: the right second of the right video."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import media
from twelvelabs_async.emulator.media import Hit, SearchQuery, search
from twelvelabs_async.emulator.media.samples import Caption, SampleVideo, Scene, image_bytes, write_audio

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ALL = ("visual", "audio", "transcription")


def found(
    indexes: dict[str, dict[str, Any]], text: str | None, options: Sequence[str] = ALL, **more: Any
) -> list[tuple[str, float, float]]:
    hits = search(SearchQuery(text, options=options, **more), list(indexes.items()))
    assert all(0.35 <= hit.score <= 1.0 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    return [(hit.video_id, hit.start, hit.end) for hit in hits]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("red", ("beach", 7, 12)),
        ("a crimson background", ("beach", 7, 12)),
        ("blue sky", ("beach", 0, 4)),
        ("dark scene", ("night", 0, 4)),
        ("fast motion", ("night", 4, 8)),
        ("something purple", ("night", 8, 12)),
        ("checkered pink", ("garden", 6, 10)),
        ("green meadow", ("garden", 0, 6)),
        ("a quiet tone", ("garden", 0, 6)),
        ("turquoise", ("city", 5, 10)),
        ("slow movement on yellow", ("beach", 4, 7)),
        ("raises a glass", ("garden", 6.5, 9)),
        ("sunset", ("beach", 7.5, 11)),
        ("bright white", ("city", 10, 15)),
    ],
)
def test_best_hit(indexes: dict[str, dict[str, Any]], question: str, first: tuple[str, float, float]) -> None:
    assert found(indexes, question)[0] == first


@pytest.mark.parametrize("question", ["elephant", "orange juice", "", "  ", "?!", "two people talking about cars"])
def test_irrelevant_questions_find_nothing(indexes: dict[str, dict[str, Any]], question: str) -> None:
    assert found(indexes, question) == []


def test_only_the_red_scene_is_red(indexes: dict[str, dict[str, Any]]) -> None:
    assert found(indexes, "red") == [("beach", 7, 12)]


def test_words_of_the_name_find_the_whole_video(indexes: dict[str, dict[str, Any]]) -> None:
    assert found(indexes, "holiday") == [("beach", 0, 4), ("beach", 4, 7), ("beach", 7, 12)]
    assert found(indexes, "holiday", ["audio", "transcription"]) == []


def test_options_decide_where_is_looked(indexes: dict[str, dict[str, Any]]) -> None:
    assert found(indexes, "red", ["audio"]) == found(indexes, "red", ["transcription"]) == []
    assert found(indexes, "sunset", ["visual"]) == []
    assert found(indexes, "sunset", ["transcription"]) == [("beach", 7.5, 11)]
    assert found(indexes, "loud tone", ["visual"]) == []


def test_operator_and_wants_every_option(indexes: dict[str, dict[str, Any]]) -> None:
    assert found(indexes, "red sunset", ["visual", "transcription"], operator="and") == [("beach", 7, 12)]
    assert found(indexes, "red", ["visual", "audio"], operator="and") == []
    assert found(indexes, "red", ["visual"], operator="and") == [("beach", 7, 12)]


def test_seen_and_heard_words_add_up(indexes: dict[str, dict[str, Any]]) -> None:
    (hit, *_) = search(SearchQuery("red tone", options=("visual", "audio")), list(indexes.items()))
    assert (hit.video_id, hit.start, hit.score, hit.modalities) == ("beach", 7.0, 1.0, ("visual", "audio"))


def test_pictures(indexes: dict[str, dict[str, Any]]) -> None:
    assert found(indexes, None, ["visual"], images=[image_bytes("purple", codec="mjpeg")]) == [("night", 8, 12)]
    both = found(indexes, None, ["visual"], images=[image_bytes("purple"), image_bytes("red")])
    assert set(both) == {("night", 8, 12), ("beach", 7, 12)}
    assert found(indexes, "red", ["visual"], images=[image_bytes("red")])[0] == ("beach", 7, 12)
    assert found(indexes, None, ["audio"], images=[image_bytes("red")]) == []
    with pytest.raises(media.MediaError, match="unsupported_media_type"):
        search(SearchQuery(images=[b"x"]), [])


def test_adjacent_scenes_stay_separate(tmp_path: Path) -> None:
    path = SampleVideo("a.mp4", (Scene("red", 2), Scene("black", 0.6), Scene("red", 2))).write(tmp_path)
    index = media.index(path, media.probe(path))
    times = [time for hit in search(SearchQuery("red"), [("a", index)]) for time in (hit.start, hit.end)]
    assert times == pytest.approx([0, 48 / 24, 62 / 24, 110 / 24])


def test_spoken_words_lexical_and_semantic(tmp_path: Path) -> None:
    captions = (Caption(0.5, 1.5, "We were driving home"), Caption(2, 3, "The crimson door"))
    path = SampleVideo("a.mp4", (Scene("gray", 4),), captions=captions).write(tmp_path)
    videos = {"a": media.index(path, media.probe(path))}

    def spoken(text: str, how: str) -> list[tuple[str, float, float]]:
        return found(videos, text, ["transcription"], transcription_options=[how])

    assert spoken("driving", "lexical") == spoken("drive", "semantic") == [("a", 0.5, 1.5)]
    assert spoken("drive", "lexical") == spoken("red", "lexical") == []
    assert spoken("red", "semantic") == [("a", 2, 3)]
    assert search(SearchQuery("gray"), list(videos.items()))[0].transcription == "We were driving home The crimson door"


def test_sound_files_are_found_by_sound_and_name(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", [(3, 440.0, 0.5), (3, None, 0.0)])
    videos = {"a": media.index(path, media.probe(path), {"filename": "whale song.wav"})}
    assert found(videos, "beep", ["audio"]) == [("a", 0, 3)]
    assert found(videos, "silence", ["audio"]) == [("a", 3, 6)]
    assert found(videos, "whales", ["audio"]) == [("a", 0, 3), ("a", 3, 6)]
    assert found(videos, "red") == []


def test_the_order_is_always_the_same(indexes: dict[str, dict[str, Any]]) -> None:
    def hits(names: list[str]) -> list[Hit]:
        return search(SearchQuery("bright tone", options=ALL), [(name, indexes[name]) for name in names])

    assert hits(list(indexes)) == hits(list(reversed(indexes)))
