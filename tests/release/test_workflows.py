"""The files of .github and of pre-commit: they load, and what they name exists."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from release.project import ROOT, pythons

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FILES = sorted([*GITHUB.rglob("*.yml"), ROOT / ".pre-commit-config.yaml"])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
NOX_SESSIONS = set(re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE))


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def jobs() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{path.name}: {name}", job) for path in WORKFLOWS for name, job in load(path)["jobs"].items()]


def runs(job: dict[str, Any]) -> list[str]:
    """The commands of a job, once for each value of its matrix that they name."""
    found = []
    for step in job["steps"]:
        matrix = job.get("strategy", {}).get("matrix", {})
        lines = step.get("run", "").splitlines()
        for key, values in matrix.items():
            lines = [line.replace(f"${{{{ matrix.{key} }}}}", value) for line in lines for value in values]
        found += lines
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_loads(path: Path) -> None:
    assert isinstance(load(path), dict)


@pytest.mark.parametrize(("name", "job"), jobs(), ids=[name for name, _ in jobs()])
def test_every_make_target_and_session_exists(name: str, job: dict[str, Any]) -> None:
    for line in runs(job):
        words = shlex.split(line)
        if words[0] == "make":
            called = [word for word in words[1:] if not word.startswith("-") and "=" not in word and word[0].islower()]
            assert called[0] in TARGETS, line
        options = shlex.split(next((word[5:] for word in words if word.startswith("ARGS=")), "")) or words
        for option, value in pairwise(options):
            if option == "--session":
                assert value in NOX_SESSIONS, line
            if option == "--python":
                assert value in pythons(), line


def test_the_jobs_call_something() -> None:
    called = [line for _, job in jobs() for line in runs(job)]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    targets = set(re.findall(r"^ *make ([a-z-]+)", script, re.MULTILINE))
    targets.remove("test-lowest")  # a part of what make packages does for each Python
    assert {"check", "test", "docs"} < targets
    assert {f"make {target}" for target in targets} <= set(called)
    assert {f"make packages ARGS='--python {python}'" for python in pythons()} <= set(called)


def test_pythons_are_those_of_the_package() -> None:
    for name, job in jobs():
        listed = job.get("strategy", {}).get("matrix", {}).get("python")
        assert listed in (None, pythons()), name


@pytest.mark.parametrize(("name", "job"), jobs(), ids=[name for name, _ in jobs()])
def test_every_job_is_bounded_and_may_do_little(name: str, job: dict[str, Any]) -> None:
    assert job["timeout-minutes"] <= 90
    for step in job["steps"]:
        action = step.get("uses", "")
        if action.startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
        # What others choose, such as the name of a branch, is never part of a command.
        assert "github." not in step.get("run", ""), step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned(path: Path) -> None:
    """By a commit, which nobody can move, and with the release, by which Dependabot finds the next one."""
    used = re.findall(r"uses: *(.*)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_workflows_may_only_read() -> None:
    for path in WORKFLOWS:
        assert load(path)["permissions"] == {"contents": "read"}, path


def test_a_release_needs_no_secret() -> None:
    path = GITHUB / "workflows" / "release.yml"
    assert "secrets." not in path.read_text(encoding="utf-8")
    release = load(path)["jobs"]
    publish = release["publish"]
    assert publish["permissions"] == {"attestations": "write", "id-token": "write"}
    assert publish["environment"] == "release"
    assert not [step for step in publish["steps"] if "run" in step], "nothing of the project runs where it may publish"
    assert publish["steps"][-1]["with"]["attestations"] is True
    assert [name for name, job in release.items() if "id-token" in job.get("permissions", {})] == ["publish"]


def test_a_release_is_checked_before_it_is_built() -> None:
    release = load(GITHUB / "workflows" / "release.yml")
    assert release["concurrency"] == {"group": "release", "cancel-in-progress": False}
    called = runs(release["jobs"]["build"])
    assert [line.split()[1] for line in called[:3]] == ["release-check", "check", "packages"]
    assert release["jobs"]["publish"]["needs"] == "build"
    assert release[True] == {"push": {"tags": ["v*"]}}  # `on` is true in YAML 1.1


def test_updates_cover_what_is_pinned() -> None:
    found = {update["package-ecosystem"]: update for update in load(GITHUB / "dependabot.yml")["updates"]}
    assert found.keys() == {"pip", "github-actions"}
    assert found["pip"]["directories"] == ["/", "/locks"]


def test_hooks_run_the_tools_of_the_project() -> None:
    config = load(ROOT / ".pre-commit-config.yaml")
    (repository,) = config["repos"]
    stages = {stage for hook in repository["hooks"] for stage in hook.get("stages", ["pre-commit"])}
    assert set(config["default_install_hook_types"]) == stages, "make hooks installs what is needed, and no more"
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        python, option, module, *_ = shlex.split(hook["entry"])
        assert (python, option, hook["language"]) == (".venv/bin/python", "-m", "system")
        assert module in {"codegen", "mypy", "release", "ruff"}


@pytest.mark.parametrize("path", sorted((GITHUB / "ISSUE_TEMPLATE").glob("*_*.yml")), ids=lambda path: path.name)
def test_forms_have_what_github_asks_for(path: Path) -> None:
    form = load(path)
    assert {"name", "description", "body"} <= form.keys()
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids)) > 0
    for part in form["body"]:
        assert part["type"] in {"markdown", "textarea", "input", "dropdown"}
        assert "label" in part["attributes"] or part["type"] == "markdown"


def test_the_address_of_the_project_is_stated_once() -> None:
    """The rest of the project refers to pyproject.toml, so that one line moves it.

    The README cannot: its links have to be absolute. tests/docs/test_readme.py compares them with that line.
    """
    readme = ROOT / "README.md"
    for path in {*FILES, *GITHUB.glob("*.md"), *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")} - {readme}:
        assert "twelvelabs-async/twelvelabs-async" not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("page", ["RELEASING.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_pages_for_contributors_name_what_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|\$ |&& )make ([a-z-]+)", text):
        assert target in TARGETS, target
    for link in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (ROOT / link).exists(), link
    for code in re.findall(r"`([\w./-]+/[\w.-]*\.\w+)`", text):
        assert any((ROOT / folder / code).exists() for folder in ("", "tests")), code
