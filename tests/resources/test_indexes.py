"""indexes.get_or_create, against a scripted server"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async import BadRequestError, IndexesCreateRequestModelsItem, IndexMismatchError, TwelveLabsError

if TYPE_CHECKING:
    from tests.conftest import Server
    from twelvelabs_async import AsyncTwelveLabs
    from twelvelabs_async.types import IndexesCreateRequestModelsItemParams

MARENGO: IndexesCreateRequestModelsItemParams = {"model_name": "marengo3.0", "model_options": ["visual", "audio"]}
PEGASUS: IndexesCreateRequestModelsItemParams = {"model_name": "pegasus1.2", "model_options": ["visual"]}
TAKEN = (400, {"code": "index_name_already_exists", "message": "An index with the name films already exists."})


def index(identifier: str, *models: Any, name: str = "films", **more: Any) -> dict[str, Any]:
    return {
        "_id": identifier,
        "index_name": name,
        "models": list(models),
        "created_at": "2026-03-04T05:06:07Z",
        "video_count": 0,
        "total_duration": 0,
        **more,
    }


def page(*indexes: Any, number: int = 1, pages: int = 1) -> tuple[int, Any]:
    position = {"limit_per_page": 50, "page": number, "total_page": pages, "total_results": 1}
    return 200, {"data": list(indexes), "page_info": position}


def requests(server: Server) -> list[str]:
    return [f"{seen.method} {seen.path.removeprefix('/v1.3')}" for seen in server.seen]


async def test_creates_the_index_if_there_is_none(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [page(), (201, {"_id": "new"}), (200, index("new", MARENGO, addons=["thumbnail"]))]
    made = await real.indexes.get_or_create(index_name="films", models=[MARENGO], addons=["thumbnail"])
    assert (made.id, made.index_name, made.addons) == ("new", "films", ["thumbnail"])
    assert requests(server) == ["GET /indexes", "POST /indexes", "GET /indexes/new"]
    assert "index_name=films" in server.seen[0].query
    assert server.seen[1].json == {"index_name": "films", "models": [MARENGO], "addons": ["thumbnail"]}


async def test_returns_the_index_that_exists(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [page(index("old", MARENGO, PEGASUS, addons=["thumbnail"]))]
    as_model = IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["audio", "visual"])
    found = await real.indexes.get_or_create(index_name="films", models=[PEGASUS, as_model])
    assert found.id == "old"
    assert requests(server) == ["GET /indexes"]


async def test_the_filter_is_only_a_hint(real: AsyncTwelveLabs, server: Server) -> None:
    others = [index("b", MARENGO, name="films 2"), index("c", MARENGO, name="Films")]
    server.responses = [page(*others, pages=2), page(index("d", MARENGO), number=2, pages=2)]
    assert (await real.indexes.get_or_create(index_name="films", models=[MARENGO])).id == "d"
    server.responses = [page(*others), (201, {"_id": "e"}), (200, index("e", MARENGO))]
    assert (await real.indexes.get_or_create(index_name="films", models=[MARENGO])).id == "e"


@pytest.mark.parametrize(
    ("existing", "wanted", "named"),
    [
        ([MARENGO], [PEGASUS], ["marengo3.0 (audio, visual)", "pegasus1.2 (visual)"]),
        (
            [MARENGO],
            [MARENGO, PEGASUS],
            ["marengo3.0 (audio, visual),", "marengo3.0 (audio, visual) and pegasus1.2 (visual)"],
        ),
        (
            [MARENGO],
            [{"model_name": "marengo3.0", "model_options": ["visual"]}],
            ["marengo3.0 (audio, visual)", "marengo3.0 (visual)"],
        ),
        ([], [PEGASUS], ["no models", "pegasus1.2 (visual)"]),
    ],
)
async def test_other_models(
    real: AsyncTwelveLabs,
    server: Server,
    existing: list[Any],
    wanted: list[IndexesCreateRequestModelsItemParams],
    named: list[str],
) -> None:
    server.responses = [page(index("old", *existing))]
    with pytest.raises(IndexMismatchError) as caught:
        await real.indexes.get_or_create(index_name="films", models=wanted)
    before, after = str(caught.value).split(" but ")
    assert "'films' (id old)" in before
    assert named[0] in before
    assert named[1] in after
    assert caught.value.index.id == "old"
    assert isinstance(caught.value, TwelveLabsError)
    assert isinstance(caught.value, ValueError)
    assert requests(server) == ["GET /indexes"]


async def test_an_add_on_that_the_index_does_not_have(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [page(index("old", MARENGO))]
    with pytest.raises(IndexMismatchError, match="and the add-on thumbnail is wanted"):
        await real.indexes.get_or_create(index_name="films", models=[MARENGO], addons=["thumbnail"])


async def test_of_several_indexes_of_a_name_the_newest_with_the_models(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [page(index("c", PEGASUS), index("b", MARENGO), index("a", MARENGO))]
    assert (await real.indexes.get_or_create(index_name="films", models=[MARENGO])).id == "b"


async def test_another_program_was_faster(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [page(), TAKEN, page(index("theirs", MARENGO))]
    assert (await real.indexes.get_or_create(index_name="films", models=[MARENGO])).id == "theirs"
    server.responses = [page(), TAKEN, page(index("theirs", PEGASUS))]
    with pytest.raises(IndexMismatchError, match="id theirs"):
        await real.indexes.get_or_create(index_name="films", models=[MARENGO])


@pytest.mark.parametrize("code", ["index_name_already_exists", "parameter_invalid"])
async def test_the_platform_does_not_accept_it(real: AsyncTwelveLabs, server: Server, code: str) -> None:
    server.responses = [page(), (400, {"code": code, "message": "no"}), page()]
    with pytest.raises(BadRequestError) as caught:
        await real.indexes.get_or_create(index_name="films", models=[MARENGO])
    assert caught.value.code == code


async def test_options_are_those_of_each_request(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [page(), (201, {"_id": "new"}), (200, index("new", MARENGO))]
    await real.indexes.get_or_create(
        index_name="films", models=[MARENGO], request_options={"additional_headers": {"x-a": "b"}}
    )
    assert [seen.headers["x-a"] for seen in server.seen] == ["b", "b", "b"]
