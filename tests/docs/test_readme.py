"""The README, which is the package page and the landing page, too: its links, its numbers, its picture."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.faults.cases import CASES
from tests.faults.test_table import TROUBLES

from .pages import ROOT

if TYPE_CHECKING:
    from types import ModuleType

README = (ROOT / "README.md").read_text(encoding="utf-8")
HOME = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
FILES = f"{HOME}/blob/main/"
IMAGES = HOME.replace("github.com", "raw.githubusercontent.com") + "/main/"
LINKS = re.findall(r"(!?)\[[^\]]*\]\(([^)\s]+)\)", README)


def anchors(page: str) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def problem(image: str, target: str) -> str | None:
    """What is wrong with a link."""
    base = IMAGES if image else FILES
    if not target.startswith(base):
        return None if re.match(r"https://(?!(raw\.)?github)", target) and not image else "it is not absolute"
    path, _, anchor = target.removeprefix(base).partition("#")
    if not (ROOT / path).is_file():
        return "there is no such file"
    return None if not anchor or anchor in anchors(path) else "there is no such heading"


@pytest.mark.parametrize(("image", "target"), LINKS)
def test_links_are_absolute_and_lead_somewhere(image: str, target: str) -> None:
    assert problem(image, target) is None


def test_what_the_test_of_links_refuses() -> None:
    assert problem("", "docs/testing.md") == "it is not absolute"
    assert problem("", f"{HOME}/tree/main/docs") == "it is not absolute"
    assert problem("", HOME.replace("https", "http")) == "it is not absolute"
    assert problem("!", f"{FILES}docs/images/demo.svg") == "it is not absolute"
    assert problem("", f"{FILES}docs/nowhere.md") == "there is no such file"
    assert problem("!", f"{IMAGES}docs/images/nowhere.svg") == "there is no such file"
    assert problem("", f"{FILES}docs/errors.md#nowhere") == "there is no such heading"
    assert problem("", f"{FILES}docs/errors.md#what-is-retried") is None


def test_there_are_links_and_no_other_way_to_write_them() -> None:
    assert len(LINKS) >= 15
    assert [target for image, target in LINKS if image] == [
        f"{IMAGES}docs/images/{name}.svg" for name in ("demo", "benchmarks")
    ]
    assert not re.search(r"<(img|a|source)\b|^\[[^\]]+\]:|\]\[", README, re.MULTILINE)


def test_what_is_proven() -> None:
    said = " ".join(README.split())
    operations = {case.operation for case in CASES}
    assert (
        f"{len(TROUBLES)} faults (resets, truncated bodies, lost responses, ...) on {len(operations)} operations"
        in said
    )
    kills = (ROOT / "tests/ingest/kills.py").read_text(encoding="utf-8")
    files, times = (re.search(rf'"--{name}", type=int, default=(\d+)', kills) for name in ("files", "kills"))
    assert files
    assert times
    assert f"{int(files[1]):,} files, {times[1]} kills at random moments" in said


def test_commands_of_make() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", README, re.MULTILINE))
    assert {"demo", "test", "web", "bench", "test-official"} <= named <= targets
    for target in re.findall(r"make test ARGS=(\S+?)`", README):
        assert (ROOT / target).is_dir()


@pytest.mark.parametrize(("option", "arguments"), [("A=", ""), ("LIVE=1", "--live --yes"), ("ARGS=--json", "--json")])
def test_make_demo_runs_the_command(option: str, arguments: str) -> None:
    # What `make test` hands down to its children: flags, its level and its own arguments.
    inherited = {"ARGS", "LIVE", "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS"}
    environment = {name: value for name, value in os.environ.items() if name not in inherited}
    command = ["make", "-n", "demo", option]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1].split(" -m ")[1].split() == ["twelvelabs_async.cli", "demo", *arguments.split()]


@pytest.fixture
def landing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("landing", ROOT / "docs/_ext/landing.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_landing_page_links_within_the_documentation(landing: ModuleType) -> None:
    assert landing.MARK in (ROOT / "docs/index.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", landing.landing_page(README))
    inside = [target for target in targets if "://" not in target]
    assert {"quick-start.md", "images/demo.svg", "contributing.md", "security.md"} <= set(inside)
    assert [target for target in inside if not (ROOT / "docs" / target).is_file()] == []
    assert [target for target in targets if target.startswith(HOME)] == [f"{FILES}LICENSE"]
    assert landing.landing_page(f"[a]({FILES}CHANGELOG.md#b)") == "[a](changelog.md#b)"
