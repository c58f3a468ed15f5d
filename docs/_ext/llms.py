"""Writes llms.txt and llms-full.txt beside the pages: the documentation as plain text, for language models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from .client_tree import Member, read
from .landing import MARK, ROOT, landing_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

REFERENCE = ("reference/", "api-coverage")
"""Pages that llms-full.txt does not hold as they are; it lists the signatures instead."""

FULL = "[llms-full.txt](llms-full.txt) holds the guides and the signatures of all methods in one file."


def write(app: Sphinx, error: Exception | None) -> None:
    """Write both files from the pages that were built."""
    if error is not None or app.builder.name != "html":
        return
    env, out = app.env, Path(app.outdir)
    pages = list(in_order(env))
    (out / "llms.txt").write_text(index(env, app.config.project, pages), encoding="utf-8")
    guides = [page for page in pages if not page.startswith(REFERENCE)]
    (out / "llms-full.txt").write_text(
        "\n\n".join([*(guide(env, page) for page in guides), signatures()]) + "\n", encoding="utf-8"
    )


def in_order(env: BuildEnvironment) -> Iterator[str]:
    """Every page once, as the tables of contents list them."""
    seen: set[str] = set()
    pending = [env.config.root_doc]
    while pending:
        page = pending.pop(0)
        if page not in seen:
            seen.add(page)
            yield page
            pending[:0] = env.toctree_includes.get(page, [])


def index(env: BuildEnvironment, project: str, pages: list[str]) -> str:
    """The title, a summary, and every page with its address and a line on what it is about."""
    root, *others = pages
    listed = [f"- [{title(env, page)}]({page}.html): {about(env, page)}".removesuffix(": ") for page in others]
    return "\n".join([f"# {project}", "", f"> {summary(env, root)}", "", FULL, "", "## Pages", "", *listed, ""])


def about(env: BuildEnvironment, page: str) -> str:
    """The methods of a resource, or the first sentence of a page."""
    holders = {f"reference/resources/{holder.name}": holder for holder in read().walk()}
    if page in holders:
        return ", ".join(member.name.rpartition(".")[2] for member in holders[page].members)
    return sentence(summary(env, page))


def title(env: BuildEnvironment, page: str) -> str:
    """The title of a page."""
    return env.titles[page].astext()


def summary(env: BuildEnvironment, page: str) -> str:
    """The first paragraph of a page, on one line."""
    from docutils import nodes

    first = next(iter(env.get_doctree(page).findall(nodes.paragraph)), None)
    return "" if first is None else " ".join(first.astext().split())


def sentence(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[.:!?]) ", text, maxsplit=1)[0].removesuffix(":")


def guide(env: BuildEnvironment, page: str) -> str:
    """A page as it is written, with the files that it includes, and without what only Sphinx understands."""
    path = Path(env.doc2path(page))
    return re.sub(r"\n{3,}", "\n\n", included(path)).strip()


def included(path: Path) -> str:
    """A Markdown file with the files that it includes in their places, without comments and tables of contents."""

    def include(match: re.Match[str]) -> str:
        return included(path.parent / match[1].strip())

    text = path.read_text(encoding="utf-8").replace(
        MARK, landing_page((ROOT / "README.md").read_text(encoding="utf-8"))
    )
    text = re.sub(r"^```\{include\} (.+)\n(?:.*\n)*?```$", include, text, flags=re.MULTILINE)
    text = re.sub(r"^```\{toctree\}\n(?:.*\n)*?```$", "", text, flags=re.MULTILINE)
    return re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)


def signatures() -> str:
    """Every method and property of the client, with its signature and the first paragraph of its docstring."""
    parts = ["# Methods of the client", "`client` is an `AsyncTwelveLabs`."]
    for holder in read().walk():
        if holder.members:
            parts += [f"## {holder.name}", "\n".join(f"- {member_line(member)}" for member in holder.members)]
    return "\n\n".join(parts)


def member_line(member: Member) -> str:
    """A method as it is called, or a property."""
    if member.kind == "property":
        return f"`{member.name}: {member.result}`: {member.summary}"
    how = "await " if member.is_async else ""
    deprecated = getattr(member.value, "__deprecated__", None)
    told = f"{member.summary} Deprecated: {deprecated}" if deprecated else member.summary
    return f"`{how}{member.name}{member.signature}`: {told}"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True}
