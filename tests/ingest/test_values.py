from __future__ import annotations

import io
import json
import pickle
from pathlib import Path

import pytest

from twelvelabs_async.ingest.values import (
    KEY_FIELD,
    STAGES,
    IngestItem,
    IngestOutcome,
    IngestStats,
    SourceProblem,
    display_source,
)

PROBLEM = SourceProblem(error="PermissionError", message="a.mp4 is not readable", retryable=True)


def test_an_item_says_what_its_source_is() -> None:
    path = IngestItem(source=Path("a/b.mp4"), key="k", filename="b.mp4", metadata={"show": "x"})
    assert (path.path, path.url) == (Path("a/b.mp4"), None)
    assert path.user_metadata == {"show": "x", KEY_FIELD: "k"}
    url = IngestItem(source="https://x.example/b.mp4", key="k", filename="b.mp4")
    assert (url.path, url.url) == (None, "https://x.example/b.mp4")
    file = IngestItem(source=("b.mp4", io.BytesIO(b"secret")), key="k", filename="b.mp4")
    assert (file.path, file.url) == (None, None)
    assert "secret" not in repr(file)
    assert IngestItem(source="m.csv line 3", key="k", filename="-", problem=PROBLEM).url is None


def test_items_and_outcomes_survive_pickle() -> None:
    item = IngestItem(source=Path("b.mp4"), key="k", filename="b.mp4", metadata={"n": 1}, size=3, problem=PROBLEM)
    outcome = IngestOutcome.of_problem(item)
    assert pickle.loads(pickle.dumps((item, outcome))) == (item, outcome)


def test_an_outcome_survives_json() -> None:
    outcome = IngestOutcome(key="k", source="b.mp4", status="done", asset_id="a", timings={"upload": 1.5}, adopted=True)
    assert outcome.ok
    stored = json.loads(json.dumps(outcome.to_dict()))
    assert IngestOutcome.from_dict(stored) == outcome
    assert IngestOutcome.from_dict({**stored, "of_a_later_release": 1}) == outcome


def test_the_outcome_of_a_problem() -> None:
    item = IngestItem(source=Path("b\udcff.mp4"), key="k", filename="b.mp4", problem=PROBLEM)
    outcome = IngestOutcome.of_problem(item)
    assert not outcome.ok
    assert (outcome.stage, outcome.error, outcome.message) == ("source", "PermissionError", "a.mp4 is not readable")
    assert outcome.retryable
    assert outcome.source == r"b\udcff.mp4"
    with pytest.raises(ValueError, match="'k' has no problem"):
        IngestOutcome.of_problem(IngestItem(source=Path("b.mp4"), key="k", filename="b.mp4"))


def test_sources_as_text() -> None:
    assert display_source(("name.mp4", b"content")) == "name.mp4"
    assert display_source("https://x.example/b.mp4") == "https://x.example/b.mp4"


def test_figures() -> None:
    stats = IngestStats(seen=10, done=4, failed=2, skipped=1)
    stats.stages["upload"].active += 2
    assert stats.pending == 3
    figures = json.loads(json.dumps(stats.to_dict()))
    assert figures["pending"] == 3
    assert figures["stages"]["upload"] == {"queued": 0, "active": 2, "finished": 0, "failed": 0}
    assert tuple(figures["stages"]) == STAGES
