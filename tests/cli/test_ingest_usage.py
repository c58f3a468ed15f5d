"""ingest: wrong usage and configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from twelvelabs_async.cli import _app
from twelvelabs_async.cli._ingest_plan import IngestPlan
from twelvelabs_async.cli._ingest_total import Total
from twelvelabs_async.errors import IndexMismatchError
from twelvelabs_async.ingest import IngestStats
from twelvelabs_async.ingest.sources import Shard

from ..docs.seeded_emulator import SeededEmulator
from .conftest import Done, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


def test_ray(run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ("ingest", str(tmp_path), "--index", "first", "--on-ray", "--workers", "2", "--output", str(tmp_path))
    monkeypatch.setitem(sys.modules, "ray", None)
    missing = run(*command)
    assert (missing.code, missing.err) == (3, "Error: --on-ray needs ray: pip install 'twelvelabs-async[ray]'\n")
    module = ModuleType("ray")
    module.__spec__ = SimpleNamespace(name="ray")  # type: ignore[assignment]
    monkeypatch.setitem(sys.modules, "ray", module)
    called: dict[str, Any] = {}
    counts = {"done": 3, "failed": 0}

    def on_ray(sources: Any, **arguments: Any) -> None:
        called.update(arguments, sources=list(sources))

    monkeypatch.setattr("twelvelabs_async.ingest.on_ray", on_ray)
    monkeypatch.setattr("twelvelabs_async.ingest.ray.count_outcomes", lambda _: counts)
    told = run(*command, "--requests-per-minute", "60")
    assert (told.code, told.out) == (0, f"3 done, 0 failed; the outcomes are in {tmp_path}.\n")
    assert (called["index_id"], called["workers"], called["requests_per_minute"]) == (place.index_id, 2, 60)
    counts["failed"] = 1
    shown = run(*command, "--json")
    assert (shown.code, shown.lines[0]["done"], shown.lines[0]["failed"]) == (1, 3, 1)


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
