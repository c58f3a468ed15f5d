"""The error codes: those of the platform with their statuses, and those that are the emulator's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PLATFORM: Final[Mapping[str, int]] = {
    "api_allowed_for_paid_plan": 403,
    "api_key_invalid": 401,
    "api_not_allowed": 403,
    "api_upgrade_required": 400,
    "batch_canceled": 409,
    "batch_completed": 409,
    "batch_expired": 409,
    "batch_not_terminal": 409,
    "content_type_invalid": 400,
    "generic_error": 400,
    "index_engine_cannot_be_changed": 400,
    "index_name_already_exists": 400,
    "index_not_supported_for_generate": 400,
    "index_not_supported_for_search": 400,
    "index_option_cannot_be_changed": 400,
    "insufficient_funds": 400,
    "not_found": 404,
    "parameter_invalid": 400,
    "parameter_not_provided": 400,
    "parameter_unknown": 400,
    "read_not_allowed": 403,
    "redirect_uri_invalid": 422,
    "redirect_uri_limit_exceeded": 422,
    "region_not_allowed": 403,
    "request_canceled_or_timed_out": 504,
    "resource_not_exist": 404,
    "search_filter_invalid": 400,
    "search_option_combination_not_supported": 400,
    "search_option_not_supported": 400,
    "search_page_token_expired": 400,
    "tags_not_allowed": 400,
    "task_cannot_be_deleted": 400,
    "token_limit_exceeded": 400,
    "too_many_requests": 429,
    "unauthorized": 401,
    "unauthorized_request": 401,
    "usage_limit_exceeded": 400,
    "video_duration_too_long": 400,
    "video_duration_too_short": 400,
    "video_file_broken": 400,
    "video_filesize_too_large": 400,
    "video_not_ready": 400,
    "video_resolution_invalid_aspect_ratio": 400,
    "video_resolution_too_high": 400,
    "video_resolution_too_low": 400,
    "INTERNAL_SERVER_ERROR": 500,
    "RATE_LIMIT_EXCEEDED": 429,
    "VALIDATION_ERROR": 400,
}
"""Codes of error responses that the platform is known to send, and the status that comes with each.

Some come with several: `resource_not_exist` with 400 or 404, `generic_error` with 400, 403, 404 or 500. For
`request_canceled_or_timed_out` no source states one.
"""

EMBEDDED: Final = frozenset(
    {
        "asset_unavailable",
        "audio_filesize_too_large",
        "batch_canceled",
        "batch_expired",
        "batch_processing_timeout",
        "media_filesize_too_large",
        "source_not_authorized",
        "source_unavailable",
        "unsupported_media_type",
        "user_canceled",
        "video_duration_too_long",
        "video_filesize_too_large",
    }
)
"""Codes of the platform within successful responses: of a task, of an item of a batch or of an import."""

OWN: Final[Mapping[str, int]] = {
    "asset_in_use": 409,
    "asset_not_ready": 400,
    "batch_limit_exceeded": 409,
    "connection_not_active": 409,
    "fault": 500,
    "internal_server_error": 500,
    "media_filesize_too_large": 400,
    "method_not_allowed": 405,
    "page_token_expired": 410,
    "payload_too_large": 413,
    "redirect_uri_already_exists": 409,
    "task_canceled": 409,
    "task_failed": 409,
    "task_in_batch": 409,
    "task_not_terminal": 409,
    "task_ready": 409,
    "unsupported_media_type": 400,
    "upload_expired": 400,
    "upload_not_active": 400,
}
"""Codes of error responses that are the emulator's own: no source says what the platform sends there."""
