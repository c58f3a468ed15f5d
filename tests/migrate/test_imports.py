"""Imports, and the names that they bind."""

from __future__ import annotations

import pytest

from twelvelabs_async.migrate import migrate_source


def migrated(text: str) -> str:
    """The program after the migration, which a second one leaves as it is."""
    once = migrate_source(text).text
    assert migrate_source(once).text == once
    return once


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from twelvelabs import AsyncTwelveLabs\n", "from twelvelabs_async import AsyncTwelveLabs\n"),
        ("from twelvelabs import AsyncTwelveLabs as C\n", "from twelvelabs_async import AsyncTwelveLabs as C\n"),
        ("from twelvelabs.client import AsyncTwelveLabs\n", "from twelvelabs_async import AsyncTwelveLabs\n"),
        ("from twelvelabs.types import SearchItem\n", "from twelvelabs_async.types import SearchItem\n"),
        ("from twelvelabs.types.search_item import SearchItem\n", "from twelvelabs_async.types import SearchItem\n"),
        ("from twelvelabs import VideoContext_AssetId\n", "from twelvelabs_async import VideoContext_AssetId\n"),
        ("from twelvelabs.core import RequestOptions\n", "from twelvelabs_async import RequestOptions\n"),
        ("from twelvelabs.core.pagination import AsyncPager\n", "from twelvelabs_async import AsyncPager\n"),
        (
            "from twelvelabs.wrapper.embed_client_wrapper import CreateEmbeddingsTaskVideoParams\n",
            "from twelvelabs_async import CreateEmbeddingsTaskVideoParams\n",
        ),
        (
            "from twelvelabs.embed.tasks import TasksCreateResponse\nx: TasksCreateResponse\n",
            "from twelvelabs_async.types import EmbedTasksCreateResponse\nx: EmbedTasksCreateResponse\n",
        ),
        (
            "from twelvelabs.tasks import TasksCreateResponse\nx: TasksCreateResponse\n",
            "from twelvelabs_async.types import TasksCreateResponse\nx: TasksCreateResponse\n",
        ),
        (
            "from twelvelabs.embed.v_2.tasks.types import TasksListResponse as L\nx: L\n",
            "from twelvelabs_async.types import EmbedV2TasksListResponse as L\nx: L\n",
        ),
        (
            "from twelvelabs.core.file import File\ndef f(x: File) -> None: ...\n",
            "from twelvelabs_async import FileInput\ndef f(x: FileInput) -> None: ...\n",
        ),
        ("from twelvelabs.client import OMIT\nf(OMIT)\n", "from twelvelabs_async import UNSET\nf(UNSET)\n"),
        ("from twelvelabs import types\nx: types.Asset\n", "from twelvelabs_async import types\nx: types.Asset\n"),
        (
            "from twelvelabs import errors as e\ntry: ...\nexcept e.UnauthorizedError: ...\n",
            "from twelvelabs_async import errors as e\ntry: ...\nexcept e.AuthenticationError: ...\n",
        ),
        (
            "from twelvelabs import core\nx: core.ApiError\ny: core.File\n",
            "import twelvelabs_async as core\nx: core.APIStatusError\ny: core.FileInput\n",
        ),
    ],
)
def test_from_imports(before: str, after: str) -> None:
    assert migrated(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import twelvelabs\nx = twelvelabs.Asset\n", "import twelvelabs_async\nx = twelvelabs_async.Asset\n"),
        ("import twelvelabs as t\nx = t.Asset\n", "import twelvelabs_async as t\nx = t.Asset\n"),
        ("import os, twelvelabs, sys\n", "import os, twelvelabs_async, sys\n"),
        ("import twelvelabs.types\nx: twelvelabs.types.Asset\n",
         "import twelvelabs_async.types\nx: twelvelabs_async.types.Asset\n"),
        (
            "import twelvelabs.core.api_error\nx: twelvelabs.core.api_error.ApiError\n",
            "import twelvelabs_async\nx: twelvelabs_async.APIStatusError\n",
        ),
        ("import twelvelabs.errors as e\nx: e.ApiError\n",
         "import twelvelabs_async.errors as e\nx: e.APIStatusError\n"),
        ("import twelvelabs\nx: 'twelvelabs.Asset | None'\n",
         "import twelvelabs_async\nx: 'twelvelabs_async.Asset | None'\n"),
        (
            "import twelvelabs\ndef f(a: list['twelvelabs.Asset']) -> \"twelvelabs.IndexSchema\": ...\n",
            "import twelvelabs_async\n"
            "def f(a: list['twelvelabs_async.Asset']) -> \"twelvelabs_async.IndexSchema\": ...\n"
            "",
        ),
        ("import twelvelabs\nx: twelvelabs.types.Page\n", "import twelvelabs_async\nx: int\n"),
        (
            "try:\n    import twelvelabs\nexcept ImportError:\n    twelvelabs = None\nx = twelvelabs.Asset\n",
            "try:\n    import twelvelabs_async as twelvelabs\n"
            "except ImportError:\n    twelvelabs = None\nx = twelvelabs.Asset\n",
        ),
        (
            "import twelvelabs\nimport twelvelabs.types as t\nprint(f'{twelvelabs.__version__} {t.Asset!r:>20}')\n",
            "import twelvelabs_async\nimport twelvelabs_async.types as t\n"
            "print(f'{twelvelabs_async.__version__} {t.Asset!r:>20}')\n",
        ),
    ],
)  # fmt: skip
def test_modules(before: str, after: str) -> None:
    assert migrated(before) == after


def test_comments_and_line_breaks_survive() -> None:
    before = (
        "# first\n"
        "from twelvelabs import (  # open\n"
        "    AsyncTwelveLabs,  # the client\n"
        "    TwelveLabs,\n"
        "    Asset, IndexSchema,\n"
        "    # alone\n"
        "    SearchItem,  # a hit\n"
        ")  # close\n"
        "def f(c: TwelveLabs): ...\n"
    )
    after = migrated(before)
    assert [line.partition("#")[2] for line in after.splitlines() if "#" in line] == [
        line.partition("#")[2] for line in before.splitlines() if "#" in line
    ]
    assert "from twelvelabs_async import AsyncTwelveLabs, Asset, IndexSchema, SearchItem\n" in after
    assert "    TwelveLabs,\n" in after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (  # several targets
            "from twelvelabs.core import ApiError, RequestOptions\nx: ApiError\n",
            "from twelvelabs_async.errors import APIStatusError\n"
            "from twelvelabs_async import RequestOptions\nx: APIStatusError\n",
        ),
        (  # an alias of a plain value
            "from twelvelabs.types import Asset, Page\n",
            "from twelvelabs_async.types import Asset\nPage = int\n",
        ),
        ("if x: from twelvelabs.types import Page, Asset\n",
         "if x: from twelvelabs_async.types import Asset; Page = int\n"),
        ("def f():\n\tfrom twelvelabs import Page\n", "def f():\n\tPage = int\n"),
        ("from twelvelabs import Page, Asset  # why\r\nx = 1",
         "from twelvelabs_async import Asset  # why\r\nPage = int\r\nx = 1"),
        ("from twelvelabs import Asset, Page", "from twelvelabs_async import Asset\nPage = int"),
        ("from twelvelabs import Page\n", "Page = int\n"),  # not the page of a pager
        (  # two errors that became one
            "from twelvelabs.errors import (\n    GatewayTimeoutError,\n    InternalServerError,\n)\n",
            "from twelvelabs_async.errors import (\n    InternalServerError,\n)\n",
        ),
        ("from twelvelabs import \\\n    Asset, \\\n    Page\n",
         "from twelvelabs_async import \\\n    Asset\nPage = int\n"),
        ("from twelvelabs.types import *\nx: Asset\ny: Page\nprint(z)\n",
         "from twelvelabs_async.types import Asset\nPage = int\nx: Asset\ny: Page\nprint(z)\n"),
    ],
)  # fmt: skip
def test_statements_that_are_split(before: str, after: str) -> None:
    assert migrated(before) == after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("__all__ = ['UnauthorizedError']\n", "AuthenticationError as UnauthorizedError"),
        ("AuthenticationError = 1\n", "AuthenticationError as UnauthorizedError"),
        ("def f(AuthenticationError): ...\n", "AuthenticationError as UnauthorizedError"),
        ("print(UnauthorizedError)\n", "AuthenticationError\nprint(AuthenticationError)"),
    ],
)
def test_names_that_cannot_change_get_an_alias(text: str, expected: str) -> None:
    after = migrated(f"from twelvelabs.errors import UnauthorizedError\n{text}")
    assert after.startswith(f"from twelvelabs_async.errors import {expected}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "import os\n",
        "import twelvelabs_async\n",
        "from .twelvelabs import AsyncTwelveLabs\n",
        "from pixeltable.functions import twelvelabs\nx = twelvelabs.Asset\n",
        "'twelvelabs'\n",
        "twelvelabs = 1\n",
        "import twelvelabs_haystack\n",
    ],
)
def test_other_programs_are_not_touched(text: str) -> None:
    result = migrate_source(text)
    assert (result.text, result.notes) == (text, ())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("from twelvelabs import NoSuchModel\n", "NoSuchModel"),
        ("import twelvelabs\nx = twelvelabs.NoSuchModel\n", "NoSuchModel"),
        ("from twelvelabs.core import with_content_type\n", "with_content_type"),
        ("from twelvelabs import Asset\nAsset = 1\n", "Asset for several things"),
        ("from twelvelabs import Asset\ndef f(Asset): ...\n", "Asset for several things"),
        ("import twelvelabs\ndef f(twelvelabs): return twelvelabs.Asset\n", "twelvelabs for several things"),
    ],
)
def test_what_is_unknown_is_noted_and_kept(text: str, said: str) -> None:
    result = migrate_source(text)
    assert "from twelvelabs_async" not in result.text
    (note,) = result.notes
    assert said in note.message
    assert text.splitlines()[note.line - 1]
    assert text.splitlines()[0].removesuffix(" import twelvelabs") in result.text


def test_known_and_unknown_names_of_a_module() -> None:
    result = migrate_source("import twelvelabs\nx = twelvelabs.Asset\ny = twelvelabs.NoSuchModel\n")
    assert result.text == (
        "import twelvelabs, twelvelabs_async\nx = twelvelabs_async.Asset\ny = twelvelabs.NoSuchModel\n"
    )
    assert [note.line for note in result.notes] == [3]


@pytest.mark.parametrize(
    "text", ["from twelvelabs import (\n", "import twelvelabs\n\0", "import twelvelabs\nx = '\ud800'\n"]
)
def test_invalid_programs_are_noted(text: str) -> None:
    result = migrate_source(text)
    assert result.text == text
    (note,) = result.notes
    assert "nothing was changed" in note.message
