"""Documents are read with the line of each value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codegen import cli
from codegen.errors import GenerationError
from codegen.source import Source, read

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
# A comment.
a: 1
b:
  - x
  - c/d: {e~f: true, g: null}
    h: |
      text
      more
'i': 1.5
"""


def source(folder: Path, text: str) -> Source:
    path = folder / "document.yaml"
    path.write_text(text, "utf-8")
    return Source(path)


def test_every_value_has_a_line(tmp_path: Path) -> None:
    found = source(tmp_path, TEXT)
    assert found.content == yaml.safe_load(TEXT) == read(tmp_path / "document.yaml")
    path = tmp_path / "document.yaml"
    assert {
        pointer: found.place(pointer) for pointer in ("", "/a", "/b", "/b/0", "/b/1/c~1d/e~0f", "/b/1/h", "/i")
    } == {
        "": f"{path}:1 (#)",
        "/a": f"{path}:2 (#/a)",
        "/b": f"{path}:3 (#/b)",
        "/b/0": f"{path}:4 (#/b/0)",
        "/b/1/c~1d/e~0f": f"{path}:5 (#/b/1/c~1d/e~0f)",
        "/b/1/h": f"{path}:6 (#/b/1/h)",
        "/i": f"{path}:9 (#/i)",
    }
    assert found.place("/b/1/none/at/all") == f"{path}:5 (#/b/1/none/at/all)"


def test_files_below_the_current_folder_have_short_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert source(tmp_path, TEXT).place("/a") == "document.yaml:2 (#/a)"


def test_our_document_is_the_same_for_every_reader() -> None:
    content: Any = Source(cli.DOCUMENT).content
    assert content == read(cli.DOCUMENT)


def test_parts_behind_an_alias_are_apart(tmp_path: Path) -> None:
    found = source(tmp_path, "a: &x {b: [1]}\nc: *x\n").content
    assert found == {"a": {"b": [1]}, "c": {"b": [1]}}
    assert found["a"] is not found["c"]
    assert found["a"]["b"] is not found["c"]["b"]


def test_json_with_all_its_escape_sequences(tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(r'{"a": "\ud83d\ude00\/"}', "utf-8")
    assert read(path) == {"a": "\U0001f600/"}
    path.write_text("{a: 1}", "utf-8")
    assert read(path) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: {c: 1, c: 2}\n", "2 (#/b/c): the key c is there twice, again in line 2; remove one"),
        ("a:\n  200: x\n", "1 (#/a): the key 200 is not text; put it in quotes"),
        ("a:\n  yes: x\n", "1 (#/a): the key yes is not text; put it in quotes"),
        ("a:\n  [b]: x\n", "1 (#/a): the key in line 2 is not text; put it in quotes"),
        (
            "a:\n- 2025-01-02\n",
            "2 (#/a/0): YAML reads 2025-01-02 as a date, which JSON does not have; put it in quotes",
        ),
        ("a: !!binary x\n", "1 (#/a): 'x' cannot be read"),
        ("a: !custom x\n", "1 (#/a): 'x' cannot be read (could not determine a constructor"),
        ("a: {<<: {b: 1}}\n", "1 (#/a): '<<' cannot be read"),
        ("a: 2025-99-99\n", "1 (#/a): '2025-99-99' cannot be read (month must be"),
        ("a: &x\n  b: [*x]\n", "1 (#/a/b/0): the value contains itself; write it without an alias"),
        ("a: 1\nb: [\n", "3: it is neither YAML nor JSON"),
        ("a: *x\n", "1: it is neither YAML nor JSON: found undefined alias"),
        ("a: 1\n--- b\n", "2: it is neither YAML nor JSON: expected a single document"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GenerationError) as caught:
        source(tmp_path, text)
    assert f"document.yaml:{message}" in str(caught.value)


def test_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "document.yaml"
    path.write_bytes(b"a: \xff")
    with pytest.raises(GenerationError, match=r"document.yaml: it is not UTF-8 text: .* at byte 3; save it as UTF-8"):
        Source(path)
