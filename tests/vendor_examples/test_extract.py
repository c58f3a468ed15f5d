"""Reading examples out of a reference text, and rewriting them."""

from __future__ import annotations

import ast

import pytest

from tests.vendor_examples.extract import extract
from tests.vendor_examples.rewrite import rewrite

CLIENT = 'from twelvelabs import TwelveLabs client = TwelveLabs( api_key="KEY", )'

TEXT = """\
client.things.list(...)
-
This method lists things (see the [page](/x)).
from twelvelabs import TwelveLabs client = TwelveLabs( api_key="KEY", ) response = client.things.list( \
page=1, name="a (b)", ) for item in response: yield item # alternatively for page in response.iter_pages(): yield page
-
client.things.create(...)
from twelvelabs import ( MediaSource, TwelveLabs, ) from twelvelabs.things.more import ( Thing, ) client = TwelveLabs( \
api_key="KEY", ) client.things.create( thing=Thing( source=MediaSource(url="https://media.example/a)"), ), )
"""


def test_extract() -> None:
    listed, created = extract(TEXT)
    assert listed == {
        "method": "things.list",
        "imports": {},
        "call": 'client.things.list( page=1, name="a (b)", )',
        "loop": True,
    }
    assert created["imports"] == {"twelvelabs": ["MediaSource"], "twelvelabs.things.more": ["Thing"]}
    assert created["call"].endswith('source=MediaSource(url="https://media.example/a)"), ), )')
    assert not created["loop"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("client.things.list(...)\n", "no example below client.things.list"),
        ("client.a(...)\nclient.b(...)\n", "no example below client.a"),
        ("client.a(...)\nfrom twelvelabs import X\n", "no client is made in the example of client.a"),
        (
            'client.a(...)\nfrom twelvelabs import TwelveLabs client = TwelveLabs( api_key="K", ) client.b()',
            "calls client.b",
        ),
        (
            'client.a(...)\nfrom twelvelabs import TwelveLabs client = TwelveLabs( api_key="K", ) client.a(',
            "no call found",
        ),
    ],
)
def test_a_text_that_is_not_understood(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        extract(text)


def test_rewrite() -> None:
    listed, created = extract(TEXT)
    assert ast.unparse(rewrite(listed)) == (
        "async def run(client):\n    items = []\n"
        "    async for item in client.things.list(page=1, name='a (b)'):\n        items.append(item)\n    return items"
    )
    assert ast.unparse(rewrite(created, {"thing": "other", "not_there": 1})) == (
        "from twelvelabs_async import MediaSource\nfrom twelvelabs_async import Thing\n\n"
        "async def run(client):\n    return await client.things.create(thing='other')"
    )
