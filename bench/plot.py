"""The plot of the docs, from results: an SVG with what work costs relative to bare aiohttp.

It is as wide as a telephone, has a ground of its own, so that it reads the same on any page, and follows the color
scheme of the reader. Its description says in words what the bars show.
"""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Final

import attrs

from bench.numbers import TIMES, number, times
from bench.results import Summary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.results import Contender, Results, Row

WIDTH: Final = 480
LEFT: Final = 20
RIGHT: Final = 62
"""Room for the number behind the longest bar."""
BAR: Final = 10
LINE: Final = 18

CHOSEN: Final[dict[str, tuple[tuple[str, str, str, str], ...]]] = {
    "CPU time": (
        ("calls", "64 in flight", "CPU of 1,000 calls", "Small calls, 64 in flight"),
        ("imports", "import and first call", "CPU", "Import and first call"),
        ("decode", "decode 50 indexes", "CPU", "Decode 50 items to models (bare: to dicts)"),
        ("streams", "one stream, one event per packet", "CPU of an event", "Event of a stream"),
        ("paging", "1,000 items, latency of 20 ms", "CPU of an item", "Item of a list (bare: dicts)"),
    ),
    "Elapsed time": (
        ("paging", "1,000 items, latency of 20 ms", "time", "List of 1,000 items, latency of 20 ms"),
        ("uploads", "1 GiB in chunks, with checksums", "speed", "Upload of 1 GiB (official: without checksums)"),
        ("ingest", "2,000 small files", "files per second", "Batch ingestion of 2,000 small files"),
        ("limits", "100 calls of 1 s after a 503", "time", "100 calls of one second after a 503"),
    ),
    "Longest stall of the event loop": (
        ("decode", "fetch a response of 12 MB", "longest stall", "Response of 12 MB"),
        ("large", "fetch 100 MB of embeddings", "longest stall", "Response of 100 MB"),
    ),
    "Peak memory": (("embeddings", "fetch 8", "peak memory", "8 MB of embeddings"),),
}
"""What the plot shows, by group: the benchmark, beginnings of work and measure of a row, and how the plot calls it."""

STYLE: Final = """
svg { --ground: #ffffff; --edge: #d1d9e0; --ink: #1f2328; --soft: #59636e; --ours: #0969da; --official: #818b98;
  --grid: #e4e8ec; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #12161c; --edge: #3d444d; --ink: #f0f6fc; --soft: #9ca6b0; --ours: #4c9aff; --official: #767f8a;
    --grid: #262c36; }
}
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; fill: var(--ink);
  stroke: var(--ground); stroke-width: 3px; stroke-linejoin: round; paint-order: stroke; }
.title { font-size: 17px; font-weight: 600; }
.group { font-size: 14px; font-weight: 600; }
.soft { fill: var(--soft); font-size: 12px; }
.ground { fill: var(--ground); stroke: var(--edge); }
.ours { fill: var(--ours); }
.official { fill: var(--official); }
.value { font-size: 12px; font-variant-numeric: tabular-nums; }
.strong { font-weight: 600; }
.grid { stroke: var(--grid); }
.one { stroke: var(--ink); stroke-width: 1.5; }
.spread { stroke: var(--ink); fill: none; }
"""


@attrs.frozen
class Bar:
    """A contender's cost relative to bare aiohttp."""

    contender: Contender
    cost: Summary

    @property
    def text(self) -> str:
        return "never" if self.cost.median is None else f"{times(self.cost.median)}{TIMES}"


@attrs.frozen
class Line:
    """The bars of one kind of work."""

    label: str
    bars: tuple[Bar, ...]


def plot(results: Results) -> str:
    """The SVG. What the results lack is left out."""
    groups = {name: lines for name, chosen in CHOSEN.items() if (lines := list(_lines(results, chosen)))}
    return _Drawing(groups, _footer(results)).svg()


def _lines(results: Results, chosen: Sequence[tuple[str, str, str, str]]) -> Iterator[Line]:
    for name, what, measure, label in chosen:
        rows = results[name].rows if name in results else ()
        for row in rows:
            if row.what.startswith(what) and row.measure.startswith(measure):
                if bars := tuple(_bars(row)):
                    yield Line(label, bars)
                break


def _bars(row: Row) -> Iterator[Bar]:
    contenders: tuple[Contender, ...] = ("ours", "official")
    for contender in contenders:
        if (ratio := row.ratio(contender, "bare")) is not None:
            yield Bar(contender, ratio if row.better == "less" else _inverse(ratio))


def _inverse(ratio: Summary) -> Summary:
    """The time instead of the speed; what had no speed in a round needs for ever."""
    median, low, high = (1 / value if value else None for value in (ratio.median, ratio.high, ratio.low))
    return Summary(median, low, high, ratio.rounds)


def _footer(results: Results) -> list[str]:
    """Where and when it was measured."""
    machines = {run.machine for run in results.values()}
    pythons = {run.versions.partition(",")[0] for run in results.values()}
    dates = sorted(run.date.partition(" ")[0] for run in results.values())
    if not dates:
        return []
    when = dates[0] if dates[0] == dates[-1] else f"{dates[0]} to {dates[-1]}"
    where = machines.pop() if len(machines) == 1 else "Several machines"
    return [where, f"{pythons.pop() if len(pythons) == 1 else 'Several Pythons'}, {when}, loopback. make bench"]


class _Drawing:
    """Places everything from the top to the bottom."""

    def __init__(self, groups: dict[str, list[Line]], footer: list[str]) -> None:
        self._groups = groups
        self._footer = footer
        values = [
            value
            for lines in groups.values()
            for line in lines
            for bar in line.bars
            for value in (bar.cost.median, bar.cost.low, bar.cost.high)
            if value
        ]
        # Whole powers of ten would waste the half of the width: the scale ends where the bars do.
        self._low = min(0.5, *values, 1) if values else 0.1
        self._high = max(2.0, *values, 1) if values else 10.0
        self._parts: list[str] = []

    def svg(self) -> str:
        y = self._legend()
        top = y
        for name, lines in self._groups.items():
            y += 8
            self._text(LEFT, y + 14, name, "group")
            y += 22
            for line in lines:
                y = self._line(y, line)
        bottom = y
        self._text(self._x(1), bottom + 16, f"1{TIMES}", "soft", "middle")
        for tick in self._ticks():
            self._text(self._x(tick), bottom + 16, f"{number(tick)}{TIMES}", "soft", "middle")
        y = bottom + 22
        for words in self._footer:
            y += 16
            self._text(LEFT, y, words, "soft")
        grid = [f'<path class="grid" d="M{self._x(tick)} {top}V{bottom}"/>' for tick in self._ticks()]
        grid.append(f'<path class="one" d="M{self._x(1)} {top}V{bottom}"/>')
        return self._document(y + 16, grid)

    def _legend(self) -> int:
        self._text(LEFT, 32, "Cost relative to bare aiohttp", "title")
        self._text(LEFT, 53, "Left of the line: less than a minimal script with aiohttp.", "soft")
        self._text(LEFT, 69, "Right of it: more. Logarithmic; brackets: least and most of the rounds.", "soft")
        self._parts.append(f'<rect class="ours" x="{LEFT}" y="82" width="12" height="12" rx="2"/>')
        self._text(LEFT + 18, 93, "twelvelabs_async", "strong")
        self._parts.append(f'<rect class="official" x="{LEFT + 160}" y="82" width="12" height="12" rx="2"/>')
        self._text(LEFT + 178, 93, "official SDK")
        self._parts.append(f'<path class="one" d="M{LEFT + 290} 80v16"/>')
        self._text(LEFT + 298, 93, "bare aiohttp")
        return 104

    def _line(self, y: int, line: Line) -> int:
        self._text(LEFT, y + 13, line.label)
        y += LINE
        for bar in line.bars:
            self._bar(y, bar)
            y += BAR + 3
        return y + 9

    def _bar(self, y: int, bar: Bar) -> None:
        one, end = self._x(1), self._x(bar.cost.median)
        if bar.cost.median is not None:
            start, width = min(one, end), max(2.0, abs(end - one))
            self._parts.append(
                f'<rect class="{bar.contender}" x="{start:.1f}" y="{y}" width="{width:.1f}" height="{BAR}" rx="1.5"/>'
            )
        label = max(one, end)
        if bar.cost.low is not None and bar.cost.high is not None and bar.cost.low != bar.cost.high:
            low, high = self._x(bar.cost.low), self._x(bar.cost.high)
            if high - low >= 3:
                end_mark = f"{y + 2}v{BAR - 4}"
                d = f"M{low} {end_mark}M{low} {y + BAR / 2:g}H{high}M{high} {end_mark}"
                self._parts.append(f'<path class="spread" d="{d}"/>')
                label = max(label, high)
        weight = " strong" if bar.contender == "ours" else ""
        self._text(round(label + 6, 1), y + BAR - 1, bar.text, f"value{weight}")

    def _x(self, value: float | None) -> float:
        """Where a ratio lies; 0 lies at the left end, and what has none at the line."""
        if value is None:
            return self._x(1)
        share = math.log(max(value, self._low) / self._low) / math.log(self._high / self._low)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def _ticks(self) -> list[float]:
        """Powers of ten but 1, fewer where they would touch."""
        powers = range(math.ceil(math.log10(self._low)), math.floor(math.log10(self._high)) + 1)
        step = max(1, math.ceil(len(powers) / 6))
        return [10.0**power for power in powers if power and power % step == 0]

    def _text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "") -> None:
        attributes = (f' class="{kind}"' if kind else "") + (f' text-anchor="{anchor}"' if anchor else "")
        self._parts.append(f'<text x="{x}" y="{y}"{attributes}>{escape(words)}</text>')

    def _document(self, height: int, grid: list[str]) -> str:
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
                f'height="{height}" role="img" aria-labelledby="title desc">',
                '<title id="title">Cost of twelvelabs_async and of the official SDK relative to bare aiohttp</title>',
                f'<desc id="desc">{escape(self._description())}</desc>',
                f"<style>{STYLE}</style>",
                f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
                *grid,
                *self._parts,
                "</svg>\n",
            ]
        )

    def _description(self) -> str:
        names = {"ours": "twelvelabs_async", "official": "official SDK"}
        groups = []
        for name, lines in self._groups.items():
            found = [
                f"{line.label}: {', '.join(f'{names[bar.contender]} {bar.text}' for bar in line.bars)}"
                for line in lines
            ]
            groups.append(f"{name}. {'; '.join(found)}.")
        return " ".join(groups)
