"""The same cases through the whole library: a parser, the engine, and the vendor's emulator or its replies one by one."""

import json
import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from docparse_loaders import DocParser
from docparse_loaders.emulator import Emulator
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll
from docparse_loaders.source import Source
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.config import StagedConfig
from docparse_loaders.vendors.protocol import AnyVendor, Reply

from .case import KEY, Case
from .playing import QUICK, SECRET, Remembering, broken, plainly, playing, quoting


def numbered(count: int) -> list[Page]:
    """Pages that say which they are."""
    box = BBox(0.1, 0.1, 0.9, 0.2)
    blocks = [Block(f"p{n}-0", "text", f"This is sheet {n}.", regions=(Region(n, box),)) for n in range(1, count + 1)]
    return [Page(n, 595.0, 842.0, "point", 0, (block,)) for n, block in enumerate(blocks, start=1)]


def said(data: bytes) -> list[Page]:
    """A page with what the file holds as its text."""
    return [replace(numbered(1)[0], blocks=(Block("p1-0", "text", data.decode()),))]


class WholeWay:
    """What is asked of a vendor as a user sees it; part of `VendorContract`."""

    case: ClassVar[Case]

    @property
    def vendor(self) -> AnyVendor:
        return vendor_of(self.case.options)

    def source(self) -> Any:
        """The document of the case, behind a signed address if it has one."""
        url = self.case.facts.url
        return b"%PDF-1.4 x" if url is None else f"{url.partition('?')[0]}?X-Amz-Signature={SECRET}"

    def whole(self) -> None:
        if isinstance(self.case.options, StagedConfig) and self.case.options.staging is not None:
            pytest.skip("the user's own storage is not played here")

    # Against the emulator.

    def test_selected_pages_are_those_of_the_file(self) -> None:
        """Numbers and text of pages 2-4 and 7, whoever picks them out."""
        if not self.case.emulator:
            pytest.skip("there is no emulator of this vendor")
        self.whole()
        with Emulator(self.case.emulator, parse=lambda _: numbered(9)) as emulator, Emulator("mineru") as files:
            parser = DocParser(type(self.case.options)(base_url=emulator.base_url, api_key=emulator.keys[0]))
            file = b"%PDF-1.4 x"
            given: Any = file if self.case.facts.url is None else files.offer("a.pdf", file)
            document = parser.parse(given, name="a.pdf", pages="2-4,7")
        assert [page.number for page in document.pages] == [2, 3, 4, 7]
        for page in document.pages:
            assert [block.text for block in page.blocks] == [f"This is sheet {page.number}."]
            assert [region.page_number for block in page.blocks for region in block.regions] == [page.number]

    def test_documents_that_share_requests_get_each_their_own_result(self) -> None:
        if not (self.vendor.traits.polls_many and self.case.emulator):
            pytest.skip("each document has requests of its own, or there is no emulator of this vendor")
        self.whole()
        asked = {}
        for together in (0.0, 0.05):
            with Emulator(self.case.emulator, work_seconds=0.4, parse=said) as emulator, Emulator("mineru") as files:
                options = type(self.case.options)(base_url=emulator.base_url, api_key=emulator.keys[0])
                parser = DocParser(options, policy=Policy(poll=Poll(first=0.1, together=together)))
                given: list[Any] = [b"%PDF-1.4 " + str(number).encode() for number in range(5)]
                if self.case.facts.url is not None:
                    given = [files.offer(f"{number}.pdf", file) for number, file in enumerate(given)]
                found = list(parser.parse_many(given))
                asked[together] = len(emulator.requests)
                assert emulator.submits == len(given)
            texts = [outcome.document and outcome.document.blocks[0].text for outcome in found]
            assert texts == [f"%PDF-1.4 {number}" for number in range(5)]
        assert asked[0.05] < asked[0.0]

    # What nobody may see.

    def secrets(self) -> set[str]:
        """The key, the signature of the document's address, and those of all links that the vendor hands out."""
        links = re.findall(r'https?://[^"\s]+?\?([^"\s]{12,})', json.dumps([reply.json for reply in self.case.replies]))
        return {KEY, *links} | ({SECRET} if self.case.facts.url else set())

    def hidden(self, shown: str) -> None:
        assert [shown[max(0, shown.index(secret) - 200) :][:300] for secret in self.secrets() if secret in shown] == []

    @pytest.fixture
    def logged(self, caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
        caplog.set_level(logging.DEBUG)
        return lambda: caplog.text + repr([record.args for record in caplog.records])

    def test_no_secret_shows_in_what_is_made_of_a_document(self, logged: Callable[[], str]) -> None:
        self.whole()
        heard: list[Any] = []
        store = Remembering()
        parser = DocParser(self.case.options, policy=QUICK, store=store, on_progress=lambda *told: heard.append(told))
        with playing(plainly(self.case.replies)):
            document = parser.parse(self.source(), name=self.case.facts.name)
            job = DocParser(self.case.options, policy=QUICK).submit(self.source(), name=self.case.facts.name)
        assert len(document.pages) == self.case.pages
        self.hidden(f"{document.model_dump_json()} {document!r} {document.warnings!r} {heard!r} {store.saved!r}")
        self.hidden(f"{job.token} {job!r} {vars(job)!r} {parser!r} {logged()}")

    def test_no_secret_shows_in_documents_of_either_framework(self) -> None:
        self.whole()
        langchain, llama_index = (pytest.importorskip(f"docparse_loaders.{name}") for name in ("langchain", "llama_index"))
        with playing(plainly(self.case.replies)):
            path = self.source() if self.case.facts.url else Source.of(self.source(), name=self.case.facts.name)
            loaded = langchain.DocParseLoader(path, vendor=self.case.options, policy=QUICK).load()
            read = llama_index.DocParseReader(vendor=self.case.options, policy=QUICK).load_data(path)
        assert loaded
        assert read
        self.hidden(" ".join(document.model_dump_json() for document in (*loaded, *read)))

    def test_no_secret_shows_when_a_request_fails(self, logged: Callable[[], str]) -> None:
        self.whole()
        words = f"cannot fetch https://files.test/a.pdf?X-Amz-Signature={SECRET} for {KEY}"
        one_of_each = {kind: code for code, kind in self.case.codes.items()}.values()
        failures = [
            broken,
            *plainly([Reply(status, problem="not_json", snippet=f"<html>{words}") for status in (200, 401, 403, 500)]),
            *plainly([quoting(self.case.refusal(code), words) for code in one_of_each]),
        ]
        good = plainly(self.case.replies)
        for place in range(len(good)):
            for failure in failures:
                with playing([*good[:place], failure]):
                    self.hidden(self.fate())
        self.hidden(logged())

    def fate(self) -> str:
        """Everything that can be seen of the error with which the case ends, if it does."""
        policy = replace(QUICK, timeouts=replace(QUICK.timeouts, job=0.05))
        try:
            DocParser(self.case.options, policy=policy).parse(self.source(), name=self.case.facts.name)
        except DocParseError as error:
            chain = "".join(traceback.format_exception(error))
            return f"{error} {error!r} {error.args!r} {error.hint} {error.token} {vars(error)!r} {chain}"
        return ""
