"""Bodies of operations whose conditions a generator does not meet by chance: each is accepted as it is."""

from __future__ import annotations

from typing import Any

from .seed_data import Known


def bodies(kept: Known) -> dict[str, list[dict[str, Any]]]:
    """OperationId to bodies; those that can respond with a stream do so in one of them."""
    asset, picture = kept["asset"]
    (video,), (index,), (store,), (item,) = (kept[kind] for kind in ("video", "index", "knowledge_store", "item"))
    of_asset = {"type": "asset_id", "asset_id": asset}
    source = {"media_source": {"asset_id": asset}}
    shown = {"media_source": {"asset_id": picture}}
    message = {"type": "message", "role": "user", "content": "Where is red?"}
    reds = {"id": "reds", "description": "red", "time_ranges": [{"start_time": 0, "end_time": 2}]}
    segments = {"type": "segment_definitions", "segment_definitions": [reds]}
    marengo = {"model_name": "marengo3.0"}
    return {
        "analyzeVideo": [
            {"video": of_asset, "prompt": "What happens?", "stream": True},
            {"video_id": video, "prompt": "What happens?", "stream": False, "max_tokens": 100},
            {"image": [{"name": "it", "asset_id": picture}], "prompt": "What is it?", "stream": False},
        ],
        "generateText": [{"video_id": video, "prompt": "What happens?", "stream": stream} for stream in (True, False)],
        "generateGist": [{"video_id": video, "types": ["title", "topic", "hashtag"]}],
        "summarizeVideo": [{"video_id": video, "type": kind} for kind in ("summary", "chapter", "highlight")],
        "createAnalyzeTask": [
            {"video": of_asset, "prompt": "What happens?"},
            {"video": of_asset, "analysis_mode": "time_based_metadata", "response_format": segments},
        ],
        "createAnalyzeBatch": [
            {
                "model_name": "pegasus1.5",
                "analysis_mode": "general",
                "defaults": {"prompt": {"input_text": "What happens?"}},
                "requests": [{"video": of_asset, "custom_id": "one"}],
            }
        ],
        "createEmbeddingsV2": [
            {"input_type": "text", **marengo, "text": {"input_text": "red"}},
            {"input_type": "image", **marengo, "image": shown},
            {"input_type": "text_image", **marengo, "text_image": {"input_text": "red", **shown}},
            {"input_type": "audio", **marengo, "audio": source},
            {"input_type": "video", **marengo, "video": source},
            {
                "input_type": "multi_input",
                "model_name": "marengo3.5",
                "multi_input": {"media_sources": [{"media_type": "image", "asset_id": picture}]},
            },
        ],
        "createEmbeddingTaskV2": [
            {"input_type": "audio", **marengo, "audio": source},
            {"input_type": "video", **marengo, "video": source},
            {"input_type": "image", "model_name": "marengo3.5", "image": shown},
        ],
        "createSearch": [
            {"index_id": index, "query_text": "red", "search_options": ["visual"], "group_by": group}
            for group in ("clip", "video")
        ],
        "searchKnowledgeStore": [{"query": {"text": "red"}, "include_metadata": flag} for flag in (True, False)],
        "createResponse": [
            {"knowledge_store_id": store, "input": [message], "stream": True, "include": ["intermediate_outputs"]},
            {
                "knowledge_store_id": store,
                "input": [message],
                "stream": False,
                "selections": [{"kind": "item", "id": item}],
            },
        ],
        "createIndex": [
            {"index_name": "an example", "models": [{"model_name": "marengo3.0", "model_options": ["visual"]}]}
        ],
    }
