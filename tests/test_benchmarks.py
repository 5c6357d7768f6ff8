"""The measures of `benchmarks/bench_loaders.py` and `bench_chunkers.py`: each can fail, and the page says what was measured."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import gettempdir

import pytest

from docparse_loaders.chunking import StructureChunker, estimate
from docparse_loaders.model import BBox, Region

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))

from peers import keeping, page, results, tables
from peers.clients import Doc, Loaded, best_of, clients
from peers.misfortunes import Report, outcome
from peers.pace import whole
from peers.pieces import MEASURES, PeerCard, Piece, Tally
from peers.stage import Seen
from scorecard import Encoder
from tagged import Tagged, signs, tagged

BUDGET = 256
Pieces = list[Piece]


@cache
def made() -> Tagged:
    return tagged("Latin", 6)


def ours() -> Pieces:
    chunker = StructureChunker(BUDGET, tokenizer=Encoder(estimate))
    return [Piece(one.text, one.headings, one.regions, len(one.text) - len(one.body)) for one in chunker.chunk(made().document)]


def scored(pieces: Sequence[Piece]) -> Tally:
    return PeerCard(made(), pieces, estimate, BUDGET).scored()


def test_our_own_chunks_are_right_by_every_measure() -> None:
    found = scored(ours())
    assert {name: found.wrong[name] for name in MEASURES} == dict.fromkeys(MEASURES, 0)
    assert all(found.of[name] for name in MEASURES)
    assert found.tokens > found.of_tokens > 0


def home(role: str, pieces: Sequence[Piece], *, last: bool = False) -> int:
    """The first piece that says something of that role, or the last."""
    found = [n for n, one in enumerate(pieces) if any(made().marks[sign].role == role for sign in signs(one.text))]
    return found[-1 if last else 0]


def without(role: str) -> Callable[[Pieces], Pieces]:
    """The last piece with something of that role says it no longer."""

    def change(pieces: Pieces) -> Pieces:
        at = home(role, pieces, last=True)
        bare = "".join(letter for letter in pieces[at].text if letter not in made().marks or made().marks[letter].role != role)
        return [*pieces[:at], replace(pieces[at], text=bare, lead=0), *pieces[at + 1 :]]

    return change


def cut_after(role: str) -> Callable[[Pieces], Pieces]:
    """The pieces are cut after the first sign of one that has several of that role in one row or sentence."""

    def change(pieces: Pieces) -> Pieces:
        for at, piece in enumerate(pieces):
            own = [sign for sign in signs(piece.text) if made().marks[sign].role == role]
            for one, after in pairwise(own):
                first, second = made().marks[one], made().marks[after]
                if (first.block, first.row, first.unit) == (second.block, second.row, second.unit):
                    stop = piece.text.index(one) + 1
                    halves = (replace(piece, text=piece.text[:stop]), replace(piece, text=piece.text[stop:], lead=0))
                    return [*pieces[:at], *halves, *pieces[at + 1 :]]
        pytest.fail(f"no piece to cut after a {role}")

    return change


def moved(page: int, up: float) -> Callable[[Pieces], Pieces]:
    def change(pieces: Pieces) -> Pieces:
        at = home("sentence", pieces)
        shifted = [
            Region(number + page, box and BBox(box.x0, box.y0 - up, box.x1, box.y1)) for number, box in pieces[at].regions or ()
        ]
        return [*pieces[:at], replace(pieces[at], regions=tuple(shifted)), *pieces[at + 1 :]]

    return change


def apart(pieces: Pieces) -> Pieces:
    """Every caption stands in a piece of its own, and is taken out of the others."""
    captions = {sign for sign, mark in made().marks.items() if mark.role == "caption"}
    bare = [replace(one, text="".join(letter for letter in one.text if letter not in captions), lead=0) for one in pieces]
    return [*bare, Piece("".join(sorted(captions)), (), ())]


FAULTS: dict[str, Callable[[Pieces], Pieces]] = {
    "lost": lambda pieces: pieces[:-2],
    "doubled": lambda pieces: [*pieces, pieces[home("sentence", pieces)]],
    "over": lambda pieces: [replace(pieces[0], text="\n\n".join(piece.text for piece in pieces))],
    "rows cut": cut_after("cell"),
    "no header": without("head"),
    "caption apart": apart,
    "sentence cut": cut_after("sentence"),
    "wrong path": lambda pieces: [replace(piece, headings=("elsewhere",)) for piece in pieces],
    "wrong pages": moved(1, 0.0),
    "wrong boxes": moved(0, 0.001),
}


@pytest.mark.parametrize("name", MEASURES)
def test_each_measure_sees_what_is_wrong(name: str) -> None:
    assert scored(FAULTS[name](ours())).wrong[name] > 0


@pytest.mark.parametrize("name", MEASURES[:7])
def test_what_is_wrong_in_one_text_is_not_counted_elsewhere(name: str) -> None:
    """Nothing but the places and paths of the pieces that were changed may suffer with it."""
    spoilt = {"lost": {"rows cut", "no header", "caption apart"}, "rows cut": {"no header"}}
    found = scored(FAULTS[name](ours()))
    wrong = {other for other in MEASURES if found.wrong[other]}
    assert wrong - {"wrong path", "wrong pages", "wrong boxes"} <= {name} | spoilt.get(name, set())


def test_what_a_chunker_does_not_give_is_not_called_wrong() -> None:
    bare = [replace(piece, headings=None, regions=None) for piece in ours()]
    assert scored(bare).given == set()
    assert scored(ours()).given == {"wrong path", "wrong pages", "wrong boxes"}


def test_a_path_may_end_in_the_text() -> None:
    with_parents = [replace(piece, headings=(piece.headings or ())[:-1], partial_path=True) for piece in ours()]
    # Ours says the whole path at the head of each text, so that its last heading is always there.
    assert scored(with_parents).wrong["wrong path"] < scored(FAULTS["wrong path"](ours())).wrong["wrong path"]


def test_boxes_may_have_been_rounded() -> None:
    def a_little(places: Sequence[Region]) -> tuple[Region, ...]:
        return tuple(Region(number, box and BBox(*(value + 1e-9 for value in box))) for number, box in places)

    pieces = [replace(piece, regions=a_little(piece.regions or ())) for piece in ours()]
    assert scored(pieces).wrong["wrong boxes"] == 0


# Loaders.

SENTENCE = "Losses fell by two per cent in the year."
FAR = "Another page altogether says this."
WANTED = keeping.Truth(SENTENCE, FAR, 2, BBox(0.1, 0.2, 0.8, 0.3), ("Heat", "Losses"), ("North", "42"))
TIED = {"page_number": 2, "total_pages": 9, "headings": '["Heat", "Losses"]', "boxes": "[[2, 59.5, 168.4, 476, 252.6]]"}


def looked(metadata: Mapping[str, object], text: str = SENTENCE, ids: tuple[str, str] = ("a", "a")) -> dict[str, str]:
    found, again = ([Doc(name, text, metadata)] for name in ids)
    return keeping.kept(found, again, WANTED)


def test_a_document_that_knows_its_place() -> None:
    table = "| region | loss |\n| --- | --- |\n| North | 42 |"
    found = looked(TIED, f"{SENTENCE}\n\n{table}")
    assert found == {"page": "yes", "box": "yes", "headings": "yes", "table": "Markdown", "ids": "yes"}


def test_a_document_that_knows_nothing() -> None:
    found = looked({"source": "a.pdf", "total_pages": 2}, ids=("a", "b"))
    assert found == {"page": "no", "box": "no", "headings": "no", "table": "no", "ids": "no"}


def test_one_document_for_the_whole_file_cannot_tell_where() -> None:
    raw = {"raw": {"pages": [{"page": 2, "text": "Heat Losses", "block_bbox": [119, 336.8, 952, 505.2]}]}}
    text = f"# Heat\n## Losses\n{SENTENCE}\n{FAR}<table><tr><td>North</td><td>42</td></tr></table>"
    found = looked(raw, text, ("", ""))
    assert found == {
        "page": "raw answer only",
        "box": "raw answer only",
        "headings": "in the text only",
        "table": "HTML",
        "ids": "no",
    }


def test_another_box_or_page_is_not_the_right_one() -> None:
    found = looked(TIED | {"page_number": 3, "boxes": "[[2, 59.5, 168.4, 476, 300]]"})
    assert (found["page"], found["box"]) == ("no", "no")


REPORT = Report(("one",), 1, (), ())
SEEN = Seen({}, {"one": 1}, ["job-7"])


@pytest.mark.parametrize(
    ("report", "seen", "said"),
    [
        (REPORT, SEEN, "comes through"),
        (REPORT, SEEN._replace(bills={"one": 2}), "comes through, **billed 2 times**"),
        (replace(REPORT, whole=()), SEEN, "a part, silently"),
        (Report((), 0, (), ()), SEEN, "nothing, silently"),
        (Report((), 0, (), (), "ReadTimeout", "no answer"), SEEN, "`ReadTimeout`, **job lost**"),
        (Report((), 0, (), (), "ReadTimeout", "of job-7"), SEEN, "`ReadTimeout`, id in its message"),
        (Report((), 0, (), ("job-7",), "ReadTimeout"), SEEN, "`ReadTimeout`, id in hand"),
        (Report((), 0, (), (), "JobTimeout", token=True), SEEN, "`JobTimeout`, token to go on"),
        (Report((), 0, (), (), "RateLimited"), SEEN._replace(bills={}), "`RateLimited`, nothing billed"),
        (Report((), 0, (), (), "StillWaiting"), SEEN, "waits for more than 40 s"),
    ],
)
def test_what_became_of_a_document_in_words(report: Report, seen: Seen, said: str) -> None:
    assert outcome(report, seen) == said


def test_a_file_of_which_a_page_is_missing_is_not_whole() -> None:
    text = "\n".join(f"Sheet {n} of {name}." for name in ("a", "b") for n in (1, 2, 3) if (name, n) != ("b", 2))
    assert whole(Loaded([Doc("", text, {})]), ["a.pdf", "b.pdf"]) == ["a"]


def test_every_client_says_how_it_was_set_up() -> None:
    for client in clients():
        assert client.setting
        assert bool(client.best) == bool(client.best_setting) == (best_of(client).load is not client.load)
        assert bool(client.careful) == bool(client.careful_setting)


# The page.


def test_the_page_says_what_was_measured() -> None:
    assert results.PAGE.read_text(encoding="utf-8") == page.whole(results.kept())


def test_every_part_is_on_the_page() -> None:
    kept = results.kept()
    assert set(kept) == set(results.PARTS)
    assert set(kept["loaders"]) >= {"pace", "faults", "metadata"}
    assert set(kept["chunkers"]) >= {"structure", "speed", "floor"}


def test_the_runs_tell_no_name_and_no_path_of_a_machine() -> None:
    said = json.dumps(results.kept())
    assert not [word for word in (gettempdir(), "/root", "/home", "127.0.0.1", "site-packages") if word in said]


def test_every_peer_was_there_and_came_to_an_end() -> None:
    kept = results.kept()
    assert not [name for part in kept.values() for name, number in part["versions"].items() if not number]
    assert [row for row in kept["chunkers"]["speed"] if "error" in row] == []


@pytest.mark.parametrize(
    ("pair", "said"),
    [(None, "none given"), ([0, 9], "0"), ([0, 0], "–"), ([1, 3000], "1 (< 0.1 %)"), ([36, 418], "36 (8.6 %)")],
)
def test_how_many_of_how_many(pair: list[int] | None, said: str) -> None:
    assert tables.wrong(pair) == said


@pytest.mark.parametrize(("value", "said"), [(0.43, "0.43 ×"), (12.34, "12.3 ×"), (953.2, "953 ×")])
def test_ratios(value: float, said: str) -> None:
    assert tables.times(value, 1.0) == said


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert tables.table(["a", "b"], [["x|y", "1"]]).endswith("| x\\|y | 1 |")
