"""The recording in the README is what the command writes."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from typing import TYPE_CHECKING

from .pages import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = ROOT / "docs/images/demo.svg"
SVG = "{http://www.w3.org/2000/svg}"
WIDTH = 8.4
"""Of a character, in pixels."""


def recorded() -> list[str]:
    """The lines of the picture."""
    lines: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for found in ET.parse(PICTURE).iter(f"{SVG}text"):
        text = found.text or ""
        assert abs(float(found.attrib["textLength"]) - len(text) * WIDTH) < 0.01
        lines[int(found.attrib["y"])].append((round(float(found.attrib["x"]) / WIDTH), text))
    made = []
    for _, parts in sorted(lines.items()):
        line = ""
        for column, text in sorted(parts):
            line = line.ljust(column) + text
        made.append(line)
    return made


def comparable(lines: list[str]) -> list[str]:
    """Without what differs from run to run: times, the port, the order in which videos are ready."""
    text = "\n".join(line.rstrip() for line in lines if line.strip())
    text = re.sub(r"\b\d+\.\d\d? s$", "N s", text, flags=re.MULTILINE)
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:N", text)
    return sorted(text.split("\n"))


def test_the_recording_is_what_the_command_writes(tmp_path: Path) -> None:
    """When this fails: make record-demo."""
    done = subprocess.run(
        [sys.executable, "-m", "twelvelabs_async.cli", "demo"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=True,
    )
    prompt, *lines = recorded()
    assert prompt == "$ twelvelabs-async demo"
    assert comparable(lines) == comparable(done.stdout.splitlines())


def test_the_picture() -> None:
    """It works where scripts and addresses are not allowed, is small, and has an end where nothing may move."""
    text = PICTURE.read_text(encoding="utf-8")
    assert len(text) < 60_000
    assert not re.search(r"<script|<foreignObject|<image|href|url\(|@import|\bon\w+=", text)
    assert text.count("http") == text.count("http://www.w3.org/2000/svg") + text.count("http://127.0.0.1:")
    still, moving = text.split("@media (prefers-reduced-motion:no-preference){")
    assert "animation" not in still
    assert "opacity" not in still
    assert re.search(r"#screen\{transform:translateY\(-\d+px\)\}", still)
    assert "#screen,#screen>g{animation:" in moving
