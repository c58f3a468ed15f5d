"""Path values that match another route."""

from __future__ import annotations

from codegen.routes import reserved_words

URLS = [
    "/assets",
    "/assets/{asset_id}",
    "/assets/{asset_id}/entities",
    "/assets/multipart-uploads",
    "/assets/multipart-uploads/{upload_id}",
    "/tasks/{task_id}",
]


def test_words_of_a_sibling_are_reserved() -> None:
    assert reserved_words("/assets/{asset_id}", URLS) == {"multipart-uploads"}


def test_words_deeper_in_the_path_count_for_both_routes() -> None:
    assert reserved_words("/assets/{asset_id}/entities", URLS) == {"multipart-uploads"}
    assert reserved_words("/assets/multipart-uploads/{upload_id}", URLS) == {"entities"}


def test_other_paths_reserve_nothing() -> None:
    assert reserved_words("/tasks/{task_id}", URLS) == set()
    assert reserved_words("/assets", URLS) == set()
