"""The plot, from planted results: it is read as XML, and its bars are measured."""

from __future__ import annotations

from xml.etree import ElementTree

import attrs
import pytest

from bench.numbers import TIMES
from bench.plot import CHOSEN, LEFT, RIGHT, WIDTH, plot
from bench.results import Row, load

from .planted import chosen, run

CALLS = "Small calls, 64 in flight"
UPLOAD = "Upload of 1 GiB (official: without checksums)"
NAME = "{http://www.w3.org/2000/svg}"


@attrs.frozen
class Drawn:
    """What a plot shows: where bars begin and end by contender, the texts, and where "bare" lies."""

    bars: dict[str, tuple[float, float]]
    texts: list[str]
    bare: float
    spreads: int
    height: float


def drawn(svg: str) -> Drawn:
    root = ElementTree.fromstring(svg)
    bars = {}
    for rect in root.iter(f"{NAME}rect"):
        start, width = float(rect.attrib["x"]), float(rect.attrib["width"])
        if rect.get("height") == "10":
            bars[rect.attrib["class"]] = (start, start + width)
    texts = list(root.iter(f"{NAME}text"))
    for text in texts:
        assert 0 <= float(text.attrib["x"]) <= WIDTH
    paths = list(root.iter(f"{NAME}path"))
    bare = next(path.attrib["d"] for path in paths if path.get("class") == "one" and path.attrib["d"].count("V"))
    return Drawn(
        bars,
        [text.text or "" for text in texts],
        float(bare[1:].split()[0]),
        sum(path.get("class") == "spread" for path in paths),
        float(root.attrib["height"]),
    )


def test_bars() -> None:
    found = drawn(plot(chosen(CALLS, [50], [100], [1000])))
    assert found.bars["ours"][0] < found.bars["ours"][1] == found.bare
    assert found.bare == found.bars["official"][0] < found.bars["official"][1] == WIDTH - RIGHT
    left, right = (end - start for start, end in (found.bars["ours"], found.bars["official"]))
    assert right / left == pytest.approx(3.32, abs=0.05)  # ten times, and a half: by their logarithms
    assert {CALLS, f"0.50{TIMES}", f"10{TIMES}", f"1{TIMES}", "CPU time"} <= set(found.texts)
    assert found.spreads == 0


def test_more_is_better() -> None:
    """Twice the speed is half of the cost."""
    found = drawn(plot(chosen(UPLOAD, [200, 300], [100, 100], [50])))
    assert found.bars["ours"][0] < found.bare < found.bars["official"][1]
    assert {f"0.40{TIMES}", f"2.00{TIMES}", "Elapsed time"} <= set(found.texts)
    assert found.spreads == 1


def test_no_speed_at_all() -> None:
    found = drawn(plot(chosen(UPLOAD, [100], [100], [0.0])))
    assert "official" not in found.bars
    assert "never" in found.texts


def test_spread() -> None:
    found = drawn(plot(chosen(CALLS, [100, 130, 200], [100, 100, 100], [1000])))
    assert found.spreads == 1
    assert f"1.30{TIMES}" in found.texts


def test_equal_cost_can_be_seen() -> None:
    found = drawn(plot(chosen(CALLS, [100], [100])))
    assert found.bars["ours"][1] - found.bars["ours"][0] == 2
    assert "official" not in found.bars


def test_zero() -> None:
    """Nothing lies at the left end: its logarithm has no place."""
    found = drawn(plot(chosen(CALLS, [0.0], [100], [1000])))
    assert found.bars["ours"] == pytest.approx((LEFT, found.bare))
    assert f"0.00{TIMES}" in found.texts


@pytest.mark.parametrize("times", [1e6, 1e-6])
def test_huge_ratios_stay_within(times: float) -> None:
    found = drawn(plot(chosen(CALLS, [100 * times], [100], [100 / times])))
    for start, end in found.bars.values():
        assert LEFT <= start < end <= WIDTH - RIGHT
    assert {f"1,000,000{TIMES}", f"0.000001{TIMES}"} <= set(found.texts)
    assert sum(text.endswith(TIMES) for text in found.texts) <= 9


@pytest.mark.parametrize("results", [{}, {"calls": run(Row("64 in flight", "CPU of 1,000 calls", "ms", [1]))}])
def test_nothing_to_compare(results: dict[str, object]) -> None:
    found = drawn(plot(results))  # type: ignore[arg-type]
    assert not found.bars
    assert CALLS not in found.texts
    assert "CPU time" not in found.texts


def test_who_did_not_get_there() -> None:
    found = drawn(plot(chosen(CALLS, [120], [100], [None])))
    assert "official" not in found.bars
    assert "never" in found.texts


def test_description_says_what_is_shown() -> None:
    root = ElementTree.fromstring(plot(chosen(CALLS, [120], [100], [2900])))
    description = root.find(f"{NAME}desc")
    assert root.attrib["role"] == "img"
    assert description is not None
    assert description.text == f"CPU time. {CALLS}: twelvelabs_async 1.20{TIMES}, official SDK 29{TIMES}."
    title = root.find(f"{NAME}title")
    assert title is not None
    assert "relative to bare aiohttp" in (title.text or "")
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"


def test_footer() -> None:
    first = chosen(CALLS, [120], [100])
    last = {"paging": run(machine="<another>", date="2026-11-23 01:00")}
    assert "A processor, 4 CPUs, Linux x86_64" in drawn(plot(first)).texts
    assert "Python 3.11.7, 2026-11-21, loopback. make bench" in drawn(plot(first)).texts
    assert {"Several machines", "Python 3.11.7, 2026-11-21 to 2026-11-23, loopback. make bench"} <= set(
        drawn(plot({**first, **last})).texts
    )
    assert "<another>" in drawn(plot(last)).texts


def test_both_color_schemes_have_all_colors() -> None:
    svg = plot({})
    light, dark = svg.split("@media (prefers-color-scheme: dark)")
    used = {part.split(")")[0] for part in svg.split("var(")[1:]}
    assert len(used) >= 6
    for name in used:
        assert f"{name}: #" in light
        assert f"{name}: #" in dark


def test_everything_chosen_was_measured() -> None:
    """A benchmark that calls its rows otherwise would drop out of the plot without a word."""
    texts = drawn(plot(load())).texts
    for group, lines in CHOSEN.items():
        assert group in texts
        for _, _, _, label in lines:
            assert label in texts
