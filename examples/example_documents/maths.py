"""Displayed formulas: runs with indices and one level of fractions, drawn from left to right."""

from typing import NamedTuple

from example_documents.sheet import Sheet
from example_documents.truth import Box
from example_documents.typeset import Face

SIZE = 10.8


class Run(NamedTuple):
    """Letters at one height: `rise` in points over the line, `size` as a share of the formula's."""

    text: str
    italic: bool = True
    rise: float = 0.0
    size: float = 1.0

    @property
    def face(self) -> Face:
        """The type that the letters are set in."""
        return Face("Times-Italic" if self.italic else "Times-Roman", SIZE * self.size, SIZE)


class Fraction(NamedTuple):
    """One row of runs over another."""

    upper: tuple[Run, ...]
    lower: tuple[Run, ...]


Formula = tuple[Run | Fraction, ...]


def upright(text: str) -> Run:
    """Digits, signs and units."""
    return Run(text, italic=False)


def index(text: str) -> Run:
    """A lower index."""
    return Run(text, italic=False, rise=-3.0, size=0.68)


def formula_text(formula: Formula) -> str:
    """The formula's letters as they stand on the page, a fraction's upper row before its lower one."""
    parts = (part if isinstance(part, Run) else (*part.upper, *part.lower) for part in formula)
    return "".join(
        part.text if isinstance(part, Run) else " " + "".join(run.text for run in part) + " " for part in parts
    ).strip()


def formula_width(formula: Formula) -> float:
    """How wide the formula runs, in points."""
    return sum(part.face.width(part.text) if isinstance(part, Run) else _fraction_width(part) for part in formula)


def draw_formula(sheet: Sheet, formula: Formula, x: float, base: float) -> list[Box]:
    """Draw it on a baseline; returns the boxes of its parts."""
    boxes: list[Box] = []
    for part in formula:
        if isinstance(part, Fraction):
            boxes += _draw_fraction(sheet, part, x, base)
            x += _fraction_width(part)
        else:
            boxes.append(sheet.words(part.face, [(x, base - part.rise, part.text)]))
            x += part.face.width(part.text)
    return boxes


def _fraction_width(part: Fraction) -> float:
    return max(formula_width(part.upper), formula_width(part.lower)) + 8.0


def _draw_fraction(sheet: Sheet, part: Fraction, x: float, base: float) -> list[Box]:
    middle, width = base - 3.4, _fraction_width(part)
    sheet.rule(x + 2, middle, x + width - 2, middle, width=0.7, colour="#1a1a1a")
    upper = draw_formula(sheet, part.upper, x + (width - formula_width(part.upper)) / 2, middle - 5.0)
    return upper + draw_formula(sheet, part.lower, x + (width - formula_width(part.lower)) / 2, middle + 10.5)
