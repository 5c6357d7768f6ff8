"""The reader: files in, LlamaIndex Documents with pages and boxes out; also a `file_extractor` of SimpleDirectoryReader."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from llama_index.core.readers.base import BasePydanticReader
from llama_index.core.schema import Document
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_serializer, field_validator

from docparse_loaders.llama_index.nodes import document_of
from docparse_loaders.llama_index.resources import FileResources
from docparse_loaders.llama_index.settings import chunker_of, described, pages_text, store_path
from docparse_loaders.llama_index.streaming import LazyDocuments
from docparse_loaders.loading import Loaded, Loading, Mode, OnError, Report, room_for
from docparse_loaders.metadata import MetadataMode
from docparse_loaders.parser import DocParser
from docparse_loaders.policy import Policy

if TYPE_CHECKING:
    from docparse_loaders.chunking import Chunker
    from docparse_loaders.pages import PagesLike


class DocParseReader(FileResources, BasePydanticReader):
    """Read parsed documents as chunks that know their heading path, their pages and their boxes.

    `vendor` is a name, a config object such as `SoMark(api_key=…)` or what `to_dict` made of one (without its key); `mode` is
    "chunks", "elements", "pages" or "document", whose Documents `DocParseNodeParser` takes. With `on_error="skip"` or "collect"
    failures are on `report`. `concurrency` is how many files one call parses at once, and how many calls of one reader do
    something at once, so that `SimpleDirectoryReader.aload_data` does not send a whole folder in one go.

    Every Document has a stable id and the same flat metadata as in LangChain (`docparse_loaders.metadata`). Geometry and
    technical keys are hidden from embeddings and language models. `to_dict` keeps all but keys and a chunker's tokenizer; a
    job store is kept as its path. `progress` shows a bar with files, pages and an estimate of the time left; `on_event` hears
    the same, an `Event` at a time, and is not kept by `to_dict`. Raises `DocParseError` and its subclasses.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    is_remote: bool = True
    vendor: Any = "local"
    mode: Mode = "chunks"
    chunker: Any = None
    pages: Any = None
    store: Any = None
    on_error: OnError = "raise"
    concurrency: int = 8
    progress: bool = False
    on_event: Any = Field(default=None, exclude=True)
    policy: Policy | None = None
    metadata_mode: MetadataMode = "flat"

    _report: Report = PrivateAttr(default_factory=Report)
    _room: Any = PrivateAttr(default=None)

    def model_post_init(self, context: Any, /) -> None:
        """Make the room that all loads of this reader share."""
        super().model_post_init(context)
        self._room = room_for(self.concurrency)

    def __getstate__(self) -> dict[Any, Any]:
        """Settings alone, for a pool of processes; a setting that cannot be pickled is an error and not left out."""
        return {**BaseModel.__getstate__(self), "__pydantic_private__": None}

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """A reader with the same settings and a room of its own."""
        same = {"on_event"}  # who listens is not part of the settings
        return type(self)(**{name: value if name in same else deepcopy(value, memo) for name, value in self})

    @field_validator("chunker", mode="before")
    @classmethod
    def _read_chunker(cls, given: Any) -> "Chunker | None":
        return chunker_of(given)

    @field_serializer("vendor")
    def _dump_vendor(self, vendor: Any) -> Any:
        return DocParser.describe(vendor)

    @field_serializer("chunker")
    def _dump_chunker(self, chunker: Any) -> dict[str, Any] | None:
        return described(chunker)

    @field_serializer("pages")
    def _dump_pages(self, pages: Any) -> str | None:
        return pages_text(pages)

    @field_serializer("store")
    def _dump_store(self, store: Any) -> str | None:
        return store_path(store)

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex serialises this reader."""
        return "DocParseReader"

    @property
    def report(self) -> Report:
        """What became of each input of the load that was begun last."""
        return self._report

    @property
    def suffixes(self) -> frozenset[str]:
        """File name endings that the vendor takes, for `required_exts` and `file_extractor`."""
        return DocParser(self.vendor).suffixes

    def lazy_load_data(
        self,
        file_path: Any,
        extra_info: Mapping[str, Any] | None = None,
        fs: Any = None,
        pages: "PagesLike | None" = None,
    ) -> Iterator[Document]:
        """Documents one by one, while later files are still being parsed.

        `file_path` is one input or many; `extra_info` is added to the metadata of each Document: where it has one of our
        keys, ours wins and theirs is `extra_<key>`. `fs` is an fsspec file system for the path.
        """
        for loaded in self._loading().each(file_path, self._begun(), pages=pages or self.pages, fs=fs):
            yield from self._documents(loaded, extra_info)

    def load_data(
        self,
        file_path: Any,
        extra_info: Mapping[str, Any] | None = None,
        fs: Any = None,
        pages: "PagesLike | None" = None,
    ) -> list[Document]:
        """All Documents; as `lazy_load_data`."""
        found = self._loading().collect(self._room, file_path, self._begun(), pages=pages or self.pages, fs=fs)
        return [document for loaded in found for document in self._documents(loaded, extra_info)]

    async def aload_data(
        self,
        file_path: Any,
        extra_info: Mapping[str, Any] | None = None,
        fs: Any = None,
        pages: "PagesLike | None" = None,
    ) -> list[Document]:
        """All Documents, without blocking the event loop; as `lazy_load_data`."""
        found = await self._loading().acollect(self._room, file_path, self._begun(), pages=pages or self.pages, fs=fs)
        return [document for loaded in found for document in self._documents(loaded, extra_info)]

    def alazy_load_data(
        self,
        file_path: Any,
        extra_info: Mapping[str, Any] | None = None,
        fs: Any = None,
        pages: "PagesLike | None" = None,
    ) -> LazyDocuments:
        """Documents one by one with `async for`; all of them with `await`, which is LlamaIndex's own contract."""
        return LazyDocuments(partial(self._stream, file_path, extra_info, fs, pages))

    async def _stream(self, file_path: Any, extra_info: Any, fs: Any, pages: Any) -> AsyncGenerator[Document, None]:
        stream = self._loading().aeach(file_path, self._begun(), pages=pages or self.pages, fs=fs)
        async with aclosing(stream) as each:
            async for loaded in each:
                for document in self._documents(loaded, extra_info):
                    yield document

    def _begun(self) -> Report:
        self._report = Report()
        return self._report

    def _documents(self, loaded: Loaded, extra_info: Mapping[str, Any] | None) -> list[Document]:
        parsed, records = loaded
        brought = parsed if self.mode == "document" else None
        return [document_of(record, extra_info, brought) for record in records]

    def _loading(self) -> Loading:
        from docparse_loaders.llama_index import events

        options: dict[str, Any] = {"policy": self.policy, "store": self.store, "on_event": self.on_event}
        parser = DocParser(self.vendor, **options)
        heard = events.is_heard()
        if heard:
            parser = DocParser(self.vendor, **options, on_progress=events.on_progress(parser.vendor))
        return Loading(
            parser=parser,
            mode=self.mode,
            chunker=self.chunker,
            on_error=self.on_error,
            concurrency=self.concurrency,
            metadata_mode=self.metadata_mode,
            progress=self.progress,
            on_outcome=events.on_outcome(parser.vendor) if heard else None,
        )
