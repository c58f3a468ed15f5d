"""Checks every link and anchor of the built site that leads to the site itself; others are not fetched.

python docs/_ext/check_site.py docs/_build/html
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "src", "video": "src", "iframe": "src"}
"""Attributes that lead elsewhere, by tag."""


class Page(HTMLParser):
    """What a page links to, and which anchors it has.

    Attributes:
        links: Targets with the lines where they stand.
        anchors: Ids, and names of `<a>`.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.links: list[tuple[str, int]] = []
        self.anchors: set[str] = set()
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the link and the anchors of a tag."""
        values = {name: value for name, value in attrs if value is not None}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        target = values.get(LINKS.get(tag, ""))
        if target is not None:
            self.links.append((target, self.getpos()[0]))


def problems(site: Path) -> list[str]:
    """A line for each link that leads to a page, file or anchor that the site does not have."""
    root = site.resolve()
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(root.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link, line in page.links:
            problem = _problem(root, pages, path, link)
            if problem:
                found.append(f"{path.relative_to(root)}:{line}: {link}: {problem}")
    return found


def _problem(root: Path, pages: dict[Path, Page], page: Path, link: str) -> str:
    try:
        parts = urlsplit(link)
    except ValueError:
        return "not an address"
    if parts.scheme or parts.netloc:
        return ""
    if parts.path.startswith("/"):
        return "leads to the root of the host, which need not be that of the site"
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    if not target.is_relative_to(root) or not target.is_file():
        return "there is no such file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors:
        return "there is no such anchor"
    return ""


def main(arguments: list[str]) -> int:
    """Print what is broken; 1 if anything is, or if there is no site."""
    site = Path(arguments[0])
    if not (site / "index.html").is_file():
        print(f"{site} holds no built site", file=sys.stderr)
        return 1
    found = problems(site)
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
