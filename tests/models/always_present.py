"""Members of responses that the platform always sends.

They are identifiers, lists with their page information, the state of what is waited for, and what an upload needs. The
platform's reference marks few of them as required.
"""

from __future__ import annotations

from typing import Final

ALWAYS_PRESENT: Final[dict[str, tuple[str, ...]]] = {
    "IndexesListResponse": ("data", "page_info"),
    "IndexSchema": ("_id",),
    "IndexesCreateResponse": ("_id",),
    "IndexedAssetsListResponse": ("data", "page_info"),
    "IndexedAsset": ("_id",),
    "IndexedAssetsCreateResponse": ("_id",),
    "IndexedAssetDetailed": ("_id", "status"),
    "IndexedAssetsListByAssetResponse": ("data", "page_info"),
    "IndexedAssetSummary": ("_id",),
    "VideosListResponse": ("data", "page_info"),
    "VideoVector": ("_id",),
    "VideosRetrieveResponse": ("_id",),
    "TasksListResponse": ("data", "page_info"),
    "VideoIndexingTask": ("_id",),
    "TasksCreateResponse": ("_id",),
    "TasksRetrieveResponse": ("_id", "status"),
    "AssetsListResponse": ("data", "page_info"),
    "AssetDetail": ("_id", "status"),
    "Asset": ("_id",),
    "CreateAssetUploadResponse": ("upload_id", "asset_id", "upload_urls", "chunk_size", "total_chunks"),
    "GetUploadStatusResponse": ("uploaded_chunks", "page_info"),
    "RequestAdditionalPresignedUrLsResponse": ("upload_id",),
    "SearchResults": ("data",),
    "SearchRetrieveResponse": ("data",),
    "Gist": ("id",),
    "EmbedTasksListResponse": ("data", "page_info"),
    "MediaEmbeddingTask": ("_id",),
    "EmbedTasksCreateResponse": ("_id",),
    "EmbedTasksStatusResponse": ("_id", "status"),
    "EmbedTasksRetrieveResponse": ("_id", "status"),
    "EmbedV2TasksListResponse": ("data", "page_info"),
    "EntityCollectionsListResponse": ("data", "page_info"),
    "EntityCollection": ("_id",),
    "EntitiesListResponse": ("data", "page_info"),
    "Entity": ("_id",),
    "EntitiesListByAssetResponse": ("data", "page_info"),
    "ListAllEntitiesResponse": ("data", "page_info"),
    "InternalEntity": ("_id",),
    "ListConnectionsResponse": ("data", "page_info"),
    "Connection": ("_id",),
    "ListRedirectUrisResponse": ("data", "page_info"),
    "RedirectUri": ("_id",),
    "ListImportsResponse": ("data", "page_info"),
    "Import": ("_id",),
    "ImportResult": ("_id",),
    "ImportDetail": ("_id",),
    "KnowledgeStoresListResponse": ("data", "page_info"),
    "KnowledgeStore": ("_id",),
    "KnowledgeStoreItemsListResponse": ("data", "page_info"),
    "KnowledgeStoreItem": ("_id", "status"),
    "KnowledgeStoreItemCollectionsListResponse": ("data", "page_info"),
    "KnowledgeStoreItemCollection": ("_id",),
    "KnowledgeStoreItemCollectionsListItemsResponse": ("data", "page_info"),
}
"""Schema to wire names."""

OTHERWISE_REQUIRED: Final = {"KnowledgeStoreItem": ("asset_type",)}
"""Members of these schemas that the platform's reference itself marks as required."""
