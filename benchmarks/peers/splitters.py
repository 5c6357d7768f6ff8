"""The chunkers that are compared: how each is set up, what it is given, and its chunks as pieces.

All count with the same tokenizer (cl100k, from the file that llama-index-core carries) and repeat nothing (overlap 0). What a
chunker is given is made before the clock starts.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

from bench_chunking import cl100k
from tagged import FIRST

from docparse_loaders.chunking import StructureChunker
from docparse_loaders.document import ParsedDocument
from peers.docling_document import Builder, regions_of
from peers.pieces import Piece
from peers.unstructured_elements import elements_of
from peers.unstructured_elements import regions_of as regions_of_elements

Counted = Callable[[str], int]
JOINED, BY_PAGE = "joined over pages", "page by page"
_PRINTABLE = 0x20000
"""Where characters begin that are printable: MarkdownHeaderTextSplitter deletes those that are not, and so the signs."""


@dataclass(frozen=True)
class Contender:
    """A chunker at some budget. `prepare` makes what it takes of a document, `split` is what is timed."""

    name: str
    given: str
    setting: str
    modules: tuple[str, ...]
    prepare: Callable[[ParsedDocument], Any]
    split: Callable[[Any], Sequence[Any]]
    pieces: Callable[[Any, Sequence[Any]], Iterable[Piece]]

    def of(self, document: ParsedDocument) -> list[Piece]:
        """A document's chunks as pieces."""
        taken = self.prepare(document)
        return list(self.pieces(taken, self.split(taken)))


def counter() -> Counted:
    """How many cl100k tokens a text has."""
    encode = cl100k().encode_ordinary
    return lambda text: len(encode(text))


def contenders(budget: int) -> list[Contender]:
    """Every chunker for chunks of at most so many tokens."""
    return [*_ours(budget), *_docling(budget), *_unstructured(budget), *_langchain(budget), *_llama_index(budget)]


def _as_it_is(document: ParsedDocument) -> ParsedDocument:
    assert document.blocks, "assembled before the clock starts"
    return document


def _ours(budget: int) -> list[Contender]:
    def pieces(taken: Any, chunks: Sequence[Any]) -> Iterable[Piece]:
        return (Piece(one.text, one.headings, one.regions, len(one.text) - len(one.body)) for one in chunks)

    def made(name: str, setting: str, **options: Any) -> Contender:
        chunker = StructureChunker(budget, **options)
        return Contender(name, "document", setting, (), _as_it_is, lambda doc: list(chunker.chunk(doc)), pieces)

    return [
        made("StructureChunker (ours)", "tokenizer=cl100k", tokenizer=cl100k()),
        made("StructureChunker (ours), estimate", "default: the built-in estimate of tokens"),
    ]


def _docling(budget: int) -> list[Contender]:
    needs = ("docling_core.transforms.chunker.hybrid_chunker", "tiktoken")

    def made(name: str, setting: str, options: Callable[[], dict[str, Any]], *, joined: bool = True) -> Contender:
        given = f"DoclingDocument, {JOINED if joined else BY_PAGE}"
        build = Builder if joined else partial(Builder, joined=False)
        return Contender(
            name, given, setting, needs, lambda document: build(document).built(), _Hybrid(budget, options), _docling_pieces
        )

    best = "MarkdownTableSerializer, always_emit_headings=True"
    return [
        made("docling HybridChunker", "default: tables as triplets", dict),
        made("docling HybridChunker, Markdown tables", best, _markdown_tables),
        made("docling HybridChunker, Markdown tables, page by page", best, _markdown_tables, joined=False),
    ]


class _Hybrid:
    """Made when it is first used, because docling-core may not be there."""

    def __init__(self, budget: int, options: Callable[[], dict[str, Any]]) -> None:
        self.budget, self.options = budget, options
        self.chunker: Any = None

    def __call__(self, document: Any) -> list[tuple[Any, str]]:
        self.chunker = self.chunker or self._made()
        return [(one, self.chunker.contextualize(one)) for one in self.chunker.chunk(document)]

    def _made(self) -> Any:
        tokenizers = import_module("docling_core.transforms.chunker.tokenizer.openai")
        tokenizer = tokenizers.OpenAITokenizer(tokenizer=cl100k(), max_tokens=self.budget)
        kind = import_module("docling_core.transforms.chunker.hybrid_chunker").HybridChunker
        return kind(tokenizer=tokenizer, **self.options())


def _markdown_tables() -> dict[str, Any]:
    chunking = import_module("docling_core.transforms.chunker.hierarchical_chunker")
    tables = import_module("docling_core.transforms.serializer.markdown").MarkdownTableSerializer

    class Provider(chunking.ChunkingSerializerProvider):  # type: ignore[misc,name-defined]  # the base is imported at run time
        def get_serializer(self, doc: Any) -> Any:
            return chunking.ChunkingDocSerializer(doc=doc, table_serializer=tables())

    return {"serializer_provider": Provider(), "always_emit_headings": True}


def _docling_pieces(document: Any, chunks: Sequence[tuple[Any, str]]) -> Iterable[Piece]:
    for one, text in chunks:
        places = regions_of(one.meta.doc_items, document.pages)
        lead = len(text) - len(one.text) if text.endswith(one.text) else 0
        yield Piece(text, tuple(one.meta.headings or ()), places, lead)


def _unstructured(budget: int) -> list[Contender]:
    def split(elements: Any) -> Sequence[Any]:
        chunk = import_module("unstructured.chunking.title").chunk_by_title
        return list(chunk(elements, max_tokens=budget, tokenizer="cl100k_base"))

    def pieces(taken: Any, chunks: Sequence[Any]) -> Iterable[Piece]:
        return (Piece(one.text, None, regions_of_elements(one)) for one in chunks)

    def made(name: str, given: str, *, joined: bool) -> Contender:
        setting = 'max_tokens, tokenizer="cl100k_base"; places from orig_elements'
        needs = ("unstructured.chunking.title", "tiktoken")
        return Contender(name, given, setting, needs, lambda doc: elements_of(doc, joined=joined), split, pieces)

    return [
        made("unstructured chunk_by_title", f"elements, {JOINED}", joined=True),
        made("unstructured chunk_by_title, page by page", f"elements, {BY_PAGE}", joined=False),
    ]


def _markdown(document: ParsedDocument) -> str:
    return document.to_markdown()


def _printable(document: ParsedDocument) -> str:
    return "".join(chr(ord(sign) - FIRST + _PRINTABLE) if ord(sign) >= FIRST else sign for sign in _markdown(document))


def _signed(text: str) -> str:
    """The opposite."""
    return "".join(chr(ord(sign) - _PRINTABLE + FIRST) if ord(sign) >= _PRINTABLE else sign for sign in text)


def _langchain(budget: int) -> list[Contender]:
    needs = ("langchain_text_splitters", "tiktoken")

    def recursive(count: Counted) -> Any:
        kind = import_module("langchain_text_splitters").RecursiveCharacterTextSplitter
        return kind(chunk_size=budget, chunk_overlap=0, length_function=count)

    def by_heading(text: str) -> Sequence[Any]:
        kind = import_module("langchain_text_splitters").MarkdownHeaderTextSplitter
        levels = [("#" * level, str(level)) for level in range(1, 7)]
        count = counter()
        signed = (lambda part: count(_signed(part))) if _signed(text) != text else count
        return list(recursive(signed).split_documents(kind(levels, strip_headers=False).split_text(text)))

    def with_path(taken: Any, chunks: Sequence[Any]) -> Iterable[Piece]:
        for one in chunks:
            yield Piece(_signed(one.page_content), tuple(_signed(one.metadata[level]) for level in sorted(one.metadata)))

    def plain(taken: Any, chunks: Sequence[str]) -> Iterable[Piece]:
        return map(Piece, chunks)

    setting = "length_function counts cl100k, chunk_overlap=0"
    return [
        Contender(
            "LangChain Recursive",
            "our Markdown",
            setting,
            needs,
            _markdown,
            lambda text: recursive(counter()).split_text(text),
            plain,
        ),
        Contender(
            "LangChain MarkdownHeader + Recursive",
            "our Markdown",
            f"six levels, strip_headers=False; {setting}",
            needs,
            _printable,
            by_heading,
            with_path,
        ),
    ]


@cache
def unlinked_words() -> None:
    """Put a copy of llama-index-core's lists of words first: NLTK refuses files with several names, and uv installs such."""
    words = Path(import_module("llama_index.core").__path__[0]) / "_static" / "nltk_cache"
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copied = shutil.copytree(words, Path(folder) / "nltk_cache")
    import_module("nltk").data.path.insert(0, str(copied))


def _llama_index(budget: int) -> list[Contender]:
    needs = ("llama_index.core.node_parser", "tiktoken")

    def split(text: str, *, by_heading: bool) -> Sequence[Any]:
        unlinked_words()
        parsers = import_module("llama_index.core.node_parser")
        document = import_module("llama_index.core.schema").Document(text=text)
        cut = parsers.SentenceSplitter(chunk_size=budget, chunk_overlap=0, tokenizer=cl100k().encode_ordinary)
        nodes = parsers.MarkdownNodeParser().get_nodes_from_documents([document]) if by_heading else [document]
        return list(cut.get_nodes_from_documents(nodes))

    def pieces(taken: Any, nodes: Sequence[Any]) -> Iterable[Piece]:
        for node in nodes:
            path = node.metadata.get("header_path")
            yield Piece(node.text, None if path is None else tuple(filter(None, path.split("/"))), partial_path=True)

    cut, headed = "LlamaIndex SentenceSplitter", "LlamaIndex MarkdownNodeParser + SentenceSplitter"
    setting = "chunk_overlap=0, tokenizer=cl100k"
    return [
        Contender(cut, "our Markdown", setting, needs, _markdown, lambda text: split(text, by_heading=False), pieces),
        Contender(headed, "our Markdown", setting, needs, _markdown, lambda text: split(text, by_heading=True), pieces),
    ]
