"""Writes the texts of docstrings: descriptions of the document, completed from its other keywords."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from . import extensions
from .document import Document, Node, beside, description, text
from .escape import one_line
from .parser import oai

if TYPE_CHECKING:
    from collections.abc import Sequence

_LIMITS = (
    ("minimum", "maximum", "", ""),
    ("exclusiveMinimum", "exclusiveMaximum", "exclusive", ""),
    ("minLength", "maxLength", "", "character"),
    ("minItems", "maxItems", "", "entry"),
)
"""Keywords of the lower and upper limit of one thing, and what they count."""


class Describer:
    """Writes descriptions, with methods of the client in place of operation ids."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.methods = {
            text(operation.operationId): ".".join(extensions.METHOD.of(operation))
            for _, _, operation, _ in document.operations()
        }

    def prose(self, value: str) -> str:
        """A text with methods of the client in place of operation ids."""

        def method(match: re.Match[str]) -> str:
            return f"`{self.methods.get(match[1]) or match[1]}`"

        return re.sub(r"`([A-Za-z0-9_]+)`", method, value).strip()

    def value(self, node: Node, *, own: str = "", sent: bool = False) -> str:
        """Description of a field or argument, with its default and limits where the text does not name them.

        Args:
            node: Schema of the value.
            own: Description beside the schema, as on a parameter.
            sent: Whether the value is sent; a default means something only then.
        """
        schema = self.document.schema(node)
        prose = self.prose(own or description(node) or description(schema))
        parts = [f"{prose}." if prose and prose[-1] not in ".!?:" else prose]
        for lower, upper, exclusive, unit in _LIMITS:
            limits = [getattr(schema, lower), getattr(schema, upper)]
            if limits[0] != limits[1]:
                limits = [None if limit is not None and _mentions(prose, limit) else limit for limit in limits]
            elif limits[0] is not None and _mentions(prose, limits[0]):
                continue
            if any(limit is not None for limit in limits):
                parts.append(_range(limits[0], limits[1], unit, inclusive=not exclusive))
        if schema.pattern and text(schema.pattern) not in prose:
            parts.append(f"Pattern: `{text(schema.pattern)}`.")
        default = schema.default
        if default is None and isinstance(node, oai.Reference):
            default = beside(node, "default")
        if sent and default is not None:
            parts.append(f"Default of the platform: {_shown(default)}.")
        if schema.deprecated or (isinstance(node, oai.Reference) and beside(node, "deprecated")):
            parts.append("Legacy." if "legacy" not in prose.lower() else "")
        return " ".join(part for part in parts if part)

    def rules(self, schema: oai.Schema) -> list[str]:
        """Conditions across fields, where the description does not name all the fields concerned."""
        prose = self.prose(description(schema))
        found: list[str] = []
        rules = extensions.RULES.of(schema)
        for listed, sentence in (
            (rules.exactly_one_of, "Exactly one of {} is required."),
            (rules.at_least_one_of, "At least one of {} is required."),
            (rules.at_most_one_of, "At most one of {} is allowed."),
        ):
            if not all(f"`{entry.split(' ')[0]}`" in prose for entry in listed):
                found.append(sentence.format(_joined(listed)))
        found += [
            f"Mutually exclusive: {_joined(group)}."
            for group in rules.mutually_exclusive
            if not all(f"`{entry}`" in prose for entry in group)
        ]
        return found


def summary(value: str, fallback: str) -> str:
    """A first line: one sentence with a full stop, or with a colon before a list."""
    line = one_line(value) or fallback
    return line if line[-1] in ".!?:" else f"{line}."


def without(value: str, member: str) -> str:
    """The text without the sentences about a member that is not an argument of the method."""
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z`])", value)
    return " ".join(sentence for sentence in sentences if f"`{member}`" not in sentence)


def _range(low: float | None, high: float | None, unit: str, *, inclusive: bool) -> str:
    """`From 1 to 50.`, `At most 1 entry.`."""
    at_least, at_most = ("At least", "At most") if inclusive else ("More than", "Less than")
    last = high if high is not None else low
    counted = f" {unit}" if last == 1 else f" {unit.removesuffix('y')}ies" if unit.endswith("y") else f" {unit}s"
    counted = counted if unit else ""
    if low is not None and high is not None:
        if low == high:
            return f"Exactly {_number(low)}{counted}."
        middle = (
            f"From {_number(low)} to {_number(high)}" if inclusive else f"Between {_number(low)} and {_number(high)}"
        )
        return f"{middle}{counted}{'' if inclusive else ', exclusive'}."
    return f"{at_least} {_number(low)}{counted}." if low is not None else f"{at_most} {_number(high or 0)}{counted}."


def _joined(entries: Sequence[str]) -> str:
    quoted = [f"`{entry.split(' ')[0]}`{entry[len(entry.split(' ')[0]) :]}" for entry in entries]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _mentions(prose: str, limit: float) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(_number(limit))}(?!\w|\.\d)", prose) is not None


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{value}`"
    if isinstance(value, list):
        return _joined([str(entry) for entry in value]) if value else "an empty list"
    return _number(value) if isinstance(value, int | float) else f"`{value}`"
