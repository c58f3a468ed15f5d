"""A local emulator of the TwelveLabs platform: real HTTP, real files, state on disk; needs no account and no network.

Start it with `python -m twelvelabs_async.emulator`, or in a program with `async with Emulator() as emulator`.
"""

from .._extras import needs

with needs("emulator"):
    from .faults.plan import Fault, FaultPlan
    from .server import Emulator
    from .settings import DEFAULT_KEY, Settings

__all__ = ["DEFAULT_KEY", "Emulator", "Fault", "FaultPlan", "Settings"]
