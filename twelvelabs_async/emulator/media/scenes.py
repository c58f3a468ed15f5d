"""Cut a video into scenes where the picture changes, and describe each scene."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .colours import COLOURS, brightness_name, texture_name
from .frames import MOTION_WINDOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .colours import Floats
    from .frames import FrameLog, Sample

CUT: Final = 0.06
"""Mean difference (0 to 1) between two frames from which on a cut is possible."""

CUT_OVER_USUAL: Final = 4.0
"""How many times the usual difference of the frames around a cut must be."""

DRIFT: Final = 0.5
"""Share of the picture that must change its colour name for a scene to end without a cut."""

MIN_SCENE: Final = 0.5
"""Shortest scene in seconds; a shorter one belongs to the scene before."""

MAX_SCENES: Final = 10_000
"""Scenes per video at most; the shortest scene gets longer where there would be more."""

SLOW: Final = 0.004
"""Share of pixels that must change within an eighth of a second for a scene to be moving slowly."""

FAST: Final = 0.035
"""The same for fast."""

_MIN_SHARE: Final = 0.02


def cut(log: FrameLog) -> list[tuple[float, float]]:
    """Find the scenes: start and end in seconds, without gaps or overlaps, from 0 to the end of the video."""
    shortest = max(MIN_SCENE, log.duration / MAX_SCENES)
    found = sorted({*_jumps(log), *_drifts(log)})
    return cover(found, log.duration, shortest)


def cover(cuts: Sequence[float], duration: float, shortest: float = MIN_SCENE) -> list[tuple[float, float]]:
    """Make scenes of cuts: they cover 0 to `duration` without overlap, none shorter than `shortest`.

    (One shorter scene is possible: when the whole video is shorter.)
    """
    bounds = [0.0]
    for time in sorted(cuts):
        if time - bounds[-1] >= shortest and duration - time >= shortest:
            bounds.append(time)
    bounds.append(max(duration, 0.0))
    return list(pairwise(bounds))


def describe(log: FrameLog, start: float, end: float) -> dict[str, Any]:
    """Describe the picture of a part of a video."""
    samples = _between(log.samples, start, end)
    colours = np.mean([sample.shares for sample in samples], axis=0)
    level = float(np.mean([sample.brightness for sample in samples]))
    amount = float(np.mean([sample.detail for sample in samples]))
    change = samples[-1].brightness - samples[0].brightness
    return appearance(colours, level, amount, change, _movement(log, start, end), (start, end))


def appearance(
    colours: Floats,
    level: float,
    amount: float,
    change: float = 0.0,
    movement: float | None = 0.0,
    times: tuple[float, float] = (0.0, 0.0),
) -> dict[str, Any]:
    """The appearance of a scene as plain data.

    Args:
        colours: Share of each of `COLOURS`.
        level: Brightness, 0 to 1.
        amount: Detail, 0 to 1.
        change: Brightness at the end less brightness at the start.
        movement: Share of pixels that change within an eighth of a second; None when it was not measured.
        times: Start and end in seconds.
    """
    order = sorted(range(len(COLOURS)), key=lambda number: (-colours[number], number))
    return {
        "start": round(times[0], 6),
        "end": round(times[1], 6),
        "colours": {COLOURS[n]: round(float(colours[n]), 4) for n in order if colours[n] >= _MIN_SHARE},
        "brightness": round(level, 4),
        "brightness_name": brightness_name(level),
        "brightness_change": round(change, 4),
        "motion": "unknown" if movement is None else motion_name(movement),
        "movement": None if movement is None else round(movement, 5),
        "detail": round(amount, 4),
        "texture": texture_name(amount),
    }


def motion_name(movement: float) -> str:
    """Name a share of changed pixels per eighth of a second: still, slow or fast."""
    return "still" if movement < SLOW else "slow" if movement < FAST else "fast"


def _jumps(log: FrameLog) -> list[float]:
    """Find the frames that differ much more from the frame before than the frames around them do."""
    differences = np.frombuffer(log.differences, np.float32)
    found = []
    for number in np.flatnonzero(differences > CUT):
        around = np.concatenate((differences[max(1, number - 8) : number], differences[number + 1 : number + 9]))
        usual = float(np.median(around)) if around.size else 0.0
        if not log.exact or differences[number] > CUT_OVER_USUAL * usual:
            found.append(log.times[int(number)])
    return found


def _drifts(log: FrameLog) -> list[float]:
    """Find where a picture has slowly become another one: a fade from one colour to the next."""
    found = []
    jumps = iter([*_jumps(log), float("inf")])
    next_jump = next(jumps)
    anchor: Sample | None = None
    for sample in log.samples:
        if sample.time >= next_jump:
            anchor = None
            while sample.time >= next_jump:
                next_jump = next(jumps)
        if anchor is None:
            anchor = sample
            continue
        moved = float(np.abs(sample.shares - anchor.shares).sum()) / 2
        changed = float(np.abs(sample.picture - anchor.picture).mean())
        if moved > DRIFT and changed > CUT:
            found.append(sample.time)
            anchor = sample
    return found


def _between(samples: Sequence[Sample], start: float, end: float) -> Sequence[Sample]:
    first = bisect_left(samples, start - 1e-6, key=lambda sample: sample.time)
    last = bisect_left(samples, end - 1e-6, key=lambda sample: sample.time)
    # Between key frames there may be no sample: the last one before still shows what is there.
    return samples[first:last] or [samples[max(0, first - 1)]]


def _movement(log: FrameLog, start: float, end: float) -> float | None:
    if not log.exact:
        return None
    first = bisect_left(log.movements, start - 1e-6, key=lambda window: window[0])
    # Windows that reach over a cut compare two scenes: that is no movement.
    last = bisect_left(log.movements, end - 1e-6, key=lambda window: window[1])
    inside = [share * MOTION_WINDOW / (until - since) for since, until, share in log.movements[first:last]]
    return float(np.mean(inside)) if inside else 0.0
