"""Python names for the names of the document."""

from __future__ import annotations

import keyword
import re

from openapi_python_client.strings import ClassName, snake_case

from .errors import GenerationError

_TAKEN_ARGUMENTS = frozenset({"self", "cls", "request_options"})
_TAKEN_FIELDS = frozenset({"self", "extra"})
_TAKEN_CLASSES = frozenset(
    {
        *(
            "Any",
            "ClassVar",
            "Literal",
            "Mapping",
            "Sequence",
            "TypeAlias",
            "TypedDict",
            "Required",
            "NotRequired",
            "TYPE_CHECKING",
        ),
        *("Model", "UnknownVariant", "UnionRule", "UncheckedStr", "Unset", "UNSET", "FileInput", "Vector"),
        *("None", "True", "False"),
        *("Operation", "PagedOperation", "StreamOperation", "TypeRef", "AsyncPager", "AsyncStream"),
        *("Resource", "RawResource", "RawResponse", "RequestOptions", "ResourceTree", "RawResourceTree"),
    }
)


def argument(wire: str) -> str:
    """Name of an argument: the wire name in snake case, with an underscore behind a Python keyword."""
    return _identifier(wire, _TAKEN_ARGUMENTS)


def attribute(wire: str) -> str:
    """Name of a field of a model."""
    return _identifier(wire, _TAKEN_FIELDS)


def member(wire: str, given_name: object, where: str) -> str:
    """Name of a field of a model: the `x-attribute` of the document, or one made from the wire name."""
    return given(str(given_name), where) if given_name else attribute(wire)


def class_name(name: str) -> str:
    """Name of a class: unchanged where it can be one."""
    plain = re.fullmatch(r"[A-Z][A-Za-z0-9_]*", name)
    result = name if plain else str(ClassName(name, "Model"))
    if not (result.isidentifier() and result.isascii()):
        raise GenerationError(f"The name {name!r} cannot become the name of a class")
    return f"{result}_" if result in _TAKEN_CLASSES or keyword.iskeyword(result) else result


def constant(operation_id: str) -> str:
    """Name of the constant of an operation."""
    return _identifier(operation_id, frozenset()).upper()


def module(tag: str) -> str:
    """Name of the module of a tag."""
    return _identifier(tag, frozenset({"common", "tree", "index", "ids"}))


def pascal(path: tuple[str, ...]) -> str:
    """`("embed", "v_2", "tasks")` as `EmbedV2Tasks`."""
    return "".join(part[:1].upper() + part[1:] for segment in path for part in segment.split("_"))


def attribute_path(value: str, where: str) -> tuple[str, ...]:
    """The parts of an `x-method` such as `indexes.videos.list`."""
    parts = tuple(value.split("."))
    for part in parts:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", part) or keyword.iskeyword(part):
            raise GenerationError(f"{where}: x-method {value!r} is not a path of attributes")
    return parts


def given(value: str, where: str) -> str:
    """An `x-attribute`, which the document gives as a Python name."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value) or keyword.iskeyword(value) or value in _TAKEN_FIELDS:
        raise GenerationError(f"{where}: x-attribute {value!r} cannot be the name of an attribute")
    return value


def wire_attribute(wire: str, given_name: str, where: str) -> str:
    """The wire name as a second name of an attribute or argument."""
    if wire == given_name or attribute(wire) != wire or argument(wire) != wire:
        raise GenerationError(f"{where}: x-wire-attribute needs an x-attribute, and a wire name that Python accepts")
    return wire


def _identifier(wire: str, taken: frozenset[str]) -> str:
    plain = re.fullmatch(r"[a-z][a-z0-9_]*", wire)
    result = wire if plain else re.sub(r"[^a-z0-9_]", "", snake_case(wire).lower())
    if not result:
        raise GenerationError(f"The name {wire!r} has no letter that a Python name could use")
    if not result[0].isalpha():
        result = f"field_{result.lstrip('_')}"
    return f"{result}_" if keyword.iskeyword(result) or result in taken else result


def plain(wire: str) -> str:
    """The wire name, with an underscore behind a Python keyword."""
    return f"{wire}_" if keyword.iskeyword(wire) else wire
