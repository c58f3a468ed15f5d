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

from .generated import Generator, document, model, operation

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
def written(generate: Generator) -> list[str]:
    """Arguments of the command for a small document, which has been generated once."""
    generate.write(document())
    arguments = ["--document", str(generate.folder / "document.yaml"), "--output", str(generate.output)]
    arguments += ["--coverage", str(generate.folder / "docs" / "table.md")]
    assert cli.main(arguments) == 0
    assert cli.main([*arguments, "--check"]) == 0
    return arguments


def test_check_reports_every_kind_of_drift(
    generate: Generator, written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (generate.output / "tree" / "__init__.py").write_text("changed", "utf-8")
    (generate.output / "index.py").unlink()
    (generate.output / "models" / "more.py").touch()
    (generate.folder / "docs" / "table.md").unlink()
    capsys.readouterr()
    before = contents(generate.output)
    assert cli.main([*written, "--check"]) == 1
    errors = capsys.readouterr().err
    assert f"differs: {generate.output / 'tree' / '__init__.py'}" in errors
    assert f"missing: {generate.output / 'index.py'}" in errors
    assert f"should not be there: {generate.output / 'models' / 'more.py'}" in errors
    assert f"differs: {generate.folder / 'docs' / 'table.md'}" in errors
    assert "make generate" in errors
    assert contents(generate.output) == before


def test_check_sees_a_changed_document(generate: Generator, written: list[str]) -> None:
    generate.write(document({"Thing": model(name=TEXT, color=TEXT)}))
    assert cli.main([*written, "--check"]) == 1
    assert cli.main(written) == 0
    assert cli.main([*written, "--check"]) == 0


def test_files_that_are_no_longer_generated_are_removed(generate: Generator, written: list[str]) -> None:
    stale, other = generate.output / "models" / "old.py", generate.output / "own.py"
    stale.write_text((generate.output / "tree" / "__init__.py").read_text("utf-8"), "utf-8")
    other.write_text("# Written by hand\n", "utf-8")
    assert cli.main(written) == 0
    assert not stale.exists()
    assert other.exists()


def test_an_error_leaves_the_files_unchanged(
    generate: Generator, written: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(generate.folder)
    generate.write(document({"FooBar": model(a=TEXT), "Foo_Bar": model(b=TEXT)}))
    for arguments in (written, [*written, "--check"]):
        assert cli.main(arguments) == 1
        assert "would both be called FooBar" in capsys.readouterr().err
    generate.write(document())
    assert contents(generate.folder) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: [", "document.yaml:2: it is neither YAML nor JSON: while parsing a flow node"),
        (
            "openapi: 3.1.0\nopenapi: 3.1.0\n",
            "document.yaml:1 (#/openapi): the key openapi is there twice, again in line 2",
        ),
        ("openapi: 3.1.0\n", "document.yaml:1 (#): a document has no info; add it"),
        ("swagger: '2.0'\n", "document.yaml:1 (#/swagger): the generator does not know the keyword swagger"),
        ("", "document.yaml:1 (#): a document must be a map"),
        ("- 1\n", "document.yaml:1 (#): a document must be a map"),
    ],
)
def test_invalid_document(generate: Generator, capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    path = generate.folder / "document.yaml"
    path.write_text(text, "utf-8")
    assert cli.main(["--document", str(path), "--output", str(generate.output)]) == 1
    assert message in capsys.readouterr().err


def test_missing_document(generate: Generator, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--document", str(generate.folder / "no.yaml"), "--output", str(generate.output)]) == 1
    assert "no.yaml: it cannot be read: No such file or directory; give" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (["/nowhere/ruff"], "ruff cannot be started"),
        ([sys.executable, "-m", "no_such_formatter"], "if it is missing, run `make venv`"),
        ([sys.executable, "-c", "print('ruff 0.0.1')"], "this is 0.0.1; run `make venv`"),
        ([sys.executable, "-c", ""], "this is unknown"),
    ],
)
def test_formatter_that_is_missing_or_different(generate: Generator, program: list[str], message: str) -> None:
    path = generate.write(document())
    with pytest.raises(GenerationError, match=message):
        cli.generate(path, generate.output, program)


def test_missing_formatter_fails_the_command(generate: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatter, "COMMAND", ("/nowhere/ruff",))
    monkeypatch.setattr(cli.generate, "__defaults__", (formatter.COMMAND,))
    path = generate.write(document())
    for more in ([], ["--check"]):
        assert cli.main(["--document", str(path), "--output", str(generate.output), *more]) == 1
    assert not generate.output.exists()


def test_formatter_needs_a_pin(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_text('dependencies = ["ruff>=0.1"]', "utf-8")
    with pytest.raises(GenerationError, match="ruff is not pinned; pin it"):
        formatter.pinned(path)


def test_header_of_every_file(generate: Generator) -> None:
    generated = generate(document())
    for name, source in generated.files.items():
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
    assert loaded("models.analyze_tasks") == {"models", "models.analyze", "models.analyze_tasks", "models.common"}
    assert loaded("params.common") == {"params", "params.common"}
    assert loaded("operations.indexes") == {"operations.indexes"}
    assert loaded("raw.indexes") == {"operations.indexes", "raw", "raw.indexes"}


def test_every_operation_has_a_method_and_a_line_in_the_table() -> None:
    from codegen.document import Document
    from codegen.project import ClientProject

    parsed = Document(cli.DOCUMENT, cli.OUTPUT)
    project = ClientProject(parsed, cli.OUTPUT.parent / "resources")
    project.build()
    ids = {text for _, _, found, _ in parsed.operations() if (text := found.operationId and found.operationId._value)}
    assert {call.id for call in project.operations.calls} == ids
    for call in project.operations.calls:
        assert f"`client.{'.'.join(call.path)}`" in project.coverage


def test_webhook_without_a_body(generate: Generator) -> None:
    hook = {"post": {"operationId": "hook", "tags": ["Hooks"], "responses": {}}}
    generated = generate(document(webhooks={"event": hook}))
    assert "models/hooks.py" not in generated.files


def test_operation_ids_in_texts_become_methods(generate: Generator) -> None:
    get = operation("getThing", "things.get", description="See `listThings`, `thing_id` and `unknownThing`.")
    generated = generate(
        document(paths={"/things": {"get": operation("listThings", "things.list")}, "/t": {"get": get}})
    )
    assert "See `things.list`, `thing_id` and `unknownThing`." in generated.files["operations/things.py"]
