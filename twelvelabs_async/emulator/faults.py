"""Faults on purpose."""

from __future__ import annotations

from typing import Any


class FaultPlan:
    """Which requests go wrong, and how."""

    @classmethod
    def load(cls, plan: Any) -> FaultPlan:
        """Makes a plan."""
        return cls()
