"""Saves redacted traffic: one JSON file a call, which `python -m twelvelabs_async.emulator --replay` plays back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .contract import Contract
    from .exchange import Exchange
    from .redact import Redactor


class Recording:
    """A folder of redacted calls.

    Attributes:
        error: Why a call could not be saved.

    Args:
        folder: The folder; it is made, and must not hold a recording already.
        redactor: Takes out what belongs to the account.
        contract: Knows which words of the service the findings name.

    Raises:
        FileExistsError: There is a recording in the folder.
        OSError: The folder cannot be made.
    """

    def __init__(self, folder: Path, redactor: Redactor, contract: Contract) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.glob("*.json")):
            raise FileExistsError(f"{folder} holds JSON files already: give an empty folder")
        self._folder = folder
        self._redactor = redactor
        self._contract = contract
        self._number = 0
        self.error: OSError | None = None

    def add(self, exchange: Exchange) -> None:
        """Save a call. After an error nothing more is saved: what was made has to be removed nevertheless."""
        if self.error is not None:
            return
        self._number += 1
        self._redactor.allow(self._contract.shown)
        made = self._redactor.exchange(exchange)
        path = self._folder / f"{self._number:04d}-{exchange.operation}.json"
        try:
            path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            self.error = error
