"""Spans and metrics, through the SDK's in-memory exporters."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.message import Request
from twelvelabs_async.errors import APIConnectionError, BadRequestError
from twelvelabs_async.otel import Telemetry

from .conftest import KEY, Connect, Peer, Serve, eventually, get, post


class Collected:
    """Telemetry that stays in memory."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._meters = MeterProvider([self._reader])
        self.telemetry = Telemetry(tracer_provider=self.tracers, meter_provider=self._meters)

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    def metrics(self) -> dict[str, list[Any]]:
        data = self._reader.get_metrics_data()
        assert data is not None
        return {
            metric.name: list(metric.data.data_points)
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }

    def close(self) -> None:
        self.tracers.shutdown()
        self._meters.shutdown()


@pytest.fixture
def collected() -> Any:
    made = Collected()
    yield made
    made.close()


async def responding(peer: Peer) -> None:
    while True:
        await peer.body(await peer.request())
        await peer.respond(b"{}", "200 OK", "X-Request-Id: req_7")


async def test_call_is_one_span_whatever_the_attempts(serve: Serve, connect: Connect, collected: Collected) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"{}", "503 Later")
        await peer.request()
        await peer.respond(b"{}", "200 OK", "X-Request-Id: req_7")

    server = await serve(handler)
    with collected.tracers.get_tracer("app").start_as_current_span("parent") as parent:
        await connect(server.url, telemetry=collected.telemetry).send(get())
    span = collected.spans[0]
    assert (span.name, span.kind) == ("listThings", SpanKind.CLIENT)
    assert span.parent == parent.get_span_context()
    assert dict(span.attributes or {}) == {
        "twelvelabs.operation": "listThings",
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "http.request.resend_count": 1,
        "http.response.status_code": 200,
        "twelvelabs.request_id": "req_7",
    }
    metrics = collected.metrics()
    (duration,) = metrics["twelvelabs.client.call.duration"]
    assert duration.count == 1
    assert duration.attributes["http.response.status_code"] == 200
    assert [point.value for point in metrics["twelvelabs.client.retries"]] == [1]
    assert "gen_ai.client.operation.duration" not in metrics


@pytest.mark.parametrize(
    ("operation", "body", "name"),
    [
        ("createEmbeddingsV2", b'{"model_name":"marengo3.0","input":"x"}', "embeddings marengo3.0"),
        ("analyzeVideo", b'{"prompt":"secret words"}', "generate_content"),
        ("createResponse", b'{"model":"pegasus1.5"}', "generate_content pegasus1.5"),
        ("analyzeVideo", b"not json", "generate_content"),
        ("analyzeVideo", b"[]", "generate_content"),
        ("analyzeVideo", b'{"model_name":"' + b"x" * 70_000 + b'"}', "generate_content"),
        ("analyzeVideo", None, "generate_content"),
    ],
)
async def test_generation_has_the_attributes_of_generative_ai(
    serve: Serve, connect: Connect, collected: Collected, operation: str, body: bytes | None, name: str
) -> None:
    server = await serve(responding)
    transport = connect(server.url, telemetry=collected.telemetry)
    await transport.send(
        Request(operation=operation, method="POST", path="/x", body=None if body is None else JsonBody(body))
    )
    (span,) = collected.spans
    assert span.name == name
    assert span.attributes is not None
    assert span.attributes["gen_ai.provider.name"] == "twelvelabs"
    assert "secret" not in span.to_json()
    assert KEY not in span.to_json()
    assert len(collected.metrics()["gen_ai.client.operation.duration"]) == 1


async def test_failures_are_marked(serve: Serve, connect: Connect, collected: Collected, unused_tcp_port: int) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"code":"parameter_invalid","message":"private"}', "400 Bad", "X-Request-Id: req_8")

    server = await serve(handler)
    with pytest.raises(BadRequestError):
        await connect(server.url, telemetry=collected.telemetry).send(post())
    url = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(APIConnectionError):
        await connect(url, telemetry=collected.telemetry).send(post())
    refused, lost = collected.spans
    assert refused.status.status_code is StatusCode.ERROR
    assert refused.attributes is not None
    assert refused.attributes["error.type"] == "400"
    assert refused.attributes["twelvelabs.error.code"] == "parameter_invalid"
    assert refused.attributes["twelvelabs.request_id"] == "req_8"
    assert "private" not in refused.to_json()
    assert lost.attributes is not None
    assert lost.attributes["error.type"] == "APIConnectionError"
    assert lost.attributes["http.request.resend_count"] == 2
    assert "http.response.status_code" not in lost.attributes


async def test_cancelled_call_ends_its_span(serve: Serve, connect: Connect, collected: Collected) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(30)

    server = await serve(handler)
    call = asyncio.create_task(connect(server.url, telemetry=collected.telemetry).send(get()))
    await eventually(lambda: server.heads)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    (span,) = collected.spans
    assert span.attributes is not None
    assert span.attributes["error.type"] == "CancelledError"
    assert trace.get_current_span() is trace.INVALID_SPAN


async def test_stream_has_a_span_for_its_opening(serve: Serve, connect: Connect, collected: Collected) -> None:
    server = await serve(responding)
    transport = connect(server.url, telemetry=collected.telemetry)
    async with transport.stream(get(timeout_profile="stream")) as stream:
        assert len(collected.spans) == 1
        assert await stream.read() == b"{}"


async def test_no_span_holds_the_key_that_a_server_echoes(serve: Serve, connect: Connect, collected: Collected) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"code":"%b"}' % KEY.encode(), "400 Bad Request", f"X-Request-Id: {KEY}")
        await peer.request()
        await peer.respond(b"{}", "200 OK", f"X-Request-Id: a {KEY}")
        await peer.request()
        await peer.respond()

    server = await serve(handler)
    transport = connect(server.url, telemetry=collected.telemetry)
    with pytest.raises(BadRequestError):
        await transport.send(get())
    assert (await transport.send(get())).request_id == f"a {KEY}"  # the response is as it was sent
    await transport.send(get())
    assert [(span.attributes or {}).get("twelvelabs.request_id") for span in collected.spans] == ["***", "a ***", None]
    assert KEY not in "".join(span.to_json() for span in collected.spans)
    assert KEY not in repr(collected.metrics())
