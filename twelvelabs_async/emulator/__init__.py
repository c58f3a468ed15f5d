"""A local stand-in for the TwelveLabs platform: real HTTP, real files, state on disk, no key and no network needed.

Start it with `python -m twelvelabs_async.emulator`, or in a program with `async with Emulator() as emulator`.
"""

from .faults import Fault, FaultPlan
from .server import Emulator
from .settings import DEFAULT_KEY, Settings

__all__ = ["DEFAULT_KEY", "Emulator", "Fault", "FaultPlan", "Settings"]
