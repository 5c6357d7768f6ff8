"""Blocks and chunks are made quickly and are frozen dataclasses all the same."""

import copy
import dataclasses
import inspect
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.chunking import Chunk
from docparse_loaders.frozen import quick
from docparse_loaders.model import Block


@dataclasses.dataclass(frozen=True, slots=True)
class Plain:
    """As the standard library makes it."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()


@quick
@dataclasses.dataclass(frozen=True, slots=True)
class Quick:
    """The same, made quickly."""

    name: str
    size: int = 3
    parts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Derived(Quick):
    """With room for one thing more."""

    colour: str = "red"


@given(st.text(), st.integers(), st.lists(st.text()).map(tuple))
def test_it_is_what_the_standard_library_makes(name: str, size: int, parts: tuple[str, ...]) -> None:
    plain, made = Plain(name, size, parts), Quick(name, parts=parts, size=size)
    assert type(made) is Quick
    assert dataclasses.astuple(made) == dataclasses.astuple(plain)
    assert hash(made) == hash(plain)
    assert repr(made) == repr(plain).replace("Plain", "Quick")
    assert made == Quick(name, size, parts)
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == made  # noqa: S301  (our own bytes)
    assert dataclasses.replace(made, size=0) == Quick(name, 0, parts)


@pytest.mark.parametrize("kind", [Quick, Block, Chunk])
def test_it_is_frozen_and_says_what_is_missing(kind: Any) -> None:
    wanted = [field.name for field in dataclasses.fields(kind) if field.default is dataclasses.MISSING]
    made = kind(*["x"] * len(wanted))
    for field in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, field.name, "y")
    with pytest.raises(dataclasses.FrozenInstanceError):
        delattr(made, wanted[0])
    with pytest.raises(TypeError, match=r"__init__\(\) missing .* required positional argument"):
        kind()
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        kind(*["x"] * len(wanted), colour="red")


def test_its_signature_is_that_of_the_fields() -> None:
    assert inspect.signature(Quick) == inspect.signature(Plain)
    assert Quick.__init__.__qualname__ == "Quick.__init__"
    assert Quick.__init__.__module__ == __name__


def test_a_class_derived_from_it_stays_itself() -> None:
    made = Derived("a", 1, colour="blue")
    assert (type(made), made.name, made.size, made.parts, made.colour) == (Derived, "a", 1, (), "blue")


def test_what_does_more_than_set_its_fields_is_refused() -> None:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Listed:
        names: list[str] = dataclasses.field(default_factory=list)

    @dataclasses.dataclass(frozen=True, slots=True)
    class Checked:
        name: str

        def __post_init__(self) -> None:
            raise ValueError

    for refused in (Listed, Checked):
        with pytest.raises(TypeError, match="cannot be made quickly"):
            quick(refused)
