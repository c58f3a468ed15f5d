"""The public surface as lines of text: every name that users can reach, with its signature."""

from __future__ import annotations

import ast
import enum
import functools
import inspect
import pkgutil
import typing
from importlib import import_module
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final

import attrs

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, types

from .project import ROOT

if TYPE_CHECKING:
    from types import ModuleType

PATH: Final = ROOT / "release" / "public-surface.txt"

PACKAGE: Final = "twelvelabs_async"
INTERNAL: Final = (
    *("twelvelabs_async.emulator.", "twelvelabs_async.ingest.sources", "twelvelabs_async.resources"),
    "twelvelabs_async.verify.",
)
"""Modules without an underscore that are not for users: parts of rooms, classes of the client's resources."""

FOR_USERS: Final = ("twelvelabs_async.emulator.media.samples", "twelvelabs_async.emulator.replay")
"""Parts of such rooms that the documentation tells users to import."""

Surface = dict[str, str]
"""What is known of each name: `Timeout` -> `class`, `Timeout(total=)` -> `float | None = None`."""


def read(text: str) -> Surface:
    """The surface that a file holds."""
    return dict(line.split(": ", 1) for line in text.splitlines() if line and not line.startswith("#"))


def write(surface: Surface) -> str:
    """The file that holds a surface: one line for each name, sorted, so that a difference shows what changed."""
    head = "# Every public name and its signature. Written by `make record-public`, compared by `make check`.\n"
    return head + "".join(f"{name}: {value}\n" for name, value in sorted(surface.items()))


def current() -> Surface:
    """The surface of the package as it is."""
    found: Surface = {}
    record_module(found, *_modules())
    _client(found)
    return found


def record_module(found: Surface, *modules: ModuleType) -> None:
    """Records what modules export. What several export is recorded by its name in the first of them."""
    places: dict[Any, str] = {}  # a class or function -> the name by which it is recorded
    listed = [(f"{module.__name__}.{name}", getattr(module, name)) for module in modules for name in _names(module)]
    for name, value in listed:
        if inspect.isclass(value) or inspect.isroutine(value):
            places.setdefault(value, name)
    for name, value in listed:
        _record(found, places, name, value)


def _modules() -> list[ModuleType]:
    """The package first, so that what it exports is recorded by that name; then `types`, with the models."""
    found = [twelvelabs_async, types]
    for info in sorted(pkgutil.walk_packages(twelvelabs_async.__path__, f"{PACKAGE}.", onerror=_fail), key=_depth):
        internal = info.name.startswith(INTERNAL) and info.name not in FOR_USERS
        if internal or any(part.startswith("_") for part in info.name.split(".")):
            continue
        module = import_module(info.name)
        if module not in found and (_depth(info)[0] == 1 or hasattr(module, "__all__")):
            found.append(module)
    return found


def _depth(info: pkgutil.ModuleInfo) -> tuple[int, str]:
    return info.name.count("."), info.name


def _fail(name: str) -> None:
    raise ImportError(f"{name} cannot be imported: a surface without it would pass for a smaller one")


def _names(module: ModuleType) -> list[str]:
    if module is types:
        return sorted(name for name in dir(types) if not name.startswith("_"))
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    tree = ast.parse(inspect.getsource(module))
    defined = [name for node in tree.body for name in _defined(node) if not name.startswith("_")]
    return sorted(set(defined))


def _defined(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
            return [node.name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case _:
            return []


def _record(found: Surface, places: dict[Any, str], name: str, value: Any) -> None:
    if inspect.isclass(value) or inspect.isroutine(value):
        if not value.__module__.startswith(PACKAGE):
            found[name] = f"the same as {value.__module__}.{value.__qualname__}"
        elif places[value] != name:
            found[name] = f"the same as {places[value]}"
        elif not inspect.isclass(value):
            _function(found, name, value)
        elif typing.is_typeddict(value):
            _typed_dict(found, name, value)
        else:
            _class(found, places, name, value)
    elif isinstance(value, str | int | float):
        found[name] = f"constant of {type(value).__name__}"  # its value may change
    elif typing.get_origin(value) is not None:
        found[name] = f"alias of {_plain(value)}"
    else:
        found[name] = f"object of {type(value).__name__}"


def _typed_dict(found: Surface, name: str, value: Any) -> None:
    found[name] = "dict"
    for key, annotation in value.__annotations__.items():
        found[f"{name}[{key}]"] = _plain(annotation) + (", required" if key in value.__required_keys__ else "")


def _class(found: Surface, places: dict[Any, str], name: str, value: type) -> None:
    # What `isinstance` and `except` can name: public classes, and those of Python.
    bases = [base.__name__ for base in value.__mro__[1:-1] if base in places or issubclass(base, Exception)]
    found[name] = f"class ({', '.join(bases)})" if bases else "class"
    constructed = not issubclass(value, enum.Enum) and not vars(value).get("_is_protocol")
    if inspect.getattr_static(value, "__init__") is Exception.__init__:
        constructed = False  # Python knows no signature of it
    if constructed and not attrs.has(value):  # the fields of an attrs class are its parameters
        _parameters(found, name, value)
    if value is AsyncTwelveLabs:
        return  # its methods are recorded as those of `client`
    for owner in reversed(value.__mro__):
        # What a public base has is recorded there; what a private one has can be reached by this name alone.
        if owner is value or (owner.__module__.startswith(PACKAGE) and owner not in places):
            _members(found, name, value, owner)


def _members(found: Surface, name: str, value: type, owner: type) -> None:
    fields = {field.name: field for field in attrs.fields(owner)} if attrs.has(owner) else {}
    for key, annotation in inspect.get_annotations(owner).items():
        if not key.startswith("_"):
            field = fields.get(key)
            required = field is not None and field.init and field.default is attrs.NOTHING
            found[f"{name}.{key}"] = _plain(annotation) + (", required" if required else "")
    for key in vars(owner):
        if not key.startswith("_"):
            _member(found, f"{name}.{key}", value, key)


def _member(found: Surface, name: str, holder: type, key: str) -> None:
    member = inspect.getattr_static(holder, key)
    if isinstance(member, property | functools.cached_property):
        getter: Any = member.fget if isinstance(member, property) else member.func
        found[name] = f"property -> {_plain(inspect.get_annotations(getter).get('return', 'unknown'))}"
    elif inspect.isfunction(member) or isinstance(member, classmethod | staticmethod):
        _function(found, name, getattr(holder, key), bound=inspect.isfunction(member))
    elif name not in found and not inspect.ismemberdescriptor(member):
        found[name] = f"attribute of {type(member).__name__}"


def _client(found: Surface) -> None:
    """The attributes of the client and of its resources, by the paths that users write."""
    pending: list[tuple[str, object]] = [
        ("client", AsyncTwelveLabs(api_key="surface", base_url="http://127.0.0.1:9"))  # sends nothing, opens nothing
    ]
    while pending:
        path, holder = pending.pop()
        for key in dir(type(holder)):
            if key.startswith("_"):
                continue
            name = f"{path}.{key}"
            _member(found, name, type(holder), key)
            if isinstance(inspect.getattr_static(type(holder), key), functools.cached_property):
                found[name] = "resource"
                pending.append((name, getattr(holder, key)))


def _function(found: Surface, name: str, value: Any, *, bound: bool = False) -> None:
    signature = inspect.signature(value)
    # The second is how Python 3.11 marks a function that returns a coroutine; newer ones tell by themselves.
    is_async = inspect.iscoroutinefunction(value) or hasattr(value, "_is_coroutine")
    kind = "async function" if is_async else "function"
    found[name] = f"{kind} -> {_plain(signature.return_annotation)}"
    for number, overload in enumerate(typing.get_overloads(value), start=1):
        found[f"{name}(overload {number})"] = _difference(inspect.signature(overload), signature)
    _parameters(found, name, value, bound=bound)


def _difference(overload: inspect.Signature, implementation: inspect.Signature) -> str:
    """What an overload has that the implementation has not."""
    whole = implementation.parameters
    parts = [
        f"{name}=: {_plain(parameter.annotation)}{_required(parameter)}"
        for name, parameter in overload.parameters.items()
        if name not in whole
        or parameter.annotation != whole[name].annotation
        or _required(parameter) != _required(whole[name])
    ]
    return f"{', '.join(parts)} -> {_plain(overload.return_annotation)}"


def _parameters(found: Surface, name: str, value: Any, *, bound: bool = False) -> None:
    parameters = list(inspect.signature(value).parameters.values())[bound:]  # not `self`
    for position, parameter in enumerate(parameters, start=1):
        text = _plain(parameter.annotation)
        if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}:
            text += f", position {position}"
        if parameter.default is None or isinstance(parameter.default, str | int | float):
            text += f" = {parameter.default!r}"
        found[f"{name}({parameter.name}=)"] = text + _required(parameter)


def _required(parameter: inspect.Parameter) -> str:
    variadic = parameter.kind in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
    return ", required" if parameter.default is parameter.empty and not variadic else ""


def _plain(annotation: Any) -> str:
    """An annotation in one line, the same under every Python."""
    if isinstance(annotation, str):
        return " ".join(annotation.split())
    if annotation is inspect.Signature.empty:
        return "unknown"
    if isinstance(annotation, typing.ForwardRef):
        return annotation.__forward_arg__
    if annotation is None or annotation is NoneType:
        return "None"
    if annotation is Ellipsis:
        return "..."
    if isinstance(annotation, list):  # the parameters of a callable
        return f"[{', '.join(_plain(part) for part in annotation)}]"
    origin = typing.get_origin(annotation)
    if origin in {typing.Union, UnionType}:
        return " | ".join(_plain(part) for part in typing.get_args(annotation))
    if origin is typing.Literal:
        # Literals in another order are equal, and typing takes one from its cache for the other: whichever was first.
        return f"Literal[{', '.join(sorted(repr(part) for part in typing.get_args(annotation)))}]"
    if origin is not None:
        return f"{_plain(origin)}[{', '.join(_plain(part) for part in typing.get_args(annotation))}]"
    return getattr(annotation, "__name__", str(annotation))
