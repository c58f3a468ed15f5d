"""OpenTelemetry spans and metrics; one span covers a call with all its attempts. Needs the extra `otel`.

    from twelvelabs_async import AsyncTwelveLabs
    from twelvelabs_async.otel import Telemetry

    client = AsyncTwelveLabs(telemetry=Telemetry())

Spans and metrics have the attributes of the semantic conventions for HTTP clients and, for calls that generate or
embed, those for generative AI. They contain names, statuses, ids and durations, but no prompts, queries or responses,
and no key. The span is the current span during the call, so that spans of aiohttp's own instrumentation are its
children.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ._extras import needs
from ._request.body import JsonBody
from ._version import __version__
from .errors import APIStatusError

with needs("otel"):
    from opentelemetry import metrics, trace
    from opentelemetry.trace import SpanKind, Status, StatusCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

    from ._config.hooks import Responded
    from ._request.message import Request

__all__ = ["Telemetry"]

_SCOPE: Final = "twelvelabs_async"

_GENERATE_PREFIXES: Final = ("analyze", "createAnalyze", "createResponse", "generate", "summarize")
_EMBED_PREFIXES: Final = ("createEmbedding",)

_MAX_PARSED_BODY: Final = 64 * 1024
"""Largest body in bytes that is parsed to find the name of the model."""


class Telemetry:
    """Creates spans and metrics. Several clients may share one object.

    Args:
        tracer_provider: Where spans go; None for the global provider.
        meter_provider: Where metrics go; None for the global provider.
    """

    def __init__(
        self, *, tracer_provider: TracerProvider | None = None, meter_provider: MeterProvider | None = None
    ) -> None:
        self._tracer = trace.get_tracer(_SCOPE, __version__, tracer_provider)
        meter = metrics.get_meter(_SCOPE, __version__, meter_provider)
        self._duration = meter.create_histogram(
            "twelvelabs.client.call.duration", unit="s", description="Duration of calls with all their attempts."
        )
        self._generation = meter.create_histogram(
            "gen_ai.client.operation.duration", unit="s", description="Duration of calls that generate or embed."
        )
        self._retries = meter.create_counter(
            "twelvelabs.client.retries", unit="{retry}", description="Attempts after the first one."
        )

    @contextmanager
    def call(self, request: Request, origin: str) -> Iterator[CallSpan]:
        """Create the span of a call. The transport uses this."""
        attributes = _attributes(request, origin)
        name = request.operation
        if "gen_ai.operation.name" in attributes:
            name = " ".join(filter(None, (attributes["gen_ai.operation.name"], attributes.get("gen_ai.request.model"))))
        start = time.perf_counter()
        with self._tracer.start_as_current_span(
            name, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            record = CallSpan(span)
            try:
                yield record
            except BaseException as error:
                if not record.ended:  # cancelled
                    record.fail(type(error).__name__)
                raise
            finally:
                seconds = time.perf_counter() - start
                measured = {key: attributes[key] for key in _MEASURED if key in attributes} | record.measured
                self._duration.record(seconds, measured)
                if "gen_ai.operation.name" in attributes:
                    self._generation.record(seconds, measured)
                if record.retries:
                    self._retries.add(record.retries, measured)


_MEASURED: Final = (
    "twelvelabs.operation",
    "server.address",
    "server.port",
    "http.request.method",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
)


class CallSpan:
    """The span of one call."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self.ended: bool = False
        self.retries: int = 0
        self.measured: dict[str, str | int] = {}

    def finished(self, attempts: int, response: Responded | None, error: Exception | None) -> None:
        """Record that the call has ended, or that its stream is open."""
        self.ended = True
        status = response.status if response is not None else getattr(error, "status", None)
        request_id = response.request_id if response is not None else getattr(error, "request_id", None)
        self.retries = max(0, attempts - 1)
        span = self._span
        if self.retries:
            span.set_attribute("http.request.resend_count", self.retries)
        if status is not None:
            span.set_attribute("http.response.status_code", status)
            self.measured["http.response.status_code"] = status
        if request_id is not None:
            span.set_attribute("twelvelabs.request_id", request_id)
        if isinstance(error, APIStatusError):
            if error.code is not None:
                span.set_attribute("twelvelabs.error.code", error.code)
            self.fail(str(error.status))
        elif error is not None:
            self.fail(type(error).__name__)

    def fail(self, kind: str) -> None:
        """Mark the call as failed."""
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))
        self.measured["error.type"] = kind


def _attributes(request: Request, origin: str) -> dict[str, Any]:
    parts = urlsplit(origin)
    attributes: dict[str, Any] = {
        "twelvelabs.operation": request.operation,
        "http.request.method": request.method,
        "server.address": parts.hostname or "",
        "server.port": parts.port or (80 if parts.scheme == "http" else 443),
    }
    kind = _generation_kind(request)
    if kind is not None:
        attributes["gen_ai.operation.name"] = kind
        attributes["gen_ai.provider.name"] = "twelvelabs"
        model = _model(request)
        if model is not None:
            attributes["gen_ai.request.model"] = model
    return attributes


def _generation_kind(request: Request) -> str | None:
    if request.method != "POST":
        return None
    if request.operation.startswith(_EMBED_PREFIXES):
        return "embeddings"
    return "generate_content" if request.operation.startswith(_GENERATE_PREFIXES) else None


def _model(request: Request) -> str | None:
    """The model name in a JSON body."""
    body = request.body
    if not isinstance(body, JsonBody) or body.content_length > _MAX_PARSED_BODY:
        return None
    try:
        content = json.loads(body.data)
    except ValueError:
        return None
    model = content.get("model_name", content.get("model")) if isinstance(content, dict) else None
    return model if isinstance(model, str) else None
