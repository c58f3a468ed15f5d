"""Each message that docs/troubleshooting.md quotes is raised here, by what the page says raises it."""

from __future__ import annotations

import ast
import asyncio
import errno
import gc
import os
import re
import socket
import ssl
import subprocess
import sys
import textwrap
import warnings
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import trustme
from aiohttp import web

from tests.conftest import BASE_URL, KEY, Server
from tests.eventually import eventually
from tests.leaks import find_leaks
from twelvelabs_async import AsyncTwelveLabs, Timeout, errors
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media import samples
from twelvelabs_async.testing import run_emulator

from .pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Awaitable

PAGE = ROOT / "docs/troubleshooting.md"
ANY_ID = "6298d673f1090f1100476d4c"


def quotes() -> dict[str, list[str]]:
    """The messages of each section that has some."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    found = {
        heading: re.findall(r"^```text\n(.*?)^```$", body, re.MULTILINE | re.DOTALL)
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
    }
    return {heading: messages for heading, messages in found.items() if messages}


def check(heading: str, *raised: object) -> None:
    """The messages of a section are these, in this order."""
    quoted = quotes()[heading]
    assert len(quoted) == len(raised), f"{heading}: {len(raised)} of {len(quoted)}"
    for said, message in zip(quoted, raised, strict=True):
        same = OutputChecker().check_output(said.strip(), str(message), ELLIPSIS | NORMALIZE_WHITESPACE)
        assert same, f"{heading}:\n{message}\nand not\n{said}"
        if isinstance(message, BaseException):
            assert not find_leaks(message, KEY)


async def error_of(call: Awaitable[object]) -> Exception:
    try:
        await call
    except Exception as error:
        return error
    raise AssertionError("there was no error")


def made(**options: Any) -> Exception:
    try:
        AsyncTwelveLabs(**options)
    except errors.ConfigurationError as error:
        return error
    raise AssertionError("there was no error")


def client_of(url: str, **options: Any) -> AsyncTwelveLabs:
    return AsyncTwelveLabs(base_url=url, **{"api_key": KEY, "max_retries": 0, **options})


async def listed(client: AsyncTwelveLabs) -> object:
    async with client:
        return await client.indexes.list()


def test_every_message_is_checked() -> None:
    """Each section with messages is the first argument of a `check` in this file."""
    tree = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    checked = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and isinstance(node.args[0], ast.Constant)
    ]
    assert sorted(map(str, checked)) == sorted(quotes())
    assert len(checked) > 15


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    none = made()
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "tlk_1 tlk_2")
    check("No key", none, made())


async def test_wrong_base_url(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    without_scheme = made(api_key=KEY, base_url="api.twelvelabs.io/v1.3")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        refused = await error_of(listed(client_of(f"http://127.0.0.1:{nobody.getsockname()[1]}/v1.3")))
    server.responses = [(200, b"<html>Please log in</html>")]
    page = await error_of(listed(client_of(server.url)))

    async def unknown(*_: object, **__: object) -> None:
        raise OSError(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", unknown)
    monkeypatch.setattr(aiohttp.connector, "DefaultResolver", aiohttp.ThreadedResolver)
    name = await error_of(listed(client_of(BASE_URL)))
    check("Wrong base URL", without_scheme, refused, name, page)


async def test_refusals() -> None:
    async with Emulator(speed=0) as emulator, client_of(emulator.base_url, api_key=emulator.api_key) as client:
        emulator.faults.add(kind="status", code="api_key_invalid", count=1)
        wrong = await error_of(client.indexes.retrieve(ANY_ID))
        emulator.faults.add(kind="status", code="api_not_allowed", count=1)
        forbidden = await error_of(client.indexes.retrieve(ANY_ID))
        assert isinstance(wrong, errors.AuthenticationError)
        assert isinstance(forbidden, errors.ForbiddenError)
        check("401 and 403", wrong, forbidden)


async def test_rate_limits() -> None:
    async with Emulator(speed=0) as emulator, client_of(emulator.base_url, api_key=emulator.api_key) as client:
        emulator.faults.add(kind="status", code="too_many_requests", retry_after=100, count=1)
        refused = await error_of(client.indexes.retrieve(ANY_ID))
        assert isinstance(refused, errors.TooManyRequestsError)
        paused = await error_of(client.with_options(timeout=5).indexes.retrieve(ANY_ID))
        assert isinstance(paused, errors.APITimeoutError)
        assert paused.retry_after is not None
        check("429 and rate limits", refused, paused)


async def test_timeouts(server: Server, tmp_path: Path) -> None:
    async def silent(request: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    short = 0.05
    server.responses = [silent]
    read = await error_of(listed(client_of(server.url, timeout=Timeout(read=short))))
    total = await error_of(listed(client_of(server.url, timeout=short)))

    with socket.create_server(("127.0.0.1", 0)) as deaf:  # it never begins TLS
        url = f"https://127.0.0.1:{deaf.getsockname()[1]}/v1.3"
        connect = await error_of(listed(client_of(url, timeout=Timeout(connect=short))))

    async with Emulator(speed=1, durations={"task.indexing": 3600.0}, stream_delay=1) as emulator:
        options: dict[str, Any] = {"api_key": emulator.api_key, "max_streams": 1, "stall_timeout": short}
        async with client_of(emulator.base_url, **options) as client:
            samples.write_sample(tmp_path / "goal.mp4")
            video: Any = {"type": "asset_id", "asset_id": (await client.assets.upload(tmp_path / "goal.mp4")).id}
            async with client.analyze_stream(video=video, prompt="What happens?"):
                stalled = await error_of(client.analyze_stream(video=video, prompt="What happens?").open())
            index = await client.indexes.create(
                index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
            )
            task = await client.tasks.create(index_id=index, video_file=tmp_path / "goal.mp4")
            seconds = 0.0
            last = None
            while last is None or last.status != "indexing":  # each wait is longer, on however slow a machine
                seconds += short
                waited = await error_of(client.tasks.wait_for_done(task, sleep_interval=0.02, timeout=seconds))
                assert isinstance(waited, errors.WaitTimeoutError)
                last = waited.last
    check("Timeouts", connect, read, total, stalled, waited)


async def test_unclosed(server: Server) -> None:
    server.responses = [(200, {"data": [], "page_info": {}})]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client = client_of(server.url)
        await client.indexes.list()
        del client
        gc.collect()
    said = [str(warning.message) for warning in caught if issubclass(warning.category, ResourceWarning)]

    loop = asyncio.get_running_loop()
    reported: list[str] = []
    loop.set_exception_handler(lambda _, context: reported.append(context["message"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        session = aiohttp.ClientSession()
        await session.get(server.url)
        connector = session.connector
        del session
        gc.collect()
    assert connector is not None
    await connector.close()
    check("A client was not closed", *said, *(message for message in reported if "session" in message))


async def test_event_loops(server: Server) -> None:
    server.responses = [(200, {"data": [], "page_info": {}})]
    async with client_of(server.url) as client:
        await client.indexes.list()
        other = await asyncio.to_thread(asyncio.run, error_of(client.indexes.retrieve(ANY_ID)))
    closed = await error_of(client.indexes.retrieve(ANY_ID))
    async with aiohttp.ClientSession() as session, client_of(server.url, session=session) as own:
        await own.indexes.list()
        foreign = await asyncio.to_thread(asyncio.run, error_of(own.indexes.retrieve(ANY_ID)))

    ended = asyncio.new_event_loop()
    ended.close()
    with pytest.raises(RuntimeError) as python:
        ended.call_soon(print)
    check("One client, two event loops", other, foreign, closed, python.value)


def test_a_client_that_is_used_in_a_second_run() -> None:
    with run_emulator() as emulator:
        client = emulator.client()
        first = asyncio.run(client.indexes.list().collect())
        assert asyncio.run(client.indexes.list().collect()) == first

        async def close() -> None:
            await client.close()

        asyncio.run(close())


async def test_in_a_notebook() -> None:
    """A real kernel says the same: tests/cookbook/test_notebooks.py."""
    main = asyncio.sleep(0)
    with pytest.raises(RuntimeError) as caught:
        asyncio.run(main)
    main.close()
    check("In a notebook", caught.value)


async def test_a_forgotten_await() -> None:
    client = client_of(BASE_URL)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        client.indexes.retrieve(ANY_ID)  # type: ignore[unused-coroutine]
        gc.collect()
    call: Any = client.indexes.retrieve(ANY_ID)
    with pytest.raises(TypeError) as without:
        async for _ in call:
            pass
    call.close()
    (warning,) = [str(found.message) for found in caught if "awaited" in str(found.message)]
    check("A forgotten await", warning, without.value)


async def test_certificates_and_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{runner.addresses[0][1]}/v1.3"
    untrusted = await error_of(listed(client_of(url)))
    await runner.cleanup()
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        unreachable = await error_of(listed(client_of(BASE_URL, proxy=proxy)))
    monkeypatch.setenv("HTTPS_PROXY", "https://proxy.example.test:3128")
    ignored = await error_of(listed(client_of(BASE_URL, trust_env=True)))
    check("Certificates and proxies", untrusted, unreachable, ignored)


async def test_uploads(tmp_path: Path) -> None:
    video = tmp_path / "goal.mp4"
    samples.write_sample(video)
    state = tmp_path / "goal.upload"
    async with (
        Emulator(speed=0, chunk_size=8192) as emulator,
        client_of(emulator.base_url, api_key=emulator.api_key) as client,
    ):
        missing = await error_of(client.assets.create(method="direct", file="no-such-file.mp4"))

        async def upload() -> object:
            return await client.multipart_upload.upload_file(
                video, state=state, max_workers=1, max_retries=0, retry_delay=0
            )

        emulator.faults.add(kind="status", status=503, operation="putChunk", port="objects")
        broken = await error_of(upload())
        emulator.faults.clear()
        emulator.faults.add(kind="stall", operation="putChunk", port="objects")
        first = asyncio.create_task(upload())
        await eventually(lambda: bool(emulator.faults.counts.get("stall")))
        in_use = await error_of(upload())
        first.cancel()
        await asyncio.wait([first])
        video.write_bytes(video.read_bytes() + b"more")
        os.utime(video, (1, 1))
        changed = await error_of(upload())
    check("Uploads", missing, broken, changed, in_use)


async def test_a_task_that_fails(tmp_path: Path) -> None:
    samples.write_broken(tmp_path / "broken.mp4")
    async with (
        Emulator(speed=0, late_validation=True) as emulator,
        client_of(emulator.base_url, api_key=emulator.api_key) as client,
    ):
        index = await client.indexes.create(
            index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        task = await client.tasks.create(index_id=index, video_file=tmp_path / "broken.mp4")
        failed = await error_of(client.tasks.wait_for_done(task, sleep_interval=0.02))
    assert isinstance(failed, errors.TaskFailedError)
    check("A task failed", failed)


async def test_a_stream_that_is_cut_short(server: Server) -> None:
    server.responses = [(200, b'{"event_type": "stream_start"}\n{"event_type": "text_generation", "text": "A "}\n')]
    async with client_of(server.url) as client:
        cut = await error_of(client.analyze_stream(video_id=ANY_ID, prompt="What happens?").read_text())
    assert isinstance(cut, errors.StreamError)
    assert cut.text == "A "
    check("A stream was cut short", cut)


async def test_responses_that_are_not_valid(server: Server) -> None:
    server.responses = [(200, {"_id": 7})]
    async with client_of(server.url) as client:
        invalid = await error_of(client.indexes.retrieve(ANY_ID))
    assert isinstance(invalid, errors.DecodeError)
    assert invalid.path
    server.responses = [(200, {"_id": "i" * 1000})]
    async with client_of(server.url, max_response_bytes=1000) as client:
        large = await error_of(client.indexes.retrieve(ANY_ID))
    check("The response is not valid", invalid, large)


async def test_deprecations(server: Server) -> None:
    server.responses = [(200, {"id": "g", "summary": "A goal."})]
    async with client_of(server.url) as client:
        with pytest.warns(DeprecationWarning, match="analyze") as caught:
            await client.summarize(video_id=ANY_ID, type="summary")
    check("DeprecationWarning", caught[0].message)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.strip()


def test_an_extra_is_missing() -> None:
    code = """
        import sys
        sys.modules["av"] = None
        try:
            import twelvelabs_async.emulator
        except ImportError as error:
            print(error)
    """
    check("An extra is missing", run(textwrap.dedent(code)))


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such limit")
def test_too_many_open_files() -> None:
    with run_emulator() as emulator:
        code = f"""
            import asyncio, os, resource, socket
            from twelvelabs_async import AsyncTwelveLabs

            def use_up_descriptors():
                highest = max(int(name) for name in os.listdir("/dev/fd"))
                resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 8, highest + 8))
                held = []
                try:
                    while True:
                        held.append(socket.socket())
                except OSError:
                    return held

            async def main():
                client = AsyncTwelveLabs(api_key={emulator.api_key!r}, base_url={emulator.base_url!r}, max_retries=0)
                nowhere = client.with_options(base_url="http://127.0.0.1:1/v1.3")
                async with client:
                    await asyncio.gather(nowhere.indexes.list().collect(), return_exceptions=True)
                    held = use_up_descriptors()
                    try:
                        await client.indexes.list()
                    except Exception as error:
                        print(error)

            asyncio.run(main())
        """
        shown = run(textwrap.dedent(code))
    assert os.strerror(errno.EMFILE) in shown
    check("Too many open files", shown)
