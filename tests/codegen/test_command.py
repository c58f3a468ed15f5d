"""The command: what it writes, compares and refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from codegen import cli, formatter
from codegen.errors import GenerationError

from .made import Maker, document, model, operation

if TYPE_CHECKING:
    from pathlib import Path

TEXT = {"type": "string"}


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "codegen", *map(str, arguments)]
    return subprocess.run(
        command, cwd=cli.ROOT, capture_output=True, text=True, check=False, env=os.environ | environment
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_generated_code_is_up_to_date() -> None:
    done = run("--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        folder = tmp_path / seed
        done = run("--output", folder / "_generated", "--coverage", folder / "table.md", PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
    first, second = contents(tmp_path / "1"), contents(tmp_path / "2")
    assert first == second
    assert "table.md" in first
    assert len(first) > 90


@pytest.fixture
def written(make: Maker) -> list[str]:
    """Arguments of the command for a small document, which has been generated once."""
    make.write(document())
    arguments = ["--document", str(make.folder / "document.yaml"), "--output", str(make.output)]
    arguments += ["--coverage", str(make.folder / "docs" / "table.md")]
    assert cli.main(arguments) == 0
    assert cli.main([*arguments, "--check"]) == 0
    return arguments


def test_check_tells_every_kind_of_drift(make: Maker, written: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    (make.output / "tree" / "__init__.py").write_text("changed", "utf-8")
    (make.output / "index.py").unlink()
    (make.output / "models" / "more.py").touch()
    (make.folder / "docs" / "table.md").unlink()
    capsys.readouterr()
    before = contents(make.output)
    assert cli.main([*written, "--check"]) == 1
    said = capsys.readouterr().err
    assert f"differs: {make.output / 'tree' / '__init__.py'}" in said
    assert f"missing: {make.output / 'index.py'}" in said
    assert f"should not be there: {make.output / 'models' / 'more.py'}" in said
    assert f"differs: {make.folder / 'docs' / 'table.md'}" in said
    assert "make generate" in said
    assert contents(make.output) == before


def test_check_sees_a_changed_document(make: Maker, written: list[str]) -> None:
    make.write(document({"Thing": model(name=TEXT, color=TEXT)}))
    assert cli.main([*written, "--check"]) == 1
    assert cli.main(written) == 0
    assert cli.main([*written, "--check"]) == 0


def test_files_that_are_no_longer_made_go(make: Maker, written: list[str]) -> None:
    stale, other = make.output / "models" / "old.py", make.output / "own.py"
    stale.write_text((make.output / "tree" / "__init__.py").read_text("utf-8"), "utf-8")
    other.write_text("# Written by hand\n", "utf-8")
    assert cli.main(written) == 0
    assert not stale.exists()
    assert other.exists()


def test_nothing_is_written_when_something_is_wrong(
    make: Maker, written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(make.folder)
    make.write(document({"FooBar": model(a=TEXT), "Foo_Bar": model(b=TEXT)}))
    for arguments in (written, [*written, "--check"]):
        assert cli.main(arguments) == 1
        assert "WARNING" in capsys.readouterr().err
    make.write(document())
    assert contents(make.folder) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: [", "Invalid YAML"),
        ("openapi: 3.1.0\nopenapi: 3.1.0\n", "Invalid YAML"),
        ("openapi: 3.1.0\n", "Failed to parse"),
        ("swagger: '2.0'\n", "Failed to parse"),
    ],
)
def test_document_that_is_none(make: Maker, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    path = make.folder / "document.yaml"
    path.write_text(text, "utf-8")
    assert cli.main(["--document", str(path), "--output", str(make.output)]) == 1
    assert message in capsys.readouterr().err


def test_document_that_is_not_there(make: Maker, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--document", str(make.folder / "no.yaml"), "--output", str(make.output)]) == 1
    assert "cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (["/nowhere/ruff"], "ruff cannot be started"),
        ([sys.executable, "-m", "no_such_formatter"], "if it is missing, run `make venv`"),
        ([sys.executable, "-c", "print('ruff 0.0.1')"], "this is 0.0.1; run `make venv`"),
        ([sys.executable, "-c", ""], "this is unknown"),
    ],
)
def test_formatter_that_is_missing_or_different(make: Maker, program: list[str], message: str) -> None:
    path = make.write(document())
    with pytest.raises(GenerationError, match=message):
        cli.generate(path, make.output, program)


def test_missing_formatter_fails_the_command(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "COMMAND", ("/nowhere/ruff",))
    monkeypatch.setattr(cli.generate, "__defaults__", (formatter.COMMAND,))
    path = make.write(document())
    for more in ([], ["--check"]):
        assert cli.main(["--document", str(path), "--output", str(make.output), *more]) == 1
    assert not make.output.exists()


def test_formatter_needs_a_pin(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('dependencies = ["ruff>=0.1"]', "utf-8")
    with pytest.raises(GenerationError, match="does not pin ruff"):
        formatter.pinned(path)


def test_header_of_every_file(make: Maker) -> None:
    made = make(document())
    for name, source in made.files.items():
        first = source.split("\n", 1)[0]
        assert first == (
            "# Generated by `python -m codegen` from the OpenAPI document, version 9.9. "
            "Do not edit; run `make generate`."
        ), name


def test_imports_of_models_and_operations() -> None:
    """A models module imports only `common`, attrs and the runtime; params what they name; operations no models."""
    prefix = "twelvelabs_async._generated."
    code = """if True:
        import importlib, json, sys
        importlib.import_module("twelvelabs_async")
        before = set(sys.modules)
        importlib.import_module(sys.argv[1])
        print(json.dumps([name for name in sys.modules if name not in before or ".models." in name]))
    """

    def loaded(module: str) -> set[str]:
        command = [sys.executable, "-c", code, f"{prefix}{module}"]
        done = subprocess.run(command, cwd=cli.ROOT, capture_output=True, text=True, check=True)
        return {name.removeprefix(prefix) for name in json.loads(done.stdout) if name.startswith(prefix)}

    assert loaded("models.search") == {"models", "models.common", "models.search"}
    assert loaded("params.common") == {"models", "models.common", "params", "params.common"}
    assert loaded("operations.indexes") == {"operations.indexes"}
    assert loaded("raw.indexes") == {"operations.indexes", "raw", "raw.indexes"}


def test_every_operation_has_a_method_and_a_line_in_the_table() -> None:
    from codegen.document import Document
    from codegen.project import ClientProject

    parsed = Document(cli.DOCUMENT, cli.OUTPUT)
    project = ClientProject(parsed, cli.OUTPUT.parent / "resources")
    assert not project.build()
    ids = {text for _, _, found, _ in parsed.operations() if (text := found.operationId and found.operationId._value)}
    assert {call.id for call in project.operations.calls} == ids
    for call in project.operations.calls:
        assert f"`client.{'.'.join(call.path)}`" in project.coverage


def test_webhook_without_a_body(make: Maker) -> None:
    hook = {"post": {"operationId": "hook", "tags": ["Hooks"], "responses": {}}}
    made = make(document(webhooks={"event": hook}))
    assert "models/hooks.py" not in made.files


def test_operation_ids_in_texts_become_methods(make: Maker) -> None:
    get = operation("getThing", "things.get", description="See `listThings`, `thing_id` and `unknownThing`.")
    made = make(document(paths={"/things": {"get": operation("listThings", "things.list")}, "/t": {"get": get}}))
    assert "See `things.list`, `thing_id` and `unknownThing`." in made.files["operations/things.py"]
