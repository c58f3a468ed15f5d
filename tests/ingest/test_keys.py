from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.ingest.keys import (
    MAX_FILENAME_LENGTH,
    MAX_KEY_LENGTH,
    Shard,
    check_key,
    content_key,
    encodable,
    file_key,
    file_name,
    place_of,
    shortened,
)

# Also lone surrogates, which names that are not valid UTF-8 have.
ANY_TEXT = st.text(st.characters(exclude_characters="\0"), max_size=700)


def test_places() -> None:
    root = Path("/videos/films")
    for path in ("/videos/films/a/b.mp4", "/videos/films/./a/x/../b.mp4"):
        assert place_of(path, root) == "a/b.mp4"
        assert place_of(path, "/videos/films/") == "a/b.mp4"
        assert place_of(path, "/") == "videos/films/a/b.mp4"
        assert place_of(path, None) == "/videos/films/a/b.mp4"
    assert place_of("/videos/films2/a.mp4", root) == "/videos/films2/a.mp4"
    assert place_of("a.mp4", Path.cwd()) == place_of("a.mp4", ".") == "a.mp4"
    assert place_of("a.mp4", None) == str(Path.cwd() / "a.mp4")


def test_a_key_is_the_place_the_size_and_the_time() -> None:
    assert file_key("a/b.mp4", 5, 7) == "a/b.mp4|5|7"


@given(st.lists(ANY_TEXT, unique=True, min_size=2, max_size=5))
def test_different_texts_have_different_keys(texts: list[str]) -> None:
    keys = [shortened(encodable(text)) for text in texts]
    assert len(set(keys)) == len(keys)
    for key in keys:
        key.encode()
        assert len(key) <= MAX_KEY_LENGTH
        if key:
            assert check_key(key) == key


@given(ANY_TEXT)
def test_file_names_can_be_sent(text: str) -> None:
    for name in (file_name(Path(text)), file_name(f"https://x.example/{text}")):
        name.encode()
        assert 1 <= len(name) <= MAX_FILENAME_LENGTH
        assert name.isprintable()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (Path("a/b.mp4"), "b.mp4"),
        (Path("a/b\udcff\n.mp4"), "b__.mp4"),
        ("https://x.example/a/b%20c.mp4?token=secret#x", "b c.mp4"),
        ("https://x.example/a%2Fb.mp4", "b.mp4"),
        ("https://x.example/", "x.example"),
        ("HTTPS://x.example/b.mp4", "b.mp4"),
        (Path("/"), "unnamed"),
        (Path(r"a\b.mp4"), r"a\b.mp4"),
        (Path("x" * 300 + ".mp4"), "x" * 251 + ".mp4"),
    ],
)
def test_file_names(source: str | Path, name: str) -> None:
    assert file_name(source) == name


def test_file_names_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.keys.os.sep", "\\")
    assert file_name(r"C:\videos\b.mp4") == "b.mp4"


@pytest.mark.parametrize("key", ["", None, 5, "x" * 513, "a\ud800"])
def test_keys_that_cannot_be_used(key: object) -> None:
    with pytest.raises(ValueError, match="key"):
        check_key(key)


def test_keys_of_contents(tmp_path: Path) -> None:
    keys = [content_key("a", b"x"), content_key("a", b"y"), content_key("b", b"x"), content_key("a", b"")]
    assert len(set(keys)) == 4
    assert {content_key("a", bytearray(b"x")), content_key("a", io.BytesIO(b"x"))} == {keys[0]}
    path = tmp_path / "a.mp4"
    path.write_bytes(b"12345")
    with path.open("rb") as file:
        assert content_key("a.mp4", file) == f"a.mp4|5|{path.stat().st_mtime_ns}"
    with tempfile.SpooledTemporaryFile() as spooled:
        assert content_key("a", spooled) == ""


@given(st.integers(1, 12), st.lists(st.text(), unique=True))
def test_shards_are_disjoint_and_complete(count: int, keys: list[str]) -> None:
    keys = [encodable(key) for key in keys]
    shards = [Shard.parse(f"{number}/{count}") for number in range(1, count + 1)]
    for key in keys:
        assert sum(shard.holds(key) for shard in shards) == 1


def test_shards_are_the_same_everywhere_and_of_one_size() -> None:
    assert [Shard(number, 3).holds("a.mp4|5|7") for number in (1, 2, 3)] == [False, True, False]
    sizes = [sum(Shard(number, 8).holds(str(n)) for n in range(8000)) for number in range(1, 9)]
    assert min(sizes) > 800
    assert max(sizes) < 1200


@pytest.mark.parametrize("text", ["", "2", "0/8", "9/8", "1/0", "-1/8", "a/b", "1/8/2", "1 /8", "²/8", "1/" + "9" * 10])
def test_shards_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a shard; the second of eight is written 2/8"):
        Shard.parse(text)


def test_shards_in_text() -> None:
    assert Shard.parse("2/8") == Shard(2, 8)
    assert Shard.parse("8/8") == Shard(8, 8)
