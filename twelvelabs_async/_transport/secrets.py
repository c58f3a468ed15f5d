"""Takes secrets out of errors, in whatever way they got in.

The secrets of a call are the keys, tokens and passwords among its headers, the query of a presigned URL, and user and
password of a proxy. They are collected when there is an error, and taken out of the final strings of the error and of
everything that it holds or is chained to. How a server wrote them does not matter: as they are, in other case, escaped
for JSON, HTML or a URL (also twice), as base64 or hexadecimal digits, cut off at either end, folded, or with something
between their characters, such as the zeros of UTF-16.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import copy
import html
import os
import re
import string
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

import attrs

from .._request.secret import HEADER_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from .._config.config import Config

HIDDEN: Final = "***"
"""Stands where a secret was."""

SHORTEST: Final = 6
"""Characters that a secret must have to be taken out. A shorter one is a part of ordinary words and numbers: messages
would become unreadable, and the places where it is missing would tell it. No key and no signature is that short.
"""

SHORTEST_PART: Final = 8
"""Characters from which on the beginning of a secret is taken out as well: texts are cut at many limits."""

SHORTEST_RUN: Final = 12
"""Characters from which on any other part is taken out as well. Shorter ones could be parts of ordinary words."""

_MAX_PROBES: Final = 16
"""Places in a secret at which a part of it is looked for: tokens of thousands of characters must not take long."""

MAX_DEPTH: Final = 64
"""Levels of nested lists and objects that an error keeps. What is deeper could be neither pickled nor shown."""

TOO_DEEP: Final = "(nested too deep)"

SECRET_NAME: Final = re.compile(
    r"key|token|secret|sig(?!ned-?headers)|credential|passw|auth|cookie|policy", re.IGNORECASE
)
"""Names of headers and parameters whose values are secrets."""

_NO_SECRETS: Final = frozenset({"idempotency-key"})

_ESCAPE: Final = re.compile(
    r"[\\%]+u([0-9a-fA-F]{4})|\\+u\{([0-9a-fA-F]{1,6})\}|\\+U([0-9a-fA-F]{8})|\\+x([0-9a-fA-F]{2})|%(?:25)*([0-9a-fA-F]{2})"
    r"|\\+([0-7]{3})|=(2[0-9A-F]|3[A-F]|40|5[B-F]|60|7[B-F])|(&(?:#[xX]?[0-9a-fA-F]{1,7}|[a-zA-Z]{2,31});)"
)
"""One character, escaped for JSON, another language, a URL, in octal digits, as quoted-printable, or for HTML."""

_WORD: Final = re.compile(r"[a-z0-9]+")

_GAPS: Final = bytes(code for code in range(128) if not _WORD.fullmatch(chr(code)))
"""What is between words."""

_MAX_ESCAPED: Final = 3
"""How many times over a text may be escaped."""

_PRESIGNED: Final = re.compile(
    r"((?:x-(?:amz|goog)-(?:signature|credential|security-token)|(?<![a-z])(?:signature|sig))(?:=|%3d|\\u003d))"
    r"[^\s\"'<>&\\,;()]+",
    re.IGNORECASE,
)
"""The signature in a presigned URL that this call did not use, such as one that a response contains."""

_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Lower case of ASCII alone: the positions in a text stay the same."""

_LEFT_ALONE: Final = frozenset({"task", "last", "index"})
"""Attributes that hold what the platform returned, which the caller has received anyway."""

_OURS: Final = frozenset({"twelvelabs_async", "aiohttp", "asyncio", "concurrent", "json", "cattrs", "yarl"})
"""Packages whose frames hold requests and responses while a call fails. Frames of other code keep their locals."""


class ClientSecrets:
    """The secrets of a client that all of its calls have in common. What they look like is worked out once.

    They are collected for each call that needs them: cookies, headers of the session and the environment may change.

    Args:
        config: Settings of the client.
    """

    __slots__ = ("_config", "_known")

    def __init__(self, config: Config) -> None:
        self._config = config
        self._known: _Wanted | None = None

    def wanted(self) -> _Wanted:
        """What to look for."""
        secrets = _merged(_of_client(self._config))
        known = self._known
        if known is None or known.secrets != secrets:
            known = self._known = _Wanted(secrets)
        return known


class Secrets:
    """The secrets of one call, or of several that belong together. Collected on first use.

    Args:
        config: Settings of the client.
        headers: Headers that were given for the call.
        url: The presigned URL of the call, if it has one.
        client: The secrets of the client, where they are shared with other calls.
    """

    __slots__ = ("_cleaned", "_client", "_collected", "_forms", "_headers", "_url", "_words")

    def __init__(
        self,
        config: Config,
        headers: Mapping[str, str] | None = None,
        url: str | None = None,
        *,
        client: ClientSecrets | None = None,
    ) -> None:
        self._client = ClientSecrets(config) if client is None else client
        self._headers = headers
        self._url = url
        self._forms: tuple[_Form, ...] = ()
        self._words: tuple[_Form, ...] = ()
        self._collected = False
        # One error holds the same text several times: in its message, its arguments, its body.
        self._cleaned: dict[str, str] = {}

    @classmethod
    def of_options(cls, config: Config, options: Any, *, client: ClientSecrets | None = None) -> Secrets:
        """The secrets of calls with these options."""
        given = options if isinstance(options, Mapping) else {}
        headers = [given[name] for name in HEADER_OPTIONS if isinstance(given.get(name), Mapping)]
        return cls(config, headers[0] if headers else None, client=client)

    def clean(self, error: BaseException) -> None:
        """Take the secrets out of an error that leaves the package, and out of what it holds and is chained to.

        Frames that it has left are emptied: they hold requests and responses, for error trackers that show locals, and
        in memory for as long as the error lives.
        """
        waiting = [error]
        seen: set[int] = set()
        while waiting:
            exc = waiting.pop()
            if id(exc) in seen:
                continue
            seen.add(id(exc))
            _clear_frames(exc.__traceback__)
            self._clean_one(exc, waiting)
            if exc.__cause__ is not None:
                waiting.append(exc.__cause__)
            if exc.__context__ is not None:
                waiting.append(exc.__context__)
        self._cleaned.clear()

    def text(self, text: str) -> str:
        """A text without secrets."""
        if len(text) < SHORTEST:
            return text
        cleaned = self._cleaned.get(text)
        if cleaned is None:
            cleaned = self._cleaned[text] = self._clean_text(text)
        return cleaned

    def _clean_text(self, text: str) -> str:
        lower = text.translate(_LOWER)
        if not self._collected:
            self._prepare()
        if spans := self._find(text):
            text = _without(text, spans)
        if "sig" in lower or "credential" in lower or "token" in lower:
            text = _PRESIGNED.sub(rf"\g<1>{HIDDEN}", text)
        return text

    def _clean_one(self, exc: BaseException, waiting: list[BaseException]) -> None:
        args = self._value(exc.args, waiting, 0)
        if args is not exc.args:
            exc.args = args
        attributes = vars(exc)
        for name, value in tuple(attributes.items()):
            if name == "doc" and isinstance(exc, ValueError):
                attributes[name] = ""  # the whole document that is no JSON
            elif name == "outcomes":
                waiting += [outcome for outcome in value if isinstance(outcome, BaseException)]
            elif name not in _LEFT_ALONE:
                cleaned = self._value(value, waiting, 0)
                if cleaned is not value:
                    attributes[name] = cleaned
        if isinstance(exc, BaseExceptionGroup):
            waiting += exc.exceptions
        elif isinstance(exc, OSError):
            for name in ("strerror", "filename", "filename2"):
                value = getattr(exc, name)
                if isinstance(value, str | bytes):
                    setattr(exc, name, self._value(value, waiting, 0))
        elif isinstance(exc, UnicodeEncodeError):
            exc.object = "?" * exc.end  # the whole text, such as all headers
            exc.args = (exc.encoding, exc.object, exc.start, exc.end, exc.reason)
        elif isinstance(exc, UnicodeDecodeError):
            exc.object = b"?" * exc.end
            exc.args = (exc.encoding, exc.object, exc.start, exc.end, exc.reason)

    def _value(self, value: Any, waiting: list[BaseException], depth: int) -> Any:
        """A value without secrets; the same object where there are none in it."""
        if isinstance(value, str):
            cleaned = self.text(value)
            return value if cleaned == value else cleaned
        if isinstance(value, bytes | bytearray):
            # Latin-1 gives every byte its character, and leaves ASCII as it is.
            text = value.decode("latin-1")
            cleaned = self.text(text)
            return value if cleaned == text else type(value)(cleaned.encode("latin-1"))
        if isinstance(value, BaseException):
            waiting.append(value)
            return value
        if isinstance(value, dict):
            if depth > MAX_DEPTH:
                return TOO_DEEP
            pairs = [
                (self._value(name, waiting, depth + 1), self._value(item, waiting, depth + 1))
                for name, item in value.items()
            ]
            same = all(
                name is old and item is old_item
                for (name, item), (old, old_item) in zip(pairs, value.items(), strict=True)
            )
            return value if same else dict(pairs)
        if value.__class__ in {list, tuple}:
            if depth > MAX_DEPTH:
                return TOO_DEEP
            items = [self._value(item, waiting, depth + 1) for item in value]
            same = all(item is old for item, old in zip(items, value, strict=True))
            return value if same else type(value)(items)
        if attrs.has(type(value)):
            return self._model(value, waiting, depth)
        return value

    def _model(self, value: Any, waiting: list[BaseException], depth: int) -> Any:
        changed = {}
        for field in attrs.fields(type(value)):
            item = getattr(value, field.name, None)
            cleaned = self._value(item, waiting, depth + 1)
            if cleaned is not item:
                changed[field.name] = cleaned
        if not changed:
            return value
        made = copy.copy(value)
        for name, item in changed.items():
            object.__setattr__(made, name, item)  # models are frozen
        return made

    def _prepare(self) -> None:
        client = self._client.wanted()
        self._forms, self._words = client.forms, client.words
        more = _merged([*_in_headers(self._headers or {}), *_in_url(self._url)])
        # A part of a secret is looked for only where that was stated of it.
        more = {secret: divisible for secret, divisible in more.items() if divisible > client.secrets.get(secret, -1)}
        if more:
            own = _Wanted(more)
            self._forms += own.forms
            self._words += own.words
        self._collected = True

    def _find(self, text: str) -> list[tuple[int, int]]:
        """Where secrets are in a text, also once its escapes are resolved; positions are those of the text itself."""
        found = []
        layers: list[_Unescaped] = []
        while True:
            for start, end in self._find_plain(text.translate(_LOWER)):
                for layer in reversed(layers):
                    start, end = layer.position(start), layer.position(end)  # noqa: PLW2901 - from layer to layer
                found.append((start, end))
            if len(layers) == _MAX_ESCAPED or not _ESCAPE.search(text):
                return found
            layers.append(_Unescaped(text))
            text = layers[-1].text

    def _find_plain(self, text: str) -> Iterator[tuple[int, int]]:
        """Where secrets, or parts of them, are in a text in lower case, whatever is between their characters."""
        for form in self._forms:
            yield from form.find(text)
        words = _Words(text)
        for form in self._words:
            for start, end in form.find(words.text):
                yield words.position(start), words.position(end - 1) + 1


class _Wanted:
    """What some secrets look like.

    Attributes:
        secrets: The secrets, each with whether its beginning alone is one as well.
        forms: All ways to write them.
        words: The same for texts without anything but letters and digits.
    """

    __slots__ = ("forms", "secrets", "words")

    def __init__(self, secrets: Mapping[str, bool]) -> None:
        self.secrets: Mapping[str, bool] = secrets
        self.forms: tuple[_Form, ...] = tuple({form.text: form for form in _forms(secrets)}.values())
        self.words: tuple[_Form, ...] = tuple(words for form in self.forms if (words := form.words()) is not None)


class _Form:
    """One way to write a secret.

    Attributes:
        text: The secret in lower case.
    """

    __slots__ = ("_probes", "text")

    def __init__(self, text: str, beginning: int, run: int | None = None) -> None:
        """Prepare the search.

        Args:
            text: The secret in lower case.
            beginning: Characters from which on its beginning is found.
            run: Characters from which on any part of it is found; None for none but the beginning.
        """
        self.text = text
        # Where each piece begins that is looked for, its length, and how long what was found around it has to be.
        self._probes = [(0, beginning, beginning)]
        if run is not None and run <= len(text):
            size = min(SHORTEST_PART, run)
            step = max(run - size + 1, len(text) // _MAX_PROBES)
            last = len(text) - size
            self._probes += [(at, size, run) for at in (*range(step, last, step), last)]

    def words(self) -> _Form | None:
        """The same without anything but letters and digits, None if too little is left."""
        text = _words(self.text)
        if len(text) < SHORTEST:
            return None
        whole = self._probes[0][1] == len(self.text)
        run = len(text) if whole else min(SHORTEST_RUN, len(text))
        return _Form(text, run, run if len(self._probes) > 1 else None)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it is, or a part of it, in a text."""
        form = self.text
        for at, size, shortest in self._probes:
            probe = form[at : at + size]
            found = text.find(probe)
            while found >= 0:
                start, end = found, found + size
                while start > 0 and found - start < at and text[start - 1] == form[at - found + start - 1]:
                    start -= 1
                while end < len(text) and end - found + at < len(form) and text[end] == form[end - found + at]:
                    end += 1
                if end - start >= shortest:
                    yield start, end
                found = text.find(probe, end)


class _Words:
    """The letters and digits of a text.

    Attributes:
        text: They alone.
    """

    __slots__ = ("_original", "_origins", "_starts", "text")

    def __init__(self, text: str) -> None:
        self.text: str = _words(text)
        self._original = text
        self._origins: list[int] = []
        self._starts: list[int] = []

    def position(self, at: int) -> int:
        """Where a character is in the original."""
        if not self._starts:
            words = list(_WORD.finditer(self._original))
            self._origins = [word.start() for word in words]
            self._starts = [0, *accumulate(word.end() - word.start() for word in words)]
        word = bisect_right(self._starts, at) - 1
        return self._origins[word] + at - self._starts[word]


def _words(text: str) -> str:
    """The letters and digits of a text in lower case."""
    return text.encode("ascii", "replace").translate(None, _GAPS).decode()


class _Unescaped:
    """A text whose escapes are resolved once.

    Attributes:
        text: The text.
    """

    __slots__ = ("_origins", "_starts", "text")

    def __init__(self, text: str) -> None:
        pieces: list[str] = []
        # Where each piece begins, here and in the original.
        self._starts: list[int] = []
        self._origins: list[int] = []
        at = size = 0
        for escape in _ESCAPE.finditer(text):
            plain = text[at : escape.start()]
            pieces += (plain, _resolve(escape))
            self._starts += (size, size + len(plain))
            self._origins += (at, escape.start())
            size += len(plain) + 1
            at = escape.end()
        pieces.append(text[at:])
        self._starts.append(size)
        self._origins.append(at)
        self.text: str = "".join(pieces)

    def position(self, at: int) -> int:
        """Where a character of this text is in the original."""
        piece = bisect_right(self._starts, at) - 1
        return self._origins[piece] + at - self._starts[piece]


def _resolve(escape: re.Match[str]) -> str:
    """The character that an escape stands for."""
    *hexadecimal, octal, quoted, entity = escape.groups()
    if entity:
        return (html.unescape(entity) or "?")[0]
    code = int(octal, 8) if octal else int(quoted or next(filter(None, hexadecimal)), 16)
    return chr(code) if code < 0x110000 else "?"


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    spans.sort()
    merged = [spans[0]]
    for start, end in spans[1:]:
        if start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    kept = [text[: merged[0][0]]]
    kept += [text[end:start] for (_, end), (start, _) in pairwise([*merged, (len(text), len(text))])]
    return HIDDEN.join(kept)


def _clear_frames(traceback: TracebackType | None) -> None:
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals.get("__name__", "").partition(".")[0] in _OURS:
            with contextlib.suppress(RuntimeError):  # the error is still on its way through it
                frame.clear()
        traceback = traceback.tb_next


def _merged(found: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    """Each secret once, with whether its beginning alone is one as well."""
    secrets: dict[str, bool] = {}
    for secret, divisible in found:
        secrets[secret] = divisible or secrets.get(secret, False)
    return secrets


def _forms(secrets: Mapping[str, bool]) -> Iterator[_Form]:
    """All ways to write the secrets."""
    for secret, divisible in secrets.items():
        whole = len(secret)
        if whole < SHORTEST:
            continue
        part = min(SHORTEST_PART, whole) if divisible else whole
        utf8 = secret.encode("utf-8", "surrogateescape")
        if whole >= SHORTEST_PART:
            for digits in (utf8.hex(), *_base64(utf8)):
                yield _Form(digits.translate(_LOWER), min(2 * SHORTEST_PART, len(digits)))
        for text in (secret, unquote(secret), utf8.decode("latin-1")):
            yield _Form(text.translate(_LOWER), min(part, len(text)), SHORTEST_RUN if divisible else None)


def _base64(data: bytes) -> Iterator[str]:
    """The digits that stand for some bytes in base64, wherever in the encoded text they begin."""
    for offset in range(3):
        digits = base64.b64encode(bytes(offset) + data).decode().rstrip("=")
        begin, end = (0, 2, 3)[offset], len(digits) - (1 if (offset + len(data)) % 3 else 0)
        yield digits[begin:end]
        yield digits[begin:end].translate({ord("+"): "-", ord("/"): "_"})


def _of_client(config: Config) -> Iterator[tuple[str, bool]]:
    """The secrets of a client, each with whether its beginning alone is one as well."""
    yield config.api_key, True
    session = config.session
    for given in (config.headers, None if session is None else session.headers):
        yield from _in_headers(given or {})
    proxies = [config.proxy]
    trust_env = config.trust_env
    if session is not None:
        if session.auth is not None:
            yield from _credentials(session.auth.login, session.auth.password)
        yield from ((cookie.value, True) for cookie in session.cookie_jar)
        trust_env = session.trust_env
        proxies.append(_text(getattr(session, "_default_proxy", None)))
        proxy_auth = getattr(session, "_default_proxy_auth", None)
        if proxy_auth is not None:
            yield from _credentials(proxy_auth.login, proxy_auth.password)
    if trust_env:
        proxies += [value for name, value in os.environ.items() if name.lower().endswith("_proxy")]
    for proxy in proxies:
        yield from _in_url(proxy)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _in_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    for name, value in headers.items():
        if not SECRET_NAME.search(name) or name.lower() in _NO_SECRETS:
            continue
        scheme, _, rest = value.strip().partition(" ")
        if not rest:
            yield scheme, True
            continue
        yield rest.strip(), True
        if scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
            except (binascii.Error, ValueError):
                continue
            yield from _credentials(user, password)


def _in_url(url: str | None) -> Iterator[tuple[str, bool]]:
    """User, password and query of a URL, with the signatures in it."""
    if not url:
        return
    try:
        parts = urlsplit(url)
        user, password = parts.username or "", parts.password or ""
    except ValueError:
        # Whatever it is, it is no URL: all that follows a question mark, and all that precedes an "@".
        yield url.partition("?")[2], False
        yield url.rpartition("@")[0].rpartition("/")[2], False
        return
    yield parts.query, False
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if SECRET_NAME.search(name):
            yield value, True
    for name, value in parse_qsl(parts.query):
        if SECRET_NAME.search(name):
            yield value, True
    yield from _credentials(user, password)
    yield from _credentials(unquote(user), unquote(password))


def _credentials(user: str, password: str) -> Iterable[tuple[str, bool]]:
    if password:
        pair = f"{user}:{password}"
        digits = base64.b64encode(pair.encode("utf-8", "surrogateescape")).decode()
        yield from ((password, True), (quote(password, safe=""), True), (quote_plus(password), True))
        yield from ((pair, False), (digits, True))
    yield user, not password  # without a password, the name is the key
