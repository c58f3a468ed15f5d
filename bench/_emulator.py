"""The emulator in a process of its own, for benchmarks that need a platform and not just a server."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from twelvelabs_async.emulator import DEFAULT_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Running:
    """An emulator that runs.

    Attributes:
        base_url: Its address.
        faults: What went wrong on purpose, by kind; known when it has ended.
    """

    base_url: str
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """What a client needs to find it."""
        return {"api_key": DEFAULT_KEY, "base_url": self.base_url}


@contextmanager
def emulator(*arguments: str) -> Iterator[Running]:
    """Start an emulator with these arguments of its command line."""
    command = [sys.executable, "-m", "twelvelabs_async.emulator", "--port", "0", "--speed", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        running = Running(process.stdout.readline().split()[-1])
        for line in process.stdout:
            if line.startswith("Ready"):
                break
        try:
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            for line in process.stdout:
                if line.startswith("Faults done:"):
                    _, _, count, _, kind = line.split()
                    running.faults[kind] = int(count)
