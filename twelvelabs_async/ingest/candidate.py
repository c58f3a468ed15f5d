"""A source as it was given, before the file system was asked about it."""

from __future__ import annotations

import errno
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from .._request.urls import split_http_url
from .._safe_repr import SafeRepr
from .keys import encodable, file_name, is_url
from .values import KEY_FIELD, IngestItem, ItemSource, MetadataValue, SourceProblem

_MAY_PASS: Final = frozenset(
    {errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE}
    | {errno.ETIMEDOUT}
)
"""Errors of a file system that may be over later."""

_FIELDS: Final = frozenset({"source", "path", "url", "key", "filename", "metadata"})

_MAX_INTEGER: Final = 2**53 - 1
"""The platform takes integers of 53 bits."""


@attrs.frozen(kw_only=True)
class Candidate(SafeRepr):
    """A source that was not looked at yet.

    Attributes:
        source: The source; where there is a `problem`, a text that says where.
        place: Where it was found, if that is no path or URL.
        root: The folder that its place is below, if the caller gives no other.
        key: Its key, where it was given one.
        filename: Its name at the platform, where it was given one.
        metadata: Its metadata.
        may_vanish: It was found in a listing: if it is gone, it was no source.
        problem: What is wrong with it.
    """

    source: ItemSource
    place: str = ""
    root: Path | None = None
    key: str | None = None
    filename: str | None = None
    metadata: Mapping[str, MetadataValue] = attrs.field(factory=dict)
    may_vanish: bool = False
    problem: SourceProblem | None = None

    @classmethod
    def of(cls, given: Any) -> Candidate:
        """The candidate for what a caller may give as a source.

        Raises:
            ValueError: It cannot be a source.
        """
        if isinstance(given, Candidate):
            return given
        if isinstance(given, IngestItem):
            return cls(
                source=given.source if given.problem else _source(given.source),
                place=given.place,
                key=given.key,
                filename=given.filename,
                metadata=given.metadata,
                problem=given.problem,
            )
        if isinstance(given, Mapping):
            return cls.of_fields(given)
        if isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str) and given[0]:
            name, content = given
            if isinstance(content, os.PathLike) or (isinstance(content, str) and is_url(content)):
                return cls(source=_source(content), filename=name)
        return cls(source=_source(given))

    @classmethod
    def of_fields(cls, fields: Mapping[Any, Any], *, folder: Path | None = None) -> Candidate:
        """The candidate for a mapping: `source`, `path` or `url`, and `key`, `filename`, `metadata`.

        Args:
            fields: The fields. Those that are None are left out.
            folder: Relative paths are below it, and it is the root.

        Raises:
            ValueError: A field is unknown or cannot be used.
        """
        fields = {name: value for name, value in fields.items() if value is not None}
        if unknown := fields.keys() - _FIELDS:
            names = ", ".join(sorted(map(str, unknown)))
            raise ValueError(f"unknown field {names:.200}; a source has {', '.join(sorted(_FIELDS))}")
        given = [name for name in ("source", "path", "url") if name in fields]
        if len(given) != 1:
            raise ValueError(f"a source has one of source, path, url; this one has {' and '.join(given) or 'none'}")
        value = fields[given[0]]
        if given[0] == "url" and not (isinstance(value, str) and is_url(value)):
            raise ValueError(f"url: {value!r:.200} is not an HTTP URL")
        source = _source(value)
        if folder is not None and isinstance(source, Path):
            source = folder / source
        for name in ("key", "filename"):
            if not isinstance(fields.get(name, ""), str):
                raise ValueError(f"{name}: must be a string, not {type(fields[name]).__name__}")  # noqa: TRY004 - one kind
        return cls(
            source=source,
            root=folder,
            key=fields.get("key"),
            filename=fields.get("filename"),
            metadata=checked_metadata(fields.get("metadata", {})),
        )

    @classmethod
    def of_problem(cls, where: str, error: Exception) -> Candidate:
        """The candidate for what cannot be read.

        Args:
            where: Where it is: a path, or the line of a manifest.
            error: What is wrong.
        """
        where = encodable(where)
        return cls(source=where, place=where, problem=problem_of(where, error))


def problem_of(where: str, error: Exception) -> SourceProblem:
    """The problem for an error."""
    text, retryable = str(error), False
    if isinstance(error, OSError) and error.errno is not None:
        text, retryable = error.strerror or text, error.errno in _MAY_PASS
    return SourceProblem(
        error=type(error).__name__,
        message=f"{where}: {text}".encode("utf-8", "backslashreplace").decode(),
        retryable=retryable,
    )


def checked_metadata(metadata: Any) -> dict[str, MetadataValue]:
    """Metadata as the platform takes it; values that are None are left out.

    Raises:
        ValueError: The platform would refuse or change it.
    """
    if not isinstance(metadata, Mapping):
        raise ValueError(f"metadata: must be an object, not {type(metadata).__name__}")  # noqa: TRY004 - one kind
    checked: dict[str, MetadataValue] = {}
    for name, value in metadata.items():
        if not isinstance(name, str) or not name or encodable(name) != name:
            raise ValueError(f"metadata: {name!r:.100} is not a name")
        if name == KEY_FIELD:
            raise ValueError(f"metadata: {KEY_FIELD} is the field for the key; give the key as key")
        if value is not None:
            checked[name] = _checked_value(name, value)
    return checked


def _checked_value(name: str, value: Any) -> MetadataValue:
    if isinstance(value, list | tuple) and all(isinstance(text, str) and encodable(text) == text for text in value):
        return list(value)
    if isinstance(value, str) and encodable(value) != value:
        raise ValueError(f"metadata: {name} is not valid Unicode: it holds a lone surrogate")
    if isinstance(value, int) and abs(value) > _MAX_INTEGER:
        raise ValueError(f"metadata: {name} has more than 53 bits; send it as text")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"metadata: {name} is not a finite number")
    if isinstance(value, str | int | float):  # bool is an int
        return value
    raise ValueError(
        f"metadata: {name} is {type(value).__name__}; allowed are text, numbers, booleans, and lists of text"
    )


def _source(value: Any) -> Any:  # ItemSource
    if isinstance(value, os.PathLike):
        return Path(value)
    if isinstance(value, str) and value:
        if is_url(value):
            try:
                split_http_url(value)
            except ValueError as error:
                raise ValueError(f"the URL {error}") from None
            return value
        if "://" in value:
            raise ValueError(f"{value:.200}: only http and https URLs, and paths, can be sources")
        return Path(value)
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and value[0]:
        if isinstance(value[1], str):
            raise ValueError(
                f"({value[0]!r:.100}, ...): the content is a str; pass a Path, bytes, or an open binary file"
            )
        return value[0], value[1]
    name = getattr(value, "name", None)
    if hasattr(value, "read") and isinstance(name, str) and name:
        return file_name(name), value
    what = "an empty text" if value == "" else type(value).__name__
    raise ValueError(
        f"{what} is not a source: pass a path, a URL, (name, file), or a mapping with one of source, path, url"
    )
