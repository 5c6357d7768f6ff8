"""Tables whose header, or the headings above it, leave no room for a row: what is repeated gets shorter, no row is cut."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from test_chunking import Letters, chunks_of, table, title

NAMES = st.lists(st.text("abcdefghij ", max_size=50).map(lambda name: f"N{' '.join(name.split())}."), min_size=2, max_size=5)
RULER = "|-"


def is_short_for(shown: str, name: str) -> bool:
    """Whether a name is itself or has lost its middle, or all but its beginning where that is all there is room for."""
    head, mark, tail = shown.partition("…")
    return name.startswith(head) and name.endswith(tail) and len(shown) <= len(name) and (bool(mark) or bool(head))


def shown_tables(bodies: Sequence[str]) -> list[tuple[list[str], list[list[str]]]]:
    """The header cells and the rows of each part that has a header."""
    found = []
    for body in bodies:
        lines = [line for line in body.split("\n") if line.startswith("|")]
        if len(lines) > 1 and lines[1].replace(" ", "").startswith(RULER):
            header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
            found.append((header, rows))
    return found


@given(NAMES, st.integers(min_value=1, max_value=9), st.integers(min_value=96, max_value=300))
def test_a_header_is_shortened_by_the_middle_of_its_names_and_no_row_is_cut(names: list[str], height: int, budget: int) -> None:
    rows = [[f"{number}-{column}" for column in range(len(names))] for number in range(height)]
    chunks = chunks_of(title("h", "Some title", 1), table("t", [names, *rows]), max_tokens=budget, tokenizer=Letters())
    parts = shown_tables([chunk.body for chunk in chunks])
    assert max(chunk.token_count for chunk in chunks) <= budget
    assert [row for _, shown in parts for row in shown] == rows
    for header, _ in parts:
        assert len(header) == len(names)
        assert all(map(is_short_for, header, names))


def test_a_large_row_keeps_the_headings_next_to_it_and_gives_up_those_far_away() -> None:
    rows = [["Key", "Text"], *([str(number), "v" * 60] for number in range(4))]
    above = title("a", "A chapter with a name", 1), title("b", "Part", 2)
    chunks = chunks_of(*above, table("t", rows), max_tokens=110, tokenizer=Letters())
    prefixes = [chunk.text[: len(chunk.text) - len(chunk.body)] for chunk in chunks[1:]]
    assert prefixes
    assert set(prefixes) == {"Part\n\n"}
    assert all(chunk.headings == ("A chapter with a name", "Part") for chunk in chunks)
    assert [row for _, shown in shown_tables([chunk.body for chunk in chunks]) for row in shown] == rows[1:]
