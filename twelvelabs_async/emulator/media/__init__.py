"""The media engine of the emulator: what a program can measure in pictures and sound, and read in a file.

Pure, blocking, deterministic functions; the caller runs them in worker threads or processes. Needs PyAV and numpy
only. `README.md` beside this file says what the engine sees and what it does not.
"""

from __future__ import annotations

from .answers import AnalyzeText, analyze, count_tokens
from .embedding_space import DIMENSION, cosine, embed_image, embed_scene, embed_text, embed_text_image
from .errors import VIDEO_FILE_BROKEN, MediaError
from .indexing import INDEX_VERSION, index, with_words
from .indexing_limits import DEFAULT_LIMITS, Limits, check_indexable
from .probe import MediaInfo, probe
from .searching import THRESHOLD, Hit, SearchQuery, search
from .segment_embeddings import DocumentPart, Segment, embed_document, embed_segments
from .streams import fragments
from .summaries import analyze_segments, gist, summarize
from .thumbnails import thumbnail

__all__ = [
    "DEFAULT_LIMITS",
    "DIMENSION",
    "INDEX_VERSION",
    "THRESHOLD",
    "VIDEO_FILE_BROKEN",
    "AnalyzeText",
    "DocumentPart",
    "Hit",
    "Limits",
    "MediaError",
    "MediaInfo",
    "SearchQuery",
    "Segment",
    "analyze",
    "analyze_segments",
    "check_indexable",
    "cosine",
    "count_tokens",
    "embed_document",
    "embed_image",
    "embed_scene",
    "embed_segments",
    "embed_text",
    "embed_text_image",
    "fragments",
    "gist",
    "index",
    "probe",
    "search",
    "summarize",
    "thumbnail",
    "with_words",
]
