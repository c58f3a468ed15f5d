"""Colour names: which of twelve names a pixel has, and how bright a picture is."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

COLOURS: Final = (
    "red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "brown", "black", "white", "gray",
)  # fmt: skip
"""The names that a pixel can have."""

_INDEX = {name: number for number, name in enumerate(COLOURS)}

# Upper bounds of the hue in degrees and the name of the hues below.
_HUES: Final = ((14, "red"), (45, "orange"), (68, "yellow"), (165, "green"), (195, "cyan"), (258, "blue"),
                (295, "purple"), (345, "pink"), (361, "red"))  # fmt: skip

DARK: Final = 0.3
"""A picture that is not brighter than this is dark."""

BRIGHT: Final = 0.72
"""A picture that is at least this bright is bright."""


def name_pixels(picture: Rgb) -> npt.NDArray[np.int64]:
    """Return the index (into `COLOURS`) of the colour name of every pixel of an RGB picture."""
    rgb = picture.astype(np.float64) / 255
    value = rgb.max(axis=-1)
    chroma = value - rgb.min(axis=-1)
    saturation = chroma / np.maximum(value, 1e-9)
    hue = _hue(rgb, value, chroma)
    bounds = [bound for bound, _ in _HUES]
    numbers = np.array([_INDEX[name] for _, name in _HUES], np.int64)
    names: npt.NDArray[np.int64] = numbers[np.searchsorted(bounds, hue, side="right").clip(max=len(_HUES) - 1)]
    warm = (hue < 45) | (hue >= 345)
    # Pale reds are called pink, dark oranges brown.
    names[warm & (saturation < 0.55) & (value > 0.75) & ((hue < 14) | (hue >= 345))] = _INDEX["pink"]
    names[(hue >= 8) & (hue < 48) & (value < 0.68) & (saturation > 0.25)] = _INDEX["brown"]
    # The darker a pixel, the less its hue says: compression alone tints it.
    faint = saturation < np.where(value < 0.3, 0.4, 0.16)
    names[faint] = _INDEX["gray"]
    names[faint & (value > 0.86)] = _INDEX["white"]
    names[(faint & (value < 0.2)) | (value < 0.12)] = _INDEX["black"]
    return names


def shares(picture: Rgb) -> Floats:
    """Return the share of each colour name in a picture: twelve numbers that add up to 1."""
    counts = np.bincount(name_pixels(picture).ravel(), minlength=len(COLOURS))
    result: Floats = counts / counts.sum()
    return result


def brightness(picture: Rgb) -> float:
    """Measure how bright a picture looks, 0 to 1.

    The mean of the strongest channel and of the luma: a full blue is neither dark (its luma) nor as bright as white
    (its strongest channel).
    """
    rgb = picture.astype(np.float64) / 255
    luma = rgb @ np.array([0.299, 0.587, 0.114])
    return float((luma.mean() + rgb.max(axis=-1).mean()) / 2)


def brightness_name(level: float) -> str:
    """Name a brightness: dark, medium or bright."""
    return "dark" if level <= DARK else "bright" if level >= BRIGHT else "medium"


def detail(picture: Rgb) -> float:
    """Measure how much neighbouring pixels differ, 0 (plain) to 1."""
    luma = picture.astype(np.float64).mean(axis=-1) / 255
    across = np.abs(np.diff(luma, axis=1)).mean() if luma.shape[1] > 1 else 0.0
    down = np.abs(np.diff(luma, axis=0)).mean() if luma.shape[0] > 1 else 0.0
    return float(across + down)


def texture_name(amount: float) -> str:
    """Name an amount of detail: plain, textured or busy."""
    return "plain" if amount < 0.02 else "textured" if amount < 0.09 else "busy"


def _hue(rgb: Floats, value: Floats, chroma: Floats) -> Floats:
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    safe = np.maximum(chroma, 1e-9)
    sector = np.where(
        value == red,
        (green - blue) / safe % 6,
        np.where(value == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    hue: Floats = np.where(chroma > 0, sector * 60, 0.0)
    return hue
