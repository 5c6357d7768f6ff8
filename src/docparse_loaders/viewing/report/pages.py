"""A page of the report: its picture with the boxes over it, and the chunks that begin on it."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from docparse_loaders.chunking import Chunk
from docparse_loaders.metadata import SEPARATOR
from docparse_loaders.model import Region
from docparse_loaders.viewing.colours import in_order
from docparse_loaders.viewing.encoding import Encoded
from docparse_loaders.viewing.places import Mark
from docparse_loaders.viewing.prose import text_prose
from docparse_loaders.viewing.report.links import Links

_MOST_TEXT = 160


class Leaflet(NamedTuple):
    """What of one page goes into the report. `size` is that of its picture, in pixels."""

    number: int
    size: tuple[int, int]
    picture: Encoded | None
    marks: Sequence[Mark]
    begin: Sequence[int]
    go_on: Sequence[int]


def page_html(leaf: Leaflet, chunks: Sequence[Chunk], links: Links, total: int) -> str:
    """The section of a page."""
    of = f" <span>of {total}</span>" if total else ""
    return (
        f'<section class="page" id="p{leaf.number}"><h2><a href="#p{leaf.number}">Page {leaf.number}</a>{of}</h2>\n'
        f'<div class="sheet">{_picture(leaf)}{_overlay(leaf, links)}</div>\n'
        f'<div class="chunks">{_before(leaf.go_on)}{chunks_html(leaf.begin, chunks)}{_nothing(leaf)}</div></section>\n'
    )


def chunks_html(positions: Iterable[int], chunks: Sequence[Chunk]) -> str:
    """Chunks, each as an article that can be reached with the keyboard."""
    return "\n".join(_chunk(position, chunks[position]) for position in positions)


def _picture(leaf: Leaflet) -> str:
    wide, high = leaf.size
    if leaf.picture is None:
        return f'<svg class="blank" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" aria-hidden="true"></svg>'
    told = f'width="{wide}" height="{high}" alt="Page {leaf.number}" loading="lazy" decoding="async"'
    return f'<img src="{leaf.picture.address}" {told}>'


def _overlay(leaf: Leaflet, links: Links) -> str:
    wide, high = leaf.size
    shapes = "".join(_box(mark, leaf, links) for mark in leaf.marks if mark.bbox is not None)
    return f'<svg class="boxes" viewBox="0 0 {wide} {high}" preserveAspectRatio="none" aria-hidden="true">{shapes}</svg>'


def _box(mark: Mark, leaf: Leaflet, links: Links) -> str:
    box = mark.bbox
    if box is None:
        return ""
    # Around the box and not on it, for boxes often begin with their first letter.
    around = leaf.size[0] / 400
    x, y = box.x0 * leaf.size[0] - around, box.y0 * leaf.size[1] - around
    wide, high = (box.x1 - box.x0) * leaf.size[0] + 2 * around, (box.y1 - box.y0) * leaf.size[1] + 2 * around
    inside = links.inside(mark.label, Region(leaf.number, box))
    linked = f' data-c="{" ".join(map(str, inside))}"' if inside else ""
    said = " · ".join((mark.number, mark.kind.replace("_", " "), mark.label))
    # What a chunk says is read there; what is in none, such as page headers, is said here.
    text = "" if inside else " ".join(mark.text[: 2 * _MOST_TEXT].split())[:_MOST_TEXT]
    title = escape(f"{said}\n{text}" if text else said, quote=False)
    shape = f'x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    return f'<rect class="k-{mark.kind}"{linked} {shape}><title>{title}</title></rect>'


def _chunk(position: int, chunk: Chunk) -> str:
    kinds = in_order(chunk.kinds)
    chips = "".join(f'<i class="k-{kind}">{kind.replace("_", " ")}</i>' for kind in kinds)
    path = f'<p class="path">{escape(SEPARATOR.join(chunk.headings), quote=False)}</p>' if chunk.headings else ""
    return (
        f'<article class="chunk" id="c{position}" tabindex="0" data-k="{" ".join(kinds)}">'
        f'<header><b>#{position + 1}</b>{_pages(chunk)}{chips}<span class="tokens">{chunk.token_count} tokens</span></header>'
        f'{path}<div class="body">{text_prose(chunk.body)}</div></article>'
    )


def _pages(chunk: Chunk) -> str:
    """Where it stands; over several pages each is a link."""
    numbers = sorted({region.page_number for region in chunk.regions if region.page_number})
    if not numbers:
        return '<span class="where">no page</span>'
    links = " ".join(f'<a href="#p{number}">{number}</a>' for number in numbers)
    return f'<span class="where">page{"s" if len(numbers) > 1 else ""} {links}</span>'


def _before(positions: Sequence[int]) -> str:
    if not positions:
        return ""
    links = ", ".join(f'<a href="#c{position}">#{position + 1}</a>' for position in positions)
    return f'<p class="before">goes on here: {links}</p>'


def _nothing(leaf: Leaflet) -> str:
    if leaf.begin or leaf.go_on:
        return ""
    return (
        '<p class="before">no text was found on this page</p>'
        if not leaf.marks
        else '<p class="before">no chunk begins here</p>'
    )
