"""Page selections: every way to write one means the same pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.errors import ConfigError, PagesOutOfRange
from docparse_loaders.pages import PageSelection, PagesLike


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [
        ("1-5,8", [1, 2, 3, 4, 5, 8]),
        (" 2 - 4 , 7 ", [2, 3, 4, 7]),
        (3, [3]),
        (range(2, 5), [2, 3, 4]),
        (range(5, 1, -2), [3, 5]),
        ([8, 1, 2, 2], [1, 2, 8]),
        ({4}, [4]),
    ],
)
def test_every_way_to_write_them(pages: PagesLike, numbers: list[int]) -> None:
    selection = PageSelection.of(pages)
    assert selection is not None
    assert selection.numbers() == numbers


@pytest.mark.parametrize(
    "pages",
    [
        "",
        "0",
        "3-1",
        "a",
        "1;2",
        "-3",
        "1--2",
        0,
        -1,
        [],
        [0],
        [1.5],
        ["1"],
        True,
        range(0),
        "1-100001",
        10**30,
        range(1, 10**12),
    ],
)
def test_nonsense_is_refused_with_an_example(pages: PagesLike) -> None:
    with pytest.raises(ConfigError, match="1-5,8"):
        PageSelection.of(pages)


def test_none_means_all() -> None:
    assert PageSelection.of(None) is None


def test_pages_beyond_the_end() -> None:
    selection = PageSelection.of("2-9")
    assert selection is not None
    selection.check(9)
    with pytest.raises(PagesOutOfRange, match=r"pages 2-9 were asked for, but the document has 8"):
        selection.check(8)


@given(st.sets(st.integers(1, 200), min_size=1))
def test_a_selection_keeps_its_pages_through_its_text(numbers: set[int]) -> None:
    selection = PageSelection.of(numbers)
    assert selection is not None
    assert selection.numbers() == sorted(numbers)
    assert PageSelection.of(str(selection)) == selection
    assert all((number in selection) == (number in numbers) for number in range(1, 202))
