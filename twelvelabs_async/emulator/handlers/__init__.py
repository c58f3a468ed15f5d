"""The handlers of the operations: one module per tag of the OpenAPI document, or for tags that belong together."""

from __future__ import annotations

from ..api.registry import Registry
from ..resources import video_indexing
from . import (
    analyze,
    analyze_tasks,
    assets,
    batches,
    connections,
    embed,
    embed_v2,
    entities,
    imports,
    indexes,
    knowledge_search,
    knowledge_stores,
    multipart_uploads,
    responses,
    search,
    tasks,
    transcription,
    transfers,
    videos,
)

REGISTRY = Registry.merged(
    module.registry
    for module in (
        video_indexing,
        analyze,
        analyze_tasks,
        assets,
        batches,
        connections,
        embed,
        embed_v2,
        entities,
        imports,
        indexes,
        knowledge_search,
        knowledge_stores,
        multipart_uploads,
        responses,
        search,
        tasks,
        transcription,
        transfers,
        videos,
    )
)
"""All operations, and all kinds of jobs but the delivery of webhook events."""
