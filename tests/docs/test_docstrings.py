"""How docstrings, which are written for readers of the source, become reStructuredText."""

from __future__ import annotations

from docs._ext.docstrings import literal_blocks, untyped_results, whole_items


def test_text_before_a_colon_is_no_type() -> None:
    lines = [
        "List.",
        "",
        "Returns:",
        "    A pager: `async for` yields all.",
        "    And: more.",
        "",
        "Raises:",
        "    E: x.",
    ]
    expected = [*lines[:3], "    : A pager: `async for` yields all.", *lines[4:]]
    assert untyped_results(lines) == expected
    assert untyped_results(["Yields:", "", "text"]) == ["Yields:", "", "text"]


def test_indented_text_is_a_literal_block() -> None:
    assert literal_blocks(["Text", "", "    code", "    more"]) == ["Text", "", "::", "", "    code", "    more"]
    assert literal_blocks(["Args:", "    x: y", "", "    z: w"]) == ["Args:", "    x: y", "", "    z: w"]


def test_list_items_are_kept_together() -> None:
    assert whole_items(["- one", "more", "", "text"]) == ["- one", "  more", "", "text"]
