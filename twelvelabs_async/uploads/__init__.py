"""Uploading one large file in chunks, several at a time."""

from __future__ import annotations

from ..errors import UploadError
from .values import (
    SESSION_LIFETIME,
    ProgressCallback,
    Settings,
    UploadProgress,
    UploadResult,
    UploadStatus,
)

__all__ = [
    "SESSION_LIFETIME",
    "ProgressCallback",
    "Settings",
    "UploadError",
    "UploadProgress",
    "UploadResult",
    "UploadStatus",
]
