"""One module per tag of the OpenAPI document; importing this package registers all of them."""

from . import analyze, assets, embed, embed_v2, indexes, ingest, search, tasks, transcription, uploads, videos

__all__ = [
    "analyze",
    "assets",
    "embed",
    "embed_v2",
    "indexes",
    "ingest",
    "search",
    "tasks",
    "transcription",
    "uploads",
    "videos",
]
