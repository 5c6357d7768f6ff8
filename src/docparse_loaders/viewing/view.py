"""What `show` gives back: pictures of pages that display themselves in notebooks and can be saved."""

from collections.abc import Sequence
from functools import cached_property
from html import escape
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from docparse_loaders.errors import ConfigError
from docparse_loaders.viewing.encoding import encoded, png
from docparse_loaders.viewing.mounting import mounted
from docparse_loaders.viewing.places import Mark

_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
_MOST_TEXT = 300
_SHRINKS = 300
"""Pixels: a picture that is smaller is an overview, and keeps its size."""


class Caption(NamedTuple):
    """A line below a page, with a number and its colour if it is a citation."""

    text: str
    number: str = ""
    colour: str = ""


class Panel(NamedTuple):
    """One page as it is shown: its picture with what is drawn on it, its title and what stands below it."""

    image: Image.Image
    title: str
    page: int = 0
    marks: tuple[Mark, ...] = ()
    captions: tuple[Caption, ...] = ()


class Legend(NamedTuple):
    """What a colour means."""

    text: str
    colour: str


class View:
    """Pages as pictures. In a notebook it displays itself; `images` are Pillow images, one for each page.

    `notices` say what a reader should know: that the file was not at hand or has changed, that pages were left out.
    """

    def __init__(self, panels: Sequence[Panel], *, legend: Sequence[Legend] = (), notices: Sequence[str] = ()) -> None:
        self.panels = tuple(panels)
        self.legend = tuple(legend)
        self.notices = tuple(dict.fromkeys(notices))

    def __repr__(self) -> str:
        return f"View({', '.join(panel.title for panel in self.panels[:4])}{', …' if len(self.panels) > 4 else ''})"

    def __len__(self) -> int:
        return len(self.panels)

    @property
    def images(self) -> list[Image.Image]:
        """The pages, one picture each."""
        return [panel.image for panel in self.panels]

    @cached_property
    def image(self) -> Image.Image:
        """All of it as one picture: the pages side by side, what stands below them, and what the colours mean."""
        return mounted(self)

    def save(self, path: str | PathLike[str]) -> None:
        """Write `image` to a file; its name's ending (.png, .jpg, .webp) says in which form.

        Raises `ConfigError` for another ending.
        """
        target = Path(path)
        form = _FORMATS.get(target.suffix.lower())
        if form is None:
            hint = 'Name it .png, .jpg or .webp; document.report("report.html") writes the whole document.'
            raise ConfigError(f"a picture cannot be written as {target.name!r}.", hint=hint)
        if form == "PNG":
            target.write_bytes(png(self.image))
        else:
            self.image.save(target, form, quality=85)

    def _repr_png_(self) -> bytes:
        return png(self.image)

    def _repr_html_(self) -> str:
        """Pages that wrap to the window's width; a box names its block when the mouse rests on it."""
        return f'<div style="{_ALL}">{self.strip()}{self._keys()}</div>'

    def strip(self, *, short: bool = False) -> str:
        """The notices and the pages as HTML, without what the colours mean; `short` titles are page numbers."""
        notices = "".join(f'<div style="{_NOTICE}">{escape(notice)}</div>' for notice in self.notices)
        pages = "".join(_figure(panel, alone=len(self) == 1, short=short) for panel in self.panels)
        return f'{notices}<div style="{_ROW}">{pages}</div>'

    def _keys(self) -> str:
        keys = "".join(f'<span style="{_KEY}">{_dot(key.colour)}{escape(key.text)}</span>' for key in self.legend)
        return f'<div style="margin:6px 0 0;font-size:12px">{keys}</div>' if keys else ""


_ALL = "font-family:system-ui,sans-serif;line-height:1.4"
_ROW = "display:flex;flex-wrap:wrap;gap:14px;align-items:flex-start"
_NOTICE = "border-left:3px solid #e8590c;padding:2px 8px;margin:0 0 8px;font-size:13px"
_KEY = "display:inline-block;margin:0 14px 2px 0;white-space:nowrap"


def _dot(colour: str) -> str:
    style = f"display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:5px;background:{colour}"
    return f'<span style="{style}"></span>'


def _figure(panel: Panel, *, alone: bool, short: bool) -> str:
    wide = panel.image.width
    spots = "".join(map(_spot, panel.marks))
    picture = (
        f'<div style="position:relative"><img src="{encoded(panel.image).address}" alt="{escape(panel.title)}"'
        f' style="display:block;width:100%;height:auto;margin:0">{spots}</div>'
    )
    below = "".join(f"<div>{_number(caption)}{escape(caption.text)}</div>" for caption in panel.captions)
    title = f"page {panel.page}" if short else panel.title
    head = f'<div style="font-size:12px;opacity:.75;margin-bottom:3px">{escape(title)}</div>'
    foot = f'<div style="font-size:13px;margin-top:5px">{below}</div>' if below else ""
    # A page shrinks to a narrow cell, several do so to stand side by side; none grows beyond its own pixels.
    basis = wide if alone or wide < _SHRINKS else round(wide * 0.47)
    return f'<div style="flex:1 1 {basis}px;min-width:{min(wide, 150)}px;max-width:{wide}px">{head}{picture}{foot}</div>'


def _number(caption: Caption) -> str:
    return f'<b style="color:{caption.colour}">[{escape(caption.number)}]</b> ' if caption.number else ""


def _spot(mark: Mark) -> str:
    """Nothing to see: a place over the picture that says what stands there."""
    if mark.bbox is None:
        return ""
    x0, y0 = f"{100 * mark.bbox.x0:.2f}%", f"{100 * mark.bbox.y0:.2f}%"
    wide, high = f"{100 * (mark.bbox.x1 - mark.bbox.x0):.2f}%", f"{100 * (mark.bbox.y1 - mark.bbox.y0):.2f}%"
    text = " ".join(mark.text.split())
    said = " · ".join(filter(None, (mark.label, mark.kind, text[:_MOST_TEXT] + ("…" if len(text) > _MOST_TEXT else ""))))
    return f'<span title="{escape(said)}" style="position:absolute;left:{x0};top:{y0};width:{wide};height:{high}"></span>'
