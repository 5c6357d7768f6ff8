"""A colour for each kind of block, legible on white and on black, and one for each citation."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from docparse_loaders.model import Kind

COLOURS: Mapping[Kind, str] = MappingProxyType(
    {
        "title": "#d6336c",
        "text": "#1971c2",
        "list": "#0c8599",
        "table": "#e8590c",
        "figure": "#2b8a3e",
        "chart": "#5c940d",
        "caption": "#9c36b5",
        "equation": "#6741d9",
        "code": "#64748b",
        "seal": "#c92a2a",
        "toc": "#1098ad",
        "reference": "#846358",
        "header": "#868e96",
        "footer": "#868e96",
        "page_number": "#868e96",
        "footnote": "#a0781c",
        "aside": "#868e96",
        "other": "#78716c",
    }
)
CITED = ("#e8590c", "#1971c2", "#2b8a3e", "#9c36b5", "#c92a2a", "#0c8599", "#a0781c", "#6741d9", "#d6336c", "#495057")


def cited(number: int) -> str:
    """The colour of a citation, counted from 1; they come again after ten."""
    return CITED[(number - 1) % len(CITED)]


def in_order(kinds: Iterable[Kind]) -> list[Kind]:
    """Each kind once, in the order of the vocabulary."""
    found = set(kinds)
    return [kind for kind in COLOURS if kind in found]
