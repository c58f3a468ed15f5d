"""What a schema allows, in a form that does not depend on how the schema is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .reading import Node, Source

LIMITS: Final = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)
"""Keywords of limits. Where a value may have several forms, the widest limit counts."""

_LOWER: Final = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems"})

ITEM: Final = "[]"
VALUE: Final = ".*"


@attrs.define
class Shape:
    """What a schema allows.

    The forms of a union are put together: a field is there if one of them has it, and required if all of them do.

    Attributes:
        types: JSON types; empty where any is allowed. Null counts separately.
        nullable: Whether null is allowed.
        values: The values of an enum; None where others are allowed, too.
        fields: Shapes of the members by name; `[]` is that of the entries of a list, `.*` that of a map's values.
        required: Names of the members that are always there.
        limits: Limits by keyword.
        default: The default, as a tuple of one; an empty tuple where there is none.
        other_names: Other names of members that stand for the same, by the name in `fields`.
        is_deprecated: Whether it is marked as deprecated.
        is_json_text: Whether it is sent as a text that holds JSON.
        is_repeated: Whether this schema stands inside itself: its fields are those of the outer one.
    """

    types: frozenset[str] = frozenset()
    nullable: bool = False
    values: frozenset[str] | None = None
    fields: dict[str, Shape] = attrs.field(factory=dict)
    required: frozenset[str] = frozenset()
    limits: dict[str, float] = attrs.field(factory=dict)
    default: tuple[Any, ...] = ()
    other_names: dict[str, frozenset[str]] = attrs.field(factory=dict)
    is_deprecated: bool = False
    is_json_text: bool = False
    is_repeated: bool = False


def shape_of(source: Source, node: Any, above: tuple[str, ...] = ()) -> Shape:
    """The shape of a schema.

    Args:
        source: The document.
        node: The schema, or a reference to it.
        above: References inside which it stands.
    """
    schema, names = source.follow(node)
    if any(name in above for name in names):
        return Shape(is_repeated=True, is_deprecated=bool(schema.get("deprecated")))
    above += names
    own = _own(source, schema, above)
    for part in schema.get("allOf") or []:
        own = _both(own, shape_of(source, part, above))
    for keyword in ("oneOf", "anyOf"):
        forms = [shape_of(source, form, above) for form in schema.get(keyword) or []]
        if forms:
            own = _both(own, one_of(forms))
    return own


def _own(source: Source, schema: Node, above: tuple[str, ...]) -> Shape:
    named = schema.get("type")
    types = {str(name) for name in (named if isinstance(named, list) else [named] if named else [])}
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    shape = Shape(
        nullable="null" in types or schema.get("nullable") is True or (values is not None and None in values),
        values=None if values is None else frozenset(map(show, (value for value in values if value is not None))),
        limits={key: schema[key] for key in LIMITS if _is_number(schema.get(key))},
        default=(schema["default"],) if "default" in schema else (),
        is_deprecated=schema.get("deprecated") is True,
        is_json_text="x-json-encoded" in schema,
    )
    properties = schema.get("properties") or {}
    for name, inner in properties.items():
        shape.fields[str(name)] = shape_of(source, inner, above)
        also = inner.get("x-accept") if isinstance(inner, dict) else None
        if also:
            shape.other_names[str(name)] = frozenset([also] if isinstance(also, str) else also)
    shape.required = frozenset(map(str, schema.get("required") or ()))
    if "items" in schema:
        shape.fields[ITEM] = shape_of(source, schema["items"], above)
    rest = schema.get("additionalProperties")
    if isinstance(rest, dict) and rest:
        shape.fields[VALUE] = shape_of(source, rest, above)
    types |= {"object"} if properties or rest else set()
    types |= {"array"} if "items" in schema else set()
    types |= {_type_of(value) for value in values or ()} if not named else set()
    shape.types = frozenset(types - {"null"})
    return shape


def _both(one: Shape, two: Shape) -> Shape:
    """What both schemas of an `allOf` allow together."""
    return Shape(
        types=(one.types & two.types) or one.types or two.types,
        nullable=one.nullable or two.nullable,
        values=one.values if two.values is None else two.values if one.values is None else one.values & two.values,
        fields=_merged(one, two, _both),
        required=one.required | two.required,
        limits=one.limits | two.limits,
        default=one.default or two.default,
        other_names=one.other_names | two.other_names,
        is_deprecated=one.is_deprecated or two.is_deprecated,
        is_json_text=one.is_json_text or two.is_json_text,
        is_repeated=one.is_repeated or two.is_repeated,
    )


def one_of(forms: Sequence[Shape]) -> Shape:
    """What one of the forms of a union allows."""
    result, *others = (form for form in forms if form.types or form.fields or form.is_repeated or not form.nullable)
    for other in others:
        result = _either(result, other)
    result.nullable = any(form.nullable for form in forms)
    return result


def _either(one: Shape, two: Shape) -> Shape:
    is_known = all(form.types or form.is_repeated for form in (one, two))
    objects = [form for form in (one, two) if "object" in form.types]
    return Shape(
        types=one.types | two.types if is_known else frozenset(),
        nullable=one.nullable or two.nullable,
        values=None if one.values is None or two.values is None else one.values | two.values,
        fields=_merged(one, two, _either),
        required=frozenset.intersection(*(form.required for form in objects)) if objects else frozenset(),
        limits=_widest(one, two),
        default=one.default or two.default,
        other_names=one.other_names | two.other_names,
        is_deprecated=one.is_deprecated and two.is_deprecated,
        is_json_text=one.is_json_text and two.is_json_text,
        is_repeated=one.is_repeated or two.is_repeated,
    )


def _merged(one: Shape, two: Shape, merge: Any) -> dict[str, Shape]:
    names = [*one.fields, *(name for name in two.fields if name not in one.fields)]
    return {
        name: merge(one.fields[name], two.fields[name])
        if name in one.fields and name in two.fields
        else one.fields.get(name) or two.fields[name]
        for name in names
    }


def _widest(one: Shape, two: Shape) -> dict[str, float]:
    """Limits of either: a form without a limit that could have it allows anything; one of another type has no say."""
    result = {}
    for key in LIMITS:
        found = [form.limits[key] for form in (one, two) if key in form.limits]
        silent = any(key not in form.limits and _may_have(key, form) for form in (one, two))
        if found and not silent:
            result[key] = min(found) if key in _LOWER else max(found)
    return result


def _may_have(limit: str, shape: Shape) -> bool:
    kinds = {"Length": {"string"}, "Items": {"array"}}.get(limit[3:], {"integer", "number"})
    return not shape.types or bool(shape.types & kinds)


def show(value: Any) -> str:
    """A value of an enum, or a default, as it is shown."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _type_of(value: Any) -> str:
    kinds = ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (list, "array"), (dict, "object"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
