"""Runs the benchmarks one after the other, each in its own process.

python -m bench [NAME ...] [--without-official]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from importlib.util import find_spec
from typing import Final

from bench._harness import machine

NAMES: Final = (
    *("calls", "limits", "memory", "imports", "decode", "large", "embeddings"),
    *("uploads", "streams", "backends", "paging", "waiting", "waits"),
)


def main() -> None:
    """Run the selected benchmarks, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; default: all")
    parser.add_argument("--without-official", action="store_true")
    options = parser.parse_args()
    if unknown := [name for name in options.names if find_spec(f"bench.{name}") is None]:
        parser.error(f"unknown benchmark {', '.join(unknown)}; available: {', '.join(NAMES)}")
    print(f"{machine()}\n", flush=True)
    took = {}
    for name in options.names or NAMES:
        start = time.monotonic()
        command = [sys.executable, "-m", f"bench.{name}"]
        if options.without_official and name not in {"memory", "large"}:  # they do not measure it
            command.append("--without-official")
        if code := subprocess.run(command, check=False).returncode:
            sys.exit(code)
        took[name] = time.monotonic() - start
    print(f"{sum(took.values()):.0f} s: {', '.join(f'{name} {seconds:.0f}' for name, seconds in took.items())}")


if __name__ == "__main__":
    main()
