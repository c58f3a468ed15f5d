"""One module per tag of the OpenAPI document; importing this package registers all of them."""

from . import assets, indexes, ingest, tasks, transcription, uploads, videos

__all__ = ["assets", "indexes", "ingest", "tasks", "transcription", "uploads", "videos"]
