"""How a scanned page was turned to stand upright, and where on the page as displayed its boxes are."""

from math import cos, radians, sin
from typing import NamedTuple

from docparse_loaders.vendors.local.geometry import Box

_CLOCKWISE = 360


class Frame(NamedTuple):
    """A page as it was read: `width` by `height` after turns by `turn` and then by `skew` degrees clockwise.

    `turn` is a multiple of 90; `skew` is small and turns about the middle.
    """

    width: float
    height: float
    turn: int = 0
    skew: float = 0.0

    @property
    def displayed(self) -> tuple[float, float]:
        """Width and height of the page as it is displayed."""
        return (self.height, self.width) if self.turn % 180 else (self.width, self.height)

    def shown(self, box: Box) -> Box:
        """Where a box of the upright page is on the page as displayed."""
        corners = [self._shown(x, y) for x in (box.x0, box.x1) for y in (box.y0, box.y1)]
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        angle, dx, dy = radians(-self.skew), x - self.width / 2, y - self.height / 2
        x = dx * cos(angle) - dy * sin(angle) + self.width / 2
        y = dx * sin(angle) + dy * cos(angle) + self.height / 2
        match self.turn % _CLOCKWISE:
            case 90:
                return y, self.width - x
            case 180:
                return self.width - x, self.height - y
            case 270:
                return self.height - y, x
            case _:
                return x, y
