"""Damaged results of MinerU: whatever a fault or a hostile sender makes of them, only our own errors come out."""

import json
import os
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from docparse_loaders.assemble import assemble
from docparse_loaders.errors import DocParseError
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.mineru.decode import EMBEDDED, decode
from docparse_loaders.vendors.protocol import Blob, Decoded
from mineru_files import PICTURE, ROWS, archive, block, block4, page, parent, report, tree, tree4
from mutations import mutated

PAYLOADS_AN_EXAMPLE, EXAMPLES = 100, 200 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 60
ASKED = (None, PageSelection.of("1-3"), PageSelection.of("2,5-6"))


def _pipeline() -> JsonValue:
    value: JsonValue = report()
    return value


def _vlm() -> JsonValue:
    image: Any = {"type": "image", "image_path": "a.jpg", "content": "A scale."}
    figure = parent("image", block("image_body", {"spans": [image]}), block("image_caption", "Figure 1"))
    listed = parent("list", block("text", "one"), block("text", "two"), sub_type="text")
    code = parent("code", block("code_body", "x = 1"), block("code_caption", "Listing 1"), sub_type="code")
    furniture = [block("header", "Report", index=0), block("page_footnote", "1 A note.", index=9)]
    value: JsonValue = tree(page(0, figure, listed, code, discarded=furniture), version="3.4.5", backend="vlm")
    return value


def _new() -> JsonValue:
    body = [block4("table_body", ROWS, 1), block4("table_caption", "Table 1", 0)]
    first = [block4("doc_title", "Title", 0, level=1), block4("table", body, 1), block4("list", [block4("text", "one")], 2)]
    value: JsonValue = tree4((2, first), (3, [block4("table", body, 0, continues_prev=True)]), total=9)
    return value


def _list() -> JsonValue:
    return [
        {"type": "text", "text": "1 Counting", "text_level": 1, "bbox": [100, 100, 900, 120], "page_idx": 0},
        {"type": "table", "table_body": ROWS, "img_path": "images/t.jpg", "table_caption": ["Table 1"], "page_idx": 0},
        {"type": "table", "img_path": "", "table_caption": [""], "bbox": [100, 100, 900, 200], "page_idx": 1},
        {"type": "image", "img_path": "images/a.jpg", "image_caption": [], "content": "A scale.", "page_idx": 1},
        {"type": "discarded", "text": "3", "bbox": [480, 970, 520, 980], "page_idx": 1},
    ]


def _list_v2() -> JsonValue:
    spans: JsonValue = [{"type": "text", "content": "words "}, {"type": "equation_inline", "content": "a"}]
    return [
        [
            {"type": "title", "content": {"title_content": spans, "level": 1}, "bbox": [100, 100, 900, 120]},
            {
                "type": "list",
                "content": {"list_type": "text_list", "list_items": [{"item_type": "text", "item_content": spans}]},
            },
        ],
        [{"type": "table", "content": {"html": ROWS, "table_caption": spans, "image_source": {"path": "images/t.jpg"}}}],
    ]


def _check(decoded: Decoded) -> None:
    ids = [one.id for found in decoded.pages for one in found.blocks]
    numbers = {found.number for found in decoded.pages}
    if len(numbers) == len(decoded.pages):
        assert len(set(ids)) == len(ids)
    assert all(number >= 1 for number in numbers)
    for read in (one for found in decoded.pages for one in found.blocks):
        box = read.regions[0].bbox if read.regions else None
        assert box is None or (0 <= box.x0 <= box.x1 <= 1 and 0 <= box.y0 <= box.y1 <= 1)
        assert "\x00" not in read.text
    assemble(decoded.pages)


@pytest.mark.parametrize("make", [_pipeline, _vlm, _new, _list, _list_v2])
def test_whole_payloads_are_read(make: Any) -> None:
    decoded = decode(make())
    assert decoded.pages
    _check(decoded)


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 2**32))
def test_damaged_payloads_raise_nothing_but_our_errors(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311  (damage, not secrets)
    whole = [make() for make in (_pipeline, _vlm, _new, _list, _list_v2)]
    for number in range(PAYLOADS_AN_EXAMPLE):
        value = mutated(whole[number % len(whole)], rng, times=rng.choice((1, 5, 50)))
        payload = _packed(value, rng) if number % 8 == 0 else value
        try:
            decoded = decode(payload, rng.choice(ASKED))
        except DocParseError:
            continue
        _check(decoded)


def _packed(value: JsonValue, rng: random.Random) -> Blob:
    """The damaged value as a file of an archive, sometimes with bytes of the archive changed."""
    text = json.dumps(value, ensure_ascii=True).encode()
    name = rng.choice(("layout.json", "doc/vlm/doc_middle.json", "content_list.json", "x_content_list_v2.json", "full.md"))
    data = bytearray(archive({name: text, "images/a.jpg": PICTURE, "full.md": b"# One"}, stored=rng.random() < 0.5))
    for _ in range(rng.choice((0, 0, 3, 30))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return Blob(bytes(data), rng.choice(("application/zip", EMBEDDED)))
