"""Any program stays valid, and keeps its comments and whatever does not concern the SDK."""

from __future__ import annotations

import ast
import io
import tokenize

import hypothesis.strategies as st
from hypothesis import given, settings

from twelvelabs_async.migrate import migrate_source

COMMENTS = st.sampled_from(["", "  # a comment", "  # twelvelabs: ünïcödé 🎬", "  # noqa"])

NAMES = st.lists(
    st.sampled_from(
        [
            "AsyncTwelveLabs",
            "TwelveLabs",
            "Asset",
            "SearchItem as Hit",
            "Page",
            "Page",
            "types",
            "errors as problems",
            "UnauthorizedError",
            "GatewayTimeoutError",
            "InternalServerError",
            "NoSuchName",
            "TwelveLabsEnvironment",
        ]
    ),
    min_size=1,
    max_size=6,
    unique=True,
)


@st.composite
def imports(draw: st.DrawFn) -> list[str]:
    """An import, in one of the ways to write it."""
    module = draw(
        st.sampled_from(["twelvelabs", "twelvelabs.types", "twelvelabs.errors", "twelvelabs.core", "os.path"])
    )
    names = draw(NAMES)
    style = draw(st.integers(0, 5))
    if style == 0:
        return [f"import {module}{draw(COMMENTS)}"]
    if style == 1:
        return [f"import os, {module} as tl, sys{draw(COMMENTS)}"]
    if style == 2:
        return [f"from {module} import {', '.join(names)}{draw(COMMENTS)}"]
    if style == 3:
        return [f"import os; from {module} import {', '.join(names)}; x = 1{draw(COMMENTS)}"]
    if style == 4:
        return [
            f"from {module} import (  # open",
            *(f"    {name},{draw(COMMENTS)}" for name in names),
            f"){draw(COMMENTS)}",
        ]
    return [f"from {module} import ({', '.join(names[:1])},{draw(COMMENTS)}", f"  {', '.join(names[1:])})"]


USES = st.sampled_from(
    [
        "client = AsyncTwelveLabs(api_key='k', environment=TwelveLabsEnvironment.DEFAULT)",
        "client = twelvelabs.AsyncTwelveLabs(",
        "sync = TwelveLabs()",
        "print(sync.indexes.list(), Hit, Page)",
        "x: 'twelvelabs.Asset | twelvelabs.types.Page' = None",
        "print(f'{twelvelabs.Asset} {twelvelabs.Asset!r}', tl.types.Asset)",
        "for error in (UnauthorizedError, GatewayTimeoutError, InternalServerError, problems.GoneError): pass",
        "text = '''from twelvelabs import Asset\n# no comment\n'''",
        "def f(Asset): return Asset",
        "twelvelabs = None",
        "size = len('ünïcödé'); y = twelvelabs.NoSuchName, twelvelabs.core.api_error.ApiError",
    ]
)

CALLS = st.sampled_from(
    [
        "r = await client.indexes.retrieve('i')",
        "print(f'{r.model_dump()}', r.json(), r.dict(by_alias=True))",
        "t = await client.analyze_async.tasks.list()",
        "raw = (await client.embed.tasks.with_raw_response.retrieve('i')).data",
        "await client._client_wrapper.httpx_client.httpx_client.aclose()",
        "await client.tasks.wait_for_done(task_id='t')",
    ]
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(imports())
    for use in draw(st.lists(USES, max_size=4)):
        lines.append((use + "api_key='k')" if use.endswith("(") else use) + draw(COMMENTS))
    indented = [f"    {call}{draw(COMMENTS)}" for call in draw(st.lists(CALLS, max_size=4))]
    if indented:
        lines += [
            "async def main(client: AsyncTwelveLabs):",
            "    try:",
            "        pass",
            "    except UnauthorizedError as e:",
        ]
        lines += ["        print(f'{e.status_code}', e.status_code)", *indented]
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    return newline.join(lines).replace("\n# no", "\n# no") + draw(st.sampled_from(["", newline]))


def comments(text: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sorted(token.string for token in tokens if token.type == tokenize.COMMENT)


@settings(deadline=None)  # it depends on the load of the machine
@given(programs())
def test_programs_stay_valid_and_keep_their_comments(text: str) -> None:
    ast.parse(text)
    result = migrate_source(text)
    ast.parse(result.text)
    assert comments(result.text) == comments(text)
    assert ("\r\n" in result.text) == ("\r\n" in text)
    assert not any("cannot be rewritten" in note.message for note in result.notes)
    assert all(1 <= note.line <= text.count("\n") + 1 for note in result.notes)
    assert all(1 <= note.line_after <= result.text.count("\n") + 1 for note in result.notes)


@settings(deadline=None)  # it depends on the load of the machine
@given(programs())
def test_a_second_run_changes_nothing(text: str) -> None:
    once = migrate_source(text).text
    assert migrate_source(once).text == once


@settings(deadline=None)  # it depends on the load of the machine
@given(st.text())
def test_text_without_the_sdk_is_not_touched(text: str) -> None:
    assert migrate_source(text.replace("twelvelabs", "")).text == text.replace("twelvelabs", "")


def test_a_client_that_is_kept_is_kept_everywhere() -> None:
    text = (
        "from twelvelabs import AsyncTwelveLabs\n"
        "async def main(client: AsyncTwelveLabs, AsyncTwelveLabs=None):\n"
        "    return await client.analyze_async.tasks.list()\n"
    )
    assert migrate_source(text).text == text
