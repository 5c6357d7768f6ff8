"""The report's two pictures: a line chart drawn as vectors and an infrared view computed as a bitmap."""

import math
from itertools import pairwise

from PIL import Image
from reportlab.lib.utils import ImageReader

from example_documents.sheet import Sheet
from example_documents.truth import Box
from example_documents.typeset import Face

MONTHS = ("Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep")
SUPPLY = (63.2, 64.1, 65.7, 66.4, 66.0, 64.6, 62.9, 61.4, 60.6, 60.2, 60.3, 61.1)
RETURN = (38.8, 37.1, 35.2, 34.3, 34.0, 34.9, 36.2, 38.0, 39.9, 41.2, 40.8, 39.1)
LOW, HIGH, STEP = 20, 80, 10
LABEL = Face("Helvetica", 7.5, 9, "#333333")


def temperature_chart(sheet: Sheet, box: Box) -> str:
    """Monthly supply and return temperatures; returns the labels in the order in which they are drawn."""
    plot = (box[0] + 34, box[1] + 8, box[2] - 6, box[3] - 34)
    words = [*_scale(sheet, plot), *_months(sheet, plot)]
    for values, colour in ((SUPPLY, "#b3392c"), (RETURN, "#2c5fa3")):
        _curve(sheet, plot, values, colour)
    return " ".join([*words, *_legend(sheet, box)])


def infrared_view(sheet: Sheet, box: Box) -> str:
    """A false-colour view of a pipe with a warm flange; it has no words."""
    image = Image.new("RGB", (160, 80))
    image.putdata([_false_colour(_warmth(x, y)) for y in range(80) for x in range(160)])
    sheet.picture(ImageReader(image), box)
    return ""


def _height(plot: Box, value: float) -> float:
    return plot[3] - (value - LOW) / (HIGH - LOW) * (plot[3] - plot[1])


def _month_x(plot: Box, month: int) -> float:
    return plot[0] + (month + 0.5) * (plot[2] - plot[0]) / len(MONTHS)


def _scale(sheet: Sheet, plot: Box) -> list[str]:
    labels = [f"{value} °C" for value in range(LOW, HIGH + 1, STEP)]
    for n, label in enumerate(labels):
        y = _height(plot, LOW + n * STEP)
        sheet.rule(plot[0], y, plot[2], y, width=0.3, colour="#c4c8cc")
        sheet.words(LABEL, [(plot[0] - 6 - LABEL.width(label), y + 2.5, label)])
    sheet.rule(plot[0], plot[3], plot[2], plot[3], width=0.8)
    return labels


def _months(sheet: Sheet, plot: Box) -> list[str]:
    for n, month in enumerate(MONTHS):
        sheet.words(LABEL, [(_month_x(plot, n) - LABEL.width(month) / 2, plot[3] + 11, month)])
    return list(MONTHS)


def _curve(sheet: Sheet, plot: Box, values: tuple[float, ...], colour: str) -> None:
    points = [(_month_x(plot, n), _height(plot, value)) for n, value in enumerate(values)]
    for (x0, y0), (x1, y1) in pairwise(points):
        sheet.rule(x0, y0, x1, y1, width=1.6, colour=colour)
    for x, y in points:
        sheet.fill((x - 2, y - 2, x + 2, y + 2), colour)


def _legend(sheet: Sheet, box: Box) -> list[str]:
    y, x = box[3] - 6, box[0] + 120
    for label, colour, at in (("Supply, energy centre", "#b3392c", x), ("Return, energy centre", "#2c5fa3", x + 130)):
        sheet.rule(at, y - 2.5, at + 16, y - 2.5, width=1.6, colour=colour)
        sheet.words(LABEL, [(at + 21, y, label)])
    return ["Supply, energy centre", "Return, energy centre"]


def _warmth(x: int, y: int) -> float:
    """Between 0 and 1: an insulated pipe from left to right, a bare flange at its middle, a valve stem above it."""
    pipe = 0.42 * math.exp(-(((y - 46) / 11) ** 2))
    flange = 0.62 * math.exp(-(((x - 84) / 7) ** 2) - ((y - 46) / 19) ** 2)
    stem = 0.38 * math.exp(-(((x - 84) / 4) ** 2)) * (12 < y < 46)
    return min(0.08 + pipe + flange + stem + 0.015 * math.sin(x * 0.9) * math.sin(y * 1.3), 1.0)


def _false_colour(warmth: float) -> tuple[int, int, int]:
    red = min(1.0, 2.2 * warmth)
    green = max(0.0, min(1.0, 2.0 * warmth - 0.75))
    blue = max(0.0, 0.55 - abs(warmth - 0.25) * 1.6) + max(0.0, 3 * warmth - 2.4)
    return round(255 * red), round(255 * green), round(255 * min(blue, 1.0))
