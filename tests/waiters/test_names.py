from __future__ import annotations

from importlib import import_module

import pytest

from twelvelabs_async import waiters


def test_every_public_name_is_loaded_from_its_module() -> None:
    assert set(waiters._MODULES) == set(waiters.__all__)
    for name, module in waiters._MODULES.items():
        assert getattr(waiters, name) is getattr(import_module(f"twelvelabs_async.waiters.{module}"), name)


def test_other_names() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'polls'"):
        waiters.polls  # type: ignore[attr-defined]  # noqa: B018
