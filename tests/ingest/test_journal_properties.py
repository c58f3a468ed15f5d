"""Any sequence of calls, with crashes in between: the journal holds what a dictionary would."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from twelvelabs_async.ingest.journal import Journal

from .test_journal import GONE, TARGET, listed, make_failure, make_item, make_outcome

T = TypeVar("T")

KEYS = st.sampled_from([f"{n}.mp4" for n in range(3)])


@attrs.define
class Known:
    """What the journal should hold of a key."""

    state: str = "pending"
    retryable: bool = False
    intent: str | None = None
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    is_problem: bool = False
    run: int = 1

    @property
    def untouched(self) -> bool:
        return (self.intent, self.asset_id, self.indexed_asset_id) == (None, None, None)


class JournalMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.known: dict[str, Known] = {}
        self.run_number = 0
        self.copies = 0

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    @initialize()
    def open(self) -> None:
        self.path = self.folder / "0" / "run.sqlite"
        self.path.parent.mkdir()
        self._open()

    def _open(self) -> None:
        self.journal = self.do(Journal.open(self.path, target=TARGET))
        self.run_number += 1

    @rule(keys=st.lists(KEYS, max_size=4), broken=st.booleans())
    def register(self, keys: list[str], broken: bool) -> None:
        items = [make_item(key, problem=GONE if broken else None) for key in keys]
        records = self.do(self.journal.register(items))
        assert [record.key for record in records] == keys
        for record in records:
            known = self.known.get(record.key)
            assert record.duplicate == (known is not None and known.run == self.run_number)
            if known is None:
                known = self.known[record.key] = Known()
            elif record.duplicate:
                continue
            known.run = self.run_number
            if broken and known.state != "done" and known.untouched:
                known.state, known.retryable, known.is_problem = "failed", False, True
            elif not broken and known.is_problem:
                known.is_problem = False
                if known.state == "failed" and known.untouched:
                    known.state = "pending"

    @precondition(lambda self: self.known)
    @rule(data=st.data(), what=st.sampled_from(["asset", "index"]))
    def intend(self, data: st.DataObject, what: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.known)))
        self.do(self.journal.intend(key, what))
        self.known[key].intent, self.known[key].state = what, "pending"

    @precondition(lambda self: self.known)
    @rule(data=st.data(), name=st.sampled_from(["asset_id", "indexed_asset_id"]))
    def record(self, data: st.DataObject, name: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.known)))
        self.do(self.journal.record(key, **{name: f"{key}-{name}"}))
        setattr(self.known[key], name, f"{key}-{name}")
        self.known[key].intent = None

    @precondition(lambda self: self.known)
    @rule(data=st.data(), ok=st.booleans(), retryable=st.booleans())
    def finish(self, data: st.DataObject, ok: bool, retryable: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.known)))
        self.do(self.journal.finish(key, make_outcome(key) if ok else make_failure(key, retryable=retryable)))
        known = self.known[key]
        known.state, known.retryable = ("done", False) if ok else ("failed", retryable)
        if ok:
            known.intent = None

    @rule(retry_failed=st.booleans())
    def take(self, retry_failed: bool) -> None:
        expected = []
        for key, known in list(self.known.items()):
            if known.run == self.run_number:
                continue
            if known.is_problem:
                if retry_failed and known.state == "failed" and known.untouched:
                    del self.known[key]
            elif known.state == "pending" or (known.state == "failed" and (known.retryable or retry_failed)):
                expected.append(key)
                known.run = self.run_number
        assert sorted(
            record.key for record in self.do(listed(self.journal.pending(retry_failed=retry_failed)))
        ) == sorted(expected)

    @rule()
    def close(self) -> None:
        self.do(self.journal.close())
        self._open()

    @rule()
    def crash(self) -> None:
        """What a kill leaves: the files as they are, without those that are written when a journal is closed."""
        self.copies += 1
        self.path = Path(shutil.copytree(self.path.parent, self.folder / str(self.copies))) / "run.sqlite"
        self.do(self.journal.close())
        self._open()

    @invariant()
    def holds_what_was_written(self) -> None:
        if self.run_number == 0:
            return
        for key, known in self.known.items():
            record = self.do(self.journal.get(key))
            assert record is not None
            assert (record.state, record.intent, record.asset_id, record.indexed_asset_id) == (
                known.state,
                known.intent,
                known.asset_id,
                known.indexed_asset_id,
            )
            assert (record.item() is None) == known.is_problem
        states = [known.state for known in self.known.values()]
        counts = self.do(self.journal.counts())
        retryable = sum(known.state == "failed" and known.retryable for known in self.known.values())
        assert counts == {
            **{state: states.count(state) for state in ("done", "failed", "pending")},
            "failed_retryable": retryable,
            "total": len(states),
        }
        ended = {key for key, known in self.known.items() if known.state != "pending"}
        assert {outcome.key for outcome in self.do(listed(self.journal.outcomes()))} == ended

    def teardown(self) -> None:
        if self.run_number:
            self.do(self.journal.close())
        self.loop.close()
        shutil.rmtree(self.folder)


TestJournalMachine = JournalMachine.TestCase
TestJournalMachine.settings = settings(stateful_step_count=30, max_examples=25, deadline=None)
