"""What must hold whatever is done wrong: the named error with the cure in its message, and nothing half-made behind."""

from __future__ import annotations

import socket
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.openapi import document, samples
from tests.wire.calling import files, plain, written
from twelvelabs_async import (
    APIConnectionError,
    APIStatusError,
    AsyncTwelveLabs,
    AuthenticationError,
    ConfigurationError,
    RetryPolicy,
    TwelveLabsError,
)
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene

if TYPE_CHECKING:
    from aiohttp import web

MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
THINGS = ("index", "task", "asset", "upload", "video", "embed_task", "embed_v2_task", "analyze_task", "search")
NONE = "6298d673f1090f1100476d4c"
Call = Callable[[AsyncTwelveLabs, Any], Awaitable[Any]]


class Watched:
    """An emulator of which the operations that are reached are known."""

    def __init__(self, emulator: Emulator) -> None:
        assert emulator.platform is not None
        self.emulator = emulator
        self.reached: list[str] = []
        self._platform = emulator.platform
        original = self._platform.dispatcher.route

        def route(request: web.Request) -> Any:
            try:
                found, path = original(request)
            except Exception:
                self.reached.append(f"nothing: {request.method} {request.raw_path}")
                raise
            self.reached.append(found.id)
            return found, path

        self._platform.dispatcher.route = route  # type: ignore[method-assign]

    def client(self, **settings: Any) -> AsyncTwelveLabs:
        known = {"api_key": self.emulator.api_key, "base_url": self.emulator.base_url, "max_retries": 0}
        return AsyncTwelveLabs(**{**known, **settings})

    async def things(self) -> dict[str, int]:
        """How many things of each kind there are, and files that belong to none."""
        store = self._platform.store
        counted = await store.run(lambda tx: {kind: tx.count(kind) for kind in THINGS})
        counted["files"] = sum(1 for folder in (store.blobs, store.temporary) for _ in folder.iterdir())
        return counted


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    async with Emulator(speed=0) as emulator:
        yield Watched(emulator)


@pytest.fixture
async def client(watched: Watched) -> AsyncIterator[AsyncTwelveLabs]:
    async with watched.client() as made:
        yield made


UPLOADS: dict[str, Call] = {
    "tasks.create": lambda c, file: c.tasks.create(index_id=NONE, video_file=file),
    "assets.create": lambda c, file: c.assets.create(method="direct", file=file),
    "multipart_upload.upload_file": lambda c, file: c.multipart_upload.upload_file(file),
    "embed.create": lambda c, file: c.embed.create(model_name="marengo3.0", image_file=file),
    "embed.tasks.create": lambda c, file: c.embed.tasks.create(model_name="marengo3.0", video_file=file),
    "search.create": lambda c, file: c.search.create(
        index_id=NONE, query_media_type="image", query_media_file=file, search_options=["visual"]
    ),
}


async def _quiet(call: Awaitable[Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return await call


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWELVE_LABS_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match="set TWELVE_LABS_API_KEY, or pass api_key"):
        AsyncTwelveLabs()
    with pytest.raises(ConfigurationError, match="TWELVE_LABS_API_KEY") as caught:
        AsyncTwelveLabs(api_key="")
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", UPLOADS)
async def test_a_wrong_key(watched: Watched, tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * 100_000)
    before = await watched.things()
    async with watched.client(api_key="tlk_wrong") as client:
        with pytest.raises(TwelveLabsError, match="set TWELVE_LABS_API_KEY or pass api_key") as caught:
            await _quiet(UPLOADS[name](client, path))
        with pytest.raises(AuthenticationError, match="TWELVE_LABS_API_KEY"):
            await client.indexes.create(index_name="a", models=MODELS)
    assert "tlk_wrong" not in str(caught.value)
    assert await watched.things() == before


@pytest.mark.parametrize("name", UPLOADS)
async def test_a_host_that_cannot_be_reached(tmp_path: Path, name: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * 100_000)
    retry = RetryPolicy(initial=0.001)
    async with AsyncTwelveLabs(api_key="k", base_url=f"http://127.0.0.1:{port}/v1.3", retry=retry) as client:
        with pytest.raises(APIConnectionError, match=rf"127\.0\.0\.1:{port}.*Check base_url and the network") as caught:
            await _quiet(UPLOADS[name](client, path))
        assert caught.value.attempts == 3
        assert client.limits.in_flight == 0


def _wrong_files(folder: Path) -> dict[str, tuple[Any, type[Exception], str]]:
    empty = folder / "empty.mp4"
    empty.touch()
    return {
        "missing": (folder / "none.mp4", FileNotFoundError, "there is no such file"),
        "missing, as text": (str(folder / "none.mp4"), FileNotFoundError, "there is no such file"),
        "directory": (folder, IsADirectoryError, "this is a directory, but a file is required"),
        "empty": (empty, ValueError, r"empty \(0 bytes\)"),
    }


@pytest.mark.parametrize("what", ["missing", "missing, as text", "directory", "empty"])
@pytest.mark.parametrize("name", UPLOADS)
async def test_files_that_cannot_be_sent(
    watched: Watched, client: AsyncTwelveLabs, tmp_path: Path, name: str, what: str
) -> None:
    file, error, message = _wrong_files(tmp_path)[what]
    with pytest.raises(error, match=message) as caught:
        await _quiet(UPLOADS[name](client, file))
    assert "file" in str(caught.value)  # the name of the argument
    assert watched.reached == []


async def test_an_index_that_does_not_exist(watched: Watched, client: AsyncTwelveLabs, tmp_path: Path) -> None:
    path = SampleVideo("a.mp4", (Scene("red", 4),)).write(tmp_path)
    asset = await client.assets.wait_for_done(
        (await client.assets.create(method="direct", file=path)).id or "", sleep_interval=0.01
    )
    calls: list[Awaitable[Any]] = [
        client.tasks.create(index_id=NONE, video_file=path),
        client.indexes.indexed_assets.create(NONE, asset_id=asset.id or ""),
        client.indexes.retrieve(NONE),
        client.indexes.update(NONE, index_name="a"),
        client.indexes.delete(NONE),
        client.search.create(index_id=NONE, query_text="red", search_options=["visual"]),
        client.indexes.videos.list(NONE),
    ]
    before = await watched.things()
    for call in calls:
        with pytest.raises(APIStatusError, match=rf"resource_not_exist: .*{NONE} does not exist") as caught:
            await _quiet(call)
        assert caught.value.status in {400, 404}
        assert caught.value.hint in str(caught.value)
        assert caught.value.request_id
    assert await watched.things() == before


IDS = [
    "../tasks/1",
    "..",
    ".",
    "a/b",
    "a?b",
    "a#b",
    "a%2Fb",
    "a\\b",
    "a;b",
    "a\r\nb",
    " ",
    "é",
    ":authorize",
    "",
]
WITH_IDS = [facts.id for facts in document.operations().values() if any(f.where == "path" for f in facts.fields)]


@pytest.mark.parametrize("operation_id", WITH_IDS)
async def test_ids_never_reach_another_route(watched: Watched, client: AsyncTwelveLabs, operation_id: str) -> None:
    facts = document.operations()[operation_id]
    method: Any = client
    for part in facts.attribute_path.split("."):
        method = getattr(method, part)
    names = [field.name for field in facts.fields if field.where == "path"]
    for name in names:
        for wrong in IDS:
            arguments = {**samples.argument_sets(operation_id)["required"], name: wrong}
            arguments.pop((facts.stream or {}).get("field", ""), None)
            watched.reached.clear()
            refused: Exception | None = None
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)
                    result = method(**files(written(facts, arguments, plain)))
                    if hasattr(result, "__aiter__"):
                        _ = [item async for item in result]
                    else:
                        await result
            except (APIStatusError, ValueError) as error:
                refused = error
            if wrong in {"", ".", ".."}:
                assert isinstance(refused, ValueError), (name, wrong)
                assert name in str(refused)
                assert watched.reached == [], (name, wrong)
            else:
                assert set(watched.reached) == {operation_id}, (name, wrong)


def test_importing_loads_no_model() -> None:
    code = (
        "import sys, twelvelabs_async\n"
        "twelvelabs_async.AsyncTwelveLabs(api_key='k').indexes\n"
        "loaded = [name for name in sys.modules if '_generated.models.' in name or '_generated.params' in name]\n"
        "loaded += [name for name in sys.modules if name.startswith(('twelvelabs_async.emulator', 'numpy', 'av'))]\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
