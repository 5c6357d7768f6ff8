"""Boxes in points, origin top left, before they become fractions of a page."""

from collections.abc import Iterable
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle in points; x1 >= x0 and y1 >= y0."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def area(self) -> float:
        """Its area in square points."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def holds(self, other: "Box", slack: float = 1.0) -> bool:
        """Whether the middle of `other` lies in it, give or take `slack` points."""
        x, y = (other.x0 + other.x1) / 2, (other.y0 + other.y1) / 2
        return self.x0 - slack <= x <= self.x1 + slack and self.y0 - slack <= y <= self.y1 + slack

    def shared(self, other: "Box") -> float:
        """The area that both cover."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return width * height if width > 0 and height > 0 else 0.0

    def covers(self, other: "Box") -> float:
        """Which part of `other`, 0 to 1, it covers."""
        return self.shared(other) / other.area if other.area > 0 else float(self.holds(other))

    def grown(self, by: float) -> "Box":
        """The same box, `by` points larger on every side."""
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def beside(self, other: "Box") -> bool:
        """Whether the two share some height."""
        return min(self.y1, other.y1) > max(self.y0, other.y0)

    def stacked(self, other: "Box") -> bool:
        """Whether the two share some width."""
        return min(self.x1, other.x1) > max(self.x0, other.x0)


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; an empty one for none."""
    found = list(boxes)
    if not found:
        return Box(0.0, 0.0, 0.0, 0.0)
    return Box(min(b.x0 for b in found), min(b.y0 for b in found), max(b.x1 for b in found), max(b.y1 for b in found))
