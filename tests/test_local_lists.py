"""Lists of the local vendor: what belongs to an item, line by line."""

from docparse_loaders.model import Kind
from docparse_loaders.vendors.local.geometry import Box
from docparse_loaders.vendors.local.lines import Line
from docparse_loaders.vendors.local.lists import merged
from docparse_loaders.vendors.local.piece import Piece


def piece(kind: Kind, x: float, y: float, *texts: str, size: float = 10.0) -> Piece:
    """Lines of `size` points under one another, 14 points from line to line."""
    lines = (Line(text, Box(x, y + 14 * row, x + 5 * len(text), y + 14 * row + size), size) for row, text in enumerate(texts))
    return Piece.of(kind, kind, tuple(lines))


def told(*pieces: Piece) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in merged(pieces)]


def test_all_paragraphs_under_an_item_s_words_belong_to_it() -> None:
    """LiteParse cuts an item where a line begins in another font, as often as one does."""
    item = piece("list", 120, 100, "• alias elements tell that there should not be a")
    second = piece("text", 130, 114, "mime-type element for each alias; one element defines the", size=9.0)
    third = piece("text", 130, 128, "canonical name and lists all its aliases.")
    following = piece("list", 120, 148, "• icon elements have a name.")
    words = "• alias elements tell that there should not be a mime-type element for each alias; one element defines the "
    assert told(item, second, third, following) == [
        ("list", f"{words}canonical name and lists all its aliases.\n• icon elements have a name.")
    ]


def test_a_number_that_ends_a_sentence_is_no_item() -> None:
    item = piece("list", 120, 100, "• the default value is 50,", "and the maximum is")
    assert told(item, piece("text", 130, 128, "100.")) == [("list", "• the default value is 50, and the maximum is 100.")]


def test_a_paragraph_after_a_gap_or_at_the_markers_stands_alone() -> None:
    item = piece("list", 120, 100, "• an item with words")
    rest = piece("text", 130, 114, "that go on here")
    far = piece("text", 130, 150, "A paragraph on its own.")
    left = piece("text", 120, 128, "A paragraph at the left.")
    assert [kind for kind, _ in told(item, rest, far)] == ["list", "text"]
    assert [kind for kind, _ in told(item, rest, left)] == ["list", "text"]
