"""What a stream of generated text comes to: `await stream.final()`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from .._safe_repr import SafeRepr

LAST_EVENTS: Final = frozenset({"stream_end", "response.completed", "response.failed"})
"""Events after which a stream is complete."""

_FIRST_EVENTS: Final = frozenset({"stream_start", "response.created"})


@attrs.frozen(kw_only=True)
class StreamUsage(SafeRepr):
    """Number of tokens that a generation used.

    Attributes:
        output_tokens: Tokens in the generated text; None if the platform did not say.
        input_tokens: Tokens in the input; None if the platform did not say.
    """

    output_tokens: int | None = None
    input_tokens: int | None = None


@attrs.frozen(kw_only=True)
class StreamResult(SafeRepr):
    """A stream of generated text that was read to its end.

    Attributes:
        text: The complete text, including what was read before.
        finish_reason: Why the generation ended: `stop`, or `length` if the text is cut off at the token limit. None if
            the platform did not say.
        usage: Number of tokens used; None if the platform did not say.
        generation_id: Identifier of the generation, or of the response of a knowledge store.
        request_id: The platform's id of the request, for support requests.
    """

    text: str
    finish_reason: str | None = None
    usage: StreamUsage | None = None
    generation_id: str | None = None
    request_id: str | None = None


class StreamFacts:
    """Keeps what the first and the last event of a stream say about the generation as a whole.

    Attributes:
        failure: What the platform says about a generation that did not succeed; None if it did.
    """

    def __init__(self) -> None:
        self.failure: str | None = None
        self._id: str | None = None
        self._finish_reason: str | None = None
        self._usage: StreamUsage | None = None

    def note(self, tag: str, data: Mapping[str, Any]) -> None:
        """Look at an event; those in the middle of a stream say nothing."""
        if tag not in LAST_EVENTS and tag not in _FIRST_EVENTS:
            return
        if tag.startswith("stream_"):
            about = _object(data, "metadata")
            self._id = _text(about, "generation_id") or self._id
            self._finish_reason = _text(data, "finish_reason")
            # With one of these reasons, the error is a remark on it: that the text was cut off.
            if self._finish_reason not in {"stop", "length"} and data.get("error") is not None:
                self.failure = _text(_object(data, "error"), "message") or "no reason given"
        else:
            about = _object(data, "response")
            self._id = _text(about, "id") or self._id
            self._finish_reason = _finish_reason(about)
            if tag == "response.failed":
                self.failure = _text(_object(about, "error"), "message") or "no reason given"
        usage = about.get("usage")
        if isinstance(usage, dict):
            self._usage = StreamUsage(
                output_tokens=_number(usage, "output_tokens"), input_tokens=_number(usage, "input_tokens")
            )

    def result(self, text: str, request_id: str | None) -> StreamResult:
        """The result, with the text of all events."""
        return StreamResult(
            text=text,
            finish_reason=self._finish_reason,
            usage=self._usage,
            generation_id=self._id,
            request_id=request_id,
        )


def _finish_reason(response: Mapping[str, Any]) -> str | None:
    """The end of a response in the words of an analysis."""
    reason = _text(_object(response, "incomplete_details"), "reason")
    if reason is not None:
        return "length" if reason == "max_output_tokens" else reason
    return "stop" if response.get("status") == "completed" else None


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    return value if isinstance(value, str) else None


def _number(data: Mapping[str, Any], name: str) -> int | None:
    value = data.get(name)
    return value if isinstance(value, int) else None
