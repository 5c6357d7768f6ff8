"""What goes on over columns, pages and lines of a result, written by the emulator as PaddleOCR does and read back here."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from docparse_loaders import DocParser
from docparse_loaders.document import ParsedDocument
from docparse_loaders.emulator import Emulator
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.vendors.paddleocr import PaddleOCR

KEY = "sk-emulator"
PDF = b"%PDF-1.7 as far as anybody here looks"
QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1))
LEFT, RIGHT, MIDDLE = (0.1, 0.48), (0.52, 0.9), (0.36, 0.64)
THIRDS = ((0.05, 0.33), MIDDLE, (0.67, 0.95))
OPEN, REST = "The scales were tested by people who", "did not see the value before it was written down."
ROWS = "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>P-{}</td><td>{}</td></tr></table>"


def block(
    name: str, text: str, across: tuple[float, float], down: tuple[float, float], kind: Any = "text", **more: Any
) -> Block:
    page = int(name[1:].partition("-")[0])
    return Block(name, kind, text, regions=(Region(page, BBox(across[0], down[0], across[1], down[1])),), **more)


def page(number: int, *blocks: Block) -> Page:
    return Page(number, 595.0, 842.0, "point", 0, blocks)


def table(name: str, number: int, *, low: bool) -> Block:
    return block(name, "", (0.1, 0.9), (0.6, 0.97) if low else (0.03, 0.97), "table", html=ROWS.format(number, number))


@contextmanager
def emulated(*pages: Page, **settings: Any) -> Iterator[Emulator]:
    with Emulator("paddleocr", parse=lambda data: pages, **settings) as running:
        yield running


def written(emulator: Emulator, **options: Any) -> list[list[dict[str, Any]]]:
    """The blocks of each page as they stand in the result."""
    head = {"Authorization": f"bearer {KEY}"}
    form = {"model": options.pop("model", "PaddleOCR-VL-1.5"), "optionalPayload": json.dumps(options)}
    url = f"{emulator.base_url}/api/v2/ocr/jobs"
    job = httpx.post(url, headers=head, data=form, files={"file": ("a.pdf", PDF)}).json()["data"]["jobId"]
    link = httpx.get(f"{url}/{job}", headers=head).json()["data"]["resultUrl"]["jsonUrl"]
    lines = [json.loads(line)["result"]["layoutParsingResults"] for line in httpx.get(link).content.split(b"\n")]
    return [entry["prunedResult"]["parsing_res_list"] for line in lines for entry in line]


def parsed(emulator: Emulator, pages: str | None = None, **options: Any) -> ParsedDocument:
    return DocParser(PaddleOCR(base_url=emulator.base_url, api_key=KEY, **options), policy=QUICK).parse(PDF, pages=pages)


def said(document: ParsedDocument) -> list[tuple[str, list[int]]]:
    return [(block.text, [region.page_number for region in block.regions]) for block in document.blocks]


COLUMNS = page(
    1,
    block("p1-0", "Two columns", (0.1, 0.9), (0.05, 0.1), "title", level=1),
    block("p1-1", "It begins.", LEFT, (0.2, 0.3)),
    block("p1-2", OPEN, LEFT, (0.3, 0.9)),
    block("p1-3", REST, RIGHT, (0.2, 0.4)),
    block("p1-4", "It ends.", RIGHT, (0.5, 0.6)),
)


class TestColumns:
    """A paragraph in two columns: its text stands in the first part, and the second names that."""

    @pytest.mark.parametrize("plain", [True, False])
    @pytest.mark.parametrize("model", ["PaddleOCR-VL", "PaddleOCR-VL-1.6"])
    def test_the_second_part_is_empty_and_names_the_first(self, model: str, plain: bool) -> None:
        with emulated(COLUMNS) as emulator:
            (blocks,) = written(emulator, model=model, formatBlockContent=not plain, restructurePages=True)
        assert [found["block_content"] for found in blocks[1:]] == ["It begins.", f"{OPEN} {REST}", "", "It ends."]
        assert [found["group_id"] for found in blocks] == [0, 1, 2, 2, 4]
        assert [found["block_id"] for found in blocks] == [0, 1, 2, 3, 4]
        assert all(found["global_group_id"] == found["global_block_id"] for found in blocks)
        assert blocks[3]["block_bbox"] == [619, 337, 1071, 674]

    def test_it_is_one_paragraph_in_two_places(self) -> None:
        with emulated(COLUMNS) as emulator:
            document = parsed(emulator)
        assert said(document) == [
            ("Two columns", [1]), ("It begins.", [1]), (f"{OPEN} {REST}", [1, 1]), ("It ends.", [1])
        ]  # fmt: skip
        boxes = [region.bbox for region in document.blocks[2].regions]
        expected = [(*(LEFT[0], 0.3), *(LEFT[1], 0.9)), (*(RIGHT[0], 0.2), *(RIGHT[1], 0.4))]
        for found, box in zip(boxes, expected, strict=True):
            assert found == pytest.approx(box, abs=1 / 1190)
        assert document.warnings == ()

    def test_unless_they_are_left_apart(self) -> None:
        with emulated(COLUMNS) as emulator:
            document = parsed(emulator, merge_layout_blocks=False)
            (blocks,) = written(emulator, mergeLayoutBlocks=False)
            (structured,) = written(emulator, model="PP-StructureV3")
        assert [text for text, _ in said(document)][2:4] == [OPEN, REST]
        assert [found["group_id"] for found in blocks] == [0, 1, 2, 3, 4]
        assert structured[3]["block_content"] == REST
        assert "group_id" not in structured[3]

    def test_three_columns_and_a_table_between_them(self) -> None:
        words = ("The first part goes", "on in the second and", "ends in the third.")
        parts = [block(f"p1-{2 * n}", words[n], THIRDS[n], (0.3 - 0.1 * n, 0.9)) for n in range(3)]
        sheet = page(
            1, parts[0], table("p1-1", 1, low=False), parts[1], block("p1-3", "", MIDDLE, (0.9, 0.95), "figure"), parts[2]
        )
        with emulated(sheet) as emulator:
            (blocks,) = written(emulator)
            document = parsed(emulator)
        assert [found["group_id"] for found in blocks] == [0, 1, 0, 3, 0]
        assert said(document)[0] == (" ".join(words), [1, 1, 1])
        assert [block.kind for block in document.blocks] == ["text", "table", "figure"]

    @pytest.mark.parametrize(
        "second",
        [
            block("p1-1", "2. An item of a list", RIGHT, (0.1, 0.3)),
            block("p1-1", REST, RIGHT, (0.95, 0.99)),  # below
            block("p1-1", REST, LEFT, (0.9, 0.95)),  # in the same column
            block("p1-1", REST, (0.8, 0.9), (0.1, 0.3)),  # too far to the right
            block("p1-1", REST, RIGHT, (0.1, 0.3), "footnote"),
            block("p1-1", REST, RIGHT, (0.1, 0.3), "title", level=2),
            Block("p1-1", "text", REST, regions=(Region(1, None),)),
        ],
    )
    def test_what_is_no_rest_of_it_stays_as_it_is(self, second: Block) -> None:
        with emulated(page(1, block("p1-0", OPEN, LEFT, (0.2, 0.9)), second)) as emulator:
            (blocks,) = written(emulator, formatBlockContent=False)
        assert [found["group_id"] for found in blocks] == [0, 1]
        assert [found["block_content"] for found in blocks] == [OPEN, second.text]

    def test_what_the_parser_knows_to_go_on_needs_no_open_sentence(self) -> None:
        first, second = block("p1-0", "One.", LEFT, (0.2, 0.9)), block("p1-1", "Two.", RIGHT, (0.1, 0.3), continues="p1-0")
        with emulated(page(1, first, second)) as emulator:
            assert said(parsed(emulator)) == [("One. Two.", [1, 1])]

    def test_a_word_that_is_parted_is_whole_again(self) -> None:
        first, second = block("p1-0", "It is an exam-", LEFT, (0.2, 0.9)), block("p1-1", "ple of it.", RIGHT, (0.1, 0.3))
        with emulated(page(1, first, second)) as emulator:
            assert said(parsed(emulator)) == [("It is an example of it.", [1, 1])]

    def test_paragraphs_over_columns_on_every_page_of_several_lines(self) -> None:
        """The ids of a page begin at 0 again, so that each is looked up on its own page."""
        sheets = [
            page(n, block(f"p{n}-0", f"Part {n} goes", LEFT, (0.2, 0.5)), block(f"p{n}-1", f"on as {n}.", RIGHT, (0.2, 0.4)))
            for n in range(1, 8)
        ]
        with emulated(*sheets, pages_per_line=3) as emulator:
            document = parsed(emulator)
        assert said(document) == [(f"Part {n} goes on as {n}.", [n, n]) for n in range(1, 8)]


def tables(*numbers: int, count: int) -> tuple[Page, ...]:
    """Pages with a line of text on each, and a table over those that are named."""
    return tuple(page(n, *_lines(n, numbers), *_rows(n, numbers)) for n in range(1, count + 1))


def _lines(number: int, numbers: Sequence[int]) -> list[Block]:
    return [] if number in numbers[1:] else [block(f"p{number}-0", f"Page {number}.", (0.1, 0.9), (0.1, 0.2))]


def _rows(number: int, numbers: Sequence[int]) -> list[Block]:
    return [table(f"p{number}-1", number, low=number == numbers[0])] if number in numbers else []


class TestTables:
    """A table over pages: its rows stand in the first part, and every later one names that by its id in the whole result."""

    @pytest.mark.parametrize("per_line", [1, 2, 3, 5, 9])
    def test_it_is_one_table_however_the_result_is_cut(self, per_line: int) -> None:
        with emulated(*tables(4, 5, 6, count=9), pages_per_line=per_line) as emulator:
            document = parsed(emulator)
        (found,) = document.tables
        assert [region.page_number for region in found.regions] == [4, 5, 6]
        assert found.text.split() == ["Part", "Qty", "P-4", "4", "P-5", "5", "P-6", "6"]
        assert [block.text for block in document.blocks if block.kind == "text"] == [
            f"Page {n}." for n in (1, 2, 3, 4, 7, 8, 9)
        ]

    def test_its_ids_are_values_and_no_places(self) -> None:
        with emulated(*tables(4, 5, 6, count=9), pages_per_line=3) as emulator:
            blocks = [found for entry in written(emulator, restructurePages=True) for found in entry]
        ids = [found["global_block_id"] for found in blocks]
        assert ids != list(range(len(blocks)))
        parts = [found for found in blocks if found["block_label"] == "table"]
        assert {found["global_group_id"] for found in parts} == {parts[0]["global_block_id"]}
        assert parts[0]["global_block_id"] != blocks.index(parts[0])
        assert [bool(found["block_content"]) for found in parts] == [True, False, False]

    def test_both_kinds_of_groups_in_one_result(self) -> None:
        first = page(
            1, block("p1-0", OPEN, LEFT, (0.1, 0.5)), block("p1-1", REST, RIGHT, (0.1, 0.4)), table("p1-2", 1, low=True)
        )
        second = page(2, table("p2-0", 2, low=False))
        with emulated(first, second) as emulator:
            document = parsed(emulator)
        assert said(document)[0] == (f"{OPEN} {REST}", [1, 1])
        assert [region.page_number for region in document.blocks[1].regions] == [1, 2]
        assert document.warnings == ()


class TestPageRanges:
    """A result numbers nothing: its pages are those that were asked for, by value."""

    MODELS = ("PaddleOCR-VL-1.5", "PP-StructureV3", "PP-OCRv6")

    @pytest.mark.parametrize("per_line", [1, 2, 5])
    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(
        ("asked", "sent", "numbers"),
        [
            ("2-4,7", "2-4,7", [2, 3, 4, 7]),
            ([7, 2, 3, 4], "2-4,7", [2, 3, 4, 7]),
            ("9", "9", [9]),
            ("1-9", "1-9", [*range(1, 10)]),
        ],
    )
    def test_every_page_is_the_source_s(self, asked: Any, sent: str, numbers: list[int], model: str, per_line: int) -> None:
        source = [page(n, block(f"p{n}-0", f"This is page {n}.", (0.1, 0.1 + 0.08 * n), (0.1, 0.2))) for n in range(1, 10)]
        with emulated(*source, pages_per_line=per_line) as emulator:
            document = parsed(emulator, asked, model=model)
            form = dict(emulator.requests[0].form)
        assert form["pageRanges"] == sent
        assert [page.number for page in document.pages] == numbers
        for found in document.pages:
            (only,) = found.blocks
            (region,) = only.regions
            origin = source[found.number - 1].blocks[0]
            assert (only.text, region.page_number) == (origin.text, found.number)
            assert region.bbox == pytest.approx(origin.regions[0].bbox, abs=2 / 1190) or model == "PP-OCRv6"

    def test_a_table_goes_on_only_within_what_was_asked_for(self) -> None:
        with emulated(*tables(4, 5, 6, count=9)) as emulator:
            document = parsed(emulator, "2-4,6-7")
        assert [page.number for page in document.pages] == [2, 3, 4, 6, 7]
        assert [[region.page_number for region in found.regions] for found in document.tables] == [[4], [6]]
        assert ["P-4" in document.tables[0].text, "P-6" in document.tables[1].text] == [True, True]
