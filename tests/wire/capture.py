"""One request as it is on the wire, in a form that can be kept as JSON and compared."""

from __future__ import annotations

import email.parser
import email.policy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

OFFICIAL = Path(__file__).parent / "official.json"
DIFFERENCES = Path(__file__).parent / "differences.yaml"


@dataclass(frozen=True)
class FormPart:
    """One part of a form."""

    name: str
    content: str
    filename: str | None = None


@dataclass(frozen=True)
class WireRequest:
    """One request."""

    method: str
    path: str
    """As on the wire, quoted, below the base URL."""
    query: list[tuple[str, str]]
    """Decoded pairs, sorted by name; pairs of one name keep their order."""
    json: Any = None
    form: list[FormPart] | None = None
    """Parts, sorted by name; parts of one name keep their order."""


def form_parts(content_type: str, body: bytes) -> list[FormPart] | None:
    """The parts of a multipart body; None for any other body."""
    if not content_type.startswith("multipart/form-data"):
        return None
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parts = []
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            continue  # what the parser makes of a form without parts
        name = part.get_param("name", header="content-disposition")
        parts.append(FormPart(str(name), content.decode(), part.get_filename()))
    return sorted(parts, key=lambda entry: entry.name)


def dump(request: WireRequest) -> dict[str, Any]:
    """The request as JSON data, without what it does not have."""
    data = asdict(request)
    data["query"] = [list(pair) for pair in request.query]
    if request.form is not None:
        data["form"] = [{name: value for name, value in part.items() if value is not None} for part in data["form"]]
    return {name: value for name, value in data.items() if value is not None}
