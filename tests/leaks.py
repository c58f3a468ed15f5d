"""Looks for a secret in everything that an error shows, holds, or is chained to."""

from __future__ import annotations

import base64
import functools
import html
import pickle
import re
import traceback
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = 8
"""Characters of the beginning of a secret that must not be left of it."""

RUN = 12
"""Letters and digits from anywhere in a secret that must not be left of it, whatever is between them."""


def find_leaks(error: BaseException, secret: str, *more: object) -> list[str]:
    """Where a secret, or its beginning, is: in the error, its chain, its pickle, the frames of the package.

    Args:
        error: The error as the user gets it.
        secret: The secret.
        more: What else was shown: events of hooks, lines of logs.
    """
    places = [*_places(error, set()), *((f"seen: {type(item).__name__}", _show(item)) for item in more)]
    places.append(("pickle", pickle.dumps(_without_models(error)).decode("latin-1")))
    places.append(
        ("traceback", "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()))
    )
    return [f"{place}: {text[:300]}" for place, text in places if holds(text, secret)]


def holds(text: str, secret: str) -> bool:
    """Whether a text holds a secret, or the beginning of it, in any of the usual encodings."""
    runs, pieces = _parts(secret)
    for _ in range(4):
        lower = text.lower()
        words = _words(lower)
        if any(run in words for run in runs) or any(piece in lower for piece in pieces):
            return True
        decoded = html.unescape(unquote(re.sub(r"\\+u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)))
        decoded = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda code: chr(int(code[1], 16)), decoded).replace("\\/", "/")
        if decoded == text:
            return False  # nothing is left to decode
        text = decoded
    return False


@functools.cache
def _parts(secret: str) -> tuple[set[str], list[str]]:
    """What must not be in the letters and digits of a text, and what must not be in the text itself."""
    words = _words(secret)
    runs = {words[at : at + RUN] for at in range(len(words) - RUN + 1)}
    data = secret.encode()
    digits = [base64.b64encode(bytes(offset) + data).decode()[4:18].lower() for offset in range(3)]
    return runs, [secret[:PART].lower(), data.hex()[: 3 * PART], *digits]


def _words(text: str) -> str:
    """The letters and digits of a text: nothing that somebody wrote between them hides a secret."""
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def local_leaks(error: BaseException, secret: str) -> list[str]:
    """Locals in the frames of the package whose repr shows a secret; every repr must work."""
    found = []
    for shown in _chain(error, set()):
        trace = shown.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_globals.get("__name__", "").partition(".")[0] == "twelvelabs_async":
                for name, value in frame.f_locals.items():
                    if holds(repr(value), secret):
                        found.append(f"{frame.f_code.co_qualname}: {name} = {repr(value)[:200]}")
            trace = trace.tb_next
    traceback.TracebackException.from_exception(error, capture_locals=True)  # must not raise
    return found


def _chain(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    yield from _chain(error.__cause__, seen)
    yield from _chain(error.__context__, seen)
    for inner in [*getattr(error, "exceptions", ()), *getattr(error, "outcomes", ())]:
        if isinstance(inner, BaseException):
            yield from _chain(inner, seen)
    yield from _chain(getattr(error, "original_error", None), seen)


def _places(error: BaseException, seen: set[int]) -> Iterator[tuple[str, str]]:
    for shown in _chain(error, seen):
        kind = type(shown).__name__
        yield f"str of {kind}", str(shown)
        yield f"repr of {kind}", repr(shown)
        yield f"args of {kind}", _show(shown.args)
        for name, value in vars(shown).items():
            if name not in {"task", "last", "index"}:
                yield f"{kind}.{name}", _show(value)
        for name in ("strerror", "filename", "object", "doc"):
            if hasattr(shown, name):
                yield f"{kind}.{name}", _show(getattr(shown, name))


def _show(value: Any) -> str:
    """Everything in a value, also what its repr leaves out."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, dict):
        return " ".join(f"{_show(name)} {_show(item)}" for name, item in value.items())
    if isinstance(value, list | tuple | set):
        return " ".join(map(_show, value))
    if isinstance(value, BaseException):
        return f"{value} {value!r} {_show(vars(value))}"
    if attrs.has(type(value)):
        return " ".join(_show(getattr(value, field.name)) for field in attrs.fields(type(value)))
    return repr(value)


def _without_models(error: BaseException) -> BaseException:
    """What the platform returned may hold anything; the errors of this package leave it as it is."""
    made: BaseException = pickle.loads(pickle.dumps(error))
    for name in ("task", "last", "index"):
        if hasattr(made, name):
            setattr(made, name, None)
    return made
