from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.ingest import manifest as manifest_module
from twelvelabs_async.ingest.candidate import Candidate
from twelvelabs_async.ingest.manifest import MAX_ROW, manifest

URL = "https://x.example/a.mp4"


def read(folder: Path, name: str, content: str | bytes) -> list[Candidate]:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(manifest(path))


def sources(candidates: list[Candidate]) -> list[str]:
    """The sources as text; problems as the number of their line."""
    return [
        str(candidate.source).rpartition(" ")[2] if candidate.problem else str(candidate.source)
        for candidate in candidates
    ]


def problems(candidates: list[Candidate]) -> list[str]:
    return [candidate.problem.message for candidate in candidates if candidate.problem is not None]


def test_json_lines(tmp_path: Path) -> None:
    rows: list[Any] = [
        {"path": "a/b.mp4", "key": "k", "filename": "x.mp4", "metadata": {"n": 1, "tags": ["a"], "none": None}},
        {"url": URL},
        {"source": URL, "key": None},
        {"source": "/abs/c.mp4"},
        "d.mp4",
        URL,
    ]
    first, *others = read(tmp_path, "m.jsonl", "\r\n\n".join(map(json.dumps, rows)))
    assert first == Candidate(
        source=tmp_path / "a/b.mp4", root=tmp_path, key="k", filename="x.mp4", metadata={"n": 1, "tags": ["a"]}
    )
    assert [candidate.source for candidate in others] == [URL, URL, Path("/abs/c.mp4"), tmp_path / "d.mp4", URL]


def test_csv(tmp_path: Path) -> None:
    content = (
        "\ufeffpath,key, show ,metadata,filename\r\n"
        'a.mp4,,"one, ""two""\nthree","{""n"": 1, ""show"": ""x""}",\r\n'
        "\r\n"
        '"b.mp4",k,,,x.mp4\r\n'
    )
    assert read(tmp_path, "m.CSV", content) == [
        Candidate(source=tmp_path / "a.mp4", root=tmp_path, metadata={"show": "x", "n": 1}),
        Candidate(source=tmp_path / "b.mp4", root=tmp_path, key="k", filename="x.mp4"),
    ]
    [candidate] = read(tmp_path, "m.csv", 'path,show\na.mp4,"one\ntwo"')
    assert candidate.metadata == {"show": "one\ntwo"}


def test_the_first_character_says_what_it_is(tmp_path: Path) -> None:
    assert sources(read(tmp_path, "list", f'{{"url": "{URL}"}}')) == [URL]
    assert sources(read(tmp_path, "list", f' "{URL}"')) == [URL]
    assert sources(read(tmp_path, "list", f"url\n{URL}\n")) == [URL]
    (tmp_path / "list.txt").write_text(f'"url"\n{URL}\n')
    assert sources(list(manifest(tmp_path / "list.txt", format="csv"))) == [URL]
    assert sources(list(manifest(tmp_path / "list.txt", format="jsonl"))) == [str(tmp_path / "url"), "2"]
    assert read(tmp_path, "empty.csv", "") == []
    assert read(tmp_path, "blank.csv", "\n\n") == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", "unexpected end of data"),
        ("[1]", "a row is an object or a string, not list"),
        ("{}", "one of source, path, url; this one has none"),
        ('{"path": "a", "url": "https://x.example/a"}', "this one has path and url"),
        ('{"path": "a", "metdata": {}}', "unknown field metdata; a source has"),
        ('{"path": 5}', "int is not a source"),
        ('{"path": ""}', "an empty text is not a source"),
        ('{"url": "a.mp4"}', "'a.mp4' is not an HTTP URL"),
        ('{"url": "https:///a.mp4"}', "the URL names no host"),
        ('{"source": "s3://bucket/a.mp4"}', "only http and https URLs, and paths"),
        ('{"path": "a", "key": 5}', "key: must be a string, not int"),
        ('{"path": "a", "metadata": []}', "metadata: must be an object, not list"),
        ('{"path": "a", "metadata": {"ingest_key": "x"}}', "ingest_key is the field for the key"),
        ('{"path": "a", "metadata": {"": "x"}}', "'' is not a name"),
        ('{"path": "a", "metadata": {"x": {"y": 1}}}', "x is dict; allowed are"),
        ('{"path": "a", "metadata": {"x": [1]}}', "x is list; allowed are"),
        ('{"path": "a", "metadata": {"x": 9007199254740992}}', "x has more than 53 bits"),
        ('"' + "x" * MAX_ROW + '"', f"the line is longer than {MAX_ROW} bytes"),
        (b'"\xff"', "the line is not UTF-8 (invalid start byte at byte 1)"),
        ("[" * 10_000, "depth limit exceeded"),
    ],
)
def test_bad_lines_of_json(tmp_path: Path, row: str | bytes, message: str) -> None:
    content = b'"a.mp4"\n\n' + (row if isinstance(row, bytes) else row.encode()) + b'\n"b.mp4"'
    candidates = read(tmp_path, "m.jsonl", content)
    assert sources(candidates) == [str(tmp_path / "a.mp4"), "3", str(tmp_path / "b.mp4")]
    assert problems(candidates)[0].startswith(f"{tmp_path / 'm.jsonl'} line 3: ")
    assert message in problems(candidates)[0]
    assert candidates[1].place == f"{tmp_path / 'm.jsonl'} line 3"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("x.mp4", "the row has 1 cells, and the header 2"),
        (",x", "this one has none"),
        ('x.mp4,"x" y', "expected after"),
        ("s3://x,", "only http and https URLs"),
        ("x," + "y" * MAX_ROW, f"the line is longer than {MAX_ROW} bytes"),
        (b"x,\xff", "the line is not UTF-8"),
        ("x\ry,", "new-line character seen in unquoted field"),
    ],
)
def test_bad_rows_of_csv(tmp_path: Path, row: str | bytes, message: str) -> None:
    raw = row if isinstance(row, bytes) else row.encode()
    candidates = read(tmp_path, "m.csv", b'path,show\na.mp4,"1\n2"\n' + raw + b'\nb.mp4,"3\n4"\n')
    assert sources(candidates) == [str(tmp_path / "a.mp4"), "4", str(tmp_path / "b.mp4")]
    assert message in problems(candidates)[0]
    assert candidates[2].metadata == {"show": "3\n4"}


@pytest.mark.parametrize("cell", ["[]", "{", '{""x"": {}}'])
def test_bad_metadata_in_csv(tmp_path: Path, cell: str) -> None:
    candidates = read(tmp_path, "m.csv", f'path,metadata\na.mp4,"{cell}"\nb.mp4,\n')
    assert sources(candidates) == ["2", str(tmp_path / "b.mp4")]


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    rows = [f"{n}.mp4,{'x' * 90}" for n in range(3000)]
    rows[7] = '7.mp4,"open'
    rows[2990] = '2990.mp4,"open'
    candidates = read(tmp_path, "m.csv", "\n".join(["path,show", *rows]))
    expected = [str(tmp_path / f"{n}.mp4") for n in range(3000)]
    expected[7], expected[2990] = "9", "2992"
    assert sources(candidates) == expected
    assert "a quote is not closed" in problems(candidates)[0]
    assert "unexpected end of data" in problems(candidates)[1]


def test_bad_bytes_within_a_row(tmp_path: Path) -> None:
    content = b'path,show\na.mp4,"1\n\xff\nb.mp4,"\nc.mp4,2\n'
    candidates = read(tmp_path, "m.csv", content)
    assert sources(candidates) == ["2", "3", "4", str(tmp_path / "c.mp4")]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("name,show", "one of them is source, path or url. Found: name, show"),
        ("path;show", "separated by commas"),
        ("path,path", "names the columns, each once"),
        ("path,", "names the columns, each once"),
        ('"path', "line 1: unexpected end of data"),
        (b"path,\xff", "line 1: the line is not UTF-8"),
        ("path".encode("utf-16"), "is not UTF-8 but UTF-16; save it as UTF-8"),
    ],
)
def test_headers_that_cannot_be_used(tmp_path: Path, header: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(tmp_path, "m.csv", header)


def test_a_manifest_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(manifest(tmp_path / "m.csv"))


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(CELL.filter(lambda text: text and "://" not in text), CELL), max_size=8), st.booleans())
def test_what_a_writer_writes_is_read(rows: list[tuple[str, str]], as_json: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / ("m.jsonl" if as_json else "m.csv")
        with path.open("w", newline="", encoding="utf-8") as file:
            if as_json:
                for source, show in rows:
                    file.write(json.dumps({"path": source, "metadata": {"show": show} if show else {}}) + "\n")
            else:
                writer = csv.writer(file)
                writer.writerow(["path", "show"])
                writer.writerows(rows)
        candidates = list(manifest(path))
    assert [candidate.source for candidate in candidates] == [Path(name) / source for source, _ in rows]
    assert [candidate.metadata for candidate in candidates] == [{"show": show} if show else {} for _, show in rows]


@given(st.lists(st.binary(max_size=20) | st.sampled_from([b'"', b"a.mp4,", b'"a\n', b",", b"\r", b"{}"]), max_size=12))
def test_every_line_of_anything_is_a_source_or_a_problem(parts: list[bytes]) -> None:
    good = b"good.mp4,1"
    content = b"path,show\n" + b"\n".join([*parts, b'"', good])
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "m.csv"
        path.write_bytes(content)
        candidates = list(manifest(path))
        lines = [int(source) for source in sources([one for one in candidates if one.problem])]
    assert lines == sorted(set(lines))
    assert all(2 <= line <= content.count(b"\n") + 1 for line in lines)
    last = candidates[-1]
    assert last.source == Path(name) / "good.mp4" or any(b'"' in part for part in parts)


@given(st.lists(st.binary(max_size=30), max_size=8))
def test_no_line_of_json_is_lost(lines: list[bytes]) -> None:
    content = b"\n".join([b'"first"', *lines])
    expected = sum(bool(line.strip() or not _is_text(line)) for line in content.split(b"\n"))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "m.jsonl"
        path.write_bytes(content)
        assert len(list(manifest(path))) in {expected, expected - _blank_unicode(content)}


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _blank_unicode(content: bytes) -> int:
    """Lines of blanks that only Unicode knows."""
    return sum(bool(line.strip()) and _is_text(line) and not line.decode().strip() for line in content.split(b"\n"))


def test_standard_input_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'"a.mp4"\n5\n')))
    candidates = list(manifest("-"))
    assert sources(candidates) == [str(tmp_path / "a.mp4"), "2"]
    assert problems(candidates) == ["standard input line 2: a row is an object or a string, not int"]
    monkeypatch.setattr(sys, "stdin", None)
    assert list(manifest("-")) == []


PIPED = """
    import asyncio, logging, sys
    from twelvelabs_async.ingest.sources import items, manifest

    logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of steps that take long on a busy machine

    async def main():
        async for item in items(manifest("-")):
            print(item.key, flush=True)
            if item.key == "https://x.example/stop":
                break

    asyncio.run(main())
    print("end", flush=True)
"""


def test_standard_input_as_it_comes() -> None:
    """Each line is an item before the next one comes; a read that never ends does not keep the process."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PIPED)],
        cwd=Path(manifest_module.__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONDEVMODE": "1"},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for name in ("1", "2", "stop"):
        process.stdin.write(f'"https://x.example/{name}"\n'.encode())
        process.stdin.flush()
        assert process.stdout.readline() == f"https://x.example/{name}\n".encode()
    assert process.stdout.readline() == b"end\n"
    assert process.wait() == 0  # its standard input is still open
    assert process.communicate()[1] == b""
