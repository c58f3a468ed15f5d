"""Many mixed calls to an emulator that injects faults into a fraction of all requests.

    python -m bench.faults [--calls 10000] [--rate 0.05] [--max-retries 5] [--concurrency 64]
    python -m bench.faults --rate 0.3 --everything

By default, only transient faults are injected: 429 with and without headers, 500, 502, 503, 504, and connections that
are reset before or after the request is executed, or in the middle of the response. A request that creates something is
only rejected (429, 503 with Retry-After): if it may have been executed, no client can retry it without the risk of
executing it twice. All calls have to succeed.

With --everything, the faults also affect requests that create something, servers stall, and responses are truncated,
malformed, duplicated and redirected. Each call has to end, with a correct result or an error of this package.

In both cases, exactly those objects must exist at the end that calls reported as created. The exit status is 0 only if
all of this is true.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench._emulator import Running, emulator
from twelvelabs_async import AsyncTwelveLabs, BadRequestError, NotFoundError, RetryPolicy, Timeout, TwelveLabsError
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MODELS: Any = [
    {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
    {"model_name": "pegasus1.2", "model_options": ["visual", "audio"]},
]
CREATING = ["createIndex"]
OTHERS = ["list*", "retrieve*", "update*", "delete*", "createSearch", "createEmbeddings", "createEmbeddingsV2"]
HANGS_AFTER = 120.0
"""Seconds after which a call counts as hanging; its timeout is a quarter of that."""

Faults = list[dict[str, Any]]


def transient() -> Faults:
    """Transient faults."""
    rejections: Faults = [
        {"kind": "status", "status": 429, "retry_after": 0.05, "limits": True},
        {"kind": "status", "status": 429},
        {"kind": "status", "status": 503, "retry_after": 0.05},
    ]
    failures: Faults = [
        {"kind": "status", "status": 502},
        {"kind": "status", "status": 503, "carried_out": True},
        {"kind": "status", "status": 504, "carried_out": True},
        {"kind": "reset"},
        {"kind": "reset", "carried_out": True},
        {"kind": "reset_body"},
        {"kind": "cut_body"},
    ]
    errors: Faults = [{"kind": "status", "status": 500, "operation": [*OTHERS[:2], *OTHERS[4:]]}]
    found: Faults = []
    for fault in rejections:
        found += [{**fault, "operation": CREATING, "share": 1 / 3}, {**fault, "operation": OTHERS, "share": 1 / 11}]
    found += [{**fault, "operation": OTHERS, "share": 1 / 11} for fault in failures]
    return found + [{**fault, "share": 1 / 11} for fault in errors]


def everything() -> Faults:
    """All kinds of faults."""
    faults: Faults = [{**fault, "operation": "*"} for fault in transient() if fault["operation"] != CREATING]
    faults += [{"kind": kind} for kind in ("truncated", "malformed", "wrong_type", "redirect")]
    faults += [{"kind": "stall"}, {"kind": "stall_body"}, {"kind": "slow", "seconds": 0.05}, {"kind": "duplicate"}]
    return [{**fault, "share": 1 / len(faults)} for fault in faults]


def plan(faults: Faults, rate: float, seed: int) -> dict[str, Any]:
    """A fault plan in which the shares add up to the rate, although only the first matching rule is applied."""
    left: dict[str, float] = {}
    rules = []
    for fault in faults:
        rule = dict(fault)
        share = rate * rule.pop("share")
        names = str(CREATING) if rule.get("operation") == CREATING else ""
        rest = left.get(names, 1.0)
        rules.append({**rule, "rate": share / rest})
        left[names] = rest - share
    return {"seed": seed, "rules": rules}


class Mix:
    """The calls.

    Attributes:
        garbled: Whether responses may be malformed, so that a retry may be rejected as invalid.
        created: Names of the indexes that calls reported as created.
        failures: Number of failed calls by class of the error.
        strange: Calls with a wrong result, or with an exception that is not an error of this package.
    """

    def __init__(self, client: AsyncTwelveLabs, index_id: str, video_id: str, garbled: bool) -> None:
        self.garbled = garbled
        self.client = client
        self.index_id = index_id
        self.video_id = video_id
        self.created: set[str] = set()
        self.uncertain: set[str] = set()
        self.failures: Counter[str] = Counter()
        self.strange: list[str] = []
        self._kinds: list[Callable[[int], Awaitable[None]]] = [
            self._retrieve,
            self._list,
            self._create_and_delete,
            self._update,
            self._search,
            self._retrieve_video,
            self._create,
            self._embed,
        ]

    async def call(self, number: int) -> None:
        """Make one call; its number determines the kind."""
        try:
            async with asyncio.timeout(HANGS_AFTER):
                await self._kinds[number % len(self._kinds)](number)
        except TwelveLabsError as error:
            self.failures[type(error).__name__] += 1
            if isinstance(error, BadRequestError | NotFoundError) and not self.garbled:
                self.strange.append(f"call {number}: the request was valid: {error}")
        except Exception as error:
            self.strange.append(f"call {number}: {error!r}")

    async def _retrieve(self, number: int) -> None:
        found = await self.client.indexes.retrieve(self.index_id)
        self._check(number, found.id, self.index_id)

    async def _list(self, number: int) -> None:
        names = [index.index_name async for index in self.client.indexes.list(index_name="films")]
        self._check(number, names, ["films"])

    async def _create(self, number: int) -> None:
        await self._make(f"made-{number}")

    async def _create_and_delete(self, number: int) -> None:
        name = f"gone-{number}"
        index_id = await self._make(name)
        self.uncertain.add(name)
        await self.client.indexes.delete(index_id)
        self.uncertain.discard(name)
        self.created.discard(name)

    async def _make(self, name: str) -> str:
        self.uncertain.add(name)
        made = await self.client.indexes.create(index_name=name, models=MODELS)
        self.uncertain.discard(name)
        self.created.add(name)
        return made.id

    async def _update(self, _: int) -> None:
        await self.client.indexes.update(self.index_id, index_name="films")

    async def _search(self, number: int) -> None:
        page = await self.client.search.create(index_id=self.index_id, query_text="red", search_options=["visual"])
        self._check(number, page.data[0].video_id if page.data else None, self.video_id)

    async def _retrieve_video(self, number: int) -> None:
        video = await self.client.indexes.videos.retrieve(self.index_id, self.video_id)
        self._check(number, video.id, self.video_id)

    async def _embed(self, number: int) -> None:
        made = await self.client.embed.create(model_name="marengo3.0", text="red")
        segments = made.text_embedding.segments if made.text_embedding else None
        self._check(number, len(segments[0].float_ or []) if segments else 0, 512)

    def _check(self, number: int, found: object, wanted: object) -> None:
        if found != wanted:
            self.strange.append(f"call {number}: {found!r} instead of {wanted!r}")


async def prepare(running: Running) -> tuple[str, str]:
    """Create an index with a video, before any faults are injected."""
    async with AsyncTwelveLabs(**running.settings) as client:
        index = await client.indexes.create(index_name="films", models=MODELS)
        with tempfile.TemporaryDirectory() as folder:
            video = SampleVideo("red.mp4", (Scene("red", 4),), fps=5)
            task = await client.tasks.create(
                index_id=index.id, video_file=await asyncio.to_thread(video.write, Path(folder))
            )
        done = await client.tasks.wait_for_done(task, sleep_interval=0.05)
        return index.id, done.video_id or ""


async def run(running: Running, options: argparse.Namespace, index_id: str, video_id: str) -> tuple[Mix, bool]:
    """Make the calls; also return whether no request and no task is left."""
    retry = RetryPolicy(max_retries=options.max_retries, initial=0.02, maximum=0.5)
    timeout = Timeout(connect=5, read=1 if options.everything else 20, total=HANGS_AFTER / 4)
    async with AsyncTwelveLabs(**running.settings, retry=retry, timeout=timeout) as client:
        mix = Mix(client, index_id, video_id, options.everything)
        numbers = iter(range(options.calls))

        async def worker() -> None:
            for number in numbers:
                await mix.call(number)

        begun = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(options.concurrency)))
        seconds = time.perf_counter() - begun
        failed = mix.failures.total()
        print(f"{options.calls:,} calls in {seconds:.0f} s; {failed:,} failed: {dict(mix.failures) or 'none'}")
        in_flight = client.limits.in_flight
    left = len(asyncio.all_tasks()) - 1
    print(f"requests left in flight: {in_flight}; tasks left: {left}")
    return mix, not (in_flight or left)


async def compare(running: Running, mix: Mix) -> bool:
    """Whether exactly those indexes exist that calls reported as created."""
    async with AsyncTwelveLabs(**running.settings) as client:
        names = [index.index_name async for index in client.indexes.list(page_limit=50)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    missing = mix.created - set(names) - mix.uncertain
    extra = set(names) - mix.created - mix.uncertain - {"films"}
    print(
        f"created and reported: {len(mix.created):,}; created twice: {len(twice)}; missing: {len(missing)}; "
        f"created but not reported: {len(extra)}; unknown because of an error: {len(mix.uncertain):,}"
    )
    for line in mix.strange[:20]:
        print(f"UNEXPECTED {line}")
    return not (mix.strange or twice or missing or extra)


def main() -> None:
    """Run the benchmark; the exit status says whether all conditions are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=0.05, help="fraction of requests with a fault")
    parser.add_argument("--max-retries", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--everything", action="store_true", help="inject all kinds of faults, not only transient ones")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plan.json"
        state = ["--state", str(Path(folder) / "state")]
        file.write_text(
            json.dumps(plan(everything() if options.everything else transient(), options.rate, options.seed))
        )
        with emulator(*state) as running:
            index_id, video_id = asyncio.run(prepare(running))
        with emulator(*state, "--faults", str(file)) as running:
            mix, clean = asyncio.run(run(running, options, index_id, video_id))
        with emulator(*state) as running_without:
            good = asyncio.run(compare(running_without, mix)) and clean and (options.everything or not mix.failures)
    print(f"injected faults: {sum(running.faults.values()):,}: {running.faults}")
    print("All conditions are met." if good else "Some conditions are NOT met.")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
