"""Programs that use the synchronous client."""

from __future__ import annotations

from twelvelabs_async.migrate import migrate_source
from twelvelabs_async.migrate.program import surroundings_of

SYNC = """\
from twelvelabs import TwelveLabs, VideoContext_Url
from twelvelabs.errors import NotFoundError

class Store:
    def __init__(self):
        self.client = TwelveLabs(api_key="k")

    def names(self):
        try:
            return [index.index_name for index in self.client.indexes.list()]
        except NotFoundError as error:
            return error.status_code

def analyze(client: TwelveLabs):
    return client.analyze(video=VideoContext_Url(url="u"))
"""


def test_stays_as_it_is_and_is_listed() -> None:
    result = migrate_source(SYNC)
    assert result.text == SYNC
    assert [note.line for note in result.notes] == [6, 10, 15]
    assert "TwelveLabs" in result.notes[0].message
    assert "client.indexes.list(...)" in result.notes[1].message
    assert "`async for`" in result.notes[1].message
    assert "`await`" in result.notes[2].message


def test_both_clients_in_one_file() -> None:
    text = (
        "from twelvelabs import AsyncTwelveLabs, TwelveLabs, VideoContext_Url, VideoContext_AssetId, Asset\n"
        "from twelvelabs.core import ApiError\n"
        "def sync(a: Asset):\n"
        "    try:\n"
        "        return TwelveLabs().analyze(video=VideoContext_Url(url='u'))\n"
        "    except ApiError as e:\n"
        "        return e.status_code\n"
        "async def other(client: AsyncTwelveLabs):\n"
        "    return await client.analyze(video=VideoContext_AssetId(asset_id='u'))\n"
    )
    result = migrate_source(text)
    assert result.text == text.replace(
        "from twelvelabs import AsyncTwelveLabs, TwelveLabs, VideoContext_Url, VideoContext_AssetId, Asset\n",
        "from twelvelabs import TwelveLabs, VideoContext_Url\n"
        "from twelvelabs_async import AsyncTwelveLabs, VideoContext_AssetId, Asset\n",
    )
    assert {note.line for note in result.notes} == {5}
    assert migrate_source(result.text).text == result.text


def test_a_name_that_both_parts_use_is_noted() -> None:
    text = (
        "import twelvelabs\n"
        "from twelvelabs import VideoContext_Url\n"
        "def sync():\n"
        "    return twelvelabs.TwelveLabs().analyze(video=VideoContext_Url(url='u'), other=twelvelabs.Url(1))\n"
        "async def other():\n"
        "    async with twelvelabs.AsyncTwelveLabs() as client:\n"
        "        return await client.analyze(video=VideoContext_Url(url='u'))\n"
    )
    result = migrate_source(text)
    assert "import twelvelabs, twelvelabs_async\nfrom twelvelabs_async import VideoContext_Url\n" in result.text
    assert "twelvelabs.TwelveLabs()" in result.text
    assert "async with twelvelabs_async.AsyncTwelveLabs()" in result.text
    assert any("which has its own VideoContext_Url" in note.message for note in result.notes)


def test_helpers_of_synchronous_programs_are_not_changed() -> None:
    helper = "from twelvelabs.types import Asset\ndef f(a: Asset): ...\n"
    around = surroundings_of([helper, SYNC, "not python ("])
    result = migrate_source(helper, around)
    assert result.text == helper
    assert "synchronous client only" in result.notes[0].message
    both = surroundings_of([helper, SYNC, "import twelvelabs\nx = twelvelabs.AsyncTwelveLabs\n"])
    assert migrate_source(helper, both).text == helper.replace("twelvelabs", "twelvelabs_async")
    later = surroundings_of([helper, SYNC, "from twelvelabs_async import AsyncTwelveLabs\n"])
    assert migrate_source(helper, later).text == helper.replace("twelvelabs", "twelvelabs_async")


def test_names_that_other_files_import_are_not_renamed() -> None:
    text = "from twelvelabs.errors import UnauthorizedError\n"
    around = surroundings_of([text, "from .mine import UnauthorizedError\n"])
    assert migrate_source(text, around).text == (
        "from twelvelabs_async.errors import AuthenticationError as UnauthorizedError\n"
    )
