"""assets list, show, delete."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import Done, Place, columns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Done]


@pytest.fixture
def made(place: Place, files: Path) -> list[str]:
    """Two assets, of which the second is in the index."""

    async def make() -> list[str]:
        async with place.emulator.client() as client:
            unused = await client.assets.upload(files / "goal.mp4")
            used = await client.assets.upload(files / "big.mp4")
            await client.indexes.indexed_assets.create(place.index_id, asset_id=used.id)
            return [unused.id, used.id]

    return asyncio.run(make())


def ids(done: Done) -> list[Any]:
    return [line["_id"] for line in done.lines]


def test_list(run: Run, made: list[str]) -> None:
    assert sorted(ids(run("assets", "list", "--json"))) == sorted(made)
    assert ids(run("assets", "list", "--filename", "goal.mp4", "--json")) == made[:1]
    assert ids(run("assets", "list", "--unused", "--older-than", "0", "--json")) == made[:1]
    assert ids(run("assets", "list", "--unused", "--json")) == []  # it is too young
    named = ("--filename", "other.mp4", "--older-than", "0")
    assert run("assets", "list", "--unused", *named).err == "There is no such asset.\n"
    rows = columns(run("assets", "list").out)
    assert {row[0]: row[1:3] for row in rows} == {made[0]: ["goal.mp4", "ready"], made[1]: ["big.mp4", "ready"]}


def test_show(run: Run, made: list[str]) -> None:
    assert ids(run("assets", "show", *made, "--json")) == made
    done = run("assets", "show", "nothing", made[0])
    assert done.code == 1
    assert [row[0] for row in columns(done.out)] == made[:1]
    assert done.err.startswith("Error: nothing: 404")
    assert run("assets", "show", "nothing").out == ""


def test_delete(run: Run, made: list[str]) -> None:
    wrong = run("assets", "delete", "--yes")
    assert (wrong.code, "Give either ASSET_ID or --unused" in wrong.err) == (2, True)
    assert run("assets", "delete", "--unused", *made, "--yes").code == 2
    assert "Deleting is final" in run("assets", "delete", *made).err
    kept = run("assets", "delete", made[1], "nothing", "--yes", "--json")
    assert kept.code == 1
    assert [line["deleted"] for line in kept.lines] == [False, False]
    assert kept.err.count("\n") == 2
    assert run("assets", "delete", "--unused", "--older-than", "0", "--yes", "--json").lines == [
        {"_id": made[0], "deleted": True}
    ]
    assert ids(run("assets", "list", "--json")) == made[1:]


def test_delete_says_what(run: Run, made: list[str]) -> None:
    assert run("assets", "delete", made[0], "--yes").out == f"{made[0]} was deleted.\n"
