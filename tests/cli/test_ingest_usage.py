"""ingest: wrong usage and configuration."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from twelvelabs_async.cli import _app, _ingest_on_ray
from twelvelabs_async.cli._ingest_on_ray import ProgressLines
from twelvelabs_async.cli._ingest_plan import IngestPlan
from twelvelabs_async.cli._ingest_total import Total
from twelvelabs_async.cli._output import OutputError
from twelvelabs_async.errors import ConfigurationError, IndexMismatchError, IngestError, JournalError
from twelvelabs_async.ingest import IngestStats
from twelvelabs_async.ingest.ray import Progress
from twelvelabs_async.ingest.sources import Shard

from ..docs.seeded_emulator import SeededEmulator
from .conftest import Done, Place
from .test_ingest import STORE, ask
from .test_upload import until

if TYPE_CHECKING:
    from collections.abc import Iterator

Run = Callable[..., Done]

WRONG = [
    ([], "Give PATH or --manifest FILE"),
    (["."], "Give --index NAME or --knowledge-store ID"),
    ([".", "--index", "a", "--knowledge-store", "b"], "Give --index NAME or --knowledge-store ID"),
    ([".", "--knowledge-store", "b", "--create"], "--create needs --index"),
    (["missing", "--index", "a"], "does not exist"),
    (["ftp://example.test/a.mp4", "--index", "a"], "does not exist"),
    (["--index", "a", "--manifest", "missing.csv"], "does not exist"),
    (["--index", "a", "--manifest", "."], "is a directory"),
    ([".", "--index", "a", "--manifest", "-"], "one of them"),
    (["--index", "a", "--manifest", "-", "--include", "*.mp4"], "--include and --exclude are for folders"),
    ([".", "--index", "a", "--include", ""], "is not a pattern"),
    ([".", "--index", "a", "--shard", "0/3"], "is not a shard"),
    ([".", "--index", "a", "--shard", "4/3"], "is not a shard"),
    ([".", "--index", "a", "--shard", "a"], "is not a shard"),
    ([".", "--index", "a", "--limit", "0"], "--limit"),
    ([".", "--index", "a", "--concurrency", "0"], "--concurrency"),
    ([".", "--index", "a", "--concurrency", "1000000"], "--concurrency"),
    ([".", "--index", "a", "--metadata", "place"], "is not NAME=VALUE"),
    ([".", "--index", "a", "--metadata", "ingest_key=1"], "is the field for the key"),
    ([".", "--index", "a", "--output", "out"], "--output needs"),
    ([".", "--index", "a", "--workers", "2"], "--workers needs --on-ray"),
    ([".", "--index", "a", "--on-ray"], "--on-ray needs --output DIR"),
    ([".", "--index", "a", "--on-ray", "--output", "out", "--journal", "a"], "--journal cannot be combined"),
    ([".", "--index", "a", "--on-ray", "--output", "out", "--max-failures", "1"], "--max-failures cannot be combined"),
    (["--index", "a", "status"], "comes first; give a folder as './status'"),
    (["status"], "JOURNAL"),
    (["status", "missing.sqlite"], "does not exist"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG)
def test_wrong_usage(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    """It is found before a key is needed."""
    monkeypatch.chdir(tmp_path)
    if "./status" in said:
        (tmp_path / "status").mkdir()
    done = run("ingest", *arguments)
    assert (done.code, done.out) == (2, ""), done
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_folder_called_status(run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "status").mkdir()
    assert run("ingest", "./status", "--index", "first", "--json").lines[0]["total"] == 0
    assert run("ingest", "status", "status").code == 3  # a journal that is a folder
    shown = run("ingest", "--help")
    assert "sweep " in shown.out
    assert shown.out.index("Subcommands:") > shown.out.index("Options:")


@pytest.mark.parametrize(
    ("journal", "said"),
    [("folder", "is a folder"), ("missing/a.sqlite", "There is no folder"), ("text.txt", "is not a journal")],
)
def test_journals_that_cannot_be_used(run: Run, place: Place, tmp_path: Path, journal: str, said: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.txt").write_text("This is no journal, but something that somebody has written.\n" * 20)
    folder = str(tmp_path / "folder")
    done = run("ingest", folder, "--index", "first", "--journal", str(tmp_path / journal))
    assert (done.code, done.out) == (3, "")
    assert said in done.err
    assert done.err.count("\n") == 1


def test_a_journal_of_another_index(run: Run, place: Place, tmp_path: Path) -> None:
    journal, folder = str(tmp_path / "run.sqlite"), str(tmp_path)
    assert run("ingest", folder, "--index", "first", "--journal", journal).code == 0
    done = run("ingest", folder, "--index", "second", "--create", "--journal", journal)
    assert done.code == 3
    assert "belongs to another target" in done.err
    wrong = run("ingest", folder, "--dry-run", "--journal", folder)
    assert (wrong.code, "is a folder" in wrong.err) == (3, True)


def test_the_configuration(run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("ingest", str(tmp_path), "--index", "first")
    wrong = run(*command, "--api-key", "tlk_wrong")
    assert (wrong.code, wrong.err[:10]) == (3, "Error: 401")
    assert run(*command, "--base-url", "nonsense").code == 3
    assert run(*command, "--base-url", "http://127.0.0.1:9").code == 1  # the network, which may be back later
    monkeypatch.delenv("TWELVE_LABS_API_KEY")
    missing = run(*command)
    assert missing.code == 3
    assert "set TWELVE_LABS_API_KEY, or give --api-key" in missing.err
    assert run(*command, "--dry-run").code == 0


async def _rows(*rows: str) -> Any:
    for row in rows:
        yield SimpleNamespace(id=row, index_name="twin")


def test_several_indexes_of_one_name(
    run: Run, in_world: SeededEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The emulator keeps names unique; the contract does not say so."""
    monkeypatch.setattr("twelvelabs_async.resources.indexes.IndexesResource.list", lambda *_, **__: _rows("a1", "b2"))
    done = run("ingest", str(tmp_path), "--index", "twin")
    assert done.code == 3
    assert "2 indexes have the name 'twin': give the id of one, a1, b2" in done.err


def test_an_index_that_is_made_meanwhile(
    run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With other models: it is taken, because the name decides."""

    async def taken(*_: Any, **__: Any) -> None:
        raise IndexMismatchError("other models", index=SimpleNamespace(id=place.index_id))

    monkeypatch.setattr("twelvelabs_async.resources.indexes.IndexesResource.get_or_create", taken)
    done = run("ingest", str(tmp_path), "--index", "new", "--create", "--json")
    assert (done.code, done.lines[-1]["index_id"]) == (0, place.index_id)


def test_errors_of_the_lookup(run: Run, place: Place, tmp_path: Path) -> None:
    place.faults.add(kind="status", status=403, operation="retrieveIndex")
    place.faults.add(kind="status", status=403, operation="retrieveKnowledgeStore")
    assert run("ingest", str(tmp_path), "--index", "nothing").code == 3
    assert run("ingest", str(tmp_path), "--knowledge-store", "nothing").code == 3


@attrs.define
class FakeRay:
    """What stands in for Ray, and what it was called with."""

    called: dict[str, Any] = attrs.field(factory=dict)
    counts: dict[str, int] = attrs.field(factory=lambda: {"done": 3, "failed": 0, "failed_retryable": 0})
    work: Callable[[Callable[[Progress], Any]], Any] = lambda _: None

    def on_ray(self, sources: Any, *, on_progress: Any, **arguments: Any) -> None:
        async def collect() -> list[Any]:
            return [item async for item in sources]

        self.called = {**arguments, "sources": asyncio.run(collect())}
        self.work(on_progress)


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    module, fake = ModuleType("ray"), FakeRay()
    module.__spec__ = SimpleNamespace(name="ray")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "ray", module)
    monkeypatch.setattr("twelvelabs_async.ingest.on_ray", fake.on_ray)
    monkeypatch.setattr("twelvelabs_async.ingest.ray.count_outcomes", lambda _: fake.counts)
    return fake


def command_on_ray(folder: Path, *arguments: str) -> tuple[str, ...]:
    return "ingest", str(folder), "--on-ray", "--output", str(folder / "out"), *(arguments or ("--index", "first"))


def test_ray_that_is_not_installed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    missing = run(*command_on_ray(tmp_path))
    assert (missing.code, missing.err) == (3, "Error: --on-ray needs ray: pip install 'twelvelabs-async[ray]'\n")


def test_options_reach_ray(run: Run, place: Place, ray: FakeRay, tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        (tmp_path / name).write_text(name)
    told = run(*command_on_ray(tmp_path))
    assert (told.code, told.out) == (0, f"3 done, 0 failed, 0 pending; the outcomes are in {tmp_path / 'out'}.\n")
    assert (ray.called["index_id"], ray.called["workers"], ray.called["embed"]) == (place.index_id, 2, False)
    given = {
        "requests_per_minute": 60, "max_processing": 5, "concurrency": 7, "workers": 3, "timeout": 9.0, "interval": 0.5,
        "analyze": "What?",
    }  # fmt: skip
    options = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    options += ["--retry-failed", "--embed", "--limit=2", "--metadata=place=archive", "--index", "first"]
    ray.counts["failed"] = 1
    shown = run(*command_on_ray(tmp_path, *options, "--json"))
    assert (shown.code, shown.lines[0]["done"], shown.lines[0]["failed"]) == (1, 3, 1)
    given["sleep_interval"] = given.pop("interval")
    assert {name: ray.called[name] for name in given} == given
    assert (ray.called["retry_failed"], ray.called["embed"]) == (True, True)  # a folder beside the table
    assert [item.metadata for item in ray.called["sources"]] == [{"place": "archive"}] * 2
    found = 0
    for shard in ("1/2", "2/2"):
        run(*command_on_ray(tmp_path, "--index", "first", "--shard", shard))
        found += len(ray.called["sources"])
    assert found == 3


def test_a_knowledge_store_on_ray(run: Run, place: Place, ray: FakeRay, tmp_path: Path) -> None:
    store = ask(place, lambda client: client.knowledge_stores.create(name="films", ingestion_config=STORE))
    assert run(*command_on_ray(tmp_path, "--knowledge-store", store.id)).code == 0
    assert ray.called["knowledge_store_id"] == store.id


def test_the_key_is_not_an_option_on_ray(run: Run, place: Place, ray: FakeRay, tmp_path: Path) -> None:
    """Workers would not have it, and Ray shows the command line of a program."""
    done = run(*command_on_ray(tmp_path, "--index", "first", "--api-key", place.emulator.api_key))
    assert done.code == 2
    assert "--api-key cannot be combined with --on-ray" in done.err
    assert not ray.called


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (JournalError("The output is in use.", path="o"), 3, "Error: The output is in use.\n"),
        (ConfigurationError("too few CPUs"), 3, "Error: too few CPUs\n"),
        (IngestError("the index is full"), 1, "Error: the index is full\n"),
    ],
)
def test_errors_of_ray(
    run: Run, place: Place, ray: FakeRay, tmp_path: Path, error: Exception, code: int, said: str
) -> None:
    def fail(_: Any) -> None:
        raise error

    ray.work = fail
    done = run(*command_on_ray(tmp_path, "--index", "first", "--json"))
    assert (done.code, done.err) == (code, said)
    assert [line["error"] for line in done.lines] == ["the index is full"] * (code == 1)


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "Interrupted.\n"), (signal.SIGTERM, 143, "Terminated.\n")]
)
def test_signals_on_ray(
    run: Run, place: Place, ray: FakeRay, tmp_path: Path, number: signal.Signals, code: int, said: str
) -> None:
    def work(on_progress: Callable[[Progress], Any]) -> None:
        on_progress(Progress(seen=7, done=3))
        signal.raise_signal(number)
        time.sleep(60)

    ray.work, before = work, signal.getsignal(signal.SIGTERM)
    done = run(*command_on_ray(tmp_path, "--index", "first", "--json"))
    assert (done.code, done.err) == (code, said)
    assert (done.lines[-1]["interrupted"], done.lines[-1]["done"], done.lines[-1]["pending"]) == (True, 3, 4)
    assert signal.getsignal(signal.SIGTERM) is before


def test_ray_is_interrupted_before_there_is_an_output(
    run: Run, place: Place, ray: FakeRay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_: str) -> None:
        raise JournalError("It is no output.", path="o")

    def interrupt(_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("twelvelabs_async.ingest.ray.count_outcomes", nothing)
    ray.work = interrupt
    done = run(*command_on_ray(tmp_path))
    assert (done.code, done.err) == (130, "Interrupted.\n")
    assert done.out.startswith("0 done, 0 failed, 0 pending")


def test_lines_about_the_progress_on_ray(
    run: Run, place: Place, ray: FakeRay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_ingest_on_ray, "PROGRESS_INTERVAL", 0.0)
    lines: list[ProgressLines] = []

    def work(on_progress: Any) -> None:
        lines.append(on_progress)
        for progress in (Progress(seen=7, done=3, workers=2), Progress(seen=9, done=3, skipped=6, exhausted=True)):
            on_progress(progress)
            until(on_progress._writing.done)

    ray.work = work
    told = run(*command_on_ray(tmp_path))
    assert told.err.splitlines() == [
        "3 of 7 found so far done, 0 failed, 0 skipped, 2 workers", "3 of 9 done, 0 failed, 6 skipped, 0 workers",
    ]  # fmt: skip
    assert repr(lines[0]) == "<ProgressLines 0 pending>"
    shown = run(*command_on_ray(tmp_path, "--index", "first", "--json"))
    assert [(line["event"], line["pending"]) for line in shown.lines] == [
        ("progress", 4), ("progress", 0), ("summary", 0),
    ]  # fmt: skip


def test_progress_that_cannot_be_written_ends_a_run_on_ray(
    run: Run, place: Place, ray: FakeRay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: object) -> None:
        raise OutputError(BrokenPipeError(errno.EPIPE, "Broken pipe"))

    def work(on_progress: Any) -> None:
        on_progress(Progress())
        until(on_progress._writing.done)
        on_progress(Progress())
        raise AssertionError

    monkeypatch.setattr(_ingest_on_ray, "PROGRESS_INTERVAL", 0.0)
    monkeypatch.setattr(_ingest_on_ray, "print_json", closed)
    monkeypatch.setattr(_app, "abandon", lambda: None)
    ray.work = work
    assert run(*command_on_ray(tmp_path, "--index", "first", "--json")).code == 141


def test_the_number_of_sources(tmp_path: Path) -> None:
    for number in range(1200):
        (tmp_path / f"{number}.mp4").touch()

    def total(**options: Any) -> int | None:
        fields: dict[str, Any] = dict.fromkeys(field.name for field in attrs.fields(IngestPlan))
        plan = IngestPlan(**{**fields, "paths": [str(tmp_path)], "include": (), "exclude": (), **options})
        made = Total(plan)
        made.join()
        return made.of(IngestStats())

    assert total() == 1200
    assert total(limit=7) == 7
    assert total(shard=Shard(1, 4)) == 300
    assert total(manifest="-") is None
    os.mkfifo(tmp_path / "pipe")
    assert total(manifest=str(tmp_path / "pipe")) is None
    assert total(manifest=str(tmp_path / "missing.csv")) is None


def test_counting_ends_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here it would never end by itself."""

    def endless(_: IngestPlan) -> Iterator[None]:
        while True:
            yield

    monkeypatch.setattr(IngestPlan, "candidates", endless)
    made = Total(IngestPlan(**dict.fromkeys(field.name for field in attrs.fields(IngestPlan))))  # type: ignore[arg-type]
    made.stop()
    made.join()
    assert made.of(IngestStats(seen=5)) is None


def test_reprs() -> None:
    assert repr(_app.root) == "<Root root>"
    assert repr(_app.root.commands["ingest"]) == "<CommandWithSubcommands ingest>"
