"""Where the two ports of a running emulator can be reached."""

from __future__ import annotations

import dataclasses

from .._safe_repr import SafeRepr


@dataclasses.dataclass(slots=True)
class Addresses(SafeRepr):
    """The addresses of both ports; empty until the ports are open.

    Attributes:
        base_url: Address of the API, with the version.
        objects_url: Address of the object store.
    """

    base_url: str = ""
    objects_url: str = ""
