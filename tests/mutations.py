"""Damage to payloads: the same seed gives the same damage, and the value that is damaged stays as it was."""

import random
from collections.abc import Callable
from typing import Any

from pydantic import JsonValue

Container = dict[str, JsonValue] | list[JsonValue]

STRANGE: tuple[JsonValue, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**63), 10**30, 1e308, -1e308, 5e-324, 0.1, -0.0,
    "", " ", "0", "-1", "1e400", "NaN", "null", "中文", "\x00", "\ud800", "a\u2028b", "<", "<table>", "# ", "$$", "![](",
    "data:image/png;base64,", "https://example.test/a", "../../etc/passwd", "x" * 5000, "9" * 400, "<table>" * 300,
    [], {}, [[]], [{}], [None], {"": None}, {"data": {}}, [0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8], ["a", None, 1.5, {}],
)  # fmt: skip
"""What a value may turn into: extreme numbers, long strings, empty containers and words that look like something else."""


_STOPS = (0.002, 0.01, 0.03, 0.1, 0.2)
"""How likely a walk ends at each level: damage at the top is rare, because after it not much is left to damage."""
_MANY = 200


def mutated(value: JsonValue, rng: random.Random, times: int = 50) -> JsonValue:
    """A damaged copy: values and keys anywhere dropped, doubled, nulled, retyped, swapped, renamed or moved elsewhere."""
    whole: dict[str, JsonValue] = {"": _copied(value)}
    for _ in range(times):
        rng.choice(_WAYS)(_somewhere(whole, rng), rng)
    return whole.get("")


def _copied(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _somewhere(whole: Container, rng: random.Random) -> Container:
    """A container, found by walking down for a while."""
    here, level = whole, 0
    while rng.random() > _STOPS[min(level, len(_STOPS) - 1)]:
        inner = [item for item in _values(here) if isinstance(item, dict | list) and item]
        if not inner:
            break
        here, level = rng.choice(inner), level + 1
    return here


def _values(here: Container) -> list[JsonValue]:
    return list(here.values()) if isinstance(here, dict) else here


def _place(here: Container, rng: random.Random) -> Any:
    """A key or an index of this container, if it has one; its type goes with the container's."""
    return rng.choice(list(here) if isinstance(here, dict) else range(len(here))) if here else None


def _take(here: Any, place: Any) -> JsonValue:
    value: JsonValue = here[place]
    return value


def _put(here: Any, place: Any, value: JsonValue) -> None:
    here[place] = value


def _add(here: Container, value: JsonValue, rng: random.Random) -> None:
    if isinstance(here, list):
        here.insert(rng.randint(0, len(here)), value)
    else:
        here[rng.choice([*here, "added"])] = value


def _drop(here: Container, rng: random.Random) -> None:
    if (place := _place(here, rng)) is not None:
        del here[place]


def _double(here: Container, rng: random.Random) -> None:
    if (place := _place(here, rng)) is not None and len(here) < _MANY:
        _add(here, _copied(_take(here, place)), rng)


def _empty(here: Container, rng: random.Random) -> None:
    if (place := _place(here, rng)) is not None:
        _put(here, place, None)


def _replace(here: Container, rng: random.Random) -> None:
    if (place := _place(here, rng)) is not None:
        _put(here, place, _copied(rng.choice(STRANGE)))


def _retype(here: Container, rng: random.Random) -> None:
    """The same thing in another type: 1 and "1", a value and a list of it, a list and an object."""
    if (place := _place(here, rng)) is not None:
        value = _take(here, place)
        _put(here, place, rng.choice(_other_types(value)))


def _other_types(value: JsonValue) -> list[JsonValue]:
    if isinstance(value, dict):
        return [list(value.values()), list(value), [value], str(value)]
    if isinstance(value, list):
        return [{str(place): item for place, item in enumerate(value)}, value[0] if value else {}, [value], len(value)]
    return [str(value), [value], {"text": value}, len(str(value)), float(len(str(value))), bool(value)]


def _swap(here: Container, rng: random.Random) -> None:
    one, other = _place(here, rng), _place(here, rng)
    if one is not None and other is not None:
        first, second = _take(here, one), _take(here, other)
        _put(here, one, second)
        _put(here, other, first)


def _rename(here: Container, rng: random.Random) -> None:
    if isinstance(here, dict) and here and "" not in here:
        old = rng.choice(list(here))
        here[rng.choice([*here, old.upper(), f"{old}_", old[::-1], "x" * 300])] = here.pop(old)


def _move(here: Container, rng: random.Random) -> None:
    """A value leaves its container for one further down in it."""
    place = _place(here, rng)
    if place is None or len(here) < 2:
        return
    value = _take(here, place)
    del here[place]
    _add(_somewhere({"": here}, rng), value, rng)


def _mirror(here: Container, rng: random.Random) -> None:
    """Items of a list in another order, or all but some of them gone."""
    if isinstance(here, list) and here:
        rng.shuffle(here)
        del here[rng.randint(0, len(here)) :: rng.randint(1, 3)]


_WAYS: tuple[Callable[[Container, random.Random], None], ...] = (
    _drop, _double, _empty, _replace, _replace, _retype, _retype, _swap, _rename, _move, _mirror,
)  # fmt: skip
