"""Takes out of requests and responses what belongs to the account: ids, names, URLs, texts, metadata, keys.

What stays is what the document lists, what the verification itself has sent, times, and numbers. Everything else
becomes a placeholder, the same one for the same value, so that a recording can still be followed and replayed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from ..emulator.error_codes import EMBEDDED, OWN, PLATFORM
from .names import FILES, FIRST_CHANGE, METADATA, NAMES, NOWHERE, SECOND_CHANGE
from .vocabulary import FREE, word, words

if TYPE_CHECKING:
    from ..emulator.openapi.document import Document
    from .exchange import Exchange

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?")

_NAME_OF_ID: Final = re.compile(r"(.*?)_?(id|ids|token)$")

_PLAIN_HEADERS: Final = re.compile(r"(x-ratelimit-|x-rate-?limit-)[a-z-]+|retry-after|x-api-version")

_PLAIN_VALUE: Final = re.compile(r"[0-9][0-9.]{0,15}")

_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z.+-]{1,40}(;\s*charset=[A-Za-z0-9-]{1,20})?")


class Redactor:
    """Replaces what belongs to the account; it remembers what it has replaced.

    Args:
        document: The OpenAPI document.
        without_secrets: Takes the key out of a text, in whatever way it is written.
    """

    def __init__(self, document: Document, without_secrets: Callable[[str], str]) -> None:
        self._without_secrets = without_secrets
        self._words: set[str] = {*PLATFORM, *OWN, *EMBEDDED, *NAMES, *FILES, NOWHERE, "", "[DONE]"}
        self._words |= {*FIRST_CHANGE.values(), *SECOND_CHANGE.values()}
        self._members: set[str] = {*METADATA, *FIRST_CHANGE}
        for name, values in words(document):
            self._members.update(name)
            self._words.update(values)
        self._placeholders: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._received: set[str] = set()

    def allow(self, words: set[str]) -> None:
        """Let words stay that the findings name."""
        self._words |= words

    def exchange(self, exchange: Exchange) -> dict[str, Any]:
        """A request and its response, without what belongs to the account."""
        self._learn_sent(exchange)
        request: dict[str, Any] = {
            "method": exchange.method,
            "path": self._path(exchange.path),
            "query": {name: self._value(value, name) for name, value in exchange.query.items()},
        }
        if exchange.sent is not None:
            request["body"] = self._value(exchange.sent, "")
        if exchange.files:
            request["files"] = list(exchange.files)
        own_id = _resource(exchange.path)
        response: dict[str, Any] = {"status": exchange.status, "headers": {}}
        values = list(exchange.values()) if exchange.body else []
        if exchange.content_type in {"application/x-ndjson", "text/event-stream"}:
            response["lines"] = [self._received_value(value, own_id) for value in values]
            response["done"] = exchange.ends_with_done
        elif values and values[0] is not NotImplemented:
            response["json"] = self._received_value(values[0], own_id)
        elif values:
            response["text"] = "(not JSON)"
        response["headers"] = self._headers(exchange)  # after the body, whose id `Location` ends with
        made = {"operation": exchange.operation, "request": request, "response": response}
        clean: dict[str, Any] = json.loads(self._without_secrets(json.dumps(made, ensure_ascii=False)))
        return clean

    def _learn_sent(self, exchange: Exchange) -> None:
        """Texts that we send and have not received before are our own."""
        for text in _strings([exchange.sent, dict(exchange.query)]):
            if text not in self._received:
                self._words.add(text)
        for name in _keys(exchange.sent):
            if name not in self._received:
                self._members.add(name)

    def _received_value(self, value: Any, own_id: str) -> Any:
        if value is NotImplemented:
            return "(not JSON)"
        self._received.update(text for text in _strings(value) if text not in self._words)
        return self._value(value, "", own_id)

    def _path(self, path: str) -> str:
        return "/".join(self._placeholders.get(part, part) for part in path.split("/"))

    def _headers(self, exchange: Exchange) -> dict[str, str]:
        shown: dict[str, str] = {}
        for name, value in exchange.headers.items():
            if name == "content-type":
                shown[name] = value if _MEDIA_TYPE.fullmatch(value) else "(not shown)"
            elif _PLAIN_HEADERS.fullmatch(name):
                shown[name] = value if _PLAIN_VALUE.fullmatch(value) else "(not shown)"
            elif name == "x-request-id":
                shown[name] = "<request-id>"
            elif name == "location":
                known = [self._placeholders[part] for part in unquote(value).split("/") if part in self._placeholders]
                shown[name] = f"https://redacted.invalid/{'/'.join(known[-1:])}"
            elif name.startswith("x-") and word(name):
                shown[name] = "(not shown)"
        return shown

    def _value(self, value: Any, name: str, own_id: str = "", *, free: bool = False) -> Any:
        if isinstance(value, str):
            return self._text(value, name, own_id)
        if isinstance(value, Mapping):
            chosen = name not in FREE - {"user_metadata"}  # the members of others may be those of the document
            return {
                self._key(key, free=free): self._value(item, key, own_id, free=self._is_free(key) or (free and chosen))
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._value(item, name, own_id, free=free) for item in value]
        if isinstance(value, bool | int | float) and ((free and name not in self._members) or _is_id(name)):
            return type(value)(0)
        return value

    def _is_free(self, key: str) -> bool:
        return key in FREE or key not in self._members

    def _key(self, key: str, *, free: bool) -> str:
        if key in self._members or (not free and word(key)):
            return key
        return self._placeholder(key, "key")

    def _text(self, text: str, name: str, own_id: str) -> str:
        if text in self._placeholders:
            return self._placeholders[text]
        if text in self._words or _TIME.fullmatch(text):
            return text
        if "://" in text:
            return self._placeholder(text, "url", "https://redacted.invalid/{}")
        if _is_id(name):
            found = _NAME_OF_ID.fullmatch(name)
            kind = (found[1].strip("_") if found else "") or own_id
            token = name.endswith("token")
            return self._placeholder(text, f"{kind}-token" if token else (kind or "id").replace("_", "-"))
        return self._placeholder(text, "text")

    def _placeholder(self, text: str, kind: str, form: str = "<{}>") -> str:
        if re.fullmatch(r"<[a-z-]+-\d+>|https://redacted\.invalid/\S*", text):
            return text  # a replay
        if text not in self._placeholders:
            number = self._numbers[kind] = self._numbers.get(kind, 0) + 1
            self._placeholders[text] = form.format(f"{kind}-{number}")
        return self._placeholders[text]


def _is_id(name: str) -> bool:
    return name in {"_id", "id", "ids"} or name.endswith(("_id", "_ids", "_token"))


def _resource(path: str) -> str:
    """What the `_id` of a response is the id of: `/indexes/1/indexed-assets` has those of an `indexed-asset`."""
    parts = [part for part in path.split("/") if part]
    names = [part for part in parts if re.fullmatch(r"[a-z]+(-[a-z]+)*", part) and part not in {"items", "add"}]
    name = names[-1] if names else "id"
    return {"indexes": "index", "entities": "entity"}.get(name, name.removesuffix("s"))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _keys(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _keys(item)
