"""Platforms that lie: none of them resolves a wait wrongly, makes it go on for ever, or floods itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.waiters.platform import FOREVER, Platform, State
from tests.waiters.virtual import run
from twelvelabs_async.errors import DecodeError, InternalServerError, NotFoundError, WaitTimeoutError
from twelvelabs_async.waiters import MAX_CHECK_RETRIES


def test_rows_of_others_resolve_nothing() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(10, (0, "indexing"), (20, "ready"))
        platform.rewrite = lambda _: [
            State(id="other", status="ready", row=True),
            State(id=None, status="ready", row=True),
        ]
        done: list[str] = []
        async for outcome in platform.outcomes(ids):
            assert platform.now >= 20
            done.append(outcome.id)
        assert sorted(done) == ids

    run(main())


def test_a_list_that_says_ready_too_early_does_not_end_wait_for_done() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(10, (0, "indexing"), (20, "ready"))

        def early(rows: list[State]) -> list[State]:
            for row in rows:
                row.status = "ready"
            return rows

        platform.rewrite = early
        states = await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert platform.now >= 20
        assert [state.status for state in states] == ["ready"] * 10
        assert platform.requests["retrieve"] <= 10 * 25

    run(main())


@pytest.mark.parametrize(
    "total", [lambda _: 10**9, lambda _: 0, lambda _: -3, lambda _: None, lambda _: "many", lambda _: 1.5]
)
@pytest.mark.parametrize("pages", ["same", "empty", "huge", "none"])
def test_lists_whose_pages_make_no_sense_end(total: Any, pages: str) -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(40, (0, "indexing"), (20, "ready"))
        platform.total = total
        first: list[State] = []

        def rewrite(rows: list[State]) -> list[State]:
            first.extend(rows if not first else [])
            return {
                "same": first,
                "empty": [],
                "huge": rows * 50,
                "none": None,
            }[pages]  # type: ignore[return-value]

        platform.rewrite = rewrite
        states = await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert [state.id for state in states] == ids
        assert platform.requests["list"] <= 30 * 60

    run(main())


def test_a_response_for_another_id_is_an_error_of_that_wait() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a")
        platform.add("b")
        execute = platform.execute

        async def swapped(operation: Any, **arguments: Any) -> Any:
            state = await execute(operation, **arguments)
            if arguments.get("path", {}).get("task_id") == "a":
                state.id = "b"
            return state

        platform.execute = swapped  # type: ignore[method-assign]
        platform.list_error = lambda _: NotFoundError("no list", status=404)
        results = await asyncio.gather(platform.wait("a"), platform.wait("b"), return_exceptions=True)
        assert isinstance(results[0], DecodeError)
        assert "asked for a" in str(results[0])
        assert not isinstance(results[1], BaseException)

    run(main())


def test_unknown_states_for_hours() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, None), (5, ""), (3600, "Über-Indexing"), (7200, "READY"))
        platform.add("b", (0, "never heard of"))
        results = await asyncio.gather(
            platform.wait("a", interval=5.0, timeout=10_000),
            platform.wait("b", interval=5.0, timeout=9000),
            return_exceptions=True,
        )
        assert getattr(results[0], "status", None) == "READY"
        assert isinstance(results[1], WaitTimeoutError)
        assert results[1].last.status == "never heard of"
        assert platform.requests.total() < 2 * 9000 / 25

    run(main())


def test_a_task_that_goes_from_ready_back_to_indexing() -> None:
    async def main() -> None:
        platform = Platform()
        flapping = [(float(at), "ready" if at % 2 else "indexing") for at in range(20)]
        ids = [platform.add(f"t{number}", *flapping, (20.0, "indexing"), (30.0, "ready")) for number in range(5)]
        states = await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert [state.status for state in states] == ["ready"] * 5  # whatever retrieve says is final

    run(main())


def test_tasks_that_vanish() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(20, (0, "indexing"), (100, "ready"))
        states = asyncio.create_task(platform.states(ids, return_failures=True))
        await asyncio.sleep(10)
        del platform.tasks[ids[3]]
        results = await states
        assert isinstance(results[3], NotFoundError)
        assert all(result.status == "ready" for at, result in enumerate(results) if at != 3)
        gone = [at for identifier, at in platform.asked if identifier == ids[3] and at > 10]  # earlier: spot checks
        assert len(gone) == 1
        assert gone[0] < 14

    run(main())


def test_requests_that_never_end_for_some_do_not_hold_up_others() -> None:
    async def main() -> None:
        platform = Platform()
        stuck = platform.add_many(30, (0, "indexing"))
        fine = [platform.add(f"fine{number}", (0, "indexing"), (10, "ready")) for number in range(30)]
        execute = platform.execute

        async def slow(operation: Any, **arguments: Any) -> Any:
            if arguments.get("path", {}).get("task_id") in set(stuck):
                await asyncio.sleep(10_000)
            return await execute(operation, **arguments)

        platform.execute = slow  # type: ignore[method-assign]
        platform.list_error = lambda _: NotFoundError("no list", status=404)
        waits = [asyncio.create_task(platform.wait(identifier, timeout=50)) for identifier in stuck]
        await asyncio.gather(*(platform.wait(identifier) for identifier in fine))
        assert platform.now < 13
        results = await asyncio.gather(*waits, return_exceptions=True)
        assert {type(result) for result in results} == {WaitTimeoutError}
        assert await platform.is_idle()

    run(main())


def test_a_task_that_the_list_shows_as_done_and_that_cannot_be_retrieved() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(20, (0, "ready"))
        platform.retrieve_error = lambda _: InternalServerError("broken", status=500)
        results = await asyncio.gather(*(platform.wait(identifier) for identifier in ids), return_exceptions=True)
        assert {type(result) for result in results} == {InternalServerError}
        assert platform.requests["retrieve"] == 20 * (MAX_CHECK_RETRIES + 1)  # as if each were alone
        assert platform.now < 10

    run(main())


def test_a_slow_list_that_shows_nothing_delays_few_waits_little() -> None:
    async def main() -> None:
        platform = Platform()
        ids = [platform.add(f"old{number}", (0, "indexing"), (4.2, "ready")) for number in range(40)]
        platform.add_many(3000, (0, "indexing"), (FOREVER, "ready"))
        execute = platform.execute

        async def slow(operation: Any, **arguments: Any) -> Any:
            if operation.id.startswith("list"):
                await asyncio.sleep(0.4)
            return await execute(operation, **arguments)

        platform.execute = slow  # type: ignore[method-assign]
        await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert platform.now < 4.2 + 1.5

    run(main())


def test_without_pauses_lists_are_read_nevertheless() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(40, (0, "indexing"), (0.5, "ready"))
        await asyncio.gather(*(platform.wait(identifier, interval=0.0) for identifier in ids))
        assert platform.requests["list"] > 0
        assert platform.requests["retrieve"] < 3 * len(ids)

    asyncio.run(main())  # in simulated time, no time would pass before the first page


def test_a_list_that_is_stale_is_left_alone() -> None:
    """It shows in progress for ever what a single request has shown to be ready."""

    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(100, (0, "processing"), (20, "ready"))

        def stale(rows: list[State]) -> list[State]:
            for row in rows:
                row.status = "processing"
            return rows

        platform.rewrite = stale
        states = await asyncio.gather(*(platform.wait(identifier, assets=True) for identifier in ids))
        assert [state.status for state in states] == ["ready"] * 100
        assert 20 <= platform.now <= 60
        assert platform.requests["retrieve"] <= 100 + 16
        assert await platform.is_idle()

    run(main())


def test_what_ends_after_the_list_was_read_does_not_make_the_list_stale() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(100, (0, "processing"), (200, "ready"))

        def end_now(identifier: str) -> None:
            platform.tasks[identifier].append((platform.now, "ready"))

        platform.retrieve_error = end_now
        await asyncio.gather(*(platform.wait(identifier, assets=True) for identifier in ids))
        assert 4 <= platform.requests["retrieve"] <= platform.requests["list"] / 2 / 5 + 1  # spot checks
        assert platform.now >= 200

    run(main())
