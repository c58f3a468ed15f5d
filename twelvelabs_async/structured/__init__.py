"""Output as an instance of a class: an attrs class, a dataclass, a TypedDict or a pydantic model.

`analyze(..., into=Report)`, `stream.collect_json(Report)` and `segments(source, Shot)` use this module. It is public
for calls that take a `response_format` themselves, such as analysis tasks and batches:

    from twelvelabs_async import structured

    task = await client.analyze_async.tasks.create(
        video=video, prompt="Describe it.", response_format=structured.response_format_for(Report)
    )
    task = await client.analyze_async.tasks.wait_for_done(task)
    report = structured.parse_into(Report, task.result.data, task.result.finish_reason)
"""

from __future__ import annotations

from ._output import json_schema_for, parse_into, parse_text, request_schema, response_format_for
from ._segments import Segment, SegmentKind, parse_segments, segment_format_for

__all__ = [
    "Segment",
    "SegmentKind",
    "json_schema_for",
    "parse_into",
    "parse_segments",
    "parse_text",
    "request_schema",
    "response_format_for",
    "segment_format_for",
]
