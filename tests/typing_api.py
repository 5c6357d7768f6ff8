"""The public API as users write it, for the type checker alone: it is never imported or run.

Every `assert_type` fails `mypy` if a name loses its type, also through the lazy imports of the package.
"""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import assert_type

from langchain_core.documents import Document as LangChainDocument
from llama_index.core import SimpleDirectoryReader
from llama_index.core.readers.base import BaseReader
from llama_index.core.schema import Document as LlamaIndexDocument

import docparse_loaders as dl
from docparse_loaders import (
    DocParseError,
    DocParser,
    Limits,
    Local,
    ParsedDocument,
    Policy,
    Poll,
    Region,
    Retry,
    SoMark,
    StructureChunker,
    Timeouts,
    boxes_of,
    errors,
    from_result,
    parse,
    parse_many,
)
from docparse_loaders.emulator import Emulator
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.model import Block, Heading, Kind
from docparse_loaders.outcome import Outcome
from docparse_loaders.vendors.protocol import Progress


def one_document() -> None:
    """A path, and what a document offers."""
    document = dl.parse("report.pdf", pages="1-3,8")
    assert_type(document, ParsedDocument)
    assert_type(document.blocks, tuple[Block, ...])
    assert_type(document.tables, tuple[Block, ...])
    assert_type(document.outline.headings, tuple[Heading, ...])
    assert_type(document.blocks[0].kind, Kind)
    assert_type(document.blocks[0].regions, tuple[Region, ...])
    assert_type(document.to_markdown(), str)
    assert_type(document.to_html(), str)
    assert_type(ParsedDocument.model_validate_json(document.model_dump_json()), ParsedDocument)
    assert_type([notice.page_number for notice in document.warnings], list[int])


def sources() -> None:
    """Everything that may be handed in, and the pages in every form."""
    parse(Path("report.pdf"), pages=3)
    parse(b"%PDF-1.7", name="report.pdf", pages=range(1, 6))
    parse("s3://bucket/report.pdf", pages=[1, 2, 8])
    with Path("report.pdf").open("rb") as file:
        parse(file)
    from_result("answer.json", vendor="somark")
    from_result({"pages": []}, vendor=SoMark(), source="report.pdf")


def chunks(document: ParsedDocument) -> None:
    """The chunker and its chunks."""
    chunker = StructureChunker(max_tokens=512, overlap=32, tables="rows", table_format="html", tokenizer=len)
    made = chunker.chunk(document)
    assert_type(made, Iterator[dl.Chunk])
    chunk = next(made)
    assert_type(chunk.headings, tuple[str, ...])
    assert_type(chunk.regions, tuple[Region, ...])
    assert_type((chunk.page_number, chunk.last_page_number, chunk.token_count), tuple[int, int, int])
    assert_type((chunk.id, chunk.text, chunk.body), tuple[str, str, str])
    for region in chunk.regions:
        if region.bbox is not None:
            assert_type(region.bbox.to_pixels(1000, 1400), tuple[int, int, int, int])


def many_documents() -> None:
    """A batch: a document or an error each."""
    outcomes = parse_many(["a.pdf", Path("folder")], vendor=Local(), concurrency=4)
    assert_type(outcomes, Iterator[Outcome])
    for outcome in outcomes:
        assert_type(outcome.document, ParsedDocument | None)
        assert_type(outcome.error, DocParseError | None)


async def asynchronously() -> None:
    """The same without blocking the loop."""
    assert_type(await dl.aparse("report.pdf"), ParsedDocument)
    stream = dl.aparse_many(["a.pdf", "b.pdf"])
    assert_type(stream, AsyncGenerator[Outcome, None])
    async for outcome in stream:
        assert_type(outcome.source, str)


def jobs() -> None:
    """Submit now, fetch later, with every number set."""
    policy = Policy(
        timeouts=Timeouts(connect=5, request=60, job=900),
        retry=Retry(attempts=3, base=0.5, longest=10),
        poll=Poll(first=1, growth=1.5, longest=10),
        limits=Limits(requests_at_once=4),
    )
    parser = DocParser(SoMark(api_key="sk-…", base_url="https://ocr.example.com/api/v1"), policy=policy, on_progress=heard)
    job = parser.submit("report.pdf")
    assert_type(job, dl.Job)
    assert_type(job.token, str)
    assert_type(job.wait().result(), ParsedDocument)
    assert_type(job.progress(), Progress)
    assert_type(parser.resume(job.token), ParsedDocument)


def following() -> None:
    """What happens to each file, and what would."""
    parser = DocParser("somark", on_event=told)
    assert_type(parser.parse_many("inbox", progress=True), Iterator[Outcome])
    dl.parse("report.pdf", on_event=told)
    dl.parse_many(["a.pdf"], progress=True, on_event=lambda event: event.seconds_left)
    DocParseLoader("inbox", progress=True, on_event=told)
    DocParseReader(progress=True, on_event=told)
    assert_type(parser.plan(["inbox", b"%PDF-"], pages="1-3"), list[dl.Planned])
    assert_type([planned.error for planned in parser.plan("inbox")], list[DocParseError | None])
    assert_type([(planned.pages, planned.kept) for planned in parser.plan("inbox")], list[tuple[int | None, bool]])


def told(event: dl.Event) -> None:
    """A listener."""
    assert_type((event.pages_done, event.pages_total), tuple[int, int | None])
    assert_type((event.seconds_left, event.error), tuple[float | None, DocParseError | None])


def heard(source: str, progress: Progress) -> None:
    """A listener."""
    assert_type((progress.done, progress.total), tuple[int | None, int | None])


def failures() -> str | None:
    """Typed errors, from the package's name and from its module."""
    try:
        dl.parse("report.pdf", vendor="somark")
    except errors.RateLimited as error:
        assert_type(error.retry_after, float | None)
    except (dl.errors.SourceError, errors.ConfigError) as error:
        assert_type(error.hint, str)
    except DocParseError as error:
        return assert_type(error.token, str | None)
    return None


def with_langchain() -> None:
    """The loader."""
    loader = DocParseLoader(["a.pdf", "b.pdf"], vendor=SoMark(), mode="chunks", on_error="collect", pages="1-5")
    assert_type(loader.load(), list[LangChainDocument])
    assert_type(loader.lazy_load(), Iterator[LangChainDocument])
    assert_type(boxes_of(loader.load()[0]), list[Region])
    assert_type(loader.report.errors, dict[str, DocParseError])


def with_llama_index() -> None:
    """The reader, alone and as a file extractor."""
    reader = DocParseReader(vendor="local", chunker=StructureChunker(max_tokens=256))
    assert_type(reader.load_data("report.pdf", extra_info={"team": "heat"}), list[LlamaIndexDocument])
    extractors: dict[str, BaseReader] = {".pdf": reader}
    SimpleDirectoryReader("folder", file_extractor=extractors)


def with_an_emulator() -> None:
    """A vendor on loopback."""
    with Emulator("somark", work_seconds=0.5) as emulator:
        vendor = SoMark(base_url=emulator.base_url, api_key=emulator.keys[0])
        assert_type(parse("report.pdf", vendor=vendor), ParsedDocument)
        assert_type(emulator.environment, dict[str, str])


def mistakes() -> None:
    """What a type checker must refuse; an ignore that is not needed is itself an error."""
    DocParseLoader("a.pdf", mode="chunk")  # type: ignore[arg-type]  # a mode that does not exist
    StructureChunker(max_tokens="many")  # type: ignore[arg-type]  # a number is wanted
    parse("a.pdf", vendor=3)  # type: ignore[arg-type]  # neither a name nor options
    parse("a.pdf", page="1")  # type: ignore[call-arg]  # the name is pages
    Policy(retry=Poll())  # type: ignore[arg-type]  # two policies mixed up
    parse("a.pdf").blocks[0].text = ""  # type: ignore[misc]  # values are frozen
