"""Record the surface of the official SDK: `make record-surface`, or `python -m tests.official_surface.record` where it is installed.

Only names and kinds are recorded: methods with their parameters, public names of modules, members of models. The
result, `surface.json`, is what the suite compares with.
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
        "client": _parameters(AsyncBaseClient),
        "request_options": sorted(typing.get_type_hints(RequestOptions)),
        "pager": sorted({*_members(AsyncPager), *AsyncPager.__dataclass_fields__}),
        "raw_response": _members(AsyncHttpResponse),
        "methods": dict(sorted(_methods(client, ()))),
        "modules": {**{module.__name__: _names(module) for module in _modules()}, _HELPERS: _helper_classes()},
    }


def _methods(resource: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Attribute path and parameters of every public method of a resource, and of the resources below it."""
    for name, method in inspect.getmembers(type(resource), inspect.isfunction):
        if not name.startswith("_"):
            yield ".".join((*path, name)), _parameters(method)
    for name, child in vars(resource).items():
        if not name.startswith("_"):
            yield from _methods(child, (*path, name))


def _parameters(method: Any) -> dict[str, dict[str, Any]]:
    return {
        name: {"kind": parameter.kind.name.lower(), "required": parameter.default is inspect.Parameter.empty}
        for name, parameter in inspect.signature(method).parameters.items()
        if name != "self"
    }


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
    """The public names of a module, with the members of models."""
    found = {name: getattr(module, name) for name in sorted(module.__all__)}
    return {
        name: _describe(value)
        for name, value in found.items()
        if not inspect.ismodule(value) and not isinstance(value, str)
    }


def _helper_classes() -> dict[str, Any]:
    module = importlib.import_module(_HELPERS)
    found = inspect.getmembers(module, inspect.isclass)
    return {name: _describe(value) for name, value in found if value.__module__ == _HELPERS and name.startswith("Upload")}


def _describe(value: Any) -> Any:
    if isinstance(value, type) and issubclass(value, pydantic.BaseModel):
        return {"kind": "model", "members": sorted(value.model_fields)}
    if isinstance(value, type) and issubclass(value, BaseException):
        parameters = inspect.signature(value).parameters
        return {"kind": "error", "members": sorted(parameters)}
    return {"kind": "class" if isinstance(value, type) and value.__module__.startswith("twelvelabs") else "alias"}


def main() -> None:
    """Write surface.json."""
    text = json.dumps(record(), indent=1, sort_keys=True)
    SURFACE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
