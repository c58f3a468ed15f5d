"""How results are written: as many digits as say something."""

from __future__ import annotations

from typing import Final

TIMES: Final = "\N{MULTIPLICATION SIGN}"
DASH: Final = "\N{EN DASH}"
SPACE: Final = "\N{NO-BREAK SPACE}"
"""Keeps a number with its unit on one line."""


def number(value: float) -> str:
    """A number with about three digits: 1,192, 35.1, 1.35, 0.037."""
    size = abs(value)
    if value == round(value) or size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    text = f"{value:.2g}"
    return text if "e" not in text else f"{value:.6f}".rstrip("0")


def times(ratio: float) -> str:
    """A ratio: 29, 3.2, 1.35, 0.08."""
    if ratio >= 9.995:
        return f"{ratio:,.0f}"
    return f"{ratio:.2f}" if ratio >= 0.095 or ratio == 0 else f"{ratio:.1g}"
