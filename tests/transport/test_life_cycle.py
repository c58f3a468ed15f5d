"""Life cycle and cancellation: what is open, what is closed, and what is left behind (nothing)."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import ssl
import subprocess
import sys
import textwrap
import threading
import warnings
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.eventually import responses_in_part
from twelvelabs_async._config.config import Config
from twelvelabs_async._config.events import RetryEvent
from twelvelabs_async._config.hooks import Hooks
from twelvelabs_async._config.retry_policy import RetryPolicy
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.sources import PathSource
from twelvelabs_async._transport.session import NOT_CLOSED
from twelvelabs_async._transport.transport import Transport
from twelvelabs_async.errors import APIConnectionError, APITimeoutError, ConfigurationError
from twelvelabs_async.uploads.engine import ChunkBody

from .conftest import KEY, Connect, Peer, RawServer, Serve, eventually, get, post

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.clock import Clock


async def responding(peer: Peer) -> None:
    while True:
        await peer.body(await peer.request())
        await peer.respond()


async def silent(peer: Peer) -> None:
    while True:
        await peer.request()
        await asyncio.sleep(60)


def test_making_one_needs_no_loop() -> None:
    transport = Transport(Config.create(api_key=KEY))
    assert not transport.closed
    assert transport.limits.in_flight == 0


async def test_close_may_be_called_in_any_state(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    unused = connect(server.url)
    await unused.close()
    await unused.close()
    used = connect(server.url)
    await used.send(get())
    await used.close()
    await used.close()
    assert used.closed
    await eventually(lambda: not server.live)


async def test_use_after_close_is_a_clear_error(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url)
    await transport.send(get())
    await transport.close()
    with pytest.raises(APIConnectionError, match="closed"):
        await transport.send(get())
    with pytest.raises(APIConnectionError, match="closed"):
        async with transport.stream(get()):
            pass
    assert len(server.heads) == 1


async def test_close_ends_calls_wherever_they_are(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        head = await peer.request()
        if b"/body" in head:
            await peer.respond(b"{", length=100)
        if b"/retry" in head:
            await peer.respond(b"{}", "503 Later")
        await asyncio.sleep(60)

    server = await serve(handler)
    transport = connect(server.url, max_connections=3, retry=RetryPolicy(initial=30, maximum=30))
    names = ["/head/1", "/body/1", "/retry/1", "/head/2", "/head/3", "/head/4"]
    calls = [asyncio.create_task(transport.send(get(name))) for name in names]
    await eventually(lambda: len(server.heads) == 3 and transport.limits.waiting)
    await transport.close()
    for call in calls:
        with pytest.raises(APIConnectionError, match="client was closed"):
            await call
    await eventually(lambda: not server.live)


async def test_close_ends_streams(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"{}\n", length=100)
        await asyncio.sleep(60)

    server = await serve(handler)
    transport = connect(server.url)
    got: list[bytes] = []

    async def read() -> None:
        async with transport.stream(get(timeout_profile="stream")) as stream:
            while chunk := await stream.read():
                got.append(chunk)

    reading = asyncio.create_task(read())
    idle = await transport.open(get(timeout_profile="stream"))
    await eventually(lambda: got)
    await transport.close()
    with pytest.raises(APIConnectionError, match="client was closed"):
        await reading
    with pytest.raises(APIConnectionError, match="client was closed"):
        await idle.read()
    await eventually(lambda: not server.live)


def sockets_to(server: RawServer) -> list[object]:
    """The client's open sockets, as the client sees them: a server that has stopped reading notices nothing."""
    return [
        transport
        for transport in gc.get_objects()
        if type(transport).__name__ == "_SelectorSocketTransport"
        and transport._sock is not None
        and (transport.get_extra_info("peername") or ("", 0))[1] == server.port
    ]


@pytest.mark.parametrize("where", ["head", "body", "gate", "rate", "pause", "upload", "stream"])
async def test_cancelling_a_call_is_prompt_and_leaves_nothing(
    serve: Serve, connect: Connect, where: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reads: list[bytes] = []

    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.request()
            if b"/head" in head:
                await asyncio.sleep(60)
            elif b"/body" in head:
                await peer.respond(b"{", length=100)
                await asyncio.sleep(60)
            elif b"/pause" in head:
                await peer.respond(b"{}", "503 Later", "Retry-After: 50")
            elif b"/rate" in head:
                await peer.respond(b"{}", "429 Later", "Retry-After: 50")
            elif b"/upload" in head:
                reads.append(await peer.reader.read(1000))
                await asyncio.sleep(60)
            else:
                await peer.body(head)
                await peer.respond()

    path = tmp_path_factory.mktemp("up") / "a.bin"
    path.write_bytes(bytes(20_000_000))
    server = await serve(handler)
    retries: list[RetryEvent] = []
    transport = connect(server.url, max_connections=1, hooks=Hooks(on_retry=retries.append))
    holder = None
    if where == "gate":
        holder = asyncio.create_task(transport.send(get("/head")))
        await eventually(lambda: server.heads)
    if where == "upload":
        source = PathSource.of(path)
        request = post("/upload", body=ChunkBody(source, 0, source.size, None), timeout_profile="upload")
    else:
        request = get(f"/{where}", rate_limit_group="search" if where == "rate" else None)

    async def stream() -> None:
        async with transport.stream(get("/body", timeout_profile="stream")) as response:
            while await response.read():
                pass

    call = asyncio.create_task(stream() if where == "stream" else transport.send(request))
    if where == "gate":
        await eventually(lambda: transport.limits.waiting)
    elif where == "rate":
        await eventually(lambda: any(group.waiting for group in transport.limits.groups.values()))
    elif where == "upload":
        await eventually(lambda: reads)
    elif where == "pause":
        await eventually(lambda: retries)
    elif where == "head":
        await eventually(lambda: server.heads)
    else:
        await eventually(responses_in_part)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    if holder is not None:
        holder.cancel()
        await asyncio.gather(holder, return_exceptions=True)
    # Usable as before, and nothing is held.
    assert (await transport.send(get("/after"))).status == 200
    limits = transport.limits
    assert (limits.in_flight, limits.waiting) == (0, 0)
    assert all(group.in_flight == 0 and group.waiting == 0 for group in limits.groups.values())
    await eventually(lambda: len(sockets_to(server)) == 1)


async def test_a_thousand_cancellations_at_any_moment(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url, max_connections=5)

    async def call(turns: int) -> None:
        task = asyncio.create_task(transport.send(get(rate_limit_group="search")))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(*(call(number % 40) for number in range(1000)))
    limits = transport.limits
    assert (limits.in_flight, limits.waiting) == (0, 0)
    assert all(group.in_flight == 0 for group in limits.groups.values())
    assert (await transport.send(get())).status == 200


async def test_timeouts_of_the_user_just_work(serve: Serve, connect: Connect) -> None:
    server = await serve(silent)
    transport = connect(server.url)
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.05):
            await transport.send(get())
    assert not isinstance(caught.value, APITimeoutError)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(transport.send(get()), 0.05)
    with pytest.raises(APITimeoutError):
        async with asyncio.timeout(5):
            await transport.send(get(timeout=0.05))
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_timeouts_that_meet_the_users_cancellation_do_not_swallow_it(
    serve: Serve, connect: Connect, clock: Clock
) -> None:
    server = await serve(silent)
    transport = connect(server.url)

    async def call() -> None:
        await transport.send(get(timeout=60))

    task = asyncio.create_task(call())
    await eventually(lambda: server.heads)
    asyncio.get_running_loop().call_later(50, task.cancel)
    clock.advance(100)  # both timers are due in the same turn of the loop
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_tasks_of_a_group_end_together(serve: Serve, connect: Connect) -> None:
    server = await serve(silent)
    transport = connect(server.url)

    async def all_of_them() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(5):
                group.create_task(transport.send(get()))
            group.create_task(transport.send(get(timeout=0.05)))

    with pytest.raises(ExceptionGroup):
        await all_of_them()
    assert transport.limits.in_flight == 0


def test_second_event_loop_gets_a_session_of_its_own() -> None:
    transport = Transport(Config.create(api_key=KEY, base_url="http://127.0.0.1:9"))

    async def main(last: bool) -> None:
        server = RawServer(responding)
        await server.start()
        transport.with_config(transport.config)
        moved = transport.with_config(Config.create(api_key=KEY, base_url=server.url))
        for _ in range(3):
            assert (await moved.send(get())).status == 200
        if last:
            await transport.close()
        await server.stop()

    asyncio.run(main(False))
    asyncio.run(main(True))
    gc.collect()


async def test_another_loop_that_is_open_is_a_clear_error(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url)
    await transport.send(get())
    errors: list[BaseException] = []

    def elsewhere() -> None:
        async def main() -> None:
            with pytest.raises(ConfigurationError, match="another event loop") as caught:
                await transport.send(get())
            errors.append(caught.value)

        asyncio.run(main())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert len(errors) == 1
    assert (await transport.send(get())).status == 200


def test_after_a_fork_parent_and_child_have_their_own_connections() -> None:
    script = """
        import asyncio, os, sys
        from twelvelabs_async._config.config import Config
        from twelvelabs_async._transport.transport import Transport
        from twelvelabs_async._request.message import Request

        ports = []

        async def serve(reader, writer):
            ports.append(writer.get_extra_info("peername")[1])
            try:
                while True:
                    await reader.readuntil(b"\\r\\n\\r\\n")
                    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
            except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                writer.close()

        async def child(transport):
            response = await transport.send(Request(operation="x", method="GET", path="/child"))
            assert response.body == b"{}"
            await transport.close()

        async def main():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            transport = Transport(Config.create(api_key="k", base_url=url))
            for _ in range(2):
                await transport.send(Request(operation="x", method="GET", path="/parent"))
            pid = os.fork()
            if pid == 0:
                try:
                    asyncio.events._set_running_loop(None)
                    asyncio.set_event_loop(None)
                    asyncio.run(child(transport))
                    os._exit(0)
                except BaseException as error:
                    print(repr(error), file=sys.stderr)
                    os._exit(1)
            while (status := os.waitpid(pid, os.WNOHANG)) == (0, 0):
                await asyncio.sleep(0.01)
            assert os.waitstatus_to_exitcode(status[1]) == 0, status
            await transport.send(Request(operation="x", method="GET", path="/parent"))
            assert len(set(ports)) == 2, ports
            await transport.close()
            server.close()

        asyncio.run(main())
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_many_event_loops_leave_no_resolver_behind() -> None:
    """With aiodns (extra `fast`), the resolver of each event loop has a thread and three descriptors."""
    script = """
        import asyncio, os, sys, threading, time
        from aiohttp.resolver import AsyncResolver, DefaultResolver
        from twelvelabs_async._config.config import Config
        from twelvelabs_async._request.message import Request
        from twelvelabs_async._transport.transport import Transport

        assert DefaultResolver is AsyncResolver, "the development environment has the extra fast"
        ready, urls = threading.Event(), []

        async def respond(reader, writer):
            try:
                while True:
                    await reader.readuntil(b"\\r\\n\\r\\n")
                    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        async def serve():
            server = await asyncio.start_server(respond, "127.0.0.1", 0)
            urls.append(f"http://localhost:{server.sockets[0].getsockname()[1]}")
            ready.set()
            await asyncio.Event().wait()

        threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
        ready.wait()
        transport = Transport(Config.create(api_key="k", base_url=urls[0]))

        def use(times):
            for _ in range(times):
                asyncio.run(transport.send(Request(operation="x", method="GET", path="/things")))

        def has_at_most(limit):
            for _ in range(200):  # pycares closes a channel in a thread of its own
                found = len(os.listdir("/proc/self/fd")) + len(os.listdir("/proc/self/task"))
                if found <= limit:
                    return True
                time.sleep(0.1)
            print(found, "descriptors and threads, at most", limit, "are right", file=sys.stderr)
            return False

        use(1)
        limit = len(os.listdir("/proc/self/fd")) + len(os.listdir("/proc/self/task")) + 10
        use(50)
        assert has_at_most(limit)
        if (pid := os.fork()) == 0:
            use(50)
            os._exit(not has_at_most(limit))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        use(1)
        asyncio.run(transport.close())
        assert has_at_most(limit)
        """
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error::ResourceWarning",
            "-W",
            "ignore::DeprecationWarning:__main__",
            "-c",
            textwrap.dedent(script),
        ],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


async def test_session_of_the_user_is_never_closed_and_may_be_shared(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    async with aiohttp.ClientSession() as session:
        first, second = connect(server.url, session=session), connect(server.url, session=session)
        await asyncio.gather(*(transport.send(get()) for transport in (first, second) for _ in range(5)))
        await first.close()
        assert not session.closed
        assert (await second.send(post(body=JsonBody(b"{}")))).status == 200
        await second.close()
        assert not session.closed
        async with session.get(server.url) as response:
            assert response.status == 200
    late = connect(server.url, session=session)
    with pytest.raises(APIConnectionError, match="passed to this client is closed"):
        await late.send(get())


async def test_session_of_the_user_that_is_closed_meanwhile(serve: Serve, connect: Connect) -> None:
    server = await serve(silent)
    session = aiohttp.ClientSession()
    transport = connect(server.url, session=session)
    call = asyncio.create_task(transport.send(get()))
    await eventually(lambda: server.heads)
    await session.close()
    with pytest.raises(APIConnectionError):
        await call


def test_session_of_another_loop_is_a_clear_error() -> None:
    made: list[aiohttp.ClientSession] = []

    async def make() -> None:
        made.append(aiohttp.ClientSession())
        transport = Transport(Config.create(api_key=KEY, base_url="http://127.0.0.1:9", session=made[0], max_retries=0))
        with pytest.raises(APIConnectionError):
            await transport.send(get())
        transports.append(transport)

    async def use() -> None:
        with pytest.raises(ConfigurationError, match="another event loop"):
            await transports[0].send(get())
        await made[0].close()

    transports: list[Transport] = []
    asyncio.run(make())
    asyncio.run(use())


async def test_connector_of_the_user_is_never_closed_and_limits_the_gate(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    connector = aiohttp.TCPConnector(limit=2)
    transport = connect(server.url, connector=connector)
    assert transport.limits.max_connections == 2
    await asyncio.gather(*(transport.send(get()) for _ in range(10)))
    assert server.connections <= 2
    await transport.close()
    assert not connector.closed
    await connector.close()


async def test_copies_share_session_gates_and_fate(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url)
    copy = transport.with_config(transport.config.evolve(timeout=5, max_retries=0))
    await transport.send(get())
    await copy.send(get())
    assert server.connections == 1
    await copy.close()
    assert transport.closed
    with pytest.raises(APIConnectionError, match="closed"):
        await transport.send(get())


async def test_a_thousand_clients_leave_nothing_behind(serve: Serve) -> None:
    server = await serve(responding)
    refs = []
    for _ in range(1000):
        transport = Transport(Config.create(api_key=KEY, base_url=server.url))
        await transport.send(get())
        await transport.close()
        refs.append(weakref.ref(transport))
    del transport
    await eventually(lambda: not server.live)
    gc.collect()
    assert not [ref for ref in refs if ref() is not None]


# --- clients that were not closed --------------------------------------------------------------------------------


Told = list[str]


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Iterator[Told]:
    """What users are told: the warnings and the log lines of a test."""
    messages: Told = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield messages
        gc.collect()
        assert [str(warning.message) for warning in caught if warning.category is ResourceWarning] == messages
        lines = [
            record.getMessage()
            for record in [*caplog.get_records("call"), *caplog.get_records("teardown")]
            if record.levelno >= logging.WARNING
        ]
        assert lines == messages


async def use(url: str, **settings: Any) -> Transport:
    transport = Transport(Config.create(api_key=KEY, base_url=url, **settings))
    await transport.send(get())
    return transport


async def test_a_client_that_was_not_closed(serve: Serve, told: Told) -> None:
    server = await serve(responding)
    transport = await use(server.url)
    copy = transport.with_config(transport.config)
    del transport
    gc.collect()
    assert (await copy.send(get())).status == 200
    assert server.live == 1
    told.append(NOT_CLOSED)
    assert "async with AsyncTwelveLabs() as client" in NOT_CLOSED
    assert "await client.close()" in NOT_CLOSED
    del copy
    gc.collect()
    await eventually(lambda: not server.live)


async def test_a_client_that_was_not_closed_while_a_stream_is_open(serve: Serve, told: Told) -> None:
    server = await serve(responding)
    transport = await use(server.url)
    stream = await transport.open(get())
    told.append(NOT_CLOSED)
    del transport, stream
    gc.collect()
    await eventually(lambda: not server.live)


async def test_a_client_that_was_dropped_in_another_thread(serve: Serve, told: Told) -> None:
    server = await serve(responding)
    held = [await use(server.url)]

    def drop() -> None:
        held.clear()
        gc.collect()

    await asyncio.to_thread(drop)
    told.append(NOT_CLOSED)
    await eventually(lambda: not server.live)


def test_a_client_that_was_not_closed_in_a_loop_that_has_ended(told: Told) -> None:
    async def main() -> Transport:
        server = RawServer(responding)
        await server.start()
        transport = await use(server.url)
        await server.stop()
        return transport

    transport = asyncio.run(main())
    told.append(NOT_CLOSED)
    del transport


def test_nobody_is_told_when_a_client_moves_to_another_loop(told: Told) -> None:
    transport = Transport(Config.create(api_key=KEY, base_url="http://127.0.0.1:9"))

    async def main() -> None:
        server = RawServer(responding)
        await server.start()
        moved = transport.with_config(Config.create(api_key=KEY, base_url=server.url))
        assert (await moved.send(get())).status == 200
        await server.stop()

    for _ in range(3):
        asyncio.run(main())
        gc.collect()
    assert told == []

    async def close() -> None:
        await transport.close()

    asyncio.run(close())


async def test_nobody_is_told_about_closed_unused_or_foreign_sessions(serve: Serve, told: Told) -> None:
    server = await serve(responding)
    Transport(Config.create(api_key=KEY, base_url=server.url))
    await (await use(server.url)).close()
    async with aiohttp.ClientSession() as session:
        await use(server.url, session=session)
        gc.collect()
        assert not session.closed
    assert told == []


async def test_a_connector_of_the_user_stays_open(serve: Serve, told: Told) -> None:
    server = await serve(responding)
    async with aiohttp.TCPConnector() as connector:
        await use(server.url, connector=connector)
        told.append(NOT_CLOSED)
        gc.collect()
        assert not connector.closed
        assert server.live == 1


NOT_CLOSED_AT_EXIT = """
import asyncio, os, sys, tracemalloc
from twelvelabs_async import AsyncTwelveLabs, APIConnectionError

async def use(client):
    try:
        await client.indexes.retrieve("i")
    except APIConnectionError:
        pass

async def main():
    global client
    async with AsyncTwelveLabs() as first:
        await use(first)
    tracemalloc.start(20)  # only now, because it slows importing down
    client = AsyncTwelveLabs()
    await use(client)

asyncio.run(main())
if "fork" in sys.argv:
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        asyncio.run(client.close())
"""


@pytest.mark.parametrize("at_exit", ["warn", "fork"])
def test_a_client_that_is_open_when_the_program_ends(at_exit: str, unused_tcp_port: int, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(NOT_CLOSED_AT_EXIT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "always", script, at_exit],
        env={**os.environ, "TWELVE_LABS_API_KEY": "k", "TWELVELABS_BASE_URL": f"http://127.0.0.1:{unused_tcp_port}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "Unclosed" not in done.stderr
    if at_exit == "fork":  # neither in the child, nor in the parent, which has closed its client
        assert "not closed" not in done.stderr
        return
    assert f"ResourceWarning: {NOT_CLOSED}" in done.stderr
    assert 'program.py", lineno 16' in done.stderr


async def test_fault_of_a_trace_hook_is_not_taken_for_a_lost_connection(serve: Serve, connect: Connect) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the hook is broken")

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(broken)
    server = await serve(responding)
    transport = connect(server.url, trace_configs=[trace])
    with pytest.raises(RuntimeError, match="hook is broken"):
        await transport.send(get())
    assert transport.limits.in_flight == 0


def test_second_event_loop_after_tls() -> None:
    tls = Path(__file__).parent / "tls"
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls / "server.pem")
    trusting = ssl.create_default_context(cafile=tls / "ca.pem")
    config = Config.create(api_key=KEY, base_url="https://127.0.0.1:9", ssl=trusting)
    transport = Transport(config)

    async def main(last: bool) -> None:
        server = RawServer(responding)
        await server.start(ssl=context)
        moved = transport.with_config(config.evolve(base_url=server.url.replace("http://", "https://")))
        assert (await moved.send(get())).status == 200
        if last:
            await transport.close()
        await server.stop()

    asyncio.run(main(False))
    asyncio.run(main(True))
    gc.collect()
