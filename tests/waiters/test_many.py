"""as_completed, wait_all and watch."""

from __future__ import annotations

import asyncio
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiters.platform import Platform, State
from tests.waiters.virtual import run
from twelvelabs_async import waiters
from twelvelabs_async.errors import BulkError, NotFoundError, TaskFailedError, WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


def test_outcomes_come_in_order_of_completion() -> None:
    async def main() -> None:
        platform = Platform()
        for number in range(20):
            platform.add(f"t{number}", (0, "indexing"), (40.0 - 2 * number, "READY"))
        platform.add("broken", (0, "indexing"), (5.5, "Failed"))
        outcomes = [outcome async for outcome in platform.outcomes([*platform.tasks, "missing"])]
        assert [outcome.id for outcome in outcomes[:3]] == ["missing", "t19", "t18"]
        assert outcomes[3].id == "broken"
        assert [outcome.id for outcome in outcomes[4:]] == [f"t{number}" for number in reversed(range(18))]
        by_id = {outcome.id: outcome for outcome in outcomes}
        assert isinstance(by_id["missing"].error, NotFoundError)
        assert by_id["missing"].state is None
        assert isinstance(by_id["broken"].error, TaskFailedError)
        assert by_id["broken"].error.task is by_id["broken"].state
        assert by_id["t0"].error is None
        assert by_id["t0"].state.status == "READY"
        assert by_id["t5"].state.row  # no request of its own
        spot_checks = len(platform.asked) - 1
        assert spot_checks <= platform.requests["list"] / 5 + 6  # and the last one, which is alone
        assert await platform.is_idle()

    run(main())


def test_nothing_to_wait_for() -> None:
    async def main() -> None:
        platform = Platform()
        assert [outcome async for outcome in platform.outcomes([])] == []
        assert await platform.states(iter(())) == []
        assert platform.requests.total() == 0
        assert await platform.is_idle()

    run(main())


def test_outcomes_that_nobody_closes_end_with_the_event_loop(caplog: pytest.LogCaptureFixture) -> None:
    kept: list[object] = []

    async def main() -> None:
        platform = Platform()
        outcomes = platform.outcomes([*platform.add_many(10, (0, "indexing"), (7, "ready")), "missing"])
        await anext(outcomes)
        kept.append(outcomes)

    run(main())
    assert caplog.text == ""


def test_leaving_the_loop_ends_everything() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(100, (0, "indexing"), (7, "ready"))
        platform.add("first", (0, "ready"))
        async for outcome in platform.outcomes([*ids, "first"]):
            assert outcome.id == "first"
            break
        before = platform.requests.total()
        assert await platform.is_idle()
        await asyncio.sleep(100)
        assert platform.requests.total() == before
        outcomes = platform.outcomes(ids)
        await anext(outcomes)
        await outcomes.aclose()
        assert await platform.is_idle()
        with pytest.raises(StopAsyncIteration):
            await anext(outcomes)

    run(main())


def test_cancelling_the_loop_ends_everything() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(100, (0, "indexing"))

        async def loop() -> None:
            async for _ in platform.outcomes(ids):
                pass

        async def changes() -> None:
            async for _ in platform.changes(ids[0]):
                pass

        for begin in (loop, changes, lambda: platform.states(ids)):
            task = asyncio.ensure_future(begin())
            await asyncio.sleep(3.005)  # a request is under way
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await platform.is_idle()

    run(main())


def test_each_wait_has_its_own_timeout() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("slow", (0, "indexing"))
        platform.add("later", (0, "indexing"), (12, "ready"))

        async def ids() -> AsyncIterator[str]:
            yield "slow"
            await asyncio.sleep(5)
            yield "later"

        outcomes = [outcome async for outcome in platform.outcomes(ids(), timeout=10)]
        assert [outcome.id for outcome in outcomes] == ["slow", "later"]
        error = outcomes[0].error
        assert isinstance(error, WaitTimeoutError)
        assert "Task slow was not done after 10 s: its last status was 'indexing'" in str(error)
        assert error.last is outcomes[0].state
        assert outcomes[1].error is None
        assert 12 <= platform.now < 13.5
        platform.latency = 100
        [silent] = [outcome async for outcome in platform.outcomes(["slow"], timeout=10)]
        assert "there was no response" in str(silent.error)
        assert await platform.is_idle()

    run(main())


def test_outcomes_are_handed_out_while_ids_arrive() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "ready"))
        platform.add("b", (0, "ready"))
        more = asyncio.Event()

        async def ids() -> AsyncIterator[str]:
            yield "a"
            await more.wait()
            yield "b"

        outcomes = platform.outcomes(ids())
        assert (await anext(outcomes)).id == "a"
        more.set()
        assert (await anext(outcomes)).id == "b"
        with pytest.raises(StopAsyncIteration):
            await anext(outcomes)

    run(main())


@pytest.mark.parametrize("asynchronous", [True, False])
def test_an_iterable_that_fails(asynchronous: bool) -> None:
    def ids() -> Iterator[str]:
        yield "a"
        raise LookupError("no more")

    async def later() -> AsyncIterator[str]:
        for identifier in ids():
            yield identifier

    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"))
        with pytest.raises(LookupError, match="no more"):
            await platform.states(later() if asynchronous else ids())
        with pytest.raises(ValueError, match="task_id must be a task or its id, not an object"):
            await platform.states([object()])  # type: ignore[list-item]
        assert await platform.is_idle()

    run(main())


@pytest.mark.parametrize("ids", ["task", None, 7])
def test_what_is_no_iterable_of_ids(ids: Any) -> None:
    async def main() -> None:
        with pytest.raises(TypeError, match="ids must be an iterable of ids or objects, not"):
            Platform().outcomes(ids)

    run(main())


def test_an_id_that_is_given_twice_has_two_outcomes() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(3)
        states = await platform.states([*ids, *ids])
        assert [state.id for state in states] == [*ids, *ids]
        assert platform.requests["retrieve"] <= 3  # spot checks

    run(main())


def test_states_in_the_order_given() -> None:
    async def main() -> None:
        platform = Platform()
        for number in range(10):
            platform.add(f"t{number}", (0, "indexing"), (20.0 - number, "ready" if number != 4 else "failed"))
        ids = [*platform.tasks, "missing"]
        with pytest.raises(BulkError, match=r"2 of 11 waits failed. Input 4: TaskFailedError: Task t4") as caught:
            await platform.states(ids)
        assert set(caught.value.errors) == {4, 10}
        results = await platform.states(ids, return_failures=True)
        assert [type(results[at]) for at in (4, 10)] == [TaskFailedError, NotFoundError]
        assert [result.id for at, result in enumerate(results) if at not in {4, 10}] == [
            f"t{number}" for number in range(10) if number != 4
        ]

    run(main())


def test_memory_does_not_depend_on_the_number_of_ids() -> None:
    async def main() -> None:
        platform = Platform()
        platform.latency = 0.0
        template = [(0.0, "ready")]

        class All(dict[str, Any]):
            def __missing__(self, key: str) -> Any:
                return template

            def __contains__(self, key: object) -> bool:
                return True

        platform.tasks = All()
        platform.index_of = All()
        platform.list_error = lambda _: NotFoundError("no list", status=404)
        peak = 0
        most = 0
        count = 0
        tracemalloc.start()
        try:
            async for _ in platform.outcomes(f"{number:024x}" for number in range(30_000)):
                count += 1
                if count == 12_000:
                    tracemalloc.reset_peak()
                    peak = tracemalloc.get_traced_memory()[1]
                [(_, poller)] = platform.hub._pollers.values()
                most = max(most, len(poller.entries))
                platform.asked.clear()
            grown = tracemalloc.get_traced_memory()[1] - peak
        finally:
            tracemalloc.stop()
        assert count == 30_000
        assert most <= waiters.WINDOW
        assert grown < 8 * 1024 * 1024

    run(main())


def test_the_changes_of_a_task() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, None), (3, "queued"), (9, "Indexing"), (20, "failed"))
        seen: list[State] = [state async for state in platform.changes("a")]
        assert [state.status for state in seen] == [None, "queued", "Indexing", "failed"]
        with pytest.raises(NotFoundError):
            await anext(platform.changes("missing"))
        with pytest.raises(ValueError, match="task_id"):
            platform.changes("")
        platform.add("b", (0, "indexing"))
        with pytest.raises(WaitTimeoutError, match="its last status was 'indexing'"):
            async for _ in platform.changes("b", timeout=60):
                pass
        platform.latency = 100
        with pytest.raises(WaitTimeoutError, match="there was no response"):
            await anext(platform.changes("b", timeout=60))
        platform.latency = 0
        async for _ in platform.changes("b"):
            break
        assert await platform.is_idle()

    run(main())


def test_an_error_of_the_platform_that_is_a_timeout_error_is_not_taken_for_the_timeout() -> None:
    async def main() -> None:
        platform = Platform()
        platform.retrieve_error = lambda _: TimeoutError("a hook's own")
        with pytest.raises(TimeoutError, match="a hook's own"):
            await anext(platform.changes("a"))
        with pytest.raises(TimeoutError, match="a hook's own"):
            await platform.wait("a")

    run(main())


def test_changes_that_many_watch() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(50, (0, "queued"), (3, "indexing"), (9, "ready"))

        async def follow(identifier: str) -> list[str | None]:
            return [state.status async for state in platform.changes(identifier)]

        assert await asyncio.gather(*map(follow, ids)) == [["queued", "indexing", "ready"]] * 50
        assert platform.requests["retrieve"] <= 3  # spot checks

    run(main())


def test_wrong_numbers_of_seconds() -> None:
    async def main() -> None:
        platform = Platform()
        with pytest.raises(ValueError, match="sleep_interval"):
            platform.outcomes([], interval=-1)
        with pytest.raises(ValueError, match="timeout"):
            platform.changes("a", timeout=0)

    run(main())


def test_outcomes_are_no_synchronous_iterable() -> None:
    async def main() -> None:
        with pytest.raises(TypeError, match="use `async for`"):
            list(Platform().outcomes([]))  # type: ignore[call-overload]

    run(main())


def test_a_cancellation_inside_of_a_generator_of_ids_ends_the_loop() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"), (10, "ready"))

        async def ids() -> AsyncIterator[str]:
            yield "a"
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            async for _ in platform.outcomes(ids()):
                pass
        assert await platform.is_idle()

    run(main())
