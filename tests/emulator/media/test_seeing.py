"""The maths of seeing and hearing: colour names, scene cuts, loudness. Properties, for any input."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.emulator.media.colours import COLOURS, brightness, brightness_name, detail, name_pixels, shares
from twelvelabs_async.emulator.media.frames import FrameLog, Sample
from twelvelabs_async.emulator.media.samples import PALETTE
from twelvelabs_async.emulator.media.scenes import cover, cut, describe
from twelvelabs_async.emulator.media.sound import Loudness, decibels, describe_sound, loudness_name, sections

CHANNEL = st.integers(0, 255)


@given(CHANNEL, CHANNEL, CHANNEL)
def test_every_pixel_has_a_name(red: int, green: int, blue: int) -> None:
    picture = np.full((2, 3, 3), (red, green, blue), np.uint8)
    found = shares(picture)
    assert found.sum() == pytest.approx(1.0)
    assert sorted(found.tolist())[-1] == 1.0
    assert 0.0 <= brightness(picture) <= 1.0
    assert detail(picture) == 0.0


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(1, 9))
def test_shares_add_up(seed: int, height: int, width: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert shares(picture).sum() == pytest.approx(1.0)
    assert 0.0 <= detail(picture) <= 2.0


@pytest.mark.parametrize("name", PALETTE)
def test_palette_survives_half_the_light(name: str) -> None:
    pixel = np.array([[PALETTE[name]]], np.uint8)
    assert COLOURS[name_pixels(pixel)[0, 0]] == name
    if name in {"red", "green", "blue", "yellow", "purple", "pink", "cyan"}:
        assert COLOURS[name_pixels(pixel // 2)[0, 0]] == name


def test_brightness_names() -> None:
    assert [brightness_name(level) for level in (0.0, 0.3, 0.5, 0.72, 1.0)] == [
        "dark", "dark", "medium", "bright", "bright",
    ]  # fmt: skip


@given(st.lists(st.floats(0, 1000, allow_nan=False), max_size=60), st.floats(0.01, 1000), st.floats(0.1, 10))
def test_scenes_cover_the_duration_without_overlap(cuts: list[float], duration: float, shortest: float) -> None:
    scenes = cover(cuts, duration, shortest)
    assert scenes[0][0] == 0.0
    assert scenes[-1][1] == duration
    assert all(a[1] == b[0] for a, b in pairwise(scenes))
    assert len(scenes) == 1 or all(end - start >= shortest - 1e-9 for start, end in scenes)
    assert {start for start, _ in scenes[1:]} <= set(cuts)


@st.composite
def logs(draw: st.DrawFn) -> FrameLog:
    """Logs of videos that were never filmed: any colours, any differences, frames at any distance."""
    steps = draw(st.lists(st.floats(0.01, 2.0), min_size=1, max_size=40))
    log = FrameLog(exact=draw(st.booleans()))
    time = 0.0
    for step in steps:
        log.times.append(time)
        log.differences.append(draw(st.floats(0, 1)))
        colours = np.zeros(len(COLOURS))
        colours[draw(st.integers(0, len(COLOURS) - 1))] = 1.0
        log.samples.append(Sample(time, colours, draw(st.floats(0, 1)), draw(st.floats(0, 1)), np.zeros(192)))
        log.movements.append((time, time + step, draw(st.floats(0, 1))))
        time += step
    log.duration = time
    return log


@given(logs())
def test_any_log_gives_describable_scenes(log: FrameLog) -> None:
    scenes = cut(log)
    assert scenes[0][0] == 0.0
    assert scenes[-1][1] == log.duration
    for start, end in scenes:
        scene = describe(log, start, end)
        assert sum(scene["colours"].values()) <= 1.001
        assert list(scene["colours"].values()) == sorted(scene["colours"].values(), reverse=True)
        assert scene["motion"] in ({"still", "slow", "fast"} if log.exact else {"unknown"})


@given(st.floats(0, 1), st.floats(0, 1))
def test_louder_is_never_named_quieter(first: float, second: float) -> None:
    order = ["silent", "quiet", "loud"]
    low, high = sorted((first, second))
    assert decibels(low) <= decibels(high)
    assert order.index(loudness_name(decibels(low))) <= order.index(loudness_name(decibels(high)))


MEASUREMENTS = st.lists(
    st.tuples(st.floats(0, 1), st.none() | st.floats(20, 4000)).map(lambda pair: pair), max_size=60
).map(lambda pairs: [Loudness(n * 0.25, power, tone) for n, (power, tone) in enumerate(pairs)])


@given(MEASUREMENTS, st.floats(0.1, 60))
def test_sections_of_any_sound(measurements: list[Loudness], duration: float) -> None:
    spans = sections(measurements, duration)
    assert (spans[0][0], spans[-1][1]) == (0.0, duration)
    for start, end in spans:
        heard: dict[str, Any] = describe_sound(measurements, start, end)
        assert heard["loudness"] in ({"silent", "quiet", "loud"} if measurements else {"none"})
