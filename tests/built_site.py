"""Searches a built site for links that lead nowhere and for what would be loaded from elsewhere: `python built_site.py site`.

`.ci/docs` runs it after the build, in an environment that has only what builds the site.
"""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_LOADS = {
    ("img", "src"),
    ("script", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("video", "src"),
    ("audio", "src"),
    ("link", "href"),
}
_POINTERS = {"canonical", "prev", "next"}
_STYLE = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])((?:https?:)?//[^"')\s]+)""")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        for name, value in given.items():
            if (tag, name) in _LOADS and given.get("rel") not in _POINTERS:
                self.loads.append(value)
            elif tag == "a" and name == "href":
                self.links.append(value)


def faults(site: Path) -> list[str]:
    """What is wrong with a site, one line each."""
    read = {file: _read(file) for file in sorted(site.rglob("*.html"))}
    found = [fault for file, page in read.items() for fault in _faults_of(file, page, read)]
    for file in sorted(site.rglob("*.css")):
        text = file.read_text(encoding="utf-8")
        found += [f"{file.name} loads {address}" for address in _STYLE.findall(text)]
    return found


def _read(file: Path) -> _Reader:
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    return reader


def _faults_of(file: Path, page: _Reader, read: dict[Path, _Reader]) -> list[str]:
    found = [f"{file.name} loads {address}" for address in page.loads if urlsplit(address).netloc]
    for link in (*page.links, *(address for address in page.loads if not urlsplit(address).netloc)):
        parts = urlsplit(link)
        if parts.scheme or parts.netloc or file.name == "404.html":
            continue
        target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
        if target.is_dir():
            target /= "index.html"
        if not target.exists():
            found.append(f"{file.name} leads to {link}, which is not there")
        elif parts.fragment and target in read and unquote(parts.fragment) not in read[target].anchors:
            found.append(f"{file.name} leads to {link}, where there is no such place")
    return found


def main() -> None:
    """Say what is wrong, and how much was looked at."""
    site = Path(sys.argv[1]).resolve()
    found, count = faults(site), len(list(site.rglob("*.html")))
    sys.stdout.write("".join(f"{line}\n" for line in found) + f"{count} pages of the site: {len(found) or 'no'} faults\n")
    sys.exit(bool(found) or not count)


if __name__ == "__main__":
    main()
