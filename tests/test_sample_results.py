"""Sample results that are kept outside of this repository: every word in them is in the document that they become.

Set `DOCPARSE_FIXTURES` to a folder with a folder for each vendor, whose `*.json` and `*.jsonl` are answers and results. All
strings of a file are collected here by walking its JSON, without any of the vendor's decoder, and looked for in the blocks.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import from_result
from docparse_loaders.errors import ProtocolError
from docparse_loaders.model import Block

FOLDER = os.environ.get("DOCPARSE_FIXTURES", "")
NONE = "DOCPARSE_FIXTURES names no folder of sample results"
VENDORS = frozenset({"somark", "mineru", "paddleocr", "scnet"})

_CUTS = re.compile(r"</?[a-zA-Z][^<>]*>|[\n|]")
_NO_WORD = re.compile(r"[\W_]+")

_WORDS = """
    type sub_type item_type list_type format text_format math_type table_type text_type limit_type label block_label
    markdown_ignore_labels guess_lang code_language script layout_det_res
    img_path image_path path img_url images outputImages inputImage preprocessedImages ocrImage sub_img dataInfo
    _backend _version_name provider model page outputs vendor options
    task_id taskId record_id file_name file_type status message msg code error traceId request_id requestId metadata
"""
NOT_TEXT = frozenset(_WORDS.split())
"""Keys under which there is no text of the document: words of the format, addresses, and facts about the job."""
ENVELOPE = ("result", "outputs")
"""Keys that hold the document although `NOT_TEXT` has them elsewhere."""
TAKEN_OUT = frozenset({"preproc_blocks"})
"""What a vendor keeps from before it merged: headers and captions in it that say "continued" are not in its result."""
RENDERED = frozenset({"markdown", "md", "markdown_content"})
"""A rendering by the vendor: some print a title twice, so only the presence of a piece counts."""
HOLDING = frozenset({"blocks", "para_blocks", "parsing_res_list", "rec_texts", "content", "text"})
"""Keys of which every result has one, and no other answer."""
TREES = ("layout.json", "*_middle.json")
"""The file of a folder that is decoded; the others say the same in other ways."""

Text = tuple[str, str]
"""The way to a string, without positions, and a piece of it without anything but letters and digits."""


def results() -> list[Path]:
    """Every file, and every folder that is one result."""
    root = Path(FOLDER)
    if not FOLDER or not root.is_dir():
        return []
    files = [path for vendor in VENDORS for path in (root / vendor).rglob("*") if path.suffix in {".json", ".jsonl"}]
    folders = {path.parent for path in files if path.name.endswith("content_list.json")}
    return sorted([*files, *folders])


def loaded(path: Path) -> Any:
    """The JSON of a file, of each of its lines, or of the page tree in a folder."""
    if path.is_dir():
        return next(loaded(file) for name in TREES for file in path.glob(name))
    lines = path.read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line] if path.suffix == ".jsonl" else json.loads("\n".join(lines))


def strings(value: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in NOT_TEXT or (key in ENVELOPE and isinstance(inner, dict)):
                yield from strings(inner, (*way, key))
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner, way)
    elif isinstance(value, str):
        yield way, value


def bare(text: str) -> str:
    return _NO_WORD.sub("", unescape(text))


def pieces(text: str) -> Iterator[str]:
    """The cells, lines and runs of a string."""
    yield from filter(None, map(bare, _CUTS.split(text)))


def shown(block: Block) -> str:
    return "".join(pieces(block.html or block.text or block.latex or ""))


def counted(raw: Any, *, rendered: bool) -> dict[tuple[str, ...], Counter[str]]:
    """By the way to them, the pieces of text in a result and how often each is there."""
    found: dict[tuple[str, ...], Counter[str]] = {}
    for way, text in strings(raw):
        if not TAKEN_OUT.intersection(way) and (rendered or not RENDERED.intersection(way)):
            found.setdefault(way, Counter()).update(pieces(text))
    return found


def lost(channels: Mapping[tuple[str, ...], Counter[str]], blocks: list[Block]) -> list[str]:
    """What is in a result and not, or not as often, in its blocks."""
    run = "".join(map(shown, blocks))
    parts = [
        (piece, times) for way, there in channels.items() if not RENDERED.intersection(way) for piece, times in there.items()
    ]
    missing = ["characters"] if sum(len(piece) * times for piece, times in parts) > len(run) else []
    for way, pieces_there in channels.items():
        once = bool(RENDERED.intersection(way))
        few = (piece for piece, times in pieces_there.items() if run.count(piece) < (1 if once else times))
        missing += [f"{'.'.join(way)}: {piece}" for piece in few]
    return missing


def is_result(raw: Any) -> bool:
    if isinstance(raw, dict):
        return not HOLDING.isdisjoint(raw) or any(map(is_result, raw.values()))
    return isinstance(raw, list) and any(map(is_result, raw))


ALL = results()
NAMED = [path.relative_to(FOLDER).as_posix() for path in ALL]
THERE = pytest.mark.skipif(not ALL, reason=NONE)


@THERE
@pytest.mark.parametrize("name", NAMED or [""])
def test_a_sample_loses_no_text(name: str) -> None:
    path, vendor = Path(FOLDER, name), name.partition("/")[0]
    raw = loaded(path)
    if not is_result(raw):
        with pytest.raises(ProtocolError):
            from_result(path, vendor=vendor)
        return
    # In a masked sample each rendering was masked by itself, so that they differ.
    channels = counted(raw, rendered="masked" not in name)
    document = from_result(path, vendor=vendor)
    assert any(channels.values())
    assert lost(channels, [block for page in document.pages for block in page.blocks]) == []


@THERE
def test_every_vendor_has_results_among_the_samples() -> None:
    assert {name.partition("/")[0] for name, path in zip(NAMED, ALL, strict=True) if is_result(loaded(path))} >= VENDORS


def test_a_piece_that_is_missing_is_found_out() -> None:
    raw = {"result": {"pages": [{"blocks": [{"type": "text", "content": "One <b>two</b>\nthree"}, {"content": "Two"}]}]}}
    whole = Block("a", "text", "One two three Two")
    assert lost(counted(raw, rendered=True), [whole]) == []
    assert lost(counted(raw, rendered=True), [Block("a", "text", "One two three. - Four")]) == [
        "result.pages.blocks.content: Two"
    ]
    assert lost(counted({"text": ["a", "a"]}, rendered=True), [Block("a", "text", "ab")]) == ["text: a"]
    assert lost(counted({"text": ["ab", "b"]}, rendered=True), [Block("a", "text", "ab")]) == ["characters"]
