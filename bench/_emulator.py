"""The emulator in a separate process, for benchmarks that need the platform and not just a server."""

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
    """A running emulator.

    Attributes:
        base_url: Its base URL.
        process: Identifier of its process; 0 if it is unknown.
        faults: Number of injected faults by kind; set when the emulator has ended.
    """

    base_url: str
    process: int = 0
    faults: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """Options of a client for it."""
        return {"api_key": DEFAULT_KEY, "base_url": self.base_url}


@contextmanager
def emulator(*arguments: str) -> Iterator[Running]:
    """Run an emulator with these command-line arguments."""
    command = [sys.executable, "-m", "twelvelabs_async.emulator", "--port", "0", "--speed", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        running = Running(process.stdout.readline().split()[-1], process.pid)
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
