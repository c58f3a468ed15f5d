"""What operations and jobs work with. Each service is given the parts it needs, and knows nothing of the others."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from ..._safe_repr import SafeRepr
from .. import media

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..addresses import Addresses
    from ..settings import Settings
    from ..state.scheduler import Scheduler
    from ..state.store import Store
    from .media_engine import MediaEngine
    from .media_sources import MediaSources
    from .presigned_urls import PresignedUrls
    from .webhooks import Webhooks


@dataclasses.dataclass(frozen=True, slots=True)
class Services(SafeRepr):
    """The services of one emulator.

    Attributes:
        settings: What the emulator was started with.
        store: The state.
        scheduler: Runs jobs when they are due.
        engine: The media engine, in worker threads.
        sources: Brings media that a request names into the state folder.
        urls: Signs URLs of the object store.
        webhooks: Sends events.
        addresses: Where the ports can be reached.
        breaks: Whether a file is broken for a kind of fault, by its name: see `faults/plan.py`.
    """

    settings: Settings
    store: Store
    scheduler: Scheduler
    engine: MediaEngine
    sources: MediaSources
    urls: PresignedUrls
    webhooks: Webhooks
    addresses: Addresses
    breaks: Callable[[str, str], bool]

    def check_file(self, fault: str, filename: str) -> None:
        """Rejects a file that the fault plan breaks.

        Raises:
            media.MediaError: It is broken.
        """
        if self.breaks(fault, filename):
            raise media.MediaError(media.VIDEO_FILE_BROKEN, f"The file {filename} is damaged.")
