"""`make fuzz` finds what is wrong, says how to see it again, and ends when nothing is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.__main__ import TARGETS

ROOT = Path(__file__).parents[2]

PROPERTY = """
from hypothesis import given, strategies as st

@given(st.integers(0, 10**6))
def test_small(number):
    assert number < {bound}
"""


def _fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz", "--workers", "0", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)


def test_something_found(tmp_path: Path) -> None:
    path = tmp_path / "test_wrong.py"
    path.write_text(PROPERTY.format(bound=900_000))
    run = _fuzz("--seconds", "60", "--only", str(path))
    assert run.returncode == 1
    assert "number=900000" in run.stdout
    again = run.stdout.strip().splitlines()[-1]
    assert re.search(r"Found in round 1\. .*FUZZ_EXAMPLES=1000 .*--hypothesis-seed=\d+ .*test_wrong\.py", again)


def test_nothing_found(tmp_path: Path) -> None:
    path = tmp_path / "test_right.py"
    path.write_text(PROPERTY.format(bound=10**6 + 1))
    run = _fuzz("--seconds", "0", "--examples", "50", "--only", str(path))
    assert run.returncode == 0
    assert re.search(r"round 1: seed \d+, \d+ s, 1 passed", run.stdout)
    assert run.stdout.endswith("Nothing found in 1 round, 50 examples for each test.\n")


def test_no_property_test(tmp_path: Path) -> None:
    path = tmp_path / "test_plain.py"
    path.write_text("def test_nothing(): pass\n")
    run = _fuzz("--only", str(path))
    assert run.returncode == 2
    assert "There is no property test in" in run.stdout


def test_every_target_has_property_tests() -> None:
    for paths in TARGETS.values():
        for path in paths:
            files = [ROOT / path] if path.endswith(".py") else sorted((ROOT / path).glob("test_*.py"))
            assert any("@given(" in file.read_text() for file in files), path
