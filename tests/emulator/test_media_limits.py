"""The limits of media files that the document states for the client are those of the emulator."""

from __future__ import annotations

import pytest

from twelvelabs_async._generated.operations.analyze import ANALYZE_VIDEO, ANALYZE_VIDEO_STREAM
from twelvelabs_async._generated.operations.analyze_tasks import CREATE_ANALYZE_TASK
from twelvelabs_async._generated.operations.assets import CREATE_ASSET
from twelvelabs_async._generated.operations.embed_v2 import CREATE_EMBEDDING_TASK_V2, CREATE_EMBEDDINGS_V2
from twelvelabs_async._generated.operations.multipart_uploads import CREATE_MULTIPART_UPLOAD
from twelvelabs_async.emulator.handlers import analyze
from twelvelabs_async.emulator.resources import background_analysis, embeddings
from twelvelabs_async.emulator.settings import SIZES


def test_sizes() -> None:
    direct, chunks = CREATE_ASSET.media_limits, CREATE_MULTIPART_UPLOAD.media_limits
    assert direct.file["video"] == direct.file["audio"] == direct.file["document"] == SIZES["asset_direct"]
    assert direct.file["image"] == direct.url["image"] == chunks.file["image"] == SIZES["image"]
    assert direct.url["video"] == direct.url["audio"] == SIZES["asset_url"]
    assert direct.url["document"] == SIZES["document_url"]
    assert chunks.file["video"] == chunks.file["audio"] == SIZES["multipart"]
    for operation in (CREATE_EMBEDDINGS_V2, CREATE_EMBEDDING_TASK_V2, ANALYZE_VIDEO, CREATE_ANALYZE_TASK):
        assert max(operation.media_limits.base64.values()) <= SIZES["base64"]


def test_lengths() -> None:
    assert CREATE_EMBEDDINGS_V2.media_limits.max_seconds == embeddings.SYNC_SECONDS
    assert ANALYZE_VIDEO.media_limits == ANALYZE_VIDEO_STREAM.media_limits
    assert ANALYZE_VIDEO.media_limits.min_seconds == analyze.MIN_SECONDS
    assert ANALYZE_VIDEO.media_limits.max_seconds == {"*": analyze.MAX_SECONDS}
    for operation in (CREATE_EMBEDDING_TASK_V2, CREATE_ANALYZE_TASK):
        assert operation.media_limits.max_seconds == {"*": background_analysis.MAX_SECONDS}


@pytest.mark.parametrize(
    ("model", "seconds"), [("marengo3.0", 600), ("marengo3.5", 30), ("marengo9.9", 30), (None, 30)]
)
def test_the_longest_of_a_model(model: str | None, seconds: float) -> None:
    """For a model that is not known it is the smallest one, so that a task is used, which is never wrong."""
    assert CREATE_EMBEDDINGS_V2.media_limits.longest(model) == seconds
    assert CREATE_ANALYZE_TASK.media_limits.longest(model) == 14400
    assert CREATE_ASSET.media_limits.longest(model) == float("inf")
