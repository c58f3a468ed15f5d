"""The built site: the check of its links, what is written for language models, and how long lines of code are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from docs._ext import client_tree, edit_links, llms
from tests.docs.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECK = ROOT / "docs/_ext/check_site.py"
WIDEST = 120
"""Characters of a line of code that a page shows on a desktop: docs/_static/site.css."""

PAGES = {
    "index.html": '<h1 id="top">Films</h1><a href="deep/one.html#part">one</a> <a href="#top">up</a>',
    "deep/one.html": '<a name="part"></a><a href="../index.html">back</a> <a href="../index.html?x=1#top">top</a>',
}


def check(site: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, CHECK, site], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, source in PAGES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    (tmp_path / "style.css").write_text("", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://example.com/nowhere#x">other hosts are not asked</a>',
        '<a href="mailto:someone@example.com">nor are addresses</a>',
        '<link href="style.css"><script></script><a>no target</a>',
        '<a href="deep/">a folder with an index</a>',
        '<a href="deep%2Fone.html#p%61rt">escaped</a>',
    ],
)
def test_links_that_lead_somewhere(site: Path, link: str) -> None:
    (site / "deep/index.html").write_text("", encoding="utf-8")
    (site / "more.html").write_text(link, encoding="utf-8")
    assert check(site) == (0, "")


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ('<a href="gone.html">', "there is no such file"),
        ('<a href="deep/one.html#gone">', "there is no such anchor"),
        ('<a href="#gone">', "there is no such anchor"),
        ('<img src="gone.png">', "there is no such file"),
        ('<script src="gone.js"></script>', "there is no such file"),
        ('<link href="gone.css">', "there is no such file"),
        ('<a href="../../outside.html">', "there is no such file"),
        ('<a href="/index.html">', "leads to the root of the host"),
        ('<a href="http://[broken">', "not an address"),
    ],
)
def test_a_broken_link_fails_the_build(site: Path, link: str, problem: str) -> None:
    (site.parent / "outside.html").write_text("", encoding="utf-8")
    (site / "more.html").write_text(f"<p>\n{link}", encoding="utf-8")
    status, said = check(site)
    assert status == 1
    assert said.count("\n") == 1
    assert said.startswith("more.html:2: ")
    assert problem in said


def test_no_site_is_no_success(tmp_path: Path) -> None:
    status, said = check(tmp_path)
    assert status == 1
    assert "no built site" in said


def test_the_build_checks_its_links() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ndocs:")[1].split("\n\n")[0]
    assert f"{CHECK.relative_to(ROOT)} docs/_build/html" in recipe
    assert "\nmake docs\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def code_lines(page: Path) -> Iterator[str]:
    """The lines of the blocks of code of a page."""
    fence = ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("```"):
            fence = "" if fence else line.strip()
        elif fence and not fence.startswith("```{"):
            yield line


PAGES_OF_THE_SITE = [
    *ROOT.glob("*.md"),
    *(page for page in ROOT.glob("docs/**/*.md") if page.parent.name not in {"models", "resources"}),
]


def test_no_line_of_code_is_cut_off() -> None:
    lines = [(page.name, line) for page in PAGES_OF_THE_SITE for line in code_lines(page)]
    assert len(lines) > 500
    assert [f"{name}: {line}" for name, line in lines if len(line) > WIDEST] == []


def test_the_signatures_are_those_of_the_reference() -> None:
    listed = llms.signatures()
    members = [member for holder in client_tree.read().walk() for member in holder.members]
    assert len(members) > 150
    assert listed.count("\n- ") == len(members)
    for member in members:
        assert f"{member.name}{member.signature}`" in listed or f"`{member.name}: {member.result}`" in listed
    assert "\n- `await client.tasks.create(*, index_id: IndexOrId, " in listed
    assert "\n- `client.search.query(*, index_id: IndexOrId, " in listed
    gist = next(line for line in listed.splitlines() if line.startswith("- `await client.gist("))
    assert "Deprecated: gist is deprecated: use analyze instead." in gist


def test_the_index_names_the_methods_of_a_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    summaries = {"index": "What it is.", "guide": "It is short: very.", "reference/resources/client.search": "Guides"}
    monkeypatch.setattr(llms, "summary", lambda _, page: summaries[page])
    monkeypatch.setattr(llms, "title", lambda _, page: page.rpartition("/")[2])
    env: Any = SimpleNamespace()
    lines = llms.index(env, "twelvelabs-async", list(summaries)).splitlines()
    assert lines[:3] == ["# twelvelabs-async", "", "> What it is."]
    assert llms.FULL in lines
    assert lines[-2:] == [
        "- [guide](guide.html): It is short",
        "- [client.search](reference/resources/client.search.html): create, retrieve, query",
    ]


def test_the_landing_page_is_the_readme_for_language_models_too() -> None:
    text = llms.included(ROOT / "docs/index.md")
    assert text.startswith("# twelvelabs-async\n")
    assert "(quick-start.md)" in text
    assert "await client.embed.v_2.embed_file(" in text
    assert "toctree" not in text


def test_a_page_is_plain_markdown(tmp_path: Path) -> None:
    (tmp_path / "part.md").write_text("Part.\n", encoding="utf-8")
    blocks = ("# Title", "```{include} part.md\n:start-line: 0\n```", "```{toctree}\none\n```", "```python\n1\n```")
    (tmp_path / "page.md").write_text("\n\n".join(["<!-- made -->", *blocks, ""]), encoding="utf-8")
    assert llms.included(tmp_path / "page.md").split() == ["#", "Title", "Part.", "```python", "1", "```"]
    assert llms.sentence("One call: it is short. Another.") == "One call"
    assert llms.sentence("See v1.3 of it. Another.") == "See v1.3 of it."


@pytest.mark.parametrize(
    ("page", "file"),
    [
        ("docs/index.md", "README.md"),
        ("docs/contributing.md", "CONTRIBUTING.md"),
        ("docs/changelog.md", "CHANGELOG.md"),
        ("docs/waiting.md", "docs/waiting.md"),
        ("docs/reference/client.md", "docs/reference/client.md"),
    ],
)
def test_edit_links_name_the_file_that_holds_the_text(page: str, file: str) -> None:
    assert edit_links.edited_file(ROOT / page) == ROOT / file


@pytest.mark.parametrize("page", ["resources/client.search.md", "models/index.md"])
def test_generated_pages_have_no_edit_link(page: str) -> None:
    assert edit_links.edited_file(ROOT / "docs/reference" / page) is None


def test_the_theme_gets_the_edit_links() -> None:
    options = {"source_repository": "https://example.com/it", "source_branch": "main"}
    app = SimpleNamespace(
        env=SimpleNamespace(doc2path=lambda page: str(ROOT / "docs" / f"{page}.md")),
        config=SimpleNamespace(html_theme_options=options),
    )
    context: dict[str, object] = {"page_source_suffix": ".md"}
    edit_links._link(app, "index", "page.html", context, object())
    assert context["theme_source_edit_link"] == "https://example.com/it/edit/main/README.md"
    assert context["theme_source_view_link"] == "https://example.com/it/blob/main/README.md"
    edit_links._link(app, "reference/models/index", "page.html", context, object())
    assert context["page_source_suffix"] == ""
    search: dict[str, object] = {}
    edit_links._link(app, "search", "search.html", search, None)
    assert search == {}
