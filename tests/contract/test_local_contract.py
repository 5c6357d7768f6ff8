"""The local vendor keeps the contract as far as it is meant for it: no key, no endpoint, no bill, and nothing that waits."""

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders import DocParser, Local
from docparse_loaders.document import document_of
from docparse_loaders.errors import (
    BrokenSource,
    DocParseError,
    EmptySource,
    PagesOutOfRange,
    ProtocolError,
    SourceError,
    UnsupportedSource,
)
from docparse_loaders.model import SourceFacts
from docparse_loaders.pages import PageSelection
from docparse_loaders.vendors.local import work
from docparse_loaders.vendors.local.wire import WORK, LocalVendor
from docparse_loaders.vendors.protocol import Blob, Done, Effect, Fail, InProcess, Reply, Send, Step

from .playing import SECRET

VENDOR = LocalVendor()
FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
ADDRESS = f"https://files.test/report.pdf?X-Amz-Signature={SECRET}"


def begun(pages: str | None = None, options: Local | None = None, **facts: object) -> Step:
    given = replace(FACTS, **facts)  # type: ignore[arg-type]  # fields of SourceFacts
    return VENDOR.begin(given, PageSelection.of(pages), options or Local(ocr="never"))


def answered(data: bytes, pages: str | None = None) -> Step:
    """The step after the work that the vendor asks for."""
    step = begun(pages, size=len(data))
    assert isinstance(step, Send)
    return VENDOR.on_reply(step.state, Reply(200, json=work.parse(data, step.call.json)))  # type: ignore[arg-type]  # begin makes a LocalState


@pytest.fixture(scope="module")
def report(examples: Path) -> bytes:
    return (examples / "report.pdf").read_bytes()


@pytest.mark.parametrize("pages", [None, "2-4,7"])
def test_a_document_comes_out_whole_and_with_the_pages_of_the_file(report: bytes, pages: str | None) -> None:
    selection = PageSelection.of(pages)
    step = answered(report, pages)
    assert isinstance(step, Done)
    payload = json.loads(json.dumps(step.payload))
    document = document_of(VENDOR.decode(payload, selection), FACTS, VENDOR, selection)
    assert [page.number for page in document.pages] == ([2, 3, 4, 7] if pages else list(range(1, 9)))
    blocks = [block for page in document.pages for block in page.blocks]
    assert len({block.id for block in blocks}) == len(blocks)
    assert all(0.0 <= side <= 1.0 for block in blocks for region in block.regions for side in region.bbox or ())
    assert all(
        region.page_number == page.number for page in document.pages for block in page.blocks for region in block.regions
    )


def test_a_page_says_the_same_alone_and_among_all(report: bytes) -> None:
    whole, some = answered(report), answered(report, "2-4,7")
    assert isinstance(whole, Done)
    assert isinstance(some, Done)
    texts = {page.number: " ".join(block.text for block in page.blocks) for page in VENDOR.decode(whole.payload).pages}
    alone = {page.number: " ".join(block.text for block in page.blocks) for page in VENDOR.decode(some.payload).pages}
    assert {number: sorted(text.split()) for number, text in alone.items()} == {
        number: sorted(texts[number].split()) for number in (2, 3, 4, 7)
    }


@pytest.mark.parametrize("pages", [None, "2-4,7"])
def test_a_state_survives_json_and_asks_for_the_same_again(pages: str | None) -> None:
    step = begun(pages)
    assert isinstance(step, Send)
    again = type(step.state).model_validate_json(step.state.model_dump_json())
    assert again == step.state
    assert VENDOR.resume(again) == step  # type: ignore[arg-type]  # a LocalState
    assert VENDOR.on_uncertain(again) == step  # type: ignore[arg-type]  # a LocalState
    assert not step.state.accepted
    assert not step.state.creating
    assert len(step.state.model_dump_json()) < 2000


def test_the_work_is_done_here_and_may_be_repeated() -> None:
    step = begun()
    assert isinstance(step, Send)
    assert step.call.effect is Effect.READ
    assert step.call.url == InProcess(WORK)
    assert step.call.auth.place == "none"
    assert step.call.group == ""
    traits = VENDOR.traits
    assert (traits.in_process, traits.needs_key, traits.takes_urls, traits.polls_many) == (True, False, False, False)


@pytest.mark.parametrize(
    ("facts", "options", "kind"),
    [
        ({"name": "report.exe", "media_type": "application/octet-stream"}, Local(), UnsupportedSource),
        ({"url": ADDRESS}, Local(), UnsupportedSource),
        ({"size": 0}, Local(), EmptySource),
        ({"name": "scan.png", "media_type": "image/png"}, Local(ocr="never"), UnsupportedSource),
    ],
)
def test_what_it_does_not_take_is_refused_before_any_work(
    facts: dict[str, Any], options: Local, kind: type[SourceError]
) -> None:
    step = begun(options=options, **facts)
    assert isinstance(step, Fail)
    assert type(step.error) is kind
    assert step.error.hint


@pytest.mark.parametrize(
    ("data", "pages", "kind"),
    [(b"no pdf", None, UnsupportedSource), (b"%PDF-1.7 torn", None, BrokenSource), (None, "2-9", PagesOutOfRange)],
)
def test_what_it_cannot_read_is_a_typed_error(
    report: bytes, data: bytes | None, pages: str | None, kind: type[Exception]
) -> None:
    step = answered(report if data is None else data, pages)
    assert isinstance(step, Fail)
    assert type(step.error) is kind
    assert step.error.hint
    assert step.error.vendor == "local"


@pytest.mark.parametrize("payload", [None, [], {}, {"pages": None}, Blob(b"x"), "words"])
def test_what_is_no_result_is_a_typed_error(payload: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        VENDOR.decode(payload)  # type: ignore[arg-type]  # on purpose
    assert caught.value.hint


def test_a_signed_address_shows_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(DocParseError) as caught:
        DocParser(Local()).parse(ADDRESS)
    error = caught.value
    assert SECRET not in f"{error} {error!r} {error.args!r} {error.hint} {vars(error)!r} {caplog.text}"


def test_a_document_holds_nothing_of_where_it_was_parsed(report: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    document = DocParser(Local(ocr="never")).parse(report, name="report.pdf", pages="1")
    assert (document.source.uri, document.source.url) == ("report.pdf", None)
    assert "report" not in caplog.text
