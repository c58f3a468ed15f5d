"""twelvelabs_async.testing, as users' tests see it"""

from __future__ import annotations

import asyncio
import re
import textwrap
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async import AsyncTwelveLabs, AuthenticationError
from twelvelabs_async.emulator import Settings
from twelvelabs_async.testing import (
    RunningEmulator,
    run_emulator,
    twelvelabs_client,
    twelvelabs_emulator,
    twelvelabs_environment,
    twelvelabs_settings,
)

from .pages import blocks

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["twelvelabs_client", "twelvelabs_emulator", "twelvelabs_environment", "twelvelabs_settings"]

pytest_plugins = ["pytester"]


async def create(client: AsyncTwelveLabs) -> None:
    await client.indexes.create(index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}])


async def test_client(twelvelabs_client: AsyncTwelveLabs) -> None:
    await create(twelvelabs_client)


async def test_every_test_has_its_own(twelvelabs_client: AsyncTwelveLabs) -> None:
    assert [index async for index in twelvelabs_client.indexes.list()] == []
    await create(twelvelabs_client)  # the name is free


def test_programs_with_a_loop_of_their_own(twelvelabs_environment: RunningEmulator) -> None:
    async def program() -> str:
        async with AsyncTwelveLabs() as client:
            await create(client)
            return client.base_url

    assert asyncio.run(program()) == twelvelabs_environment.base_url


async def test_settings() -> None:
    with run_emulator(Settings(speed=0, api_keys=["tlk_mine"])) as emulator:
        assert emulator.api_key == "tlk_mine"
        async with AsyncTwelveLabs(api_key="tlk_other", base_url=emulator.base_url) as client:
            with pytest.raises(AuthenticationError):
                await create(client)


def test_an_emulator_that_cannot_start(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder")
    with pytest.raises(OSError, match="file"), run_emulator(state=file):
        pass


def from_the_page(pytester: pytest.Pytester) -> None:
    """Writes the files of the page into a folder, with strict settings."""
    for block in blocks("docs/testing.md"):
        first = block.code.lstrip().splitlines()[0]
        if match := re.fullmatch(r"# (\w+\.py)", first):
            pytester.path.joinpath(match[1]).write_text(block.code, encoding="utf-8")
    pytester.makeini(
        """
        [pytest]
        asyncio_debug = true
        asyncio_default_fixture_loop_scope = function
        filterwarnings =
            error
            # not ours: how the framework's test client uses its HTTP library
            ignore:Using `httpx` with `starlette.testclient`
            ignore:The 'app' shortcut is now deprecated
        """
    )


@pytest.mark.parametrize("options", [[], ["-n", "2"], ["-p", "no:asyncio", "-k", "not asynchronous"]])
def test_the_service_of_the_page(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """The service and its tests, as a user would run them: strictly, under pytest-xdist, and without pytest-asyncio."""
    from_the_page(pytester)
    if "no:asyncio" in options:
        pytester.makeini(
            "[pytest]\nfilterwarnings = error\n    ignore:Unknown pytest.mark.asyncio\n    ignore:Using `httpx`"
        )
    monkeypatch.setenv("PYTHONASYNCIODEBUG", "1")
    monkeypatch.setenv("PYTHONDEVMODE", "1")
    done = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider", *options)
    done.assert_outcomes(passed=4 if "-k" in options else 5, deselected=1 if "-k" in options else 0)


def test_as_a_plugin(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["twelvelabs_async.testing"]')
    pytester.makepyfile(
        textwrap.dedent(
            """
            import pytest
            from twelvelabs_async.emulator import Settings

            @pytest.fixture
            def twelvelabs_settings():
                return Settings(speed=0, api_keys=["tlk_mine"])

            @pytest.mark.asyncio
            async def test_settings(twelvelabs_client, twelvelabs_emulator):
                assert twelvelabs_emulator.api_key == "tlk_mine"
                assert [index async for index in twelvelabs_client.indexes.list()] == []
            """
        )
    )
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1)
