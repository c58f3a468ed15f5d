"""Every extension of the document: its name, where it may stand, and how its value is read.

`openapi/README.md` tells what they mean, README.md beside this file how to add one.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import attrs

from . import extension_values as values
from . import readers
from .errors import GenerationError
from .readers import Reader, UnexpectedValueError
from .source import escaped

if TYPE_CHECKING:
    from .extension_values import Conditions, MediaSizes, Notice, Pages, Stream, WaitStates
    from .source import Source

T = TypeVar("T")


class Place(Enum):
    """Where an extension may stand. The values are the words of `openapi/README.md`."""

    OPERATION = "operation"
    FIELD = "field"
    PARAMETER = "schema of a parameter"
    BODY_MEMBER = "body member"
    FORM_MEMBER = "form member"
    OBJECT = "object"
    ENUM = "enum"
    UNION = "union"
    LIST = "list"
    STRING = "string"
    NAMED = "named schema"
    INLINE = "inline schema"


@attrs.frozen
class Extension(Generic[T]):
    """An extension.

    Attributes:
        name: Its name in the document.
        places: Where it may stand.
        read: Reads its value.
        missing: What a part of the document has that does not have it.
        beside: Another extension that must stand there as well; empty where there is none.
    """

    name: str
    places: tuple[Place, ...]
    read: Reader[T]
    missing: T
    beside: str = ""

    @property
    def where(self) -> str:
        """Where it may stand, in words."""
        places = ", ".join(place.value for place in self.places)
        return f"{places} with `{self.beside}`" if self.beside else places

    def of(self, node: Any) -> T:
        """Its value at a part of the document, which has been checked."""
        extra = node.model_extra or {}
        return self.read(extra[self.name]) if self.name in extra else self.missing


REGISTRY: Final[dict[str, Extension[Any]]] = {}
"""All extensions by name."""


def _define(name: str, read: Reader[T], *places: Place, missing: T, beside: str = "") -> Extension[T]:
    extension = Extension(name, places, read, missing, beside)
    REGISTRY[name] = extension
    return extension


METHOD: Extension[tuple[str, ...]] = _define("x-method", readers.attribute_path, Place.OPERATION, missing=())
SDK_METHOD: Extension[tuple[str, ...] | None] = _define(
    "x-sdk-method", readers.attribute_path_or_false, Place.OPERATION, missing=None
)
LIFECYCLE = _define(
    "x-lifecycle",
    readers.one_of("current", "announced", "deprecated", "unlisted"),
    Place.OPERATION,
    missing="current",
)
SUCCESSOR = _define("x-successor", readers.text, Place.OPERATION, missing="")
ANNOUNCED = _define("x-announced", readers.text, Place.OPERATION, missing="")
PAGINATION: Extension[Pages | None] = _define("x-pagination", values.pages, Place.OPERATION, missing=None)
STREAM: Extension[Stream | None] = _define("x-stream", values.stream, Place.OPERATION, missing=None)
WAIT: Extension[WaitStates | None] = _define("x-wait", values.wait, Place.OPERATION, missing=None)
RATE_LIMIT_GROUP = _define("x-rate-limit-group", readers.text, Place.OPERATION, missing="")
MEDIA_LIMITS: Extension[MediaSizes | None] = _define(
    "x-media-limits", values.media_sizes, Place.OPERATION, missing=None
)
IDEMPOTENT = _define("x-idempotent", readers.flag, Place.OPERATION, missing=False)

ATTRIBUTE = _define("x-attribute", readers.attribute, Place.FIELD, missing="")
WIRE_ATTRIBUTE = _define("x-wire-attribute", readers.flag, Place.FIELD, missing=False, beside="x-attribute")
ACCEPT: Extension[tuple[str, ...]] = _define("x-accept", readers.many(readers.text), Place.FIELD, missing=())
ID_OF = _define("x-id-of", readers.word, Place.PARAMETER, Place.BODY_MEMBER, missing="")
OBJECT: Extension[tuple[str, ...]] = _define("x-object", readers.words, Place.OBJECT, missing=())
ID = _define("x-id", readers.text, Place.OBJECT, missing="")
OPEN_ENUM = _define("x-open-enum", readers.flag, Place.ENUM, missing=False)
OPEN_IN_REQUESTS = _define("x-open-in-requests", readers.flag, Place.ENUM, missing=False, beside="x-open-enum")
LEGACY_VALUES: Extension[tuple[Any, ...]] = _define(
    "x-legacy-values", readers.many(readers.anything), Place.ENUM, missing=()
)
OUTDATED: Extension[Notice | None] = _define("x-outdated", values.notice, Place.BODY_MEMBER, missing=None)
OUTDATED_VALUES: Extension[dict[str, Notice]] = _define(
    "x-outdated-values", readers.mapping(values.notice), Place.ENUM, missing={}
)
OPEN_UNION = _define("x-open-union", readers.flag, Place.UNION, missing=False)
PICK: Extension[dict[str, str]] = _define("x-pick", readers.mapping(readers.text), Place.UNION, missing={})
PREFILL = _define("x-prefill", readers.anything, Place.FIELD, missing=None)
CLIENT_OPTIONAL = _define("x-client-optional", readers.flag, Place.FIELD, missing=False)
JSON_ENCODED = _define("x-json-encoded", readers.flag, Place.FORM_MEMBER, missing=False)
RULES: Extension[Conditions] = _define("x-rules", values.conditions, Place.OBJECT, missing=values.Conditions())
SDK_NAMES: Extension[tuple[str, ...]] = _define(
    "x-sdk-names", readers.many(readers.class_name), Place.NAMED, Place.INLINE, missing=()
)
MAX_TOKENS: Extension[int | None] = _define("x-max-tokens", readers.positive, Place.STRING, missing=None)
MIXIN = _define("x-mixin", readers.class_name, Place.OBJECT, missing="")
UNIQUE_BY = _define("x-unique-by", readers.text, Place.LIST, missing="")


def check(source: Source, node: dict[str, Any], pointer: str, what: str, places: set[Place]) -> None:
    """Raise unless every extension of a part of the document is known, may stand there, and has a valid value.

    Args:
        source: The document.
        node: The part.
        pointer: Where it is.
        what: What it is, in words.
        places: What it is, for extensions.
    """
    for name in [key for key in node if key.startswith("x-")]:
        at = f"{pointer}/{name}"
        extension = REGISTRY.get(name)
        if extension is None:
            raise GenerationError(
                f"openapi/README.md defines no extension {name}",
                "correct its name, or define it: codegen/README.md says how",
                source.place(at),
            )
        if not places.intersection(extension.places):
            raise GenerationError(
                f"{what} cannot have {name}", f"move it to where it may stand: {extension.where}", source.place(at)
            )
        if extension.beside and extension.beside not in node:
            raise GenerationError(
                f"{name} needs {extension.beside} beside it",
                f"add {extension.beside}, or remove {name}",
                source.place(at),
            )
        try:
            extension.read(node[name])
        except UnexpectedValueError as error:
            raise GenerationError(
                f"{'.'.join((name, *error.keys))} must be {error.expected}",
                f"write what openapi/README.md says about {name}",
                source.place("/".join((at, *map(escaped, error.keys)))),
            ) from None
