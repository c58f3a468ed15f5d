"""Run the property tests of the parsers for as long as asked: `make fuzz SECONDS=600 TARGETS="sse json"`.

Each round runs every property test of the targets with a seed of its own, and with more examples than `make test`. The
first failure ends the run: pytest prints the smallest example, and the last line is the command that finds it again.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TARGETS: Final[Mapping[str, Sequence[str]]] = {
    "headers": ("tests/transport/limits/test_headers.py", "tests/transport/limits/test_server_clock.py"),
    "errors": ("tests/fuzz/test_any_error.py",),
    "ndjson": ("tests/streaming/test_ndjson.py", "tests/streaming/test_stream.py"),
    "sse": ("tests/streaming/test_sse.py",),
    "json": (
        "tests/codec/test_decode_properties.py",
        "tests/codec/test_large_json.py",
        "tests/codec/test_number_arrays.py",
        "tests/fuzz/test_any_response.py",
    ),
    "requests": (
        "tests/codec/test_serialize.py",
        "tests/request/test_body.py",
        "tests/request/test_builder.py",
    ),
    "uploads": ("tests/uploads",),
    "webhooks": ("tests/test_webhooks.py",),
}
"""What is attacked, and the files whose property tests do it."""

FOUND: Final = 1
USAGE: Final = 2
NOTHING_FOUND: Final = 0

_NO_TESTS: Final = 5
"""pytest's exit code when nothing was collected."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz until the time is over or something is found."""
    options = _options(arguments)
    paths = options.only or [path for name in options.targets or TARGETS for path in TARGETS[name]]
    ends = time.monotonic() + options.seconds
    rounds = 0
    while not rounds or time.monotonic() < ends:
        rounds += 1
        seed = options.seed if options.seed is not None else secrets.randbelow(2**32)
        began = time.monotonic()
        command = _command(paths, seed, options.workers)
        outcome = subprocess.run(
            command,
            env={**os.environ, "FUZZ_EXAMPLES": str(options.examples)},
            capture_output=True,
            text=True,
            check=False,
        )
        if outcome.returncode:
            print(outcome.stdout, outcome.stderr, sep="\n")
            if outcome.returncode == _NO_TESTS:
                print(f"There is no property test in {' '.join(paths)}.")
                return USAGE
            print(f"Found in round {rounds}. To see it again: FUZZ_EXAMPLES={options.examples} {' '.join(command)}")
            return FOUND
        print(
            f"round {rounds}: seed {seed}, {time.monotonic() - began:.0f} s, {_closing_line(outcome.stdout)}",
            flush=True,
        )
        if options.seed is not None:
            break
    print(
        f"Nothing found in {rounds} {'round' if rounds == 1 else 'rounds'}, {options.examples} examples for each test."
    )
    return NOTHING_FOUND


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "targets", nargs="*", choices=[[], *TARGETS], metavar="TARGET", help=f"default: all of {', '.join(TARGETS)}"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="how long; a round that has begun is finished")
    parser.add_argument("--examples", type=int, default=1000, help="examples for each test and round")
    parser.add_argument("--seed", type=int, help="one round with this seed")
    parser.add_argument("--workers", default="auto", help="processes, as -n of pytest-xdist; 0 for none")
    parser.add_argument("--only", action="append", default=[], help="a file or folder of tests in place of the targets")
    return parser.parse_args(arguments)


def _command(paths: Sequence[str], seed: int, workers: str) -> list[str]:
    return [
        *(sys.executable, "-m", "pytest", "-q", "-m", "hypothesis", "-n", workers),
        *("-p", "no:cacheprovider", f"--hypothesis-seed={seed}", *paths),
    ]


def _closing_line(output: str) -> str:
    return output.strip().rpartition("\n")[2].strip("= ")


if __name__ == "__main__":
    sys.exit(main())
