"""The public names of `twelvelabs` 1.3.6, and what they are called here.

Most models have the same name, so the tables contain only what differs. Names that the tables and the models of this
package do not contain are unknown; the program keeps them, and they are reported.
"""

from __future__ import annotations

from functools import cache
from typing import Final, Literal

import attrs

from .._safe_repr import SafeRepr

OFFICIAL: Final = "twelvelabs"
PACKAGE: Final = "twelvelabs_async"

Place = Literal["", "types", "errors"]
"""The module of a name: the package itself, or one of its two modules."""

ASYNC_CLIENT: Final = "AsyncTwelveLabs"
SYNC_CLIENT: Final = "TwelveLabs"

SYNCHRONOUS: Final = frozenset({"TwelveLabs", "BaseClient", "SyncPager", "SyncClientWrapper", "HttpClient"})
"""Names that exist in asynchronous form only, in this package."""

FUNCTION_NAMES: Final = frozenset(
    {
        "convert_and_respect_annotation_metadata",
        "convert_file_dict_to_httpx_tuples",
        "deep_union_pydantic_dicts",
        "encode_by_type",
        "encode_query",
        "get_alias_to_field_mapping",
        "get_field_to_alias_mapping",
        "get_request_body",
        "jsonable_encoder",
        "maybe_filter_request_body",
        "parse_obj_as",
        "remove_none_from_dict",
        "remove_omit_from_dict",
        "serialize_datetime",
        "single_query_encoder",
        "to_jsonable_with_fallback",
        "traverse_query_dict",
        "universal_field_validator",
        "universal_root_validator",
        "update_forward_refs",
        "with_content_type",
    }
)
"""Functions of the official package, none of which exists here. Every other lower-case name is a module."""

STATUS_ERRORS: Final = {
    "ApiError": "APIStatusError",
    "BadRequestError": "BadRequestError",
    "UnauthorizedError": "AuthenticationError",
    "ForbiddenError": "ForbiddenError",
    "NotFoundError": "NotFoundError",
    "ConflictError": "ConflictError",
    "GoneError": "GoneError",
    "ContentTooLargeError": "PayloadTooLargeError",
    "UnprocessableEntityError": "UnprocessableEntityError",
    "TooManyRequestsError": "TooManyRequestsError",
    "InternalServerError": "InternalServerError",
    "ServiceUnavailableError": "InternalServerError",
    "GatewayTimeoutError": "InternalServerError",
}
"""Classes of errors with a status."""

WIDER: Final = {"ServiceUnavailableError": 503, "GatewayTimeoutError": 504}
"""Errors of one status whose replacement also stands for other statuses."""

_ROOT: Final = {
    "AsyncTwelveLabs": "AsyncTwelveLabs",
    "AsyncBaseClient": "AsyncTwelveLabs",
    "AsyncPager": "AsyncPager",
    "CreateEmbeddingsTaskVideoParams": "CreateEmbeddingsTaskVideoParams",
    "File": "FileInput",
    "OMIT": "UNSET",
    "RequestOptions": "RequestOptions",
    "UploadProgress": "UploadProgress",
    "UploadResult": "UploadResult",
    "UploadStatus": "UploadStatus",
    "__version__": "__version__",
}

_TYPES: Final = {"TasksListResponsePageInfo": "PageInfo"}

_BY_MODULE: Final = (
    ("embed.v_2", ("TasksCreateResponse", "TasksListResponse"), "EmbedV2"),
    ("embed", ("TasksCreateResponse", "TasksListResponse", "TasksRetrieveResponse"), "Embed"),
    ("analyze_async", ("TasksListResponse",), "Analyze"),
)
"""Names that several modules use for different models, and the prefix that distinguishes them here."""

VALUES: Final = {"Page": "int"}
"""Aliases of plain values that stand for something else here, and the built-in type that replaces them."""

UNPAGED: Final = frozenset(
    {
        "analyze_async.tasks.list",
        "data_connectors.list_connections",
        "data_connectors.list_redirect_uris",
        "imports.list_imports",
        "knowledge_stores.search",
    }
)
"""Lists that are a pager here, and the response itself in the official package."""

PAGED: Final = frozenset(
    f"{path}.list"
    for path in (
        "analyze_async.batches",
        "assets",
        "embed.tasks",
        "embed.v_2.tasks",
        "entity_collections",
        "entity_collections.entities",
        "indexes",
        "indexes.indexed_assets",
        "indexes.videos",
        "knowledge_store_item_collections",
        "knowledge_store_items",
        "knowledge_stores",
        "tasks",
    )
) | {
    "entity_collections.entities.list_by_asset",
    "indexes.indexed_assets.list_by_asset",
    "knowledge_store_item_collections.list_items",
    "multipart_upload.get_status",
    "multipart_upload.list_incomplete_uploads",
    "search.query",
}
"""Lists that are a pager in both packages."""

STREAMS: Final = frozenset({"analyze_stream", "responses.create_stream", "analyze_async.batches.results"})

RESOURCES: Final = frozenset(
    {
        "analyze_async",
        "analyze_async.batches",
        "analyze_async.tasks",
        "assets",
        "data_connectors",
        "embed",
        "embed.tasks",
        "embed.v_2",
        "embed.v_2.tasks",
        "entity_collections",
        "entity_collections.entities",
        "imports",
        "indexes",
        "indexes.indexed_assets",
        "indexes.videos",
        "knowledge_store_item_collections",
        "knowledge_store_items",
        "knowledge_stores",
        "multipart_upload",
        "responses",
        "search",
        "tasks",
    }
)
"""Attribute paths of the resources, the same in both packages."""


@attrs.frozen
class Target(SafeRepr):
    """What replaces a name.

    Attributes:
        name: The new name; for a value, the built-in type.
        place: The module that has it.
        is_value: Whether it is a built-in type, which needs no import.
    """

    name: str
    place: Place = ""
    is_value: bool = False


def target_of(module: str, name: str) -> Target | None:
    """What replaces a name of the official package, None if it is unknown or exists for synchronous code only.

    Args:
        module: The module, without the name of the package; the package itself is an empty string.
        name: The name in it.
    """
    if name in VALUES:
        return Target(VALUES[name], is_value=True)
    for prefix, names, new in _BY_MODULE:
        if name in names and f"{module}.".startswith(f"{prefix}."):
            return Target(new + name, "types")
    if name in STATUS_ERRORS:
        return Target(STATUS_ERRORS[name], "errors")
    if name == "UploadError":
        return Target(name, "errors")
    if name in _ROOT:
        return Target(_ROOT[name])
    if name in _TYPES:
        return Target(_TYPES[name], "types")
    return Target(name, "types") if name in _models() else None


@cache
def _models() -> frozenset[str]:
    from .._generated import index  # names only, no model is loaded

    return index.NAMES - index.PARAMS.keys()
