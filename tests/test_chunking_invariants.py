"""What holds for every document and every setting: nothing lost, nothing over budget, every place exact."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from docparse_loaders.chunking import Chunk, StructureChunker, elements, estimate, pages, whole
from docparse_loaders.document import ParsedDocument
from docparse_loaders.model import FURNITURE, BBox, Block, Image, Kind, Page, Region, SourceFacts


class Letters:
    """A tokenizer object for which each character is a token, as the strictest of all."""

    def encode(self, text: str) -> list[str]:
        return list(text)


class Words:
    """A tokenizer object that splits at white space, and long words every four characters."""

    def encode(self, text: str) -> list[str]:
        return [word[at : at + 4] for word in text.split() for at in range(0, len(word), 4)]


class Special:
    """A tokenizer object that adds two tokens to every text."""

    def encode(self, text: str) -> list[str]:
        return ["[CLS]", *text, "[SEP]"]


def quarter(text: str) -> int:
    return len(text) // 4


TOKENIZERS: dict[str, tuple[object, Callable[[str], int]]] = {
    "estimate": (None, estimate),
    "letters": (Letters(), len),
    "words": (Words(), lambda text: len(Words().encode(text))),
    "special": (Special(), lambda text: len(text) + 2),
    "callable that rounds down": (quarter, quarter),
}
PROSE: tuple[Kind, ...] = (
    "text",
    "list",
    "code",
    "equation",
    "footnote",
    "reference",
    "toc",
    "seal",
    "other",
    "figure",
    "chart",
    "header",
    "footer",
    "page_number",
    "aside",
)
SHORT = ("word", "e.g.", "3.5", "ends.", "a,", "x/y:z", "(so)")
"""Words without blank space that fit into any chunk."""
WORDS = st.sampled_from(
    [
        *SHORT,
        "tab\tbed",
        "kept\u00a0apart",
        "and so:",
        "\n- ",
        "\n    ",
        "# heading?",
        "| cell |",
        "Ends! ",
        "中文文字。",
        "かな",
        "한국어",
        "👩\u200d👧",
        "\n",
        "x" * 90,
        "字" * 50,
    ]
)


class Spec(NamedTuple):
    """A block to be made: its kind, words, level, rows of a table, whether it has a box and a caption, goes on and is huge."""

    kind: Kind
    words: list[str]
    level: int
    columns: int
    rows: int
    html: bool
    merged: bool
    marked: bool
    placed: bool
    caption: bool
    continues: bool
    times: int


SPECS = st.builds(
    Spec,
    kind=st.sampled_from(("title", "title", "table", *PROSE)),
    words=st.lists(WORDS, max_size=12),
    level=st.sampled_from([1, 2, 3, 4, 6]),
    columns=st.integers(1, 4),
    rows=st.integers(1, 12),
    html=st.booleans(),
    merged=st.booleans(),
    marked=st.booleans(),
    placed=st.booleans(),
    caption=st.booleans(),
    continues=st.booleans(),
    times=st.sampled_from([1, 1, 1, 1, 1, 30]),
)


class Maker:
    """Makes blocks in which every word carries a number that occurs nowhere else."""

    def __init__(self) -> None:
        self.number = self.made = 0
        self.last: Block | None = None

    def tag(self) -> str:
        self.number += 1
        return chr(0xE000 + self.number)

    def text(self, words: list[str]) -> str:
        return " ".join(f"{word}{self.tag()}" for word in words)

    def table(self, spec: Spec) -> str:
        rows = [
            [self.text([word.strip() for word in spec.words[:2]] or ["c"]) for _ in range(spec.columns)]
            for _ in range(spec.rows)
        ]
        plain = [[cell.replace("|", "/").replace("\n", " ") for cell in row] for row in rows]
        if not spec.html:
            lines = ["| " + " | ".join(row) + " |" for row in plain]
            return "\n".join([lines[0], "|" + "---|" * spec.columns, *lines[1:]])
        return self.markup(plain, spec)

    def markup(self, rows: list[list[str]], spec: Spec) -> str:
        """As HTML; `marked` headers are `th`, and where cells are `merged` the first one reaches down and the last across."""
        lines = []
        for number, row in enumerate(rows):
            tag = "th" if spec.marked and number == 0 else "td"
            cells = [f"<{tag}>{cell}</{tag}>" for cell in row]
            if spec.merged and number == 1 and len(rows) > 3:
                cells[0] = f'<td rowspan="2">{row[0]}</td>'
            if spec.merged and number == 2 and len(rows) > 3:
                cells = cells[1:]
            if spec.merged and number == 3:
                cells = [f'<td colspan="{len(row)}">{row[0]}</td>']
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(lines)}</table>"

    def body(self, spec: Spec, name: str, regions: tuple[Region, ...]) -> Block:
        if spec.kind == "table":
            text = self.table(spec)
            return Block(name, "table", "" if spec.html else text, html=text if spec.html else None, regions=regions)
        text = self.text(spec.words * (spec.times if spec.kind != "title" else 1))
        if spec.kind == "title":
            return Block(name, "title", text.replace("\n", " "), level=spec.level, regions=regions)
        if spec.kind == "equation" and spec.html:
            return Block(name, "equation", latex=text, regions=regions)
        image = Image("url", "https://x.test/a.png") if spec.kind in {"figure", "chart"} else None
        return Block(name, spec.kind, text, image=image, regions=regions)

    def blocks(self, spec: Spec, page: int) -> list[Block]:
        self.made += 1
        name = f"b{self.made}"
        regions = (Region(page, BBox(0.1, self.made % 90 / 100, 0.9, self.made % 90 / 100 + 0.05)),) if spec.placed else ()
        body = self.body(spec, name, regions)
        before, self.last = self.last, body
        if spec.continues and before is not None and before.kind == body.kind and body.kind in {"text", "list", "code"}:
            return [replace(body, continues=before.id)]
        if not (spec.caption and spec.kind in {"table", "figure"}):
            return [body]
        caption = Block(f"{name}c", "caption", self.text(["Caption", "of", "it"]), regions=regions)
        claiming = replace(body, caption_ids=(f"{name}c",))
        return [caption, claiming] if self.number % 2 else [claiming, caption]


def document(pages: list[list[Spec]]) -> ParsedDocument:
    maker = Maker()
    made = [
        Page(number, 600, 800, blocks=tuple(block for spec in specs for block in maker.blocks(spec, number)))
        for number, specs in enumerate(pages, start=1)
    ]
    source = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1, "ab" * 32)
    return ParsedDocument(source=source, vendor="test", pages=tuple(made), total_pages=len(made))


DOCUMENTS = st.lists(st.lists(SPECS, max_size=8), min_size=1, max_size=3).map(document)
BUDGETS = st.sampled_from([40, 64, 120, 512])
NAMES = st.sampled_from(sorted(TOKENIZERS))


def chunks_of(doc: ParsedDocument, tokenizer: str = "estimate", **options: object) -> list[Chunk]:
    return list(StructureChunker(tokenizer=TOKENIZERS[tokenizer][0], **options).chunk(doc))  # type: ignore[arg-type]  # drawn


def squeezed(texts: list[str]) -> str:
    """The texts without blank space and without the signs that mark lists, code, formulas and bullets."""
    return re.sub(r"[\s\-`$]", "", "".join(texts))


def said(block: Block) -> str:
    return block.text or block.html or block.latex or ""


def flow(doc: ParsedDocument) -> list[Block]:
    return [block for block in doc.blocks if block.kind not in FURNITURE]


@given(DOCUMENTS, BUDGETS, NAMES, st.booleans())
def test_every_character_is_in_one_body_in_reading_order(doc: ParsedDocument, budget: int, name: str, merge: bool) -> None:
    owners = {"table", "figure", "chart", "caption"}
    kept = [Page(page.number, 1, 1, blocks=tuple(b for b in page.blocks if b.kind not in owners)) for page in doc.pages]
    doc = doc.model_copy(update={"pages": tuple(kept)})
    doc = ParsedDocument.model_validate(doc.model_dump())
    chunks = chunks_of(doc, name, max_tokens=budget, merge_small=merge)
    assert squeezed([chunk.body for chunk in chunks]) == squeezed([said(block) for block in flow(doc)])


def tags(text: str) -> list[str]:
    return [sign for sign in text if "\ue000" <= sign <= "\uf8ff"]


@given(
    DOCUMENTS, st.sampled_from([120, 512]), st.sampled_from(["markdown", "html", "plain"]), st.sampled_from(["whole", "rows"])
)
def test_every_tagged_cell_and_word_is_in_one_chunk(doc: ParsedDocument, budget: int, form: str, tables: str) -> None:
    chunks = chunks_of(doc, max_tokens=budget, table_format=form, tables=tables)
    seen: dict[str, list[Chunk]] = {}
    for chunk in chunks:
        for tag in dict.fromkeys(tags(chunk.body)):
            seen.setdefault(tag, []).append(chunk)
    wanted = {tag for block in flow(doc) for tag in tags(said(block))}
    assert set(seen) == wanted
    for homes in seen.values():
        repeats = homes[1:]
        assert all(chunk.table is not None for chunk in repeats)
        assert all(set(chunk.block_ids) & set(homes[0].block_ids) for chunk in repeats)


@given(
    DOCUMENTS,
    st.sampled_from([16, 24, 40, 64, 120, 512]),
    NAMES,
    st.sampled_from(["markdown", "html", "plain"]),
    st.booleans(),
    st.sampled_from([0, 2, 4]),
)
def test_no_chunk_is_over_its_budget(doc: ParsedDocument, budget: int, name: str, form: str, by_row: bool, share: int) -> None:
    count = TOKENIZERS[name][1]
    tables = "rows" if by_row else "whole"
    for chunk in chunks_of(
        doc, name, max_tokens=budget, table_format=form, tables=tables, overlap=budget // share if share else 0
    ):
        assert count(chunk.text) <= chunk.token_count <= budget
        assert chunk.text.endswith(chunk.body)


@given(DOCUMENTS, BUDGETS, NAMES)
def test_no_word_is_cut(doc: ParsedDocument, budget: int, name: str) -> None:
    chunks = chunks_of(doc, name, max_tokens=budget)
    whole = {word for chunk in chunks for word in chunk.body.split()}
    for block in flow(doc):
        if block.kind not in {"table", "caption"}:
            words = [word for word in said(block).split() if word[:-1] in {*SHORT, "tab", "kept", "bed", "apart"}]
            assert set(words) <= whole


@given(DOCUMENTS, BUDGETS)
def test_no_heading_stands_alone_at_the_end_of_a_chunk(doc: ParsedDocument, budget: int) -> None:
    for before, after in pairwise(chunks_of(doc, max_tokens=budget)):
        whole = not set(before.block_ids) & set(after.block_ids)
        if whole and set(before.kinds) == {"title"} and before.headings == after.headings and after.table is None:
            assert before.token_count > budget * 7 // 8 - 10


@given(DOCUMENTS, BUDGETS)
def test_every_place_is_in_the_chunks_of_its_text_and_only_there(doc: ParsedDocument, budget: int) -> None:
    """Told by the tagged words of each page's own blocks, joined over pages or not."""
    chunks = chunks_of(doc, max_tokens=budget)
    homes = {tag: block for page in doc.pages for block in page.blocks for tag in tags(said(block))}
    for chunk in chunks:
        if chunk.table is None:
            spoken = {region for tag in tags(chunk.body) for region in homes[tag].regions}
            quiet = {region for block in doc.blocks if block.id in chunk.block_ids for region in block.regions}
            assert spoken <= set(chunk.regions) <= quiet
    named = {name for chunk in chunks for name in chunk.block_ids}
    wanted = {region for block in flow(doc) if block.id in named for region in block.regions}
    assert {region for chunk in chunks for region in chunk.regions} == wanted


def paths(blocks: list[Block]) -> dict[str, tuple[str, ...]]:
    """An independent reading of the headings that are open at each block."""
    found: dict[str, tuple[str, ...]] = {}
    levels: dict[int, str] = {}
    for block in blocks:
        if block.kind == "title" and block.text.strip():
            assert block.level is not None
            levels = {level: text for level, text in levels.items() if level < block.level}
            levels[block.level] = " ".join(block.text.split())
        found[block.id] = tuple(levels[level] for level in sorted(levels))
    return found


@given(DOCUMENTS, BUDGETS)
def test_a_chunk_has_one_heading_path_and_crosses_no_heading(doc: ParsedDocument, budget: int) -> None:
    expected = paths(flow(doc))
    captions = {name for block in doc.blocks for name in block.caption_ids}
    kinds = {block.id: block.kind for block in doc.blocks}
    for chunk in chunks_of(doc, max_tokens=budget):
        own = [name for name in chunk.block_ids if name not in captions]
        titles = [name for name in own if kinds[name] == "title"]
        assert own[: len(titles)] == titles
        if not own:  # a caption too long to stand with its table
            continue
        assert chunk.headings == expected[own[-1]]
        assert all(expected[name] == chunk.headings for name in own[len(titles) :])
        assert all(len(expected[before]) < len(expected[after]) for before, after in pairwise(titles))


@given(DOCUMENTS, BUDGETS)
def test_no_text_shows_a_heading_twice(doc: ParsedDocument, budget: int) -> None:
    for chunk in chunks_of(doc, max_tokens=budget):
        prefix = chunk.text[: len(chunk.text) - len(chunk.body)]
        assert not set(tags(prefix)) & set(tags(chunk.body))
        assert all(tag in tags(" ".join(chunk.headings)) for tag in tags(prefix))


@given(DOCUMENTS, BUDGETS, st.sampled_from([0, 16]))
def test_regions_are_those_of_the_blocks(doc: ParsedDocument, budget: int, overlap: int) -> None:
    by_id = {block.id: block for block in doc.blocks}
    for chunk in chunks_of(doc, max_tokens=budget, overlap=overlap):
        quiet = {name for name in chunk.block_ids if name not in {span.block_id for span in chunk.spans}}
        spoken = {region for span in chunk.spans for region in span.regions}
        assert set(chunk.regions) == spoken | {region for name in quiet for region in by_id[name].regions}
        assert len(set(chunk.regions)) == len(chunk.regions)
        numbers = [region.page_number for region in chunk.regions]
        assert numbers == sorted(numbers)
        assert (chunk.page_number, chunk.last_page_number) == ((numbers[0], numbers[-1]) if numbers else (0, 0))
        named = [by_id[name] for name in chunk.block_ids]
        captions = [by_id[name] for block in named for name in block.caption_ids]
        assert set(tags(chunk.body)) <= {tag for block in (*named, *captions) for tag in tags(said(block))}


@given(DOCUMENTS, BUDGETS, st.sampled_from([0, 16]), st.sampled_from(["markdown", "html", "plain"]), st.booleans())
def test_spans_are_what_their_blocks_say_and_all_that_is_not_repeated(
    doc: ParsedDocument, budget: int, overlap: int, form: str, by_row: bool
) -> None:
    by_id = {block.id: block for block in doc.blocks}
    seen: set[str] = set()
    tables = "rows" if by_row else "whole"
    for chunk in chunks_of(doc, max_tokens=budget, overlap=overlap, table_format=form, tables=tables):
        at = len(chunk.text) - len(chunk.body)
        for span in chunk.spans:
            assert at <= span.start < span.stop <= len(chunk.text)
            between, at, block = chunk.text[at : span.start], span.stop, by_id[span.block_id]
            assert set(tags(between)) <= seen
            assert chunk.table is not None or not between.strip().strip("`")
            own = chunk.text[span.start : span.stop]
            assert set(tags(own)) <= set(tags(said(block)))
            assert block.kind == "table" or squeezed([own]) in squeezed([said(block)])
            assert span.block_id in chunk.block_ids
            assert set(span.regions) <= set(block.regions) & set(chunk.regions)
        assert not chunk.text[at:].strip().strip("`")
        seen |= set(tags(chunk.text))


@given(DOCUMENTS, BUDGETS, st.integers(0, 100), st.integers(0, 100))
def test_any_part_of_a_chunk_is_located_within_its_regions(doc: ParsedDocument, budget: int, one: int, other: int) -> None:
    for made in (chunks_of(doc, max_tokens=budget), elements(doc), pages(doc), whole(doc)):
        for chunk in made:
            start, end = sorted((len(chunk.text) * one // 100, len(chunk.text) * other // 100))
            found = chunk.locate(start, end)
            assert set(found) <= set(chunk.regions)
            assert len(set(found)) == len(found)
            spoken = {region for span in chunk.spans for region in span.regions}
            assert set(chunk.locate(0, len(chunk.text))) == spoken <= set(chunk.regions)
            if chunk.text[start:end].strip():
                middle = (start + end) // 2
                assert {*chunk.locate(start, middle), *chunk.locate(middle, end)} == set(found)


@given(DOCUMENTS, BUDGETS)
def test_every_word_is_located_where_its_own_part_stands(doc: ParsedDocument, budget: int) -> None:
    """Told by the tagged words of each page's own blocks, joined over pages or not."""
    homes = {tag: block for page in doc.pages for block in page.blocks for tag in tags(said(block))}
    # The words of a part without any may be in the part before it.
    moved = {region for page in doc.pages for block in page.blocks if not said(block) for region in block.regions}
    seen: set[str] = set()
    for chunk in chunks_of(doc, max_tokens=budget):
        shown = chunk.text[len(chunk.text) - len(chunk.body) :]
        for at, tag in enumerate(shown, len(chunk.text) - len(shown)):
            if tag in homes and tag not in seen and homes[tag].regions:
                found = set(chunk.locate(at, at + 1))
                assert set(homes[tag].regions) <= found <= {*homes[tag].regions, *moved}
        seen |= set(tags(chunk.text))


@given(DOCUMENTS, BUDGETS, NAMES)
def test_ids_are_unique_and_the_same_again(doc: ParsedDocument, budget: int, name: str) -> None:
    chunks = chunks_of(doc, name, max_tokens=budget)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    assert all(len(chunk.id) == 32 and int(chunk.id, 16) >= 0 for chunk in chunks)
    again = ParsedDocument.model_validate_json(doc.model_dump_json())
    assert chunks_of(again, name, max_tokens=budget) == chunks


@given(DOCUMENTS)
def test_small_neighbours_are_merged(doc: ParsedDocument) -> None:
    chunks = chunks_of(doc, max_tokens=512)
    cut = {name for before, after in pairwise(chunks) for name in {*before.block_ids} & {*after.block_ids}}
    for before, after in pairwise(chunks):
        if cut & {*before.block_ids, *after.block_ids}:
            continue
        if before.headings == after.headings and not (before.table or after.table) and "title" not in after.kinds:
            assert before.token_count + after.token_count > 512 - 16


@settings(max_examples=40)
@given(DOCUMENTS, st.sampled_from([64, 512]))
def test_the_tokenizer_reads_little_more_than_the_document(doc: ParsedDocument, budget: int) -> None:
    """Each block is counted once, what is cut once more for each size of its parts (functions, lines, sentences)."""
    read = 0

    class Counting:
        def encode(self, text: str) -> list[str]:
            nonlocal read
            read += len(text)
            return Words().encode(text)

    chunker = StructureChunker(max_tokens=budget, tokenizer=Counting())
    bodies = sum(len(chunk.body) for chunk in chunker.chunk(doc))
    assert read <= 4 * bodies + 400
