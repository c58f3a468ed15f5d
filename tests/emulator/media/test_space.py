"""The embedding space: length, determinism, and what is near what."""

from __future__ import annotations

import math
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.emulator import media
from twelvelabs_async.emulator.media import cosine, embed_image, embed_scene, embed_segments, embed_text, pictures
from twelvelabs_async.emulator.media.embedding_space import embed_text_image, mix, to_vector
from twelvelabs_async.emulator.media.samples import PALETTE, SampleVideo, Scene, image_bytes, write_audio
from twelvelabs_async.emulator.media.segment_embeddings import embed_document, spans_of
from twelvelabs_async.emulator.media.vocabulary import stem, terms_of

if TYPE_CHECKING:
    from pathlib import Path

NAMED = ("red", "green", "blue", "yellow", "orange", "purple", "pink", "brown", "black", "white", "gray", "cyan")


def length(vector: list[float]) -> float:
    return math.sqrt(math.fsum(value * value for value in vector))


@given(st.text(max_size=200), st.sampled_from([1, 2, 7, 256, 512, 1024]))
def test_every_text_has_a_vector_of_length_one(text: str, dimension: int) -> None:
    vector = embed_text(text, dimension)
    assert len(vector) == dimension
    assert length(vector) == pytest.approx(1.0)
    assert embed_text(text, dimension) == vector


@given(st.dictionaries(st.text(max_size=10), st.floats(-100, 100), max_size=8))
def test_features_in_any_order_give_the_same_vector(features: dict[str, float]) -> None:
    backwards = dict(reversed(features.items()))
    assert to_vector(features, 64) == to_vector(backwards, 64)
    assert length(to_vector(features, 64)) == pytest.approx(1.0)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3), st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3))
def test_cosine(first: list[float], second: list[float]) -> None:
    value = cosine(first, second)
    assert -1.0 <= value <= 1.0
    assert value == pytest.approx(cosine(second, first))
    assert cosine(first, first) == pytest.approx(1.0 if any(abs(x) > 1e-6 for x in first) else cosine(first, first))
    assert cosine([0.0, 0.0, 0.0], second) == 0.0


def test_dimension_must_be_positive() -> None:
    with pytest.raises(ValueError, match="dimension"):
        embed_text("red", 0)


@pytest.mark.parametrize("dimension", [256, 512, 1024])
@pytest.mark.parametrize("colour", NAMED)
def test_a_colour_is_nearest_to_its_own_picture(colour: str, dimension: int) -> None:
    text = embed_text(f"a {colour} scene", dimension)
    near = {name: cosine(text, embed_image(image_bytes(PALETTE[name], 32, 32), dimension)) for name in NAMED}
    assert max(near, key=lambda name: near[name]) == colour
    assert near[colour] > 0.6
    assert max(value for name, value in near.items() if name != colour) < 0.4


def test_texts_and_scenes_share_the_space(indexes: dict[str, dict[str, Any]]) -> None:
    blue, _, red = indexes["beach"]["scenes"]
    assert cosine(embed_text("red"), embed_scene(red)) > 0.7 > 0.2 > cosine(embed_text("red"), embed_scene(blue))
    assert cosine(embed_text("crimson"), embed_scene(red)) > 0.5
    assert cosine(embed_image(image_bytes("red", codec="mjpeg")), embed_scene(red)) > 0.95
    both = embed_text_image("sunset", [image_bytes("red")])
    assert cosine(both, embed_scene(red)) > 0.5
    assert cosine(both, embed_text("sunset")) > 0.5


def test_segments_of_a_video(indexes: dict[str, dict[str, Any]]) -> None:
    found = embed_segments(indexes["beach"], min_duration=2, fused=True)
    assert [(s.start, s.end, s.option) for s in found if s.scope == "clip"] == [
        (start, end, option)
        for option in ("visual", "audio", "transcription", "fused")
        for start, end in ((0, 4), (4, 7), (7, 12))
        if not (option == "transcription" and start == 4)
    ]
    assert {(s.start, s.end) for s in found if s.scope == "asset"} == {(0.0, 12.0)}
    assert all(length(s.vector) == pytest.approx(1.0) for s in found)
    said = next(s for s in found if s.option == "transcription" and s.start == 7)
    assert cosine(embed_text("a sunset to remember"), said.vector) > 0.9


def test_joined_and_fixed_segments(indexes: dict[str, dict[str, Any]]) -> None:
    beach = indexes["beach"]

    def spans(**options: Any) -> list[tuple[float, float]]:
        found = embed_segments(beach, options=["visual"], scopes=["clip"], **options)
        return [(s.start, s.end) for s in found]

    assert spans() == [(0, 4), (4, 12)]
    assert spans(clip_length=5) == [(0, 5), (5, 10), (10, 12)]
    assert spans(clip_length=5.5) == [(0, 5.5), (5.5, 12)]
    assert spans(clip_length=6, start=1, end=11) == [(1, 7), (7, 11)]
    assert spans(clip_length=3, start=50) == [(12, 12)]


def test_nothing_heard_and_nothing_said_gives_no_vector(indexes: dict[str, dict[str, Any]]) -> None:
    found = embed_segments(indexes["night"], scopes=["video"], dimension=64)
    assert [(s.option, s.scope, len(s.vector)) for s in found] == [("visual", "video", 64)]


def test_sound_alone(tmp_path: Path) -> None:
    path = write_audio(tmp_path / "a.wav", [(4, 440.0, 0.5), (4, None, 0.0)])
    found = embed_segments(media.index(path, media.probe(path)), scopes=["clip"])
    assert [(s.option, s.start, s.end) for s in found] == [("audio", 0, 4), ("audio", 4, 8)]
    assert cosine(embed_text("a loud tone"), found[0].vector) > 0.6
    assert cosine(embed_text("silence"), found[1].vector) > 0.6


@given(
    st.lists(st.floats(0.5, 20), min_size=1, max_size=20),
    st.floats(0, 50),
    st.floats(0, 100),
    st.none() | st.floats(2, 10),
    st.floats(2, 5),
)
def test_spans_cover_what_was_asked_for(
    lengths: list[float], start: float, seconds: float, clip: float | None, shortest: float
) -> None:
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    index = {"scenes": [{"start": e - x, "end": e} for e, x in zip(ends, lengths, strict=True)]}
    end = start + seconds
    spans = spans_of(index, start, end, clip, shortest)
    assert (spans[0][0], spans[-1][1]) == (start, end)
    assert all(a[1] == b[0] for a, b in pairwise(spans))


def test_documents(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("One red. Two blue. Three green. Four.", encoding="utf-8")
    index = media.index(text, media.probe(text))
    parts = embed_document(index, max_sentences=2, overlap=1)
    assert [(p.scope, p.chunk) for p in parts] == [("chunk", 0), ("chunk", 1), ("chunk", 2)]
    assert cosine(embed_text("blue"), parts[1].vector) > cosine(embed_text("blue"), parts[2].vector)
    assert [p.scope for p in embed_document(index)] == ["asset"]
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7 /Type /Page /Type /Page ")
    pages = embed_document(media.index(pdf, media.probe(pdf)), quadrants=True)
    assert [(p.page, p.last_page, p.quadrant) for p in pages][:2] == [(1, 1, "top_left"), (1, 1, "top_right")]
    assert len({tuple(p.vector) for p in pages}) == len(pages) == 8


def test_a_picture_that_is_none_is_refused() -> None:
    with pytest.raises(media.MediaError, match="unsupported_media_type"):
        embed_image(b"no picture")


def test_a_path_is_a_picture_too(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(image_bytes("red"))
    assert embed_image(path) == embed_image(path.read_bytes())


def test_pictures_open_with_options_that_every_av_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """av 19 (for Python 3.12 and newer) has no `stream_options`; `options` reach the streams there and before."""
    opened: list[dict[str, Any]] = []
    real = av.open

    def open_as_in_19(file: Any, mode: Any = None, *, options: dict[str, str] | None = None) -> Any:
        opened.append(dict(options or {}))
        return real(file, mode, options=options)

    monkeypatch.setattr("av.open", open_as_in_19)
    embed_image(image_bytes("red"))
    assert opened == [{**pictures.OPEN_OPTIONS, "max_pixels": str(pictures.MAX_PIXELS)}]


def test_opening_a_picture_does_not_decode_more_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(image_bytes("red", 8, 8))
    data[16:24] = struct.pack(">II", 12_000, 12_000)  # width and height in the header of a PNG
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    opened: list[tuple[int, Any]] = []
    real = av.open

    def spy(*arguments: Any, **options: Any) -> Any:
        container = real(*arguments, **options)
        context = container.streams.video[0].codec_context
        opened.append((context.width, context.pix_fmt))
        return container

    monkeypatch.setattr("av.open", spy)
    with pytest.raises(media.MediaError, match="far too large"):
        embed_image(bytes(data))
    assert opened == [(0, None)]  # where it is decoded to learn its format, these are those of the picture


def test_words() -> None:
    assert [stem(w) for w in ("driving", "drive", "cities", "is", "dog's", "red")] == [
        "driv", "driv", "cit", "is", "dog", "red",
    ]  # fmt: skip
    assert terms_of("Show me the fast motion in the red scenes") == ["fast", "red"]
    assert terms_of("the scene") == ["scene"]
    assert terms_of("the") == ["the"]
    assert mix([]) == {}


def test_a_mixed_picture_is_between_its_colours(tmp_path: Path) -> None:
    spec = SampleVideo("m.mp4", (Scene("red", 4, pattern="checker", second="blue"),))
    path = spec.write(tmp_path)
    (scene,) = media.index(path, media.probe(path))["scenes"]
    for colour in ("red", "blue"):
        assert 0.4 < cosine(embed_text(colour), embed_scene(scene)) < 0.8
