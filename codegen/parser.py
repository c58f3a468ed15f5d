"""The only module that knows openapi-python-client.

Taken from it:

- its schema package: the objects of a document, validated, with their extensions, and with `UntrustedString` for texts
- its parse of a whole document, for the errors and warnings alone: what it does not understand ends the run
- its template environment (`Project`), with its filters and settings of Jinja
- its rules for names: `ClassName` and `snake_case`

Not taken:

- its reading of files and addresses: `source.py` knows the line of each value
- its model of properties, models and endpoints, which lacks names of unions, discriminators and extensions: ours is in
  `mapping.py`, `schemas.py` and `operations.py`
- its templates, its files and hooks, and its names of arguments and modules
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from jinja2 import StrictUndefined
from openapi_python_client import Project
from openapi_python_client import schema as oai
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.schema.untrusted_string import UntrustedString
from openapi_python_client.strings import ClassName, snake_case
from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jinja2 import Environment

__all__ = ["Complaint", "Parsed", "UntrustedString", "class_name", "oai", "parse", "snake_case"]

_STREAMS = {"application/x-ndjson": "application/json", "application/jsonl": "application/json"}
"""Bodies of streams, which openapi-python-client does not support: one event is JSON."""


@attrs.frozen
class Complaint:
    """Something in a document that openapi-python-client does not understand.

    Attributes:
        text: Its words.
        node: The part of the document, where it says so.
        path: Keys and positions that lead to the part, where the document could not be parsed.
    """

    text: str
    node: Any = None
    path: tuple[str | int, ...] = ()


@attrs.frozen
class Parsed:
    """A parsed document.

    Attributes:
        api: Its objects, with their extensions.
        webhooks: The paths that the platform calls.
        complaints: What would be missing from a client.
    """

    api: oai.OpenAPI
    webhooks: Sequence[oai.PathItem]
    complaints: Sequence[Complaint]
    _config: Config
    _data: GeneratorData

    def environment(self, templates: Path) -> Environment:
        """The environment of the templates in a folder. A value that is not defined is an error."""
        project = Project(openapi=self._data, config=self._config, custom_template_path=templates)
        project.env.undefined = StrictUndefined
        return project.env


class _Webhooks(BaseModel):
    """The part of a document that the schema package leaves out."""

    webhooks: dict[str, oai.PathItem]


def parse(content: dict[str, Any], source: Path, output: Path) -> Parsed | Complaint:
    """Parse a document.

    Args:
        content: The document.
        source: Its file.
        output: The folder of the client.

    Returns:
        The parsed document, or why it cannot be parsed.
    """
    try:
        api = oai.OpenAPI.model_validate(content)
        webhooks = _Webhooks.model_validate({"webhooks": content.get("webhooks", {})}).webhooks
    except ValidationError as error:
        first = error.errors()[0]
        return Complaint(first["msg"], path=first["loc"])
    settings = ConfigFile(literal_enums=True, post_hooks=[], content_type_overrides=dict(_STREAMS))
    config = Config.from_sources(settings, MetaType.NONE, source, "utf-8", overwrite=True, output_path=output)
    data = GeneratorData.from_dict(content, config=config)
    if isinstance(data, GeneratorError):
        return _complaint(data)
    found = [
        *data.errors,
        *(error for each in data.endpoint_collections_by_tag.values() for error in each.parse_errors),
    ]
    return Parsed(api, list(webhooks.values()), [_complaint(error) for error in found], config, data)


def class_name(name: str) -> str:
    """A name in the form of a class, without what a Python name cannot have."""
    return str(ClassName(name, "Model"))


def _complaint(error: GeneratorError) -> Complaint:
    words = " ".join(f"{error.header} {error.detail or ''}".split())
    return Complaint(words.rstrip("."), node=getattr(error, "data", None))
