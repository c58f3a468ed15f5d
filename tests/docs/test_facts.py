"""What the pages say in numbers and lists is what the code says."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import attrs
import pytest

import twelvelabs_async
from docs._ext import reference_pages
from twelvelabs_async import AsyncTwelveLabs, RequestOptions, RetryContext, RetryPolicy, Timeouts, errors, waiters
from twelvelabs_async._config.config import (
    BASE_URL_VARIABLE,
    DEFAULT_BASE_URL,
    DEFAULT_STALL_TIMEOUT,
    KEY_VARIABLE,
    OTHER_KEY_VARIABLE,
    Config,
)
from twelvelabs_async._generated.operations import (
    analyze_batches,
    analyze_tasks,
    assets,
    embed,
    embed_v2,
    indexed_assets,
    knowledge_store_items,
    tasks,
)
from twelvelabs_async._generated.operations.analyze import ANALYZE_VIDEO
from twelvelabs_async._generated.operations.analyze_tasks import CREATE_ANALYZE_TASK
from twelvelabs_async._generated.operations.assets import CREATE_ASSET
from twelvelabs_async._generated.operations.embed_v2 import CREATE_EMBEDDING_TASK_V2, CREATE_EMBEDDINGS_V2
from twelvelabs_async._request.body import SLICE_BYTES
from twelvelabs_async._request.options import SECOND_NAMES
from twelvelabs_async._transport.incoming import MAX_ERROR_BYTES, MAX_RATIO, RATIO_CHECKED_FROM
from twelvelabs_async._transport.limits.concurrency import FLOOR, HOLD_SECONDS, RECOVERY_SECONDS
from twelvelabs_async._transport.limits.rate_limit import HORIZON_SECONDS, PROBES
from twelvelabs_async._transport.limits.retry_quota import REFILL, RETRY_COST
from twelvelabs_async._transport.log import LOG_VARIABLE
from twelvelabs_async._transport.outgoing import MAX_REDIRECTS
from twelvelabs_async.emulator.settings import Settings
from twelvelabs_async.resources._one_call import INLINE_BYTES, INLINE_MEMORY
from twelvelabs_async.resources._removal import GRACE
from twelvelabs_async.streaming.ndjson import MAX_LINE_BYTES
from twelvelabs_async.streaming.sse import MAX_EVENT_BYTES
from twelvelabs_async.uploads.engine import CHUNK_SLICE_BYTES
from twelvelabs_async.webhooks import DEFAULT_TOLERANCE

from .pages import ROOT, pages

MIB = 1024 * 1024


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head."""
    section = re.split(r"^##+ ", text(page).split(f"# {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_argument_of_the_client_is_described() -> None:
    described = [code(row[0])[0] for row in rows("docs/configuration.md", "Arguments")]
    assert sorted(described) == sorted(inspect.signature(AsyncTwelveLabs).parameters)


def test_defaults_of_the_client() -> None:
    config = Config(api_key="tlk_x")
    defaults = {code(row[0])[0]: row[1] for row in rows("docs/configuration.md", "Arguments")}
    assert defaults["max_retries"] == str(config.retry.max_retries)
    assert defaults["max_connections"] == str(config.max_connections)
    assert defaults["max_streams"] == str(config.max_streams)
    assert defaults["max_response_bytes"] == f"{config.max_response_bytes // MIB} MiB"
    assert DEFAULT_BASE_URL in defaults["base_url"]
    for name in ("allow_http", "follow_redirects", "adaptive", "trust_env"):
        assert defaults[name] == f"`{inspect.signature(AsyncTwelveLabs).parameters[name].default}`", name


def test_options_for_some_calls() -> None:
    copies: set[str] = set()
    calls: set[str] = set()
    second: dict[str, str] = {}
    for options, _, in_copies, in_calls, other in rows("docs/configuration.md", "Options for some calls"):
        assert {in_copies.split(",")[0], in_calls} <= {"yes", "no"}
        copies |= set(code(options)) if in_copies != "no" else set()
        calls |= set(code(options)) if in_calls != "no" else set()
        second |= dict.fromkeys(code(other), code(options)[0])
    assert copies == set(inspect.signature(AsyncTwelveLabs.with_options).parameters) - {"self"}
    assert calls == set(RequestOptions.__annotations__) - second.keys()
    assert second == SECOND_NAMES


def test_every_environment_variable_is_described() -> None:
    described = [code(row[0])[0] for row in rows("docs/configuration.md", "Environment variables")]
    assert described == [KEY_VARIABLE, OTHER_KEY_VARIABLE, BASE_URL_VARIABLE, LOG_VARIABLE]
    read = set()
    for path in (ROOT / "twelvelabs_async").rglob("*.py"):
        read |= set(re.findall(r'"(TWELVE_?LABS_[A-Z_]+)"', path.read_text(encoding="utf-8")))
    assert read == set(described)


def test_time_limits() -> None:
    limits = [[int(cell) for cell in row[1:4]] + [row[4]] for row in rows("docs/limits.md", "Timeouts")]
    default = Timeouts()
    assert default.call.queue is default.upload.queue is default.stream.queue is None
    assert limits == [[t.connect, t.read, t.total, "none"] for t in (default.call, default.upload, default.stream)]


def test_limits_and_quota() -> None:
    said = " ".join(text("docs/limits.md").split())
    assert f"never below {FLOOR}" in said
    assert HOLD_SECONDS + RECOVERY_SECONDS < 5
    assert f"at most {PROBES} requests are sent" in said
    quota = RetryPolicy().quota
    assert quota
    assert f"a bucket of {quota} tokens. A retry takes {RETRY_COST}," in said
    assert f"returns {RETRY_COST}, any other successful call returns {REFILL}" in said
    assert f"at most {quota // RETRY_COST} requests" in said
    assert DEFAULT_STALL_TIMEOUT == 300


def test_size_limits() -> None:
    said = " ".join(" ".join(row) for row in rows("docs/limits.md", "Size limits"))
    assert f"more than {RATIO_CHECKED_FROM // MIB} MiB {MAX_RATIO} times" in said
    assert MAX_LINE_BYTES == MAX_EVENT_BYTES
    for size in (f"{MAX_LINE_BYTES // MIB} MiB", f"{MAX_ERROR_BYTES // 1024} KiB", f"{SLICE_BYTES // 1024} KiB"):
        assert size in said
    assert f"{CHUNK_SLICE_BYTES // 1024} KiB" in said
    security = text("SECURITY.md")
    assert f"{RATIO_CHECKED_FROM // MIB} MiB and a hundred times" in " ".join(security.split())
    assert (MAX_RATIO, MAX_REDIRECTS, DEFAULT_TOLERANCE, HORIZON_SECONDS) == (100, 5, 300, 120)


def test_rate_limit_groups() -> None:
    document = text("openapi/twelvelabs-v1.3.yaml")
    groups = set(re.findall(r"x-rate-limit-group: (\w+)", document))
    sentence = re.search(r"counts requests by group: (.+?)\.", text("docs/limits.md"), re.DOTALL)
    assert sentence
    assert set(code(sentence[1])) == groups


def test_one_call_for_a_file() -> None:
    said = " ".join(text("docs/files.md").split())
    assert INLINE_BYTES == 4 * MIB
    assert said.count("files of at most 4 MiB") == 2
    assert f"at most {INLINE_MEMORY // MIB} MiB of memory in total" in said
    assert GRACE == 2
    assert said.count("two seconds") == 2
    assert CREATE_EMBEDDINGS_V2.media_limits.max_seconds == {"marengo3.0": 600, "marengo3.5": 30}
    assert "more than 10 minutes (`marengo3.0`) or 30 seconds (`marengo3.5`)" in said
    assert (
        CREATE_EMBEDDING_TASK_V2.media_limits.longest(None) == CREATE_ANALYZE_TASK.media_limits.longest(None) == 14400
    )
    assert said.count("more than 4 hours") == 2
    assert (ANALYZE_VIDEO.media_limits.min_seconds, ANALYZE_VIDEO.media_limits.longest(None)) == (1, 3600)
    assert CREATE_ASSET.media_limits.file["video"] == 200 * MIB
    texts = inspect.signature(AsyncTwelveLabs(api_key="tlk_x").embed.v_2.embed_texts)
    assert texts.parameters["max_concurrency"].default == 10
    assert "ten calls at a time" in said


def test_pauses_between_attempts() -> None:
    policy = RetryPolicy()
    assert (policy.max_retries, policy.initial, policy.maximum, policy.jitter) == (2, 0.5, 8.0, 0.5)
    assert policy.max_retry_after == 60
    described = set(code(text("docs/errors.md").split("`RetryPolicy` has ", 1)[1].split(".")[0]))
    assert described == {field.name for field in attrs.fields(RetryPolicy)}


def test_waits() -> None:
    rules = {
        "assets": assets.RETRIEVE_ASSET_WAIT.rules,
        "indexes": indexed_assets.RETRIEVE_INDEXED_ASSET_WAIT.rules,
        "tasks": tasks.RETRIEVE_TASK_WAIT.rules,
        "embed.tasks": embed.RETRIEVE_EMBEDDING_TASK_STATUS_WAIT.rules,
        "embed.v_2": embed_v2.RETRIEVE_EMBEDDING_TASK_V2_WAIT.rules,
        "analyze_async.tasks": analyze_tasks.RETRIEVE_ANALYZE_TASK_WAIT.rules,
        "analyze_async.batches": analyze_batches.RETRIEVE_ANALYZE_BATCH_WAIT.rules,
        "knowledge_store_items": knowledge_store_items.RETRIEVE_KNOWLEDGE_STORE_ITEM_WAIT.rules,
        "multipart_upload": waiters.UPLOAD,
    }
    client = AsyncTwelveLabs(api_key="tlk_x")
    table = rows("docs/waiting.md", "Waiting")
    assert len(table) == 9
    for started, waited, done, failed in table:
        for path in (*code(started), *code(waited)[:1]):
            target: object = client
            for name in path.split("."):
                target = getattr(target, name)
            assert inspect.ismethod(target), path
        rule = next(rule for prefix, rule in rules.items() if code(started)[0].startswith(prefix))
        assert set(code(done)) == rule.done, started
        assert set(code(failed)) == rule.failed, started
    said = " ".join(text("docs/waiting.md").split())
    assert f"{waiters.DEFAULT_SLEEP_INTERVAL:g} seconds by default" in said
    assert f"{waiters.GROWTH} times as long" in said
    assert f"{waiters.JITTER:.0%}".replace("%", " %") in said
    assert (waiters.DEFAULT_WAIT_TIMEOUT, waiters.BATCH_WAIT_TIMEOUT, waiters.MAX_GROWTH) == (7200, 90000, 6)


def test_arguments_of_uploads() -> None:
    parameters = inspect.signature(AsyncTwelveLabs(api_key="tlk_x").multipart_upload.upload_file).parameters
    table = rows("docs/uploads.md", "Large files")
    assert {name for row in table for name in code(row[0])} <= set(parameters)
    defaults = {code(row[0])[0]: row[1] for row in table}
    assert defaults["max_workers"] == str(parameters["max_workers"].default)
    assert defaults["batch_size"] == str(parameters["batch_size"].default)
    assert defaults["max_retries"] == f"{parameters['max_retries'].default}, {parameters['retry_delay'].default}"


def test_every_error_is_in_the_tree() -> None:
    assert errors.__doc__
    missing = [name for name in errors.__all__ if name not in errors.__doc__]
    assert not missing


def test_which_errors_are_retryable() -> None:
    said = {name: row[1] for row in rows("docs/errors.md", "Class hierarchy") for name in code(row[0])}
    classes = {cls for cls in vars(errors).values() if inspect.isclass(cls) and issubclass(cls, errors.TwelveLabsError)}
    by_status = {cls.__name__ for cls in classes if issubclass(cls, errors.APIStatusError)} - {"APIStatusError"}
    assert said.keys() == {cls.__name__ for cls in classes} - by_status - {"TwelveLabsError"}
    statuses = set(map(int, re.findall(r"\d+", said["APIStatusError"])))
    assert statuses == errors.REFUSED_STATUSES | errors.TRANSIENT_STATUSES
    for cls in (errors.APIConnectionError, errors.APITimeoutError, errors.WaitTimeoutError, errors.DecodeError):
        assert cls("").retryable is said[cls.__name__].startswith("yes"), cls


def test_what_a_retry_is_decided_by() -> None:
    described = [name for row in rows("docs/errors.md", "Deciding about retries") for name in code(row[0])]
    assert described == [field.name for field in attrs.fields(RetryContext)]


def test_number_of_operations() -> None:
    counted = re.search(r"(\d+) operations", text("docs/api-coverage.md"))
    assert counted
    assert f"all {counted[1]} of the API" in text("README.md")


def test_settings_of_the_emulator_that_are_named() -> None:
    from twelvelabs_async.emulator.__main__ import parser

    known = {option for action in parser()._actions for option in action.option_strings}
    named = set(re.findall(r"(--[a-z][a-z-]+)", text("docs/testing.md") + text("docs/webhooks.md")))
    assert named <= known
    assert "speed" in {field.name for field in Settings.__dataclass_fields__.values()}


MADE_BY_THE_BUILD = {f"docs/reference/{name}" for name in reference_pages.pages()}
"""Pages that `make docs` writes; its own check of links, where a broken one is an error, covers them."""


LINKS = [
    (page, target)
    for page in pages()
    for target in dict.fromkeys(re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(page)))
    if "://" not in target and str(Path(page).parent / target) not in MADE_BY_THE_BUILD
]
"""Page and target of each link to a file of the project."""


def test_there_are_links() -> None:
    assert len(LINKS) > 30
    assert {"docs/quick-start.md", "docs/cli.md"} <= {page for page, _ in LINKS}


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_links_lead_somewhere(page: str, target: str) -> None:
    assert (ROOT / Path(page).parent / target).exists()


def test_public_names_are_in_the_reference() -> None:
    reference = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs/reference").glob("*.md"))
    modules = re.findall(r"automodule:: (\S+)", reference)
    names = set(re.findall(r"(?:autoclass|autodata|autofunction|py:data):: (\w+)", reference))
    assert modules
    by_module = set(twelvelabs_async.__all__) - names - {"__version__"}
    assert by_module
    for name in by_module:
        home = getattr(twelvelabs_async, name).__module__
        assert home in modules or home.rpartition(".")[0] in modules, name
