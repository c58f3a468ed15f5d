"""Python names for the names of the document."""

from __future__ import annotations

import keyword
import re

from . import parser
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


def class_name(name: str) -> str:
    """Name of a class: unchanged where it can be one."""
    plain = re.fullmatch(r"[A-Z][A-Za-z0-9_]*", name)
    result = name if plain else parser.class_name(name)
    if not (result.isidentifier() and result.isascii()):
        raise GenerationError(f"the name {name!r} cannot become the name of a class", "use letters and digits")
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


def is_class(name: str) -> bool:
    """Whether a class can have this name as it is."""
    return bool(re.fullmatch(r"[A-Z][A-Za-z0-9_]*", name)) and class_name(name) == name


def is_attribute(name: str) -> bool:
    """Whether a field, and an argument, can have this name as it is."""
    return bool(re.fullmatch(r"[a-z][a-z0-9_]*", name)) and attribute(name) == name == argument(name)


def _identifier(wire: str, taken: frozenset[str]) -> str:
    plain = re.fullmatch(r"[a-z][a-z0-9_]*", wire)
    result = wire if plain else re.sub(r"[^a-z0-9_]", "", parser.snake_case(wire).lower())
    if not result:
        raise GenerationError(f"the name {wire!r} has no letter that a Python name could use", "use letters and digits")
    if not result[0].isalpha():
        result = f"field_{result.lstrip('_')}"
    return f"{result}_" if keyword.iskeyword(result) or result in taken else result


def plain(wire: str) -> str:
    """The wire name, with an underscore behind a Python keyword."""
    return f"{wire}_" if keyword.iskeyword(wire) else wire
