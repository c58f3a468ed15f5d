"""Lists that are found by terms are the same as lists for which every document is read, and read few documents."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from twelvelabs_async.emulator.state import store as store_module
from twelvelabs_async.emulator.state.store import Page, Store, Transaction
from twelvelabs_async.emulator.state.terms import VERSION, terms_for

STATES = ["pending", "indexing", "ready", "failed"]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(tmp_path / "state")
    await made.open()
    yield made
    await made.close()


def video(number: int, pick: random.Random) -> dict[str, Any]:
    return {
        "_id": f"v{number}",
        "asset_id": f"a{number % 7}",
        "status": pick.choice(STATES),
        "system_metadata": {"filename": f"{number % 5}.mp4", "duration": number},
        "user_metadata": {
            "key": f"k{number % 11}",
            "n": number % 3,
            "on": number % 2 == 0,
            "tags": ["x", f"t{number % 4}"],
        },
        "updated_at": f"{pick.random()}",
    }


class Model:
    """The same documents in a list."""

    def __init__(self) -> None:
        self.documents: list[tuple[str, dict[str, Any]]] = []

    def page(self, parent: str | None, accept: Any, *, sort_by: str, descending: bool, page: int, limit: int) -> Page:
        found = [d for home, d in self.documents if (parent is None or home == parent) and accept(d)]
        if sort_by == "created_at":
            found = found[::-1] if descending else found
        else:
            found = sorted(found[::-1] if descending else found, key=lambda d: str(d[sort_by]), reverse=descending)
        return Page(found[(page - 1) * limit : page * limit], len(found))


def conditions(pick: random.Random) -> dict[str, Any]:
    choices: dict[str, Any] = {
        "status": pick.choice([["ready"], "failed", ["ready", "failed"], ["ready", "ready"]]),
        "filename": f"{pick.randrange(6)}.mp4",
        "user_metadata.key": f"k{pick.randrange(12)}",
        "user_metadata.n": pick.choice(["1", "1.0", 2, "x"]),
        "user_metadata.on": pick.choice(["true", True, "True"]),
        "user_metadata.tags": pick.choice(["x", "t1", "none"]),
    }
    return {name: choices[name] for name in pick.sample(sorted(choices), pick.randrange(4))}


def holds(document: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """The meaning of the conditions, written down once more."""
    for name, value in wanted.items():
        head, _, key = name.partition(".")
        if head == "filename":
            found = document["system_metadata"]["filename"]
        else:
            found = document[head][key] if key else document[head]
        alternatives = value if isinstance(value, list) else [value]
        if key == "n":
            if value == "x" or float(value) != found:
                return False
        elif key == "on":
            if found is not True or value not in ("true", True):  # `True` as a text is another text
                return False
        elif key == "tags":
            if value not in found:
                return False
        elif found not in alternatives:
            return False
    return True


@pytest.mark.parametrize("seed", range(4))
async def test_lists_are_the_same_as_if_everything_was_read(store: Store, seed: int) -> None:
    pick = random.Random(seed)
    model = Model()

    def change(tx: Transaction) -> None:
        for number in range(300):
            parent, document = pick.choice(["one", "two"]), video(number, pick)
            tx.put("video", document["_id"], document, parent=parent)
            model.documents.append((parent, document))

    await store.run(change)

    def change_more(tx: Transaction) -> None:
        for at in pick.sample(range(len(model.documents)), 60):
            parent, old = model.documents[at]
            new = {**video(pick.randrange(300), pick), "_id": old["_id"]}
            tx.put("video", old["_id"], new)  # it keeps its parent
            model.documents[at] = parent, new
        for at in sorted(pick.sample(range(len(model.documents)), 40), reverse=True):
            assert tx.delete("video", model.documents.pop(at)[1]["_id"])
        assert not tx.delete("video", "none")

    for _ in range(3):
        await store.run(change_more)
        for _ in range(60):
            wanted = conditions(pick)
            parent = "one" if wanted else pick.choice(["one", "two", None])
            where = pick.choice([None, None, lambda d: d["system_metadata"]["duration"] > 100])
            options: dict[str, Any] = {
                "sort_by": pick.choice(["created_at", "created_at", "updated_at"]),
                "descending": pick.random() < 0.5,
                "page": pick.choice([1, 1, 2, 5, 20, 10**20]),
                "limit": pick.choice([1, 10, 50]),
            }
            terms = [terms_for("video", parent, name, value) for name, value in wanted.items()]
            found = await store.run(lambda tx: tx.page("video", parent=parent, terms=terms, where=where, **options))  # noqa: B023
            expected = model.page(
                parent,
                lambda d: holds(d, wanted) and (where is None or where(d)),  # noqa: B023
                **options,
            )
            assert found == expected, (wanted, parent, options)


async def test_the_number_of_documents_follows_the_changes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_BATCH", 4)
    ready, failed = (terms_for("video", "one", "status", state) for state in ("ready", "failed"))

    def add(tx: Transaction) -> tuple[int, int, int, int]:
        for number in range(10):
            tx.put("video", f"v{number}", {"_id": f"v{number}", "status": "ready"}, parent="one")
        return counted(tx)

    def counted(tx: Transaction) -> tuple[int, int, int, int]:
        counts = tx.count("video"), tx.count("video", parent="one"), tx.count_terms(ready), tx.count_terms(failed)
        assert counts == (
            tx.count("video"),
            tx.count("video", parent="one"),
            tx.count_terms(ready),
            tx.count_terms(failed),
        )
        return counts

    def fail_three(tx: Transaction) -> tuple[int, int, int, int]:
        for number in range(3):
            tx.put("video", f"v{number}", {"_id": f"v{number}", "status": "failed"})
        tx.delete("video", "v9")
        return counted(tx)

    def undone(tx: Transaction) -> None:
        fail_three(tx)
        raise LookupError

    assert await store.run(add) == (10, 10, 10, 0)
    with pytest.raises(LookupError):
        await store.run(undone)
    assert await store.run(counted) == (10, 10, 10, 0)
    assert await store.run(fail_three) == (9, 9, 6, 3)
    assert await store.run(counted) == (9, 9, 6, 3)
    await store.run(lambda tx: tx.delete_children("video", "one"))
    assert await store.run(counted) == (0, 0, 0, 0)
    assert await store.run(lambda tx: tx._db.execute("SELECT COUNT(*) FROM terms").fetchone()) == (0,)


async def test_few_documents_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pick = random.Random(1)

    def change(tx: Transaction) -> None:
        for number in range(2000):
            document = video(number, pick)
            document["status"], document["user_metadata"]["key"] = "ready", f"unique {number}"
            tx.put("video", document["_id"], document, parent="one")

    await store.run(change)
    read = 0
    original = orjson.loads

    class Counting:
        JSONDecodeError = orjson.JSONDecodeError
        dumps = staticmethod(orjson.dumps)

        @staticmethod
        def loads(data: bytes) -> Any:
            nonlocal read
            read += 1
            return original(data)

    monkeypatch.setattr(store_module, "orjson", Counting)

    async def documents_read(wanted: dict[str, Any], **options: Any) -> tuple[int, int]:
        nonlocal read
        read = 0
        terms = [terms_for("video", "one", name, value) for name, value in wanted.items()]
        found = await store.run(lambda tx: tx.page("video", parent="one", terms=terms, **options))
        return read, found.total

    assert await documents_read({}, limit=10, page=150) == (10, 2000)
    assert await documents_read({"status": "ready"}, limit=50, page=20) == (50, 2000)
    assert await documents_read({"status": ["ready", "failed"]}, limit=50, page=20) == (50, 2000)
    assert await documents_read({"user_metadata.key": "unique 1234"}) == (1, 1)
    several = {"status": "ready", "filename": "4.mp4", "user_metadata.key": "unique 1234"}
    assert await documents_read(several) == (1, 1)
    both = {"status": "ready", "user_metadata.key": [f"unique {number}" for number in range(1000)]}
    assert await documents_read(both, limit=10, page=3) == (10, 1000)
    assert await documents_read({"user_metadata.key": "none", "status": "ready"}) == (0, 0)


async def test_documents_may_be_changed_while_they_are_read(store: Store) -> None:
    def change(tx: Transaction) -> int:
        for number in range(1000):
            tx.put("thing", str(number), {"_id": str(number)})
        seen = 0
        for document in tx.all("thing"):
            seen += 1
            tx.put("thing", document["_id"], {**document, "seen": True})
        return seen

    assert await store.run(change) == 1000
    assert await store.run(lambda tx: all(d.get("seen") for d in tx.all("thing", descending=True)))


async def test_a_folder_of_an_older_version_is_indexed_when_it_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    store = Store(folder)
    await store.open()
    await store.run(lambda tx: tx.put("asset", "a", {"_id": "a", "filename": "old.mp4"}))
    await store.close()
    database = sqlite3.connect(folder / "state.sqlite3")
    assert database.execute("PRAGMA user_version").fetchone() == (VERSION,)
    database.execute("DROP TABLE terms")
    database.execute("PRAGMA user_version = 0")
    database.commit()
    database.close()
    terms = [terms_for("asset", None, "filename", "old.mp4")]
    for _ in range(2):  # once indexed, it stays so
        store = Store(folder)
        await store.open()
        assert (await store.run(lambda tx: tx.page("asset", terms=terms))).total == 1
        await store.close()


def test_a_term_may_hold_any_text() -> None:
    texts = ["", "\0", "a\0b", "\ud800", "x" * 5000]
    terms = [terms_for("asset", None, "filename", text) for text in texts]
    assert len({tuple(term) for term in terms}) == len(texts)
    assert terms_for("asset", None, "filename", None) == []
    assert terms_for("asset", None, "a", "b") != terms_for("asset", "", "a", "b")
