"""The reference describes every public name: of the client, of its resources, and of the modules that users import.

These tests read what the pages say before they are built. The build itself compares the same names with its inventory
and with the anchors of the HTML pages (`docs/_ext/reference_objects.py`), and any difference ends `make docs`.
"""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from docs._ext import client_tree, exported_names, public_names, reference_pages
from twelvelabs_async._resource import Resource

from .pages import ROOT

PAGES = reference_pages.pages()
CLIENT = client_tree.read()
MEMBERS = {member.name: member for holder in CLIENT.walk() for member in holder.members}
WANTED = public_names.wanted()

_DIRECTIVE = re.compile(r"\.\. ([\w:-]+):: (\S+)((?:\n   :.+)*)")
_CLASS = re.compile(r"\.[A-Z]\w*$")
_ROW = re.compile(r"^\| (\w+) \| `\w+ [^`]+` \| \[`(client[\w.]+)`\]\(#([\w.]+)\) \|", re.MULTILINE)


def directives(text: str) -> list[tuple[str, str, str]]:
    """Name, argument and options of each directive."""
    return [(match[1], match[2], match[3]) for match in _DIRECTIVE.finditer(text)]


def described(text: str) -> set[str]:
    """The names that a page describes; of a module that is described as a whole, what it exports."""
    found: set[str] = set()
    module = ""
    for directive, argument, options in directives(text):
        if directive in {"currentmodule", "automodule"}:
            module = argument
        if directive == "automodule":
            listed = re.search(r":members: (.+)", options)
            excluded = re.search(r":exclude-members: (.+)", options)
            names = listed[1].split(", ") if listed else [] if ":no-members:" in options else exports(module)
            found |= {f"{module}.{name}" for name in names if not excluded or name not in excluded[1].split(", ")}
        elif directive in {"client-resource", "client-member"} or argument.startswith("twelvelabs_async."):
            found.add(argument)
        elif directive != "currentmodule":
            found.add(f"{module}.{argument}")
    return found


def exports(module: str) -> list[str]:
    """What users can import from a module, and what it takes from elsewhere under a name of its own."""
    return [name.removeprefix(f"{module}.") for name in WANTED if name.rpartition(".")[0] == module]


@functools.cache
def everything() -> frozenset[str]:
    written = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/reference").glob("*.md"))]
    return frozenset().union(*map(described, [*PAGES.values(), *written]))


def test_every_public_name_is_described() -> None:
    # The directive of a class describes its methods and properties; the build checks these.
    names = {name: others for name, others in WANTED.items() if not _CLASS.search(name.rpartition(".")[0])}
    assert len(names) > 1000
    assert len(WANTED) > len(names)
    assert public_names.missing(names, everything()) == []


@pytest.mark.parametrize(
    "name",
    [
        "client",
        "client.analyze",
        "client.ingest",
        "client.get",
        "client.base_url",
        "client.search.query",
        "client.tasks.create_bulk",
        "client.multipart_upload.upload_file",
        "client.multipart_upload.wait_for_upload_completion",
        "client.analyze_async",
        "client.analyze_async.batches.create",
        "client.embed.v_2.tasks.wait_for_done",
        "client.indexes.indexed_assets.wait_for_done",
    ],
)
def test_names_that_users_look_for(name: str) -> None:
    holder = name if name in {found.name for found in CLIENT.walk()} else name.rpartition(".")[0]
    assert name in described(PAGES[f"resources/{holder}.md"])


def test_methods_are_those_of_the_classes_that_the_client_hands_out() -> None:
    assert "query_media_urls: Sequence[str] | None = None" in MEMBERS["client.search.query"].signature
    assert "into: type[T] | None = None" in MEMBERS["client.analyze"].signature
    assert MEMBERS["client.tasks.wait_for_done"].signature.endswith("-> TasksRetrieveResponse")
    assert MEMBERS["client.search.create"].is_async
    assert not MEMBERS["client.search.query"].is_async
    assert MEMBERS["client.tasks.create"].is_async  # deprecated: a function that returns a coroutine
    assert MEMBERS["client.tasks.create_bulk"].is_async
    assert not MEMBERS["client.tasks.list"].is_async
    assert MEMBERS["client.limits"].result == "LimitsState"


def test_signatures_are_python_and_documented() -> None:
    for member in MEMBERS.values():
        assert member.summary, member.name
        if member.kind == "method":
            parsed = ast.parse(f"def method{member.signature}: ...").body[0]  # Sphinx shows no other one with links
            assert isinstance(parsed, ast.FunctionDef)
            assert not re.search(r"(?<![\w.])_[A-Za-z]", member.signature), member.name  # a name that nobody can import
            names = {parameter.arg for parameter in (*parsed.args.args, *parsed.args.kwonlyargs)}
            assert "self" not in names
            assert names <= documented(member), member.name


def documented(member: client_tree.Member) -> set[str]:
    """The arguments that a docstring describes, or the docstring of the method that it refers to."""
    if other := re.search(r"Arguments and result are those of `(\w+)`", member.documentation):
        return documented(MEMBERS[f"{member.name.rpartition('.')[0]}.{other[1]}"])
    return set(re.findall(r"^    \*{0,2}(\w+): ", member.documentation, re.MULTILINE))


def test_lists_say_what_is_deprecated() -> None:
    assert (
        "[`create()`](#client.tasks.create): Upload and index a video. Deprecated.\n"
        in PAGES["resources/client.tasks.md"]
    )
    assert "Deprecated." not in PAGES["resources/client.assets.md"]


def test_each_page_lists_and_describes_the_same_members() -> None:
    for holder in CLIENT.walk():
        page = PAGES[f"resources/{holder.name}.md"]
        assert page.startswith(f"# `{holder.name}`\n")
        own = [member.name for member in holder.members]
        assert [name for kind, name, _ in directives(page) if kind == "client-member"] == own
        assert re.findall(r"^- \[`\w+(?:\(\))?`\]\(#([\w.]+)\): \S", page, re.MULTILINE) == own
        for child in holder.children:
            assert f"({child.name}.md)" in page


def test_links_between_the_pages() -> None:
    names = everything()
    for page, text in PAGES.items():
        for target in re.findall(r"\]\(#([\w.]+)\)", text):
            assert target in names, page
        for target in re.findall(r"\]\(([^#)]+\.md)\)", text):
            path = (Path("docs/reference") / page).parent / target
            inside = str(Path(*path.parts[2:])) in PAGES
            assert inside or (ROOT / path).resolve().exists(), (page, target)


def test_guides_belong_to_resources() -> None:
    assert {holder.name for holder in CLIENT.walk()} >= reference_pages.GUIDES.keys()


def test_the_table_of_operations_and_the_reference_agree() -> None:
    text = (ROOT / "docs/api-coverage.md").read_text(encoding="utf-8")
    rows = _ROW.findall(text)
    assert len(rows) == int(str(re.findall(r"(\d+) methods\.", text)[0])) > 100
    for operation, shown, target in rows:
        assert shown == target
        assert operation in {found.id for found in MEMBERS[target].operations}, target
    listed = {operation for operation, _, _ in rows}
    assert listed >= {found.id for member in MEMBERS.values() for found in member.operations}


def test_operations_of_hand_written_methods() -> None:
    def ids(name: str) -> list[str]:
        return [found.id for found in MEMBERS[name].operations]

    assert ids("client.search.query") == ["createSearch"]
    assert ids("client.analyze") == ["analyzeVideo"]  # through super()
    assert ids("client.tasks.wait_for_done") == ["retrieveTask"]
    assert sorted(ids("client.embed.v_2.embed_file")) == ["createEmbeddingTaskV2", "createEmbeddingsV2"]
    assert ids("client.close") == ids("client.limits") == []


def test_raw_responses_have_one_page() -> None:
    page = PAGES["resources/client.with_raw_response.md"]
    raw = {holder.name: [member.name for member in holder.members] for holder in client_tree.read(raw=True).walk()}
    assert "client.with_raw_response.indexes.retrieve" in raw["client.with_raw_response.indexes"]
    rows = re.findall(r"^- `([\w.]+)`: (.+)$", page, re.MULTILINE)
    linked = {name: re.findall(r"\(#([\w.]+)\)", cell) for name, cell in rows}
    for name, methods in raw.items():
        assert linked.get(name, []) == [method.replace(".with_raw_response", "") for method in methods]


def test_a_new_kind_of_attribute_is_not_passed_over() -> None:
    class Odd(Resource):
        size = 3

    with pytest.raises(TypeError, match=r"client\.odd\.size is a int"):
        client_tree._holder("client.odd", Odd.__new__(Odd))


SURFACE = {
    "client.limits": "property -> LimitsState",
    "client.search": "resource",
    "client.search.query": "function -> AsyncPager[SearchItem, SearchResults]",
    "client.search.query(index_id=)": "IndexOrId, required",
    "client.with_raw_response.search.query": "async function -> RawResponse[SearchResults]",
    "twelvelabs_async.Page": "class",
    "twelvelabs_async.Page.items": "Sequence[ItemT], required",
    "twelvelabs_async.Page.has_next": "property -> bool",
    "twelvelabs_async.pagination.Page": "the same as twelvelabs_async.Page",
    "twelvelabs_async.types.Any": "the same as typing.Any",
    "twelvelabs_async.types.TYPE_CHECKING": "constant of bool",
    "twelvelabs_async.types.SearchItem": "class (Model)",
    "twelvelabs_async.types.SearchFilterParams[x]": "str",
}


def test_which_names_must_be_described() -> None:
    pages = {"twelvelabs_async.Page", "twelvelabs_async.pagination.Page"}
    assert public_names.wanted(SURFACE) == {
        "client.limits": {"client.limits"},
        "client.search": {"client.search"},
        "client.search.query": {"client.search.query"},
        "client.with_raw_response.search.query": {"client.search.query"},
        "twelvelabs_async.Page": pages,
        "twelvelabs_async.Page.has_next": {f"{name}.has_next" for name in pages},
        "twelvelabs_async.pagination.Page": pages,
        "twelvelabs_async.types.SearchItem": {"twelvelabs_async.types.SearchItem"},
    }


def test_a_name_without_an_anchor_is_found() -> None:
    wanted = public_names.wanted(SURFACE)
    anchors = {"client.limits", "client.search", "client.search.query", "twelvelabs_async.types.SearchItem"}
    anchors |= {"twelvelabs_async.pagination.Page", "twelvelabs_async.pagination.Page.has_next"}
    assert public_names.missing(wanted, anchors) == []
    assert public_names.missing(wanted, anchors - {"client.search.query"}) == [
        "client.search.query",
        "client.with_raw_response.search.query",
    ]
    assert public_names.missing(wanted, anchors - {"twelvelabs_async.pagination.Page.has_next"}) == [
        "twelvelabs_async.Page.has_next"
    ]


def test_where_names_are_defined() -> None:
    stage = exported_names.find("twelvelabs_async.ingest", "Stage")  # imported, with a docstring in its own module
    assert stage.path.endswith("values.py")
    assert stage.source.startswith("Literal['source', 'upload'")
    assert stage.documentation.startswith("The stages in order")
    assert stage.is_type
    growth = exported_names.find("twelvelabs_async.waiters", "GROWTH")  # imported for type checkers
    assert (growth.source, growth.is_type) == ("1.2", False)
    key = exported_names.find("twelvelabs_async.emulator", "DEFAULT_KEY")  # imported below `with needs(...)`
    assert key.documentation
    params = exported_names.find("twelvelabs_async._generated.params.search", "SearchCreateRequestParams")
    assert (params.source, params.is_type) == ("", True)
    assert "as a plain dict" in params.documentation
    version = exported_names.find("twelvelabs_async._version", "__version__")
    assert version.documentation == ""
    with pytest.raises(LookupError, match="does not define Nothing"):
        exported_names.find("twelvelabs_async.waiters", "Nothing")


def test_names_that_are_read_from_the_source_say_what_they_are() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs/reference").glob("*.md"))
    found = [entry for text in (*PAGES.values(), written) for entry in directives(text) if entry[0] == "exported"]
    assert len(found) > 300
    for _, name, options in found:
        module, _, own = name.rpartition(".")
        source = options.partition(":source: ")[2].strip()
        assert exported_names.find(source or module, own).documentation, name


def test_pages_are_written(tmp_path: Path) -> None:
    app: Any = SimpleNamespace(srcdir=tmp_path)
    reference_pages.write(app)
    written = {str(path.relative_to(tmp_path / "reference")) for path in tmp_path.rglob("*.md")}
    assert written == PAGES.keys()

    kept, changed = (tmp_path / "reference" / name for name in ("models/search.md", "resources/client.md"))
    obsolete = tmp_path / "reference/resources/client.removed.md"
    obsolete.write_text("# Removed\n", encoding="utf-8")
    changed.write_text("# Changed by hand\n", encoding="utf-8")
    before = kept.stat().st_mtime_ns
    reference_pages.write(app)
    assert not obsolete.exists()
    assert changed.read_text(encoding="utf-8") == PAGES["resources/client.md"]
    assert kept.stat().st_mtime_ns == before  # Sphinx would read it again
