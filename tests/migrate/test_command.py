"""The command: files, diffs, notes and exit codes."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import twelvelabs_async
from twelvelabs_async.migrate.__main__ import main

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]

BEFORE = """\
from twelvelabs import AsyncTwelveLabs, Page

async def f(c: AsyncTwelveLabs):
    await c.tasks.wait_for_done('t')
"""
AFTER = BEFORE.replace(", Page", "\nPage = int").replace("twelvelabs", "twelvelabs_async")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with programs."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "inner/b.py", ".hidden/c.py", "venv/d.py", "mine/e.py", "node_modules/f.py", "text.txt"):
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(BEFORE)
    (tmp_path / "src/mine/pyvenv.cfg").touch()
    (tmp_path / "src/other.py").write_text("import os\n")
    return tmp_path


def test_diff_and_notes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["src"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("--- a/src/a.py\n+++ b/src/a.py\n@@")
    assert (
        "-from twelvelabs import AsyncTwelveLabs, Page\n+from twelvelabs_async import AsyncTwelveLabs\n+Page = int\n"
        in out
    )
    assert [line.split(": ")[0] for line in out.splitlines() if line.startswith("src")] == [
        "src/a.py:4",
        "src/inner/b.py:4",
    ]
    assert out.endswith("\n2 files to change, 2 notes.\n")
    assert err == ""
    assert (folder / "src/a.py").read_text() == BEFORE


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs patch")
@pytest.mark.parametrize("ending", ["\n", ""])
def test_the_output_is_a_patch(folder: Path, capsys: pytest.CaptureFixture[str], ending: str) -> None:
    path = folder / "src/a.py"
    path.write_bytes((BEFORE.rstrip("\n") + ending).encode())
    main(["src/a.py"])
    subprocess.run(["patch", "-p1", "-s"], input=capsys.readouterr().out, text=True, check=True, cwd=folder)
    assert path.read_text() == AFTER.rstrip("\n") + ending


def test_write(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "src/a.py").chmod(0o750)
    assert main(["--write", "src", "src/a.py"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ["src/a.py: rewritten", "src/inner/b.py: rewritten"]
    assert [line.split(": ")[0] for line in out.splitlines()[2:-1]] == ["src/a.py:5", "src/inner/b.py:5"]
    assert out.endswith("\n2 files changed, 2 notes.\n")
    assert err == ""
    assert (folder / "src/a.py").read_text() == (folder / "src/inner/b.py").read_text() == AFTER
    assert stat.S_IMODE((folder / "src/a.py").stat().st_mode) == 0o750
    for name in (".hidden/c.py", "venv/d.py", "mine/e.py", "node_modules/f.py", "text.txt"):
        assert (folder / "src" / name).read_text() == BEFORE
    assert main(["--write", "src"]) == 0
    assert capsys.readouterr() == ("0 files changed, 0 notes.\n", "")
    assert sorted(path.name for path in (folder / "src").iterdir() if path.is_file()) == [
        "a.py",
        "other.py",
        "text.txt",
    ]


@pytest.mark.parametrize(
    "data",
    [
        BEFORE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + BEFORE.encode(),
        ("# -*- coding: latin-1 -*-\n# caf\u00e9\n" + BEFORE).encode("latin-1"),
        (BEFORE + "x = 'caf\u00e9 \U0001f3ac'\x0c\n").encode(),
    ],
    ids=["crlf", "bom", "cookie", "utf-8"],
)
def test_newlines_and_encodings_stay(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(data)
    assert main(["--write", str(path)]) == 0
    newline = b"\r\n" if b"\r\n" in data else b"\n"
    assert path.read_bytes() == data.replace(
        b"from twelvelabs import AsyncTwelveLabs, Page",
        b"from twelvelabs_async import AsyncTwelveLabs" + newline + b"Page = int",
    )


def test_a_link_stays_one(folder: Path) -> None:
    (folder / "link.py").symlink_to("src/a.py")
    assert main(["--write", "link.py"]) == 0
    assert (folder / "link.py").is_symlink()
    assert (folder / "src/a.py").read_text() == AFTER


def test_files_that_cannot_be_read_are_noted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "src/bytes.py").write_bytes(b"import twelvelabs\nx = '\xff'\n")
    (folder / "src/cookie.py").write_bytes(b"# coding: nothing\nimport twelvelabs\n")
    (folder / "src/syntax.py").write_text("import twelvelabs\nx = (\n")
    (folder / "src/used.ipynb").write_text('{"source": ["from twelvelabs import TwelveLabs"]}')
    (folder / "src/unused.ipynb").write_text("{}")
    (folder / "src/dangling.py").symlink_to("nowhere.py")
    assert main(["--write", "src"]) == 0
    out = capsys.readouterr().out
    assert (folder / "src/a.py").read_text() == AFTER
    lines = {line.split(": ")[0]: line for line in out.splitlines()}
    assert "cannot be read" in lines["src/bytes.py"]
    assert "nothing" in lines["src/cookie.py"]
    assert "not valid Python" in lines["src/syntax.py:2"]
    assert "notebook" in lines["src/used.ipynb"]
    assert "cannot be read" in lines["src/dangling.py"]
    assert "src/unused.ipynb" not in lines


def test_helpers_see_the_other_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "sync").mkdir()
    (folder / "sync/client.py").write_text("from twelvelabs import TwelveLabs\n")
    (folder / "sync/helper.py").write_text("from twelvelabs.types import Asset\n")
    assert main(["sync"]) == 0
    out = capsys.readouterr().out
    assert out.endswith("\n0 files to change, 1 note.\n")
    assert "sync/helper.py:1: " in out


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that cannot be written")
def test_a_file_that_cannot_be_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "src/inner").chmod(0o500)
    try:
        assert main(["--write", "src"]) == 1
    finally:
        (folder / "src/inner").chmod(0o700)
    assert "Error: src/inner/b.py: " in capsys.readouterr().err
    assert (folder / "src/a.py").read_text() == AFTER


def test_a_failed_write_leaves_the_old_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copymode", fail)
    assert main(["--write", "src/a.py"]) == 1
    assert capsys.readouterr() == ("0 files changed, 0 notes.\n", "Error: src/a.py: No space left on device\n")
    assert (folder / "src/a.py").read_text() == BEFORE
    assert [path.name for path in (folder / "src").iterdir() if path.name.startswith(".a")] == []


@pytest.mark.parametrize("arguments", [[], ["--no-such-option", "."], ["missing.py"], [".", "missing"]])
def test_wrong_usage(folder: Path, arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "error: " in err
    if arguments and "missing" in arguments[-1]:
        assert f"no such file or folder: {arguments[-1]}" in err


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["-m", "twelvelabs_async.migrate"], "python -m twelvelabs_async.migrate"),
        (["-m", "twelvelabs_async.cli", "migrate"], "twelvelabs-async migrate"),
    ],
)
def test_both_ways_to_run_it(folder: Path, command: list[str], name: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command, *arguments],
            capture_output=True,
            text=True,
            env=environment,
            cwd=folder,
            check=False,
        )

    shown = run("--help")
    assert shown.returncode == 0
    assert f"{name} --write src" in shown.stdout
    assert run("src").returncode == 0
    assert run("missing").returncode == 2
    assert run("--write", "src").returncode == 0
    assert (folder / "src/a.py").read_text() == AFTER


def test_loads_nothing_that_only_the_client_or_other_extras_need() -> None:
    program = (
        "import sys, twelvelabs_async\n"
        "before = set(sys.modules)\n"
        "import twelvelabs_async.migrate.__main__\n"
        "print(*sorted(name.partition('.')[0] for name in set(sys.modules) - before))\n"
        "print(*sorted(name for name in set(sys.modules) - before if name.startswith('twelvelabs_async')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    packages, modules = done.stdout.splitlines()
    assert {name for name in packages.split() if name not in sys.stdlib_module_names} == {"twelvelabs_async"}
    assert all(name.startswith("twelvelabs_async.migrate") for name in modules.split())


def test_nothing_but_the_command_line_imports_it() -> None:
    package = Path(twelvelabs_async.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith(("import ", "from ")) and "migrate" in line and "migrate" not in path.parts
    }
    assert found == {"cli/_app.py", "cli/migrate.py"}
