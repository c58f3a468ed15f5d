"""Measurements of a sound track: how loud it is, and whether it is one tone.

The track is mixed to one channel of 8 kHz and measured in windows of a quarter of a second. Of long tracks only a
second in every `STRIDE` seconds is decoded.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import av
import numpy as np
import numpy.typing as npt
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from ..._safe_repr import SafeRepr
from .pictures import OPEN_OPTIONS
from .probe import sound_streams
from .scenes import cover

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .probe import MediaInfo

RATE: Final = 8000
"""Samples per second that are measured."""

WINDOW: Final = 0.25
"""Seconds per measurement."""

LONG: Final = 1800.0
"""A longer track (seconds) is only measured in parts."""

STRIDE: Final = 8.0
"""Of a long track the first second of every so many seconds is decoded."""

SILENT: Final = -50.0
"""Level in dB below full scale up to which sound is silence."""

QUIET: Final = -26.0
"""Level in dB below full scale up to which sound is quiet; above, it is loud."""

SNAP: Final = 0.3
"""A change of the sound that is nearer (seconds) to a cut of the picture than this is at the cut: sound is measured in
windows."""

_TONE_SHARE: Final = 0.6
_MIN_SECTION: Final = 1.0


@dataclass(frozen=True, slots=True)
class Loudness(SafeRepr):
    """One measurement: time in seconds, mean square of the samples, frequency in Hz when it is one tone."""

    time: float
    power: float
    tone: float | None


def measure_sound(path: Path, info: MediaInfo) -> list[Loudness]:
    """Measure the first sound track of a file; an empty list when there is none."""
    if not info.has_audio:
        return []
    return [_measure(time, block) for time, block in _blocks(path, sparse=info.duration > LONG)]


def describe_sound(measurements: Sequence[Loudness], start: float, end: float) -> dict[str, Any]:
    """Describe the sound between two times: a loudness name, the level in dB, the tone when there is one."""
    inside = [m for m in measurements if start - WINDOW / 2 <= m.time < end - WINDOW / 2]
    if not inside:
        near = min(measurements, key=lambda m: abs(m.time - start), default=None)
        if near is None:
            return {"loudness": "none", "level": None, "tone": None}
        inside = [near]
    level = decibels(float(np.mean([m.power for m in inside])))
    name = loudness_name(level)
    tones = sorted(m.tone for m in inside if m.tone is not None)
    # Most of the time one tone, and always about the same: otherwise it is a mixture.
    tone = tones[len(tones) // 2] if name != "silent" and len(tones) * 2 > len(inside) else None
    if tone is not None and sum(abs(t - tone) < tone * 0.06 + 8 for t in tones) * 2 <= len(inside):
        tone = None
    return {"loudness": name, "level": round(level, 1), "tone": tone}


def sections(measurements: Sequence[Loudness], duration: float) -> list[tuple[float, float]]:
    """Cut a sound track where its loudness or its tone changes, for files without a picture."""
    cuts: list[float] = []
    previous: tuple[str, float | None] | None = None
    for measurement in measurements:
        state = (loudness_name(decibels(measurement.power)), measurement.tone)
        if previous is not None and not _alike(previous, state):
            cuts.append(measurement.time)
        previous = state
    return cover(cuts, duration, max(_MIN_SECTION, duration / 1000))


def sections_between(
    measurements: Sequence[Loudness], cuts: Sequence[float], duration: float
) -> list[tuple[float, float]]:
    """Cut the sound track of a video like `sections`, at the cuts of its picture where these are near."""
    found = []
    for _, end in sections(measurements, duration)[:-1]:
        near = min(cuts, key=lambda cut: abs(cut - end), default=end)
        found.append(near if abs(near - end) <= SNAP else end)
    return cover(sorted(set(found)), duration)


def decibels(power: float) -> float:
    """Convert a mean square to dB below full scale, at least -120."""
    return max(-120.0, 10 * math.log10(power)) if power > 0 else -120.0


def loudness_name(level: float) -> str:
    """Name a level: silent, quiet or loud."""
    return "silent" if level <= SILENT else "quiet" if level <= QUIET else "loud"


def _alike(first: tuple[str, float | None], second: tuple[str, float | None]) -> bool:
    if first[0] != second[0] or (first[1] is None) != (second[1] is None):
        return False
    return first[1] is None or second[1] is None or abs(first[1] - second[1]) < 12


def _measure(time: float, block: npt.NDArray[np.float64]) -> Loudness:
    power = float(np.mean(block**2))
    tone = None
    if decibels(power) > SILENT:
        spectrum = np.abs(np.fft.rfft(block * np.hanning(block.size))) ** 2
        peak = int(spectrum.argmax())
        # The energy of a tone leaks into the bins beside it.
        if peak > 2 and spectrum[peak - 2 : peak + 3].sum() > _TONE_SHARE * spectrum.sum():
            tone = round(peak * RATE / block.size, 1)
    return Loudness(round(time, 6), power, tone)


def _blocks(path: Path, *, sparse: bool) -> Iterator[tuple[float, npt.NDArray[np.float64]]]:
    size = int(RATE * WINDOW)
    held = np.zeros(0)
    begin = 0.0
    for time, samples in _samples(path, sparse=sparse):
        if abs(time - (begin + held.size / RATE)) > WINDOW:  # a gap: begin anew
            held, begin = np.zeros(0), time
        held = np.concatenate((held, samples))
        while held.size >= size:
            yield begin, held[:size]
            held, begin = held[size:], begin + WINDOW
    if held.size >= size // 2:
        yield begin, held


def _samples(path: Path, *, sparse: bool) -> Iterator[tuple[float, npt.NDArray[np.float64]]]:
    with av.open(str(path), options=OPEN_OPTIONS) as container:
        stream = sound_streams(container)[0]
        resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
        base = stream.time_base or 1
        start = float((stream.start_time or 0) * base)
        for packet in container.demux(stream):
            if sparse and packet.pts is not None and (float(packet.pts * base) - start) % STRIDE >= 1:
                continue
            try:
                frames = packet.decode()
            except FFmpegError:
                continue  # a damaged part is skipped
            for frame in frames:
                time = (frame.time or 0.0) - start
                # The resampler holds samples back; its own clock is not needed for windows of this length.
                frame.pts = None
                for part in resampler.resample(frame):
                    yield max(0.0, time), part.to_ndarray().ravel().astype(np.float64) / 32768
