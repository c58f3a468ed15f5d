from __future__ import annotations

import importlib
import pkgutil
import typing

import pytest

import twelvelabs_async
from twelvelabs_async import types
from twelvelabs_async._generated import index


def test_every_listed_name_exists() -> None:
    assert len(set(twelvelabs_async.__all__)) == len(twelvelabs_async.__all__)
    for name in twelvelabs_async.__all__:
        assert getattr(twelvelabs_async, name) is not None
    namespace: dict[str, object] = {}
    exec("from twelvelabs_async import *", namespace)
    assert namespace.keys() >= set(twelvelabs_async.__all__)


def test_every_model_can_be_imported_from_both_places() -> None:
    assert len(index.MODELS) > 200
    for name in [*index.MODELS, *index.PARAMS]:
        assert getattr(types, name) is getattr(twelvelabs_async, name)


def test_types_of_their_members_can_be_asked_for() -> None:
    classes = [found for name in [*index.MODELS, *index.PARAMS] if isinstance(found := getattr(types, name), type)]
    assert len(classes) > 200
    for found in classes:
        assert isinstance(typing.get_type_hints(found, include_extras=True), dict)


def test_dir_lists_them() -> None:
    assert {"IndexSchema", "AsyncStream", "AsyncTwelveLabs"} <= set(dir(twelvelabs_async))
    assert {"IndexSchema", "VideoContextParams"} <= set(dir(types))


def test_names_that_do_not_exist() -> None:
    with pytest.raises(AttributeError, match="did you mean IndexSchema"):
        _ = twelvelabs_async.IndexShema  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        _ = twelvelabs_async._nothing  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        _ = types.Nothing  # type: ignore[attr-defined]
    with pytest.raises(ImportError):
        from twelvelabs_async import Nothing  # type: ignore[attr-defined] # noqa: F401


def test_submodules_are_attributes() -> None:
    assert twelvelabs_async.webhooks is importlib.import_module("twelvelabs_async.webhooks")  # type: ignore[attr-defined]


def test_no_model_hides_a_module_or_the_other_way_round() -> None:
    modules = {module.name for module in pkgutil.iter_modules(twelvelabs_async.__path__)}
    assert not modules & {*index.MODELS, *index.PARAMS}
    assert not (set(twelvelabs_async.__all__) - {"errors", "types"}) & {*index.MODELS, *index.PARAMS}
