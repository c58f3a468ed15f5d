"""Wrong usage, missing parts, help, and the exit codes of real processes."""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest

import twelvelabs_async
from twelvelabs_async.cli import _app, main
from twelvelabs_async.cli._subcommands import CommandWithSubcommands
from twelvelabs_async.cli.analyze import _exit_code
from twelvelabs_async.emulator import DEFAULT_KEY
from twelvelabs_async.types import AnalyzeTaskError

from ..docs.seeded_emulator import SeededEmulator, inside
from .conftest import ROOT, Done, Place, finish, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., Done]

KEY = "tlk_SECRETKEY0123456789"


def test_help(run: Run) -> None:
    for arguments in (["--help"], ["-h"], ["upload", "--help"]):
        assert run(*arguments).code == 0
    for arguments in ([], ["indexes"]):
        assert run(*arguments).code == 2
    assert run("--version").out == f"twelvelabs-async, version {twelvelabs_async.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["indexes", "lst"], "No such command"),
        (["upload"], "FILE"),
        (["upload", "no.mp4", "--index", "a"], "does not exist"),
        (["upload", ".", "--index", "a"], "is a directory"),
        (["search", "--index", "a"], "--image FILE"),
        (["search", "--index", " ", "text"], "is empty"),
        (["embed", ""], "is empty"),
        (["embed", "\udcff"], "not valid in the encoding"),
        (["embed", "text", "--base-url", "nothing"], "--base-url"),
        (["embed", "text", "--base-url", "http://example.test/v1.3"], "--allow-http"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, in_world: SeededEmulator, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith("Error: ")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_the_key(run: Run, in_world: SeededEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWELVE_LABS_API_KEY")
    missing = run("indexes", "list")
    assert missing.code == 2
    assert "set TWELVE_LABS_API_KEY, or give --api-key" in missing.err
    assert run("indexes", "list", "--api-key", DEFAULT_KEY).code == 0
    wrong = run("indexes", "list", "--api-key", KEY)
    assert wrong.code == 1
    assert wrong.err.startswith("Error: 401")
    assert "--api-key" in wrong.err
    assert KEY not in wrong.err + wrong.out
    assert KEY not in run("indexes", "list", "--api-key", f"{KEY} ü").err


def test_an_unreachable_host(run: Run) -> None:
    done = run("indexes", "list", "--api-key", KEY, "--base-url", "http://127.0.0.1:9")
    assert done.code == 1
    assert "127.0.0.1:9" in done.err
    assert done.err.count("\n") == 1


def test_a_fault_of_the_command_is_one_line(
    run: Run, in_world: SeededEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise ExceptionGroup("several", [ExceptionGroup("inner", [ZeroDivisionError("by zero")])])

    monkeypatch.setattr("twelvelabs_async._generated.operations.embed_v2.EmbedV2Resource.create", fail)
    done = run("embed", "text")
    assert done.code == 1
    assert done.err.startswith("Error: unexpected ZeroDivisionError: by zero.")


def test_an_analysis_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    error = AnalyzeTaskError(message="it is too dark\n")
    assert _exit_code("error", error) == 1
    assert capsys.readouterr().err == "Error: the analysis failed: it is too dark\n"


def test_errors_of_the_system(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied", "a.mp4")

    monkeypatch.setattr(_app.root, "main", fail)
    assert run() == Done(1, "", "Error: a.mp4: Permission denied\n")


def test_interrupted_before_anything_began(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(_app, "run", interrupted)
    assert main([]) == 130


def test_errors_of_click_that_are_no_usage(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise click.ClickException("the file is locked")

    monkeypatch.setattr(_app.root, "main", fail)
    assert run() == Done(1, "", "Error: the file is locked\n")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra(run: Run, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.delitem(sys.modules, "twelvelabs_async.cli._app")
    monkeypatch.setitem(sys.modules, missing, None)
    done = run("indexes", "list")
    assert done.code == 2
    assert done.err == f"Error: twelvelabs_async.cli needs {missing}: pip install 'twelvelabs-async[cli]'\n"


def test_the_package_can_be_imported_without_the_extra() -> None:
    """What the console script imports before it can complain."""
    code = "import sys; sys.modules['click'] = sys.modules['rich'] = None; import twelvelabs_async.cli"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_real_exit_codes(in_world: SeededEmulator) -> None:
    assert finish(start("indexes", "list", "--json")).code == 0
    assert finish(start("status", "nothing")).code == 1
    assert finish(start("status")).code == 2


def test_the_script() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    module, _, name = project["project"]["scripts"]["twelvelabs-async"].partition(":")
    assert getattr(importlib.import_module(module), name) is main
    assert project["project"]["optional-dependencies"]["cli"] == project["dependency-groups"]["cli"]


def test_emulator_help(run: Run) -> None:
    process = start("emulator", "--help")
    done = finish(process)
    assert done.code == 0
    assert "--rate-limit" in done.out


def test_emulator_runs_and_ends(place: Place) -> None:
    process = start("emulator", "--port", "0", "--speed", "0")
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    assert any(line.startswith("Ready") for line in lines)
    process.send_signal(2)
    assert finish(process).code == 0


def test_emulator_without_its_extra(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "twelvelabs_async.emulator.__main__", raising=False)
    monkeypatch.setitem(sys.modules, "twelvelabs_async.emulator.__main__", None)
    with pytest.raises(ModuleNotFoundError):  # another module is no question of the extra
        _app.root.main(["emulator"], standalone_mode=False)
    code = (
        "import sys; sys.modules['av'] = None\n"
        "from twelvelabs_async.cli import main\n"
        "sys.exit(main(['emulator', '--port', '0']))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "Error: twelvelabs_async.emulator needs av: pip install 'twelvelabs-async[emulator]'."
    )


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))
    elif isinstance(command, CommandWithSubcommands):
        for name, inner in command.subcommands.items():
            yield from commands(inner, (*path, name))


EXAMPLES = [
    (" ".join(path) or "all", line.strip())
    for path, command in commands(_app.root)
    for line in (command.help or "").splitlines()
    if "twelvelabs-async " in line
]


@pytest.mark.parametrize(("command", "example"), EXAMPLES)
def test_examples_of_the_help_are_right(command: str, example: str, files: Path) -> None:
    """They are understood; nothing is sent."""
    line = re.sub(r"^\w+=\$\((.*)\)$", r"\1", example)
    words = shlex.split(re.split(r" [|<>] ", line)[0])[1:]
    for name in ("player.png", "films.csv", "run.sqlite"):
        (files / name).write_bytes(b"-")
    with inside(files):
        words = [str(found) for word in words for found in (Path().glob(word) if "*" in word else [word])]
        found: click.Command = _app.root
        while isinstance(found, click.Group):
            found = found.commands[words.pop(0)]
        if isinstance(found, CommandWithSubcommands) and words[0] in found.subcommands:
            found = found.subcommands[words.pop(0)]
        words += ["--yes"] if "delete" in example and "--yes" not in words else []
        found.make_context(found.name, words)
    assert command == "all" or f"twelvelabs-async {command}" in example


def test_every_command_has_examples() -> None:
    shown = {name for name, _ in EXAMPLES}
    single = {" ".join(path) for path, command in commands(_app.root) if not isinstance(command, click.Group)}
    assert single - shown == {"emulator", "migrate"}  # these two pass their arguments on


def test_files_stay_small() -> None:
    paths = list((Path(twelvelabs_async.__file__).parent / "cli").glob("*.py"))
    assert paths
    for path in paths:
        text = path.read_text()
        assert text.count("\n") < 300, path
