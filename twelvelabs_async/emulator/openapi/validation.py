"""Validates values against schemas of the document, and reports problems with the platform's error codes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from ..errors import ApiError, parameter_invalid, parameter_missing, parameter_unknown
from . import field_rules
from .unions import variant_of

if TYPE_CHECKING:
    from .document import Schema

_ORDER = {"parameter_not_provided": 0, "parameter_unknown": 1, "parameter_invalid": 2}

_formats = FormatChecker(formats=())

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?")


@_formats.checks("date-time")
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not _DATE_TIME.fullmatch(value):
        return False
    try:
        dt.datetime.fromisoformat(value.upper())
    except ValueError:
        return False
    return True


@_formats.checks("uri")
def _is_uri(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if any(ch.isspace() or ord(ch) < 32 for ch in value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


Errors = Iterator[ValidationError]


def _one_of(validator: Any, options: list[Schema], instance: Any, schema: Schema) -> Errors:
    """A union: the discriminator selects the variant to validate against, so that the error names the invalid field."""
    discriminator = schema.get("discriminator")
    if not discriminator or not isinstance(instance, Mapping):
        yield from Draft202012Validator.VALIDATORS["anyOf"](validator, options, instance, schema)
        return
    name = discriminator["propertyName"]
    if name not in instance:
        yield ValidationError(f"{name!r} is required", validator="required", validator_value=[name], path=(name,))
        return
    chosen = variant_of(schema, instance)
    if chosen is None:
        known = list(discriminator.get("mapping") or {})
        yield ValidationError("unknown variant", validator="enum", validator_value=known, path=(name,))
        return
    yield from validator.descend(instance, chosen)


def _any_of(validator: Any, options: list[Schema], instance: Any, schema: Schema) -> Errors:
    """A union without a discriminator: the variant whose own member is present must be valid."""
    pick = schema.get("x-pick")
    if pick and isinstance(instance, Mapping):
        chosen = variant_of(schema, instance)
        if chosen is not None:
            yield from validator.descend(instance, chosen)
            return
        names = list(pick.values())
        yield ValidationError(f"One of {', '.join(names)} is required.", validator="required", path=(names[0],))
        return
    if any(not any(True for _ in validator.descend(instance, option)) for option in options):
        return
    objects = [o for o in options if o.get("type") == "object"]
    if isinstance(instance, Mapping) and len(objects) == 1:
        yield from validator.descend(instance, objects[0])
        return
    lists = [o for o in options if o.get("type") == "array"]
    if isinstance(instance, list) and len(lists) == 1:
        yield from validator.descend(instance, lists[0])
        return
    yield ValidationError("has none of the allowed types or values", validator="anyOf")


def _required(validator: Any, names: list[str], instance: Any, schema: Schema) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for name in names:
        if name not in instance:
            yield ValidationError(f"{name!r} is required", validator="required", path=(name,))


def _properties(validator: Any, properties: Mapping[str, Schema], instance: Any, schema: Schema) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    if "additionalProperties" not in schema and "patternProperties" not in schema:
        for name in instance:
            if name not in properties:
                yield ValidationError(f"{name!r} is unknown", validator="additionalProperties", path=(name,))
    for name, member in properties.items():
        if name in instance:
            yield from validator.descend(instance[name], member, path=name, schema_path=name)


def _rules(validator: Any, conditions: Mapping[str, Any], instance: Any, schema: Schema) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for kind, name, reason in field_rules.check(conditions, instance, schema):
        yield ValidationError(reason, validator="required" if kind == field_rules.MISSING else "x-rules", path=(name,))


def _unique_by(validator: Any, member: str, instance: Any, schema: Schema) -> Errors:
    if not isinstance(instance, list):
        return
    seen: set[str] = set()
    for position, item in enumerate(instance):
        value = str(item.get(member)) if isinstance(item, Mapping) else ""
        if value in seen:
            yield ValidationError(f"{member} must be unique", validator="x-unique-by", path=(position, member))
        seen.add(value)


def _max_tokens(validator: Any, limit: int, instance: Any, schema: Schema) -> Errors:
    if isinstance(instance, str) and len(instance.split()) > limit:
        yield ValidationError(f"must not have more than {limit} tokens", validator="x-max-tokens")


def _is_integer(_checker: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_REQUEST: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {
        "oneOf": _one_of,
        "anyOf": _any_of,
        "required": _required,
        "properties": _properties,
        "x-rules": _rules,
        "x-unique-by": _unique_by,
        "x-max-tokens": _max_tokens,
    },
    # The request parser makes integers of floats such as 2.0: a float that is left is no exact integer.
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)


def _ignore(validator: Any, value: Any, instance: Any, schema: Schema) -> Errors:
    return iter(())


_RESPONSE: Any = extend(  # type: ignore[no-untyped-call]
    _REQUEST, {"x-rules": _ignore, "x-unique-by": _ignore, "x-max-tokens": _ignore}
)


def check_request(value: Any, schema: Schema, *, root: str = "body") -> None:
    """Validates a value of a request.

    Raises:
        ApiError: With the first problem: missing fields before unknown ones before invalid ones.
    """
    problems = [_problem(error, root) for error in _REQUEST(schema, format_checker=_formats).iter_errors(value)]
    if problems:
        raise min(problems, key=lambda problem: _ORDER.get(problem.code, 3))


def allows_null(schema: Schema) -> bool:
    """Whether a schema of a request allows null."""
    return bool(_REQUEST(schema).is_valid(None))


def response_errors(value: Any, schema: Schema) -> Errors:
    """Everything that the document forbids about a value of a response, or does not list."""
    yield from _RESPONSE(schema, format_checker=_formats).iter_errors(value)


def check_response(value: Any, schema: Schema) -> str | None:
    """What the document forbids about a response of the emulator itself, or None."""
    for error in response_errors(value, schema):
        return f"{_path(error, 'response')}: {error.message}"
    return None


def _problem(error: ValidationError, root: str) -> ApiError:
    name = _path(error, root)
    if error.validator == "required":
        return parameter_missing(name, "" if error.message.endswith("is required") else error.message)
    if error.validator == "additionalProperties":
        return parameter_unknown(name)
    return parameter_invalid(name, _REASONS.get(str(error.validator), _other)(error))


def _path(error: ValidationError, root: str) -> str:
    text = ""
    for part in error.absolute_path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or root


def _other(error: ValidationError) -> str:
    return error.message[:200]


_REASONS: dict[str, Callable[[ValidationError], str]] = {
    "enum": lambda e: f"It must be one of {', '.join(map(str, _values(e)))}.",
    "const": lambda e: f"It must be {e.validator_value}.",
    "type": lambda e: f"It must be of type {_types(e.validator_value)}.",
    "minimum": lambda e: f"It must be at least {e.validator_value}.",
    "maximum": lambda e: f"It must be at most {e.validator_value}.",
    "minLength": lambda e: f"It must have at least {e.validator_value} characters.",
    "maxLength": lambda e: f"It must have at most {e.validator_value} characters.",
    "minItems": lambda e: f"It must have at least {e.validator_value} items.",
    "maxItems": lambda e: f"It must have at most {e.validator_value} items.",
    "pattern": lambda e: f"It must match {e.validator_value}.",
    "format": lambda e: f"It must be a valid {e.validator_value}.",
    "anyOf": lambda _: "It has none of the allowed types or values.",
}


def _values(error: ValidationError) -> list[Any]:
    values = error.validator_value
    return values if isinstance(values, list) else []


def _types(value: Any) -> str:
    return " or ".join(value) if isinstance(value, list) else str(value)
