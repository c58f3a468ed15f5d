"""What is taken out of texts and values, and what stays."""

from __future__ import annotations

import asyncio
import base64
import copy
import gc
import json
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from tests.leaks import find_leaks
from twelvelabs_async import AsyncTwelveLabs, Hooks, ResponseEvent, errors
from twelvelabs_async._codec.decode import decode, decoder, parse
from twelvelabs_async._codec.model import UnknownVariant
from twelvelabs_async._config.config import Config
from twelvelabs_async._generated.models.indexes import IndexSchema
from twelvelabs_async._request.secret import Secret, hide_options
from twelvelabs_async._transport import secrets as secrets_module
from twelvelabs_async._transport.secrets import MAX_DEPTH, TOO_DEEP, ClientSecrets, Secrets
from twelvelabs_async._transport.status_errors import status_error

from .conftest import KEY, Peer, Serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def secrets(key: str = KEY, **settings: Any) -> Secrets:
    return Secrets(Config.create(api_key=key, **settings))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("nothing here", "nothing here"),
        (KEY, "***"),
        (f"a {KEY} b {KEY}c", "a *** b ***c"),
        (f"<{KEY.upper()}>", "<***>"),
        (f"'{KEY[:8]}...'", "'***...'"),
        (f"'{KEY[:7]}...'", f"'{KEY[:7]}...'"),
        (f"{KEY}{KEY[:10]}", "***"),
        (f"...{KEY[-12:]}.", "...***."),
        (f"...{KEY[-11:]}.", f"...{KEY[-11:]}."),
        (f"a {KEY[4:17]} b", "a *** b"),
        (f"({' '.join(KEY)})", "(***)"),
        (f"({KEY[:5]}\r\n {KEY[5:]})", "(***)"),
        ("TE st 01 23 45 - 67", "TE st 01 23 45 - 67"),
        ("50% of \\u0041\\n&amp; %zz %e4", "50% of \\u0041\\n&amp; %zz %e4"),
        (f"%2574{KEY[1:]} and &#x110000;", "*** and &#x110000;"),
        ("https://x/?X-Amz-Signature=0123&a=1", "https://x/?X-Amz-Signature=***&a=1"),
        ("https://x/?a=1\\u0026Signature=ab%2Bc&b=2", "https://x/?a=1\\u0026Signature=***&b=2"),
        ("https%3A//x/%3Fx-goog-signature%3Dab", "https%3A//x/%3Fx-goog-signature%3D***"),
        ("design=5 signature: valid token", "design=5 signature: valid token"),
    ],
)
def test_text(text: str, shown: str) -> None:
    assert secrets().text(text) == shown


@pytest.mark.parametrize("key", ["a", "e", "key", "12345"])
def test_short_keys_leave_messages_readable(key: str) -> None:
    text = "a key of 12345 characters, e.g. key"
    assert secrets(key).text(text) == text
    assert secrets("key456").text("a key456 b") == "a *** b"


def test_short_names_and_passwords_are_taken_out_where_they_stand_together() -> None:
    given = secrets(proxy="http://me:pw1@proxy.test")
    assert given.text("me pw1") == "me pw1"
    assert given.text("Basic bWU6cHcx; me:pw1") == "Basic ***; ***"


def test_names_without_a_password_are_keys() -> None:
    digits = base64.b64encode(f"{KEY}:".encode()).decode()
    for given in (
        Secrets(Config.create(api_key="k"), {"Authorization": f"Basic {digits}"}),
        secrets(proxy=f"http://{KEY}@p"),
    ):
        assert given.text(f"{KEY[:9]}... {KEY}") == "***... ***"
    same = secrets(proxy=f"http://{KEY}:other-password@p")  # a name that is a key as well
    assert same.text(f"{KEY[:9]}...") == "***..."


def test_long_tokens_are_found_at_either_end_and_between() -> None:
    token = "".join(f"{number:x}z" for number in range(2000))
    given = Secrets(Config.create(api_key=KEY), {"Authorization": f"Bearer {token}"})
    for text in (token, token[:500], token[-600:], token[2000:3000], "\0".join(token)):
        assert given.text(f"<{text}>") == "<***>"


def test_names_of_signed_headers_are_no_signatures() -> None:
    url = "https://store.test/1?X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=abcdefgh12345678"
    given = Secrets(Config.create(api_key=KEY), None, url)
    assert given.text("content-type;host abcdefgh12345678") == "content-type;host ***"


def test_names_of_users_are_no_beginnings() -> None:
    given = secrets(proxy="http://production-user:s3cr3t-password@proxy.test")
    assert given.text("in production, production-user, s3cr3t-pa") == "in production, ***, ***"


def test_headers_that_are_no_secrets_stay() -> None:
    config = Config.create(api_key=KEY)
    given = Secrets(config, {"Idempotency-Key": "abcdefghij", "X-Team": "films-department", "Authorization": "a b c"})
    assert given.text("abcdefghij films-department") == "abcdefghij films-department"
    assert Secrets(config, {"Authorization": "Basic @@@@@@@@@@"}).text("@@@@@@@@@@") == "***"


@pytest.mark.parametrize("url", ["http://[::1/?sig=abcdefgh", "http://user:abcdefgh@[::1/", "https://x/?sig=abcdefgh"])
def test_url_of_any_kind(url: str) -> None:
    assert "abcdefgh" not in Secrets(Config.create(api_key=KEY), None, url).text(f"{url} sig=abcdefgh")


async def test_what_the_secrets_of_a_client_look_like_is_worked_out_once(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[set[str]] = []
    forms = secrets_module._forms

    def noted(given: Mapping[str, bool]) -> Any:
        made.append(set(given))
        return forms(given)

    monkeypatch.setattr(secrets_module, "_forms", noted)
    seen: list[ResponseEvent] = []

    async def respond(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.respond(b"{}", "200 OK", f"X-Request-Id: {KEY}")

    base_url = (await serve(respond)).url
    async with AsyncTwelveLabs(api_key=KEY, base_url=base_url) as client:
        await client.get("/quiet")
    assert made == []
    async with AsyncTwelveLabs(api_key=KEY, base_url=base_url, hooks=Hooks(on_response=seen.append)) as client:
        for _ in range(3):
            await client.get("/watched")
    assert [event.request_id for event in seen] == ["***"] * 3
    assert made == [{KEY}]


def test_secrets_of_a_client_that_change_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config.create(api_key=KEY, trust_env=True)
    client = ClientSecrets(config)
    text = f"{KEY} first-password second-password header-token"

    def shown(headers: dict[str, str] | None = None) -> str:
        return Secrets(config, headers, client=client).text(text)

    assert shown() == "*** first-password second-password header-token"
    monkeypatch.setenv("HTTPS_PROXY", "http://me:first-password@proxy.test")
    assert shown() == "*** *** second-password header-token"
    monkeypatch.setenv("HTTPS_PROXY", "http://me:second-password@proxy.test")
    assert shown({"X-Token": "header-token"}) == "*** first-password *** ***"
    assert shown() == "*** first-password *** header-token"


def test_what_a_call_says_of_a_secret_of_the_client_holds_too() -> None:
    config = Config.create(api_key=KEY, proxy="http://production-user:s3cr3t-password@proxy.test")
    client = ClientSecrets(config)
    assert Secrets(config, client=client).text("in production-") == "in production-"
    assert Secrets(config, {"X-Token": "production-user"}, client=client).text("in production-") == "in ***"
    assert Secrets(config, None, f"https://x.test/?{KEY}", client=client).text(KEY[:9]) == "***"


def test_values_keep_their_types_and_identity() -> None:
    error = errors.BadRequestError(
        "no", status=400, details={"a": (1, [2.5, None, True])}, body={"b": b"bytes"}, headers={"a": "b"}
    )
    before = {name: id(value) for name, value in vars(error).items()}
    args = error.args
    secrets().clean(error)
    assert {name: id(value) for name, value in vars(error).items()} == before
    assert error.args is args
    error.details = {"a": (1, [KEY, {KEY: b"x" + KEY.encode()}]), "b": bytearray(KEY.encode())}
    secrets().clean(error)
    assert error.details == {"a": (1, ["***", {"***": b"x***"}]), "b": bytearray(b"***")}


def test_everything_that_is_chained() -> None:
    error = errors.BulkError(KEY, outcomes=[errors.TwelveLabsError(KEY), 5, KEY])
    upload = errors.UploadError(KEY, failed={1: KEY}, original_error=OSError(5, KEY, f"/{KEY}"))
    upload.add_note(f"note {KEY}")
    error.__cause__ = ExceptionGroup("group", [upload, json.JSONDecodeError("bad", KEY, 0)])
    error.__context__ = UnicodeEncodeError("ascii", f"x-api-key: {KEY}", 3, 4, "ordinal not in range")
    error.__context__.__context__ = UnicodeDecodeError("utf-8", KEY.encode() * 9, 1, 2, "invalid")
    error.__context__.__context__.__cause__ = error  # a circle
    secrets().clean(error)
    error.outcomes = error.outcomes[:2]  # results are left alone
    assert not find_leaks(error, KEY)
    assert upload.__notes__ == ["note ***"]
    assert str(error.__context__.__context__)


def test_events_are_copied_and_results_are_left_alone() -> None:
    event = UnknownVariant({"error": [KEY]}, KEY)
    error = errors.StreamError("cut", events=[event, UnknownVariant(1)], text=f"a{KEY}")
    secrets().clean(error)
    assert error.events == (UnknownVariant({"error": ["***"]}, "***"), UnknownVariant(1))
    assert error.text == "a***"
    assert event == UnknownVariant({"error": [KEY]}, KEY)
    failed = errors.TaskFailedError(KEY, task={"key": KEY})
    secrets().clean(failed)
    assert (str(failed), failed.task) == ("***", {"key": KEY})


def test_values_that_are_nested_too_deep_are_cut() -> None:
    deep: Any = KEY
    for level in range(900):
        deep = (deep,) if level % 2 else {"a": deep}
    error = errors.BadRequestError("no", status=400, body=deep)
    secrets().clean(error)
    assert TOO_DEEP in repr(error.body)
    assert copy.deepcopy(error).body == pickle.loads(pickle.dumps(error)).body == error.body
    error.body = (deep,)
    secrets().clean(error)
    assert TOO_DEEP in repr(error.body)


def test_secrets_are_shown_by_nothing_but_themselves() -> None:
    assert f"{Secret(KEY)!r} {[Secret(KEY)]} {Secret(KEY)}" == f"'***' ['***'] {KEY}"
    assert hide_options(None) is None
    assert str(hide_options("x")) == "x"  # type: ignore[arg-type]
    assert repr(hide_options({"timeout": 1, "headers": {"a": KEY}})) == "{'timeout': 1, 'headers': {'a': '***'}}"
    assert hide_options({"headers": None}) == {"headers": None}
    wrong = {"headers": {"a": KEY.encode(), "b": [KEY], "c": 5}}
    assert hide_options(wrong) == {"headers": {"a": b"", "b": [], "c": 5}}  # type: ignore[arg-type]


# Bodies that are nested deep, or large


def nested(depth: int, inner: str = "1") -> str:
    return '{"a":[' * (depth // 2) + inner + "]}" * (depth // 2)


DEEP = nested(900)
WAYS: list[Callable[[Any], Any]] = [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy]


@pytest.mark.parametrize("way", WAYS, ids=["pickle", "copy", "deepcopy"])
@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        f'{{"code":"some_code","message":"What","details":{DEEP}}}',
        f'{{"code":{DEEP},"message":{DEEP},"docs_url":{DEEP}}}',
        nested(100_000),
    ],
    ids=["body", "details", "members", "deeper"],
)
def test_error_with_a_body_that_is_nested_deep(body: str, way: Callable[[Any], Any]) -> None:
    error = status_error(400, {}, body.encode())
    secrets().clean(error)
    assert isinstance(error.body, str)
    assert body.startswith(error.body)
    made = way(error)
    assert vars(made) == vars(error)
    assert (str(made), repr(made)) == (str(error), repr(error))
    if '"message":"What"' in body:
        assert (error.code, error.message, error.details) == ("some_code", "What", {})


def test_error_with_a_body_that_is_nested_as_usual() -> None:
    error = status_error(400, {}, nested(MAX_DEPTH - 2, f'"{KEY}"').encode())
    secrets().clean(error)
    assert error.body == json.loads(nested(MAX_DEPTH - 2, '"***"'))


@pytest.mark.parametrize("way", WAYS, ids=["pickle", "copy", "deepcopy"])
@pytest.mark.parametrize("engine", [None, json], ids=["orjson", "json"])
@pytest.mark.parametrize("depth", [800, 100_000])
async def test_stream_error_with_an_event_that_is_nested_deep(
    serve: Serve, way: Callable[[Any], Any], engine: Any, depth: int
) -> None:
    async def handler(peer: Peer) -> None:
        await peer.body(await peer.request())
        await peer.respond(b'{"event_type":"new","a":%b}\n' % nested(depth).encode())

    server = await serve(handler)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=engine) as client:
        with pytest.raises(errors.StreamError) as caught:
            await client.analyze_stream(prompt="?").collect()
    made = way(caught.value)
    assert (str(made), made.text, repr(made.events)) == (str(caught.value), "", repr(caught.value.events))
    if depth == 800 and engine is json:
        assert TOO_DEEP in repr(made.events)


@pytest.mark.parametrize("engine", [None, json], ids=["orjson", "json"])
@pytest.mark.parametrize("depth", [900, 100_000])
def test_decode_error_with_a_body_that_is_nested_deep(engine: Any, depth: int) -> None:
    body = nested(depth).encode()
    with pytest.raises(errors.DecodeError) as caught:
        decoder(IndexSchema, engine)(b"[%b]" % body, 200, None)
    for way in WAYS:
        made = way(caught.value)
        assert vars(made) == vars(caught.value)
        assert str(made) == str(caught.value)


def test_decode_error_for_values_that_are_nested_too_deep_to_be_shown() -> None:
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    with pytest.raises(errors.DecodeError) as caught:
        decode(IndexSchema, [deep])
    assert isinstance(caught.value.body, bytes)


PACKAGES = {"twelvelabs_async", "asyncio", "concurrent", "json"}


def holders(error: BaseException, size: int) -> list[str]:
    """Large texts that an error keeps alive: in what it holds, what it is chained to, and in frames."""
    gc.collect()
    waiting: list[object] = [error]
    seen: set[int] = set()
    found = []
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, type) or type(item).__name__ in {"module", "function"}:
            continue
        seen.add(id(item))
        if isinstance(item, str | bytes | bytearray) and len(item) > size:
            found.append(f"{type(item).__name__} of {len(item)}")
        frame = getattr(item, "tb_frame", None)
        if frame is not None:
            if frame.f_globals.get("__name__", "").partition(".")[0] in PACKAGES:
                waiting += frame.f_locals.values()
            waiting.append(item.tb_next)  # type: ignore[attr-defined]
        elif isinstance(item, BaseException):
            waiting += [item.args, vars(item), item.__cause__, item.__context__, item.__traceback__]
        elif isinstance(item, dict | list | tuple | set):
            waiting += item.values() if isinstance(item, dict) else item
        elif type(item).__name__ in {"partial", "Response"}:
            waiting += gc.get_referents(item)
    return found


LARGE = 2_000_000
TEXT = b"x" * LARGE
BODIES = {
    "no JSON": b'{"a":"%b' % TEXT,
    "another type": b'[1,"%b"]' % TEXT,
    "a member of another type": b'{"_id":5,"x":"%b"}' % TEXT,
    "no UTF-8": b"\xff" * LARGE,
}


@pytest.mark.parametrize("engine", [None, json], ids=["orjson", "json"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_decode_error_keeps_no_large_document_alive(serve: Serve, body: bytes, engine: Any) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            await peer.body(await peer.request())
            await peer.respond(body)

    server = await serve(handler)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=engine) as client:
        calls = [
            client.indexes.retrieve("i1"),
            client.get("/indexes/i1"),
            client.analyze_stream(prompt="?").collect(),
        ]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(error) for error in failed[:: len(failed) - 1]] == [errors.DecodeError, errors.StreamError]
    assert [found for error in failed for found in holders(error, LARGE // 2)] == []
    with pytest.raises(errors.DecodeError) as caught:
        decoder(IndexSchema, engine)(body, 200, None)
    assert caught.value.__context__ is caught.value.__cause__ is None


async def test_response_that_is_too_large_is_not_kept(serve: Serve) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.writer.drain()
        peer.writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 400_000)
        await peer.writer.drain()

    server = await serve(handler)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, max_response_bytes=200_000) as client:
        with pytest.raises(errors.DecodeError, match="larger than") as caught:
            await client.indexes.retrieve("i1")
        assert not holders(caught.value, 10_000)
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "_call"  # `_attempt` holds the response


def test_the_message_of_a_json_engine_is_cut() -> None:
    class Engine:
        def loads(self, data: bytes) -> Any:
            raise ValueError(data.decode())

        def dumps(self, value: Any) -> bytes:
            return json.dumps(value).encode()

    with pytest.raises(errors.DecodeError) as caught:
        parse(b"x" * 100_000, engine=Engine())
    assert len(str(caught.value)) < 1000
