"""Record the surface of the official SDK: `make record-surface`, or `python -m tests.official_surface.record`.

It runs where the official SDK is installed, and records names and kinds alone: methods with their parameters and the
members of what they return, public names of modules, members of models. The result, `surface.json`, is what the suite
compares with.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import json
import pkgutil
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydantic
import twelvelabs
from twelvelabs import AsyncTwelveLabs
from twelvelabs.base_client import AsyncBaseClient
from twelvelabs.core.http_response import AsyncHttpResponse
from twelvelabs.core.pagination import AsyncPager
from twelvelabs.core.request_options import RequestOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

SURFACE = Path(__file__).parent / "surface.json"

_HELPERS = "twelvelabs.wrapper.multipart_upload_client_wrapper"
"""A module with public classes that has no `__all__`."""


def record() -> dict[str, Any]:
    """The surface of the official SDK."""
    client = AsyncTwelveLabs(api_key="a-key")
    return {
        "package": f"twelvelabs {importlib.metadata.version('twelvelabs')}",
        # The public class hands what it does not know itself to its base.
        "client": {**_parameters(AsyncBaseClient), "api_key": _parameters(AsyncTwelveLabs)["api_key"]},
        "request_options": sorted(typing.get_type_hints(RequestOptions)),
        "pager": sorted({*_members(AsyncPager), *AsyncPager.__dataclass_fields__}),
        "raw_response": _members(AsyncHttpResponse),
        "methods": dict(sorted(_methods(client, ()))),
        "modules": {**{module.__name__: _names(module) for module in _modules()}, _HELPERS: _helper_classes()},
        "ambiguous": _ambiguous(),
    }


def _methods(resource: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Attribute path and facts of every public method of a resource, and of the resources below it."""
    for name, method in inspect.getmembers(type(resource), inspect.isfunction):
        if not name.startswith("_"):
            yield ".".join((*path, name)), {"parameters": _parameters(method), "returns": _returned(method)}
    for name, child in vars(resource).items():
        if not name.startswith("_"):
            yield from _methods(child, (*path, name))


def _parameters(method: Any) -> dict[str, list[str]]:
    """Kind of each parameter, and whether it must be given."""
    return {
        name: [parameter.kind.name.lower(), *(["required"] if parameter.default is inspect.Parameter.empty else [])]
        for name, parameter in inspect.signature(method).parameters.items()
        if name != "self"
    }


def _returned(method: Any) -> list[str]:
    """The members of the model that a method returns; empty where it returns something else."""
    hint = typing.get_type_hints(method)["return"]
    return sorted(hint.model_fields) if isinstance(hint, type) and issubclass(hint, pydantic.BaseModel) else []


def _members(cls: type) -> list[str]:
    return sorted(name for name in dir(cls) if not name.startswith("_"))


def _modules() -> Iterator[ModuleType]:
    yield twelvelabs
    for info in pkgutil.walk_packages(twelvelabs.__path__, "twelvelabs."):
        # `types` packages of resources hold what the package of the resource exports.
        nested = info.name.endswith(".types") and info.name != "twelvelabs.types"
        if info.ispkg and not nested and not info.name.startswith(("twelvelabs.core", "twelvelabs.wrapper")):
            yield importlib.import_module(info.name)


def _names(module: ModuleType) -> dict[str, Any]:
    """The public names of a module, with the members of models; of other modules, those that `types` does not have."""
    found = {name: getattr(module, name) for name in sorted(module.__all__)}
    shared = {} if module is twelvelabs.types else vars(twelvelabs.types)
    return {
        name: _describe(value)
        for name, value in found.items()
        if not inspect.ismodule(value) and not isinstance(value, str) and shared.get(name) is not value
    }


def _ambiguous() -> dict[str, list[list[str]]]:
    """Names that mean different things in different modules: for each meaning, the modules."""
    meanings: dict[str, dict[int, list[str]]] = {}
    for module in _modules():
        for name in module.__all__:
            value = getattr(module, name)
            if not inspect.ismodule(value):
                meanings.setdefault(name, {}).setdefault(id(value), []).append(module.__name__)
    return {name: list(found.values()) for name, found in sorted(meanings.items()) if len(found) > 1}


def _helper_classes() -> dict[str, Any]:
    module = importlib.import_module(_HELPERS)
    found = inspect.getmembers(module, inspect.isclass)
    return {
        name: _describe(value) for name, value in found if value.__module__ == _HELPERS and name.startswith("Upload")
    }


def _describe(value: Any) -> list[str]:
    """Kind of a public name, and the members of a model or an error."""
    if isinstance(value, type) and issubclass(value, pydantic.BaseModel):
        return ["model", *sorted(value.model_fields)]
    if isinstance(value, type) and issubclass(value, BaseException):
        return ["error", *sorted(inspect.signature(value).parameters)]
    return ["class" if isinstance(value, type) and value.__module__.startswith("twelvelabs") else "alias"]


def _lines(value: Any, depth: int) -> str:
    """JSON with one line for each entry at this depth."""
    if not depth or not isinstance(value, dict):
        return json.dumps(value)
    entries = (f"{json.dumps(name)}: {_lines(entry, depth - 1)}" for name, entry in value.items())
    return "{\n" + ",\n".join(entries) + "\n}"


def main() -> None:
    """Write surface.json."""
    SURFACE.write_text(_lines(record(), 3) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
