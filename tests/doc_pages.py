"""The pages of the documentation as data: their fenced blocks, headings and links. Fences are not searched for the others."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"^(?:[ \t]*<!-- not run: (?P<excuse>[^\n]+?) -->\n)?"
    r"(?P<indent>[ \t]*)```(?P<language>\w*)(?P<more>[^\n]*)\n(?P<code>.*?)^(?P=indent)```[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_LINK = re.compile(r"(?P<picture>!?)\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target><[^>]*>|[^()\s]+(?:\([^()]*\)[^()\s]*)?)[^)]*\)")
_TAG = re.compile(r"""<(?P<name>img|a|script|link|iframe|video|audio|source)\b[^>]*?\b(?:src|href)=["'](?P<target>[^"']+)""")
_CODE = re.compile(r"(`+)(.+?)\1", re.DOTALL)
_REFERENCE = re.compile(r"^::: (\S+)", re.MULTILINE)


class Fence(NamedTuple):
    """A fenced block: its language, whatever else stands behind it, its text, and why it is not run, if it is not."""

    line: int
    language: str
    more: str
    code: str
    excuse: str


class Link(NamedTuple):
    """Where a link or picture leads, as it is written."""

    target: str
    is_picture: bool


class DocPage:
    """A Markdown file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def is_in_site(self) -> bool:
        """Whether it is a page of the site, and not only of the repository."""
        return self.path.is_relative_to(DOCS) and self.path != DOCS / "README.md"

    @cached_property
    def fences(self) -> list[Fence]:
        """All fenced blocks, in order."""
        return list(fences_of(self.text))

    @cached_property
    def prose(self) -> str:
        """The text without fenced blocks."""
        return _FENCE.sub("", self.text)

    @cached_property
    def links(self) -> list[Link]:
        """All links and pictures of the prose, in Markdown and in HTML."""
        return list(links_of(self.prose))

    @cached_property
    def anchors(self) -> set[str]:
        """What may follow a `#`: headings, spelled as the site or (elsewhere) a code host does, and names of the reference."""
        slug = site_slug if self.is_in_site else host_slug
        found: set[str] = set()
        for heading in _HEADING.findall(self.prose):
            first = name = slug(_plain(heading))
            count = 0
            while name in found:
                count += 1
                name = f"{first}_{count}" if self.is_in_site else f"{first}-{count}"
            found.add(name)
        return found | set(_REFERENCE.findall(self.prose))


def pages() -> list[DocPage]:
    """Every page that people read: those of the repository's root and all of docs."""
    root = (ROOT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "SECURITY.md"))
    return [DocPage(path) for path in (*filter(Path.exists, root), *sorted(DOCS.rglob("*.md")))]


def everything() -> list[DocPage]:
    """Those, and all other Markdown of the repository."""
    folders = (ROOT / name for name in ("examples", "notebooks", "benchmarks", ".github"))
    more = (ROOT / "CHANGELOG.md", *(path for folder in folders for path in sorted(folder.rglob("*.md"))))
    return [*pages(), *(DocPage(path) for path in more)]


def fences_of(text: str) -> Iterator[Fence]:
    """The fenced blocks of a text; code in an indented one is moved to the margin."""
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        lines = (part.removeprefix(found["indent"]) for part in found["code"].splitlines())
        yield Fence(line, found["language"], found["more"].strip(), "\n".join(lines) + "\n", found["excuse"] or "")


def links_of(prose: str) -> Iterator[Link]:
    """The links of Markdown and HTML that are not in code."""
    plain = _CODE.sub("", prose)
    for found in _LINK.finditer(plain):
        yield Link(found["target"].strip("<>"), bool(found["picture"]))
    for found in _TAG.finditer(plain):
        yield Link(found["target"], found["name"] != "a")
    # A picture that is a link: the pattern above found the picture, this finds where the link leads.
    for target in re.findall(r"\[!\[[^\]]*\]\([^)]*\)\]\(([^()\s]+)\)", plain):
        yield Link(target, is_picture=False)


def site_slug(heading: str) -> str:
    """As Python-Markdown makes anchors."""
    text = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", text).strip().lower())


def host_slug(heading: str) -> str:
    """As code hosts make anchors."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.strip().lower()))


def _plain(heading: str) -> str:
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    return re.sub(r"\{[^}]*\}\s*$", "", text).replace("`", "").replace("**", "")
