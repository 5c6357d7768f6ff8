"""Lines into paragraphs, headings and captions where LiteParse ran several of them together."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from docparse_loaders.vendors.local.lines import Line

_NUMBERED = re.compile(
    r"(?:(\d{1,2}(?:\.\d{1,3}){0,5})\.?\s+\S|第[一二三四五六七八九十百\d]+[章节節部分篇]|[一二三四五六七八九十]+、|Chapter\s+\d|Appendix\s+\w)"
)
_CAPTION = re.compile(r"(table|tab\.|figure|fig\.?|chart|表格?|图表?|圖)\s*[A-Z]?\d+(?:[.\-–]\d+)*\s*(.?)", re.IGNORECASE)


def depth(text: str) -> int | None:
    """How many numbers head a title: 2 for "1.4 Terms"; 1 for "第三章"; None if it is not numbered."""
    match = _NUMBERED.match(text)
    if match is None:
        return None
    return match[1].count(".") + 1 if match[1] else 1


def caption_of(text: str) -> str | None:
    """Either "table" or "figure" if the text begins like a caption: a number, and then an end, a stop or a new sentence."""
    match = _CAPTION.match(text)
    if match is None:
        return None
    rest = match[2]
    # "Table 1 lists what…" is a sentence about the table; "Table 1: Plant" and "表1 设备" are captions.
    if rest and rest.isascii() and rest.isalnum() and rest.islower():
        return None
    return "table" if match[1].lower().startswith(("tab", "表")) else "figure"


def leading(lines: Sequence[Line]) -> float:
    """The document's usual distance between lines, in font sizes."""
    ratios = sorted(
        (below.box.y1 - line.box.y1) / line.size
        for line, below in pairwise(lines)
        if line.size > 0 and abs(line.size - below.size) < 0.5 and 0.9 < (below.box.y1 - line.box.y1) / line.size < 2.2
    )
    return ratios[len(ratios) // 4] if ratios else 1.3


def paragraphs(lines: Sequence[Line], usual: float) -> list[tuple[Line, ...]]:
    """Cut where the distance grows, the font size changes, or a caption begins or ends. `usual` is from `leading`."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and _goes_on(groups[-1], line, usual):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [tuple(group) for group in groups]


def _goes_on(group: Sequence[Line], line: Line, usual: float) -> bool:
    last = group[-1]
    if not 0.88 < (line.size + 0.01) / (last.size + 0.01) < 1.14 or caption_of(line.text):
        return False
    if caption_of(group[0].text) and line.bold != last.bold:
        return False
    # The bottom of a line hardly depends on its letters, so it stands for the baseline.
    step = line.box.y1 - last.box.y1
    steps = [below.box.y1 - above.box.y1 for above, below in pairwise(group[-8:])]
    base = min(steps, default=usual * last.size)
    return step <= max(base, 0.9 * last.size) * 1.22 + 1.0 and step > -last.size


def headings(lines: Sequence[Line]) -> list[tuple[Line, ...]]:
    """Cut a title where a number begins or where its lines are aligned in no way."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and depth(line.text) is None and _aligned(groups[-1][-1], line):
            groups[-1].append(line)
        else:
            groups.append([line])
    return [tuple(group) for group in groups]


def _aligned(above: Line, below: Line) -> bool:
    if not 0.88 < (below.size + 0.01) / (above.size + 0.01) < 1.14:
        return False
    if above.box.beside(below.box):
        return True
    lefts = abs(above.box.x0 - below.box.x0)
    middles = abs(above.box.x0 + above.box.x1 - below.box.x0 - below.box.x1) / 2
    return min(lefts, middles) <= 3.0


def streams(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines that LiteParse put nowhere, as columns of text: each under the nearest one that it continues."""
    columns: list[list[Line]] = []
    for line in lines:
        fitting = [c for c in columns if c[-1].box.stacked(line.box) and 0 <= line.box.y0 - c[-1].box.y0 < 4 * c[-1].size]
        if fitting:
            max(fitting, key=lambda column: column[-1].box.y0).append(line)
        else:
            columns.append([line])
    return columns
