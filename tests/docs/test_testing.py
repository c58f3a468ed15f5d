"""twelvelabs_async.testing, as users' tests see it"""

from __future__ import annotations

import asyncio
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
