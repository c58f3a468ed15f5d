"""Records `twelvelabs-async demo` as an animated SVG: `make record-demo`.

It runs the command in a terminal of 90 columns and draws what the command wrote there. No character of the output is
invented; the pace is: pauses are added, so that it can be read. The picture has no script. Where animations are
turned off, it shows the end of the output.
"""

from __future__ import annotations

import itertools
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE: Final = Path(__file__).with_name("demo.svg")
COMMAND: Final = "twelvelabs-async demo"

COLUMNS: Final = 90
ROWS: Final = 26
CHAR: Final = 8.4
"""Width of a character, in pixels; each text is stretched to it, whatever font the reader has."""
LINE: Final = 20
MARGIN: Final = 18
BAR: Final = 34

KEY_PAUSE: Final = 0.06
STEP_PAUSE: Final = 1.1
"""Seconds before each step."""
LINE_PAUSES: Final = {"    ": 0.07, "   ": 0.3}
"""Seconds for a line of code, and for any other line of a step."""
WORD_PAUSE: Final = 0.07
"""Seconds for each word of the answer."""
HOLD: Final = 6.0
"""Seconds at the end."""

BACKGROUND: Final = "#161b22"
FOREGROUND: Final = "#d5dbe3"
DIM: Final = "#8b949e"
PALETTE: Final = ("#8b949e", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#d5dbe3")
"""The colours of a terminal by their numbers."""
FONTS: Final = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace'
TITLE: Final = "A terminal in which twelvelabs-async demo uploads, searches, analyzes and embeds sample videos"


def run() -> str:
    """Run the command in a terminal; what it wrote."""
    master, slave = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("TWELVE", "NO_COLOR"))}
    environment |= {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": "100"}
    with subprocess.Popen(
        [sys.executable, "-m", "twelvelabs_async.cli", "demo"],
        stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=environment,
    ) as process:  # fmt: skip
        os.close(slave)
        written = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # how Linux says that the other end was closed
                break
            if not piece:
                break
            written += piece
        os.close(master)
    if process.returncode:
        raise SystemExit(f"the demo has failed:\n{written.decode()}")
    return written.decode().replace("\r\n", "\n")


def draw(written: str) -> str:
    """The picture of what the command wrote."""
    lines = [Text.assemble(("$ ", "green"), (COMMAND, "bold")), *Text.from_ansi(written).split("\n")]
    pieces, scrolls, seconds = _timeline(lines)
    names = {at: f"k{number}" for number, at in enumerate(sorted({at for at, _ in pieces}))}
    marks = _scroll_marks(scrolls, seconds)
    width, height = round(COLUMNS * CHAR) + 2 * MARGIN, BAR + ROWS * LINE + MARGIN
    end = max(0, len(lines) - ROWS) * LINE
    frames = "".join(
        f"@keyframes {name}{{0%,{_percent(at - 0.001, seconds)}{{opacity:0}}{_percent(at, seconds)},to{{opacity:1}}}}"
        f".{name}{{animation-name:{name}}}"
        for at, name in names.items()
    )
    texts = "\n".join(f'<g class="{names[at]}">{drawn}</g>' for at, drawn in _joined(pieces))
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    dots = "".join(
        f'<circle cx="{20 + 18 * at}" cy="17" r="5.5" fill="{fill}"/>'
        for at, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">
<title>{TITLE}</title>
<style>
text{{font:14px {FONTS};white-space:pre;fill:{FOREGROUND}}}
.b{{font-weight:600}}.i{{font-style:italic}}.d{{fill:{DIM}}}
{"".join(f".c{number}{{fill:{value}}}" for number, value in enumerate(PALETTE))}
#screen{{transform:translateY(-{end}px)}}
@media (prefers-reduced-motion:no-preference){{
#screen,#screen>g{{animation:{seconds:.1f}s linear infinite}}
#screen{{animation-name:scroll}}
@keyframes scroll{{{marks}}}
{frames}
}}
</style>
<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9" fill="{BACKGROUND}" stroke="#57606a"/>
{dots}
<svg x="{MARGIN}" y="{BAR}" width="{width - 2 * MARGIN}" height="{ROWS * LINE}"><g id="screen">
{texts}
</g></svg>
</svg>
"""


def _timeline(lines: list[Text]) -> tuple[list[tuple[float, str]], list[tuple[float, int]], float]:
    """When which part is drawn, when the screen is scrolled to which offset, and how long all of it takes."""
    pieces: list[tuple[float, str]] = []
    scrolls: list[tuple[float, int]] = []
    now = 0.6
    answer = False
    for row, line in enumerate(lines):
        plain = line.plain
        if re.match(r"\d+\. |All \d|Next", plain):
            now += STEP_PAUSE
            answer = "word by word" in plain
        if row >= ROWS:
            scrolls.append((now, (row - ROWS + 1) * LINE))
        if row == 0:
            pieces.append((0.0, _drawn(line, 0, 2, row)))
            for at in range(2, len(plain)):
                now += KEY_PAUSE
                pieces.append((now, _drawn(line, at, at + 1, row)))
        elif answer and plain.startswith("   ") and "italic" in str(line.spans):
            for word in re.finditer(r"\S+", plain):
                now += WORD_PAUSE
                pieces.append((now, _drawn(line, *word.span(), row)))
        else:
            pieces.append((now, _drawn(line, 0, len(plain), row)))
            now += next((pause for start, pause in LINE_PAUSES.items() if plain.startswith(start)), 0.0)
    return pieces, scrolls, now + HOLD


def _drawn(line: Text, start: int, end: int, row: int) -> str:
    """A part of a line as elements of SVG, one for each style."""
    return "".join(_elements(line[start:end], start, row))


def _elements(part: Text, column: int, row: int) -> Iterator[str]:
    edges = sorted({0, len(part), *(edge for span in part.spans for edge in (span.start, span.end))})
    for start, end in itertools.pairwise(edges):
        text = part.plain[start:end]
        if not text.strip():
            continue
        lead = len(text) - len(text.lstrip())
        classes = _classes(part, start)
        chosen = f' class="{classes}"' if classes else ""
        left, shown = (column + start + lead) * CHAR, text.strip()
        place = f'x="{left:g}" y="{(row + 1) * LINE - 5}" textLength="{len(shown) * CHAR:g}"'
        yield f"<text {place}{chosen}>{escape(shown)}</text>"


def _classes(part: Text, at: int) -> str:
    found = []
    for span in part.spans:
        style = span.style
        if span.start <= at < span.end and not isinstance(style, str):
            found += [name for name, on in (("b", style.bold), ("i", style.italic), ("d", style.dim)) if on]
            if style.color is not None and style.color.number is not None:
                found.append(f"c{style.color.number % len(PALETTE)}")
    return " ".join(dict.fromkeys(found))


def _joined(pieces: list[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """What appears at the same time, together."""
    together: dict[float, str] = {}
    for at, drawn in pieces:
        together[at] = together.get(at, "") + drawn
    yield from ((at, drawn) for at, drawn in together.items() if drawn)


def _scroll_marks(scrolls: list[tuple[float, int]], seconds: float) -> str:
    last = dict(scrolls)  # one offset for each time
    offset = 0
    marks = ["0%{transform:translateY(0)}"]
    for at, wanted in last.items():
        marks.append(f"{_percent(at - 0.001, seconds)}{{transform:translateY(-{offset}px)}}")
        marks.append(f"{_percent(at, seconds)}{{transform:translateY(-{wanted}px)}}")
        offset = wanted
    marks.append(f"to{{transform:translateY(-{offset}px)}}")
    return "".join(marks)


def _percent(at: float, seconds: float) -> str:
    return f"{max(0.0, at) / seconds * 100:.3f}%"


if __name__ == "__main__":
    PICTURE.write_text(draw(run()), encoding="utf-8")
