"""Waits that share a poller: how many requests they make, and that none of them notices the others."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
from typing import Any

import pytest

from tests.waiters.platform import FOREVER, Platform, State
from tests.waiters.virtual import run
from twelvelabs_async import waiters
from twelvelabs_async.errors import (
    APIConnectionError,
    AuthenticationError,
    ForbiddenError,
    InternalServerError,
    NotFoundError,
    TaskFailedError,
    TooManyRequestsError,
    WaitTimeoutError,
)


def test_a_wait_alone_asks_as_often_as_the_pauses_say() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"), (100, "ready"))
        seen: list[str | None] = []
        state = await platform.wait("a", lambda state: seen.append(state.status), interval=5.0)
        assert (state.id, state.row) == ("a", False)
        assert seen == ["indexing"] * (platform.requests["retrieve"] - 1) + ["ready"]
        assert platform.requests["list"] == 0
        times = [at for _, at in platform.asked]
        assert times[0] <= 0.02
        pauses = [later - earlier - platform.latency for earlier, later in itertools.pairwise(times)]
        expected = [min(5 * waiters.GROWTH**at, 30) for at in range(len(pauses))]
        assert all(0.899 * due <= pause <= 1.101 * due for pause, due in zip(pauses, expected, strict=True))
        assert await platform.is_idle()

    run(main())


def test_many_waits_read_the_list_and_retrieve_each_once() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(500, (0, "indexing"), (3.2, "ready"))
        states = await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert [state.id for state in states] == ids
        assert not any(state.row for state in states)
        assert 500 <= platform.requests["retrieve"] <= 503
        assert platform.requests["list"] <= 10 * 6
        assert platform.most_in_flight <= waiters.MAX_SINGLES + 8
        assert await platform.is_idle()

    run(main())


def test_lists_with_a_filter_for_ids() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(120, (0, "processing"), (3.2, "ready"))
        platform.add_many(1000, (0, "ready"))
        await asyncio.gather(*(platform.wait(identifier, assets=True) for identifier in ids))
        assert platform.requests["retrieve"] <= 3  # rows of this list hold everything; spot checks
        assert platform.requests["list"] <= 3 * 6
        assert all(len(query["asset_ids"]) <= 50 for query in platform.queries)

    run(main())


def test_what_the_list_does_not_show_is_asked_for_singly() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(60)
        hidden = set(ids[::10])
        platform.rewrite = lambda rows: [row for row in rows if row.id not in hidden]
        await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        singly = {identifier for identifier, at in platform.asked if at < 9}
        assert hidden <= singly
        assert len(singly - hidden) <= 3  # spot checks
        assert await platform.is_idle()

    run(main())


def test_old_tasks_among_many_newer_ones() -> None:
    """The list is left alone where it does not pay; reading what is in progress does."""

    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(200, (0, "indexing"), (60, "ready"))
        for number in range(20_000):
            platform.add(f"newer{number}", (0, "ready"))
        await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert platform.requests["retrieve"] <= 400
        assert platform.requests["list"] <= 400

    run(main())


def test_tasks_that_no_list_shows_cost_little_more_than_singles() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(100, (0, "indexing"), (600, "ready"))
        platform.rewrite = lambda _: [State(id=f"x{number}", status="ready", row=True) for number in range(50)]
        platform.total = lambda _: 10_000
        await asyncio.gather(*(platform.wait(identifier, interval=5.0) for identifier in ids))
        assert platform.requests["list"] <= 0.2 * platform.requests["retrieve"]

    run(main())


def test_the_index_narrows_the_list_once_it_is_known() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(60)
        await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert "index_id" not in platform.queries[0]
        assert platform.queries[-1]["index_id"] == "index"

    run(main())


def test_one_that_fails_one_that_is_gone_and_one_that_is_cancelled_disturb_nobody() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(30)
        platform.add("broken", (0, "indexing"), (4, "failed"))
        platform.add("gone", (0, "indexing"))

        async def raises(_: Any) -> None:
            raise LookupError("mine")

        special = [
            asyncio.create_task(platform.wait("broken")),
            asyncio.create_task(platform.wait("missing")),
            asyncio.create_task(platform.wait(ids[0], timeout=2)),
            asyncio.create_task(platform.wait(ids[1], raises)),
            asyncio.create_task(platform.wait(ids[2])),
            asyncio.create_task(platform.wait("gone")),
        ]
        others = [asyncio.create_task(platform.wait(identifier)) for identifier in ids]
        await asyncio.sleep(3)
        special[4].cancel()
        del platform.tasks["gone"]
        results = await asyncio.gather(*special, return_exceptions=True)
        expected = [
            TaskFailedError,
            NotFoundError,
            WaitTimeoutError,
            LookupError,
            asyncio.CancelledError,
            NotFoundError,
        ]
        assert [type(result) for result in results] == expected
        assert [state.id for state in await asyncio.gather(*others)] == ids
        assert await platform.is_idle()

    run(main())


def test_one_task_with_two_waits_is_asked_for_once() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"), (0.5, "failed"))
        results = await asyncio.gather(platform.wait("a"), platform.wait("a"), return_exceptions=True)
        assert [type(result) for result in results] == [TaskFailedError, TaskFailedError]
        assert results[0] is not results[1]
        assert platform.requests["retrieve"] == 2

    run(main())


def test_errors_that_several_waits_share_are_separate_objects() -> None:
    async def main() -> None:
        platform = Platform()
        results = await asyncio.gather(platform.wait("a"), platform.wait("a"), return_exceptions=True)
        assert [type(result) for result in results] == [NotFoundError, NotFoundError]
        assert results[0] is not results[1]
        assert platform.requests["retrieve"] == 1

    run(main())


@pytest.mark.parametrize("through", ["list", "retrieve"])
def test_a_rejected_key_ends_all_waits(through: str) -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(200)
        rejected = AuthenticationError("no such key", status=401)
        if through == "list":
            platform.list_error = lambda _: rejected
        else:
            platform.list_error = lambda _: ForbiddenError("not yours", status=403)
            platform.retrieve_error = lambda _: rejected
        results = await asyncio.gather(*(platform.wait(identifier) for identifier in ids), return_exceptions=True)
        assert {type(result) for result in results} == {AuthenticationError}
        assert len({id(result) for result in results}) == 200
        assert platform.requests.total() <= waiters.MAX_SINGLES + 10
        assert await platform.is_idle()

    run(main())


@pytest.mark.parametrize(
    "error",
    [ForbiddenError("not yours", status=403), InternalServerError("broken", status=500), APIConnectionError("lost")],
)
def test_a_list_that_cannot_be_read_ends_no_wait(error: Exception) -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(30)
        platform.list_error = lambda _: error
        states = await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert [state.id for state in states] == ids
        assert platform.requests["list"] <= 4

    run(main())


def test_a_list_that_is_rate_limited_makes_waits_slower() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(30)
        platform.list_error = lambda _: TooManyRequestsError("slow down", status=429) if platform.now < 600 else None
        states = await asyncio.gather(*(platform.wait(identifier) for identifier in ids))
        assert [state.id for state in states] == ids
        assert 30 <= platform.requests["retrieve"] <= 33

    run(main())


def test_a_rate_limit_never_ends_a_wait_and_an_outage_does() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a")
        platform.retrieve_error = lambda _: TooManyRequestsError("slow", status=429) if platform.now < 900 else None
        assert (await platform.wait("a")).id == "a"
        platform.retrieve_error = lambda _: APIConnectionError("lost")
        before = platform.requests["retrieve"]
        with pytest.raises(APIConnectionError):
            await platform.wait("a")
        assert platform.requests["retrieve"] - before == waiters.MAX_CHECK_RETRIES + 1
        platform.retrieve_error = lambda _: APIConnectionError("closed", retryable=False)
        before = platform.requests["retrieve"]
        with pytest.raises(APIConnectionError):
            await platform.wait("a")
        assert platform.requests["retrieve"] - before == 1

    run(main())


def test_callbacks_are_called_on_changes_and_with_retrieved_objects() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(10, (0, "queued"), (4, "indexing"), (8, "ready"))
        shown: dict[str, list[State]] = {identifier: [] for identifier in ids}
        await asyncio.gather(*(platform.wait(identifier, shown[identifier].append) for identifier in ids))
        for states in shown.values():
            assert [state.status for state in states] == ["queued", "indexing", "ready"]
            assert not any(state.row for state in states)

    run(main())


def test_a_slow_callback_is_not_interrupted_by_checks_for_others() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(10, (0, "queued"), (4, "indexing"), (8, "ready"))
        shown: list[str | None] = []

        async def slow(state: State) -> None:
            shown.append(state.status)
            await asyncio.sleep(20)

        await asyncio.gather(platform.wait(ids[0], slow), *(platform.wait(identifier) for identifier in ids[1:]))
        assert shown == ["queued", "ready"]

    run(main())


def test_waits_with_request_options_or_of_other_clients_share_nothing() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "ready"))
        await asyncio.gather(
            platform.wait("a"),
            platform.wait("a", options={"timeout": 5}),
            platform.wait("a", options={"timeout": 5}),
            platform.wait("a", client=object()),
        )
        assert platform.requests["retrieve"] == 4

    run(main())


def test_a_wait_that_begins_while_a_list_is_read_is_checked_at_once() -> None:
    async def main() -> None:
        platform = Platform()
        platform.latency = 1.0
        platform.add("late", (0, "indexing"), (FOREVER, "ready"))
        ids = platform.add_many(2000, (0, "indexing"), (400, "ready"))
        waits = [asyncio.create_task(platform.wait(identifier)) for identifier in ids]
        await asyncio.sleep(3)
        began = platform.now
        late = asyncio.create_task(platform.wait("late"))
        await asyncio.sleep(1.5)
        asked = [at for identifier, at in platform.asked if identifier == "late"]
        assert asked
        assert asked[0] <= began + 1.1
        late.cancel()
        await asyncio.gather(*waits)

    run(main())


def test_single_checks_run_in_the_context_of_the_wait() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "ready"))
        name = contextvars.ContextVar[str]("name", default="nobody")
        seen: list[str] = []
        platform.retrieve_error = lambda _: seen.append(name.get())
        name.set("me")
        await platform.wait("a")
        assert seen == ["me"]

    run(main())


def test_closing_ends_every_wait() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(20, (0, "indexing"))
        waits = [asyncio.create_task(platform.wait(identifier)) for identifier in ids]
        many = asyncio.create_task(platform.states(ids, return_failures=True))
        await asyncio.sleep(5)
        platform.hub.close(APIConnectionError("closed", retryable=False))
        results = await asyncio.gather(*waits, return_exceptions=True)
        assert {type(result) for result in results} == {APIConnectionError}
        assert {type(result) for result in await many} == {APIConnectionError}
        assert await platform.is_idle()

    run(main())


def test_options_that_are_meant_for_single_requests_keep_a_call_from_lists() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(20)
        await platform.states(ids, options={"query": {"embedding_option": "visual"}})
        assert platform.requests["list"] == 0
        await platform.states(ids, options={"headers": {"x-team": "7"}})
        assert platform.requests["list"] > 0
        outcomes = platform.outcomes([*ids, "missing"], options={"query": {"a": "b"}}, timeout=5)
        platform.latency = 3.0
        assert (await anext(outcomes)).id
        await asyncio.sleep(1)
        platform.add_many(20, (0, "indexing"))
        later = platform.outcomes(ids, options={"query": {"a": "b"}})
        waiting = asyncio.ensure_future(anext(later))
        await asyncio.sleep(1)  # its requests are under way
        waiting.cancel()
        await asyncio.wait([waiting])
        await later.aclose()
        await outcomes.aclose()
        assert await platform.is_idle()

    run(main())


def test_waits_that_are_cancelled_while_a_list_is_read_or_before_their_turn() -> None:
    async def main() -> None:
        platform = Platform()
        platform.latency = 1.0
        ids = platform.add_many(3000, (0, "indexing"), (40, "ready"))
        waits = [asyncio.ensure_future(platform.wait(identifier)) for identifier in ids]
        await asyncio.sleep(0)
        for wait in waits[::3]:
            wait.cancel()  # some have not had their turn
        await asyncio.sleep(3.5)
        for wait in waits[1::3]:
            wait.cancel()  # the list is being read
        results = await asyncio.gather(*waits, return_exceptions=True)
        kept = {identifier for at, identifier in enumerate(ids) if at % 3 == 2}
        done = {result.id for result in results if isinstance(result, State)}
        assert done == kept
        assert await platform.is_idle()

    run(main())


def test_ten_thousand_waits() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(10_000, (0, "indexing"), (30, "ready"))
        done = 0
        async for outcome in platform.outcomes(ids, interval=5.0):
            assert outcome.error is None
            done += 1
        assert done == 10_000
        assert platform.requests["retrieve"] <= 3  # spot checks
        assert platform.requests["list"] <= 200 * 9

    run(main())
