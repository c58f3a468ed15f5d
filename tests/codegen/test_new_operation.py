"""Adding an operation or a field to the document is all it takes to have it in the client, with types and docs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from codegen import cli

from .generated import RUNTIME, body, described, model, ref, response

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import asyncio, inspect, json
from aiohttp import web
from twelvelabs_async import AsyncTwelveLabs, to_dict
from twelvelabs_async.types import Rating, RatingNote

async def rate(request):
    received = {"path": request.raw_path, "json": await request.json()}
    return web.json_response({"_id": "r1", "stars": 4, "mood": {"kind": "calm", "depth": 2}, "received": received})

async def indexes(request):
    return web.json_response({"_id": "i1", "index_name": "films", "mascot": "owl"})

async def main():
    app = web.Application()
    app.add_routes([web.post("/indexes/{id}/ratings", rate), web.get("/indexes/{id}", indexes)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    async with AsyncTwelveLabs(api_key="k", base_url=f"http://127.0.0.1:{port}", allow_http=True) as client:
        rated = await client.indexes.ratings.create("i 1", stars=4, notes=[RatingNote(in_="a"), {"in": "b"}], tags="x")
        assert isinstance(rated, Rating), rated
        index = await client.indexes.retrieve("i1")
        raw = await client.with_raw_response.indexes.ratings.create("i1", stars=None)
        print(json.dumps({
            "rated": [rated.id, rated.stars, type(rated.mood).__name__, to_dict(rated)["received"]],
            "mascot": index.mascot,
            "raw": [raw.status, raw.parse().extra["received"]],
            "doc": inspect.getdoc(type(client.indexes.ratings).create),
        }))
    await runner.cleanup()

asyncio.run(main())
"""

TYPED = """
from typing import assert_type
from twelvelabs_async import AsyncTwelveLabs, UnknownVariant
from twelvelabs_async.types import MoodCalm, Rating, RatingNoteParams

async def use(client: AsyncTwelveLabs, note: RatingNoteParams) -> None:
    rating = await client.indexes.ratings.create("i", stars=4, notes=[note, {"in": "x"}], tags=["a"])
    assert_type(rating, Rating)
    assert_type(rating.mood, MoodCalm | UnknownVariant | None)
    assert_type((await client.indexes.retrieve("i")).mascot, str | None)
    await client.indexes.ratings.create("i")  # error: stars is missing
    await client.indexes.ratings.create("i", 4)  # error: stars by position
    await client.indexes.ratings.create("i", stars="4")  # error: text
    await client.indexes.ratings.create("i", stars=4, notes=[{"out": "x"}])  # error: no such key
"""


def extended() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(cli.DOCUMENT.read_bytes(), loader)
    schemas = document["components"]["schemas"]
    schemas["IndexSchema"]["properties"]["mascot"] = {"type": "string", "description": "Animal of the index."}
    schemas["RatingNote"] = model(["in"], **{"in": {"type": "string", "x-attribute": "in_"}})
    schemas["MoodCalm"] = model(["kind"], kind={"type": "string", "const": "calm"}, depth={"type": "integer"})
    schemas["Mood"] = {
        "oneOf": [ref("MoodCalm")],
        "discriminator": {"propertyName": "kind", "mapping": {"calm": ref("MoodCalm")["$ref"]}},
    }
    schemas["Rating"] = model(
        _id={"type": "string", "x-attribute": "id"}, stars={"type": "integer"}, mood=ref("Mood")
    ) | {"description": "How well an index is liked."}
    request = model(
        ["stars"],
        stars={"type": ["integer", "null"], "minimum": 1, "maximum": 5, "description": "Stars to give."},
        notes={"type": "array", "items": ref("RatingNote"), "description": "Notes."},
        tags={"type": "array", "items": {"type": "string"}, "description": "Tags."},
    )
    document["paths"]["/indexes/{index_id}/ratings"] = {
        "post": {
            "operationId": "rateIndex",
            "tags": ["Indexes"],
            "summary": "Rate an index",
            "description": "Gives an index some stars.",
            "x-method": "indexes.ratings.create",
            "parameters": [
                {
                    "name": "index_id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                    "description": "Which.",
                }
            ],
            "requestBody": body(request),
            "responses": {
                "200": response(ref("Rating"), "The rating."),
                "404": {"description": "No such index."},
            },
        }
    }
    return document


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client, generated from the document with one more operation, and one more field."""
    folder = tmp_path_factory.mktemp("client")
    package = folder / "twelvelabs_async"
    shutil.copytree(RUNTIME, package, ignore=shutil.ignore_patterns("__pycache__", "emulator", "_generated"))
    (folder / "document.yaml").write_text(yaml.safe_dump(described(extended()), sort_keys=False), "utf-8")
    options = ["--document", folder / "document.yaml", "--output", package / "_generated"]
    run(cli.ROOT, "-m", "codegen", *options, "--coverage", folder / "table.md")
    return folder


def run(folder: Path, *arguments: object, status: int = 0) -> str:
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_it_is_called_over_http_and_documented(folder: Path) -> None:
    (folder / "program.py").write_text(PROGRAM, "utf-8")
    found = yaml.safe_load(run(folder, "-X", "dev", "-W", "error::ResourceWarning", "program.py"))
    sent = {"stars": 4, "notes": [{"in": "a"}, {"in": "b"}], "tags": ["x"]}
    assert found["rated"] == ["r1", 4, "MoodCalm", {"path": "/indexes/i%201/ratings", "json": sent}]
    assert found["mascot"] == "owl"
    assert found["raw"] == [200, {"path": "/indexes/i1/ratings", "json": {"stars": None}}]
    assert found["doc"] == textwrap.dedent(
        """\
        Rate an index.

        Gives an index some stars.

        Operation: `POST /indexes/{index_id}/ratings`

        Args:
            index_id: Which.
            stars: Stars to give. From 1 to 5.
            notes: Notes.
            tags: Tags.
            request_options: Timeouts, retries, and additional headers or members for this call alone.

        Returns:
            The rating.

        Raises:
            NotFoundError: No such index.
            TwelveLabsError: Any other failure; :doc:`/errors` lists those that every call may have."""
    )


def test_it_is_in_the_table_and_the_field_in_the_docs(folder: Path) -> None:
    cells = [
        "rateIndex",
        "`POST /indexes/{index_id}/ratings`",
        "[`client.indexes.ratings.create`](#client.indexes.ratings.create)",
    ]
    row = " | ".join([*cells, "`indexes.ratings.create`", "current", "one"])
    assert f"| {row} |" in (folder / "table.md").read_text("utf-8")
    models = (folder / "twelvelabs_async" / "_generated" / "models" / "indexes.py").read_text("utf-8")
    assert "        mascot: Animal of the index.\n" in models


def test_it_is_typed(folder: Path) -> None:
    (folder / "typed.py").write_text(TYPED, "utf-8")
    settings = ["--strict", "--cache-dir", folder / "cache", "--hide-error-context", "--no-error-summary"]
    output = run(folder, "-m", "mypy", *settings, "--follow-imports", "silent", "typed.py", status=1)
    expected = {number for number, line in enumerate(TYPED.split("\n"), 1) if "# error" in line}
    assert {int(line.split(":")[1]) for line in output.splitlines() if ": error:" in line} == expected
