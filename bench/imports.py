"""The cost of the import and of the first call of a resource, in new processes.

    python -m bench.imports [--rounds 9] [--without-official]

Each round starts one process per contender, one after the other, and the differences are computed within the round, so
that load on the machine affects all of them; so is the ratio, of import plus first call to those of bare aiohttp. Times
are CPU times: they equal the wall time on an idle machine with a warm file cache, and exclude other programs.
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any, Final

from bench._harness import BARE, OFFICIAL, OURS, fresh_process, official_is_there, running_server, table
from bench.results import Aim, Row, record

ALLOWED_CPU: Final = Aim(1.3, of="bare")

_BEGIN: Final = """
import json, sys, time
modules = len(sys.modules)
start = time.process_time()
"""

_END: Final = """
imported = time.process_time() - start
facts = {"import": imported * 1000, "modules": len(sys.modules) - modules}
facts["models"] = sum(name.startswith("twelvelabs_async._generated.models.") for name in sys.modules)
"""

_CALLS: Final = """
import asyncio

async def first_call(client):
    times = []
    for _ in range(11):
        begun = time.process_time()
        await client.indexes.retrieve("6298d673f1090f1100476d4c")
        times.append((time.process_time() - begun) * 1000)
    facts["first call"] = times[0] - sorted(times[1:])[5]
    facts["modules after it"] = len(sys.modules) - modules
    facts["models after it"] = sum(name.startswith("twelvelabs_async._generated.models.") for name in sys.modules)
"""

_OURS: Final = """
async def main(url):
    async with twelvelabs_async.AsyncTwelveLabs(api_key="tlk_BENCHMARK", base_url=url) as client:
        await first_call(client)
"""

_OFFICIAL: Final = """
async def main(url):
    async with httpx.AsyncClient() as http:
        await first_call(twelvelabs.AsyncTwelveLabs(api_key="tlk_BENCHMARK", base_url=url, httpx_client=http))
import httpx
"""

_BARE: Final = """
class Indexes:
    async def retrieve(self, index):
        async with self.session.get(f"{self.url}/indexes/{index}", headers={"x-api-key": "tlk_BENCHMARK"}) as response:
            return json.loads(await response.read())
class Client:
    indexes = Indexes()
async def main(url):
    async with aiohttp.ClientSession() as session:
        Indexes.session, Indexes.url = session, url
        await first_call(Client())
"""

_RUN: Final = """
asyncio.run(main(sys.argv[1]))
print(json.dumps(facts))
"""

PROGRAMS: Final = {
    BARE: _BEGIN + "import aiohttp" + _END + _CALLS + _BARE + _RUN,
    OURS: _BEGIN + "import twelvelabs_async" + _END + _CALLS + _OURS + _RUN,
    OFFICIAL: _BEGIN + "import twelvelabs" + _END + _CALLS + _OFFICIAL + _RUN,
}


def measure(names: list[str], rounds: int, base_url: str) -> dict[str, list[dict[str, Any]]]:
    """The measurements of every round. The first round is omitted: it may compile modules."""
    facts: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for _ in range(rounds + 1):
        for name in names:
            facts[name].append(fresh_process("-c", PROGRAMS[name], base_url))
    return {name: of_one[1:] for name, of_one in facts.items()}


def show(facts: dict[str, list[dict[str, Any]]]) -> None:
    """Print the table."""
    rows = []
    for name, of_one in facts.items():
        pairs = list(zip(of_one, facts[BARE], strict=True))
        over = [one["import"] - bare["import"] for one, bare in pairs]
        ratios = [(one["import"] + one["first call"]) / (bare["import"] + bare["first call"]) for one, bare in pairs]
        models = of_one[0]["models"], of_one[0]["models after it"]
        rows.append(
            [
                name,
                f"{statistics.median(one['import'] for one in of_one):.0f} ms",
                "-" if name == BARE else f"{statistics.median(over):+.0f} ms",
                f"{statistics.median(one['first call'] for one in of_one):.1f} ms",
                f"{statistics.median(ratios):.2f}",
                f"{of_one[0]['modules']}, {of_one[0]['modules after it']}",
                f"{models[0]}, {models[1]}" if name == OURS else "-",
            ]
        )
    head = [
        "",
        "import",
        "over `import aiohttp`",
        "first call over later ones",
        "both, ratio to bare",
        "modules, after the call",
        "of models",
    ]
    table("Import and first call: CPU time, median of new processes", head, rows)


def rows(facts: dict[str, list[dict[str, Any]]]) -> list[Row]:
    """What is recorded."""
    imports = {name: [one["import"] for one in of_one] for name, of_one in facts.items()}
    both = {name: [one["import"] + one["first call"] for one in of_one] for name, of_one in facts.items()}
    modules = {name: [one["modules after it"] for one in of_one] for name, of_one in facts.items()}
    return [
        Row("import", "CPU", "ms", imports[OURS], imports[BARE], imports.get(OFFICIAL, ())),
        Row("import and first call", "CPU", "ms", both[OURS], both[BARE], both.get(OFFICIAL, ()), aim=ALLOWED_CPU),
        Row("import and first call", "modules", "", modules[OURS], modules[BARE], modules.get(OFFICIAL, ())),
    ]


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    names = [BARE, OURS]
    if options.official and official_is_there():
        names.append(OFFICIAL)
    with running_server() as base_url:
        facts = measure(names, options.rounds, base_url)
    show(facts)
    record(*rows(facts))


if __name__ == "__main__":
    main()
