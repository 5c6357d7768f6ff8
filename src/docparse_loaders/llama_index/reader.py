"""The reader: files in, LlamaIndex Documents with pages and boxes out; also a `file_extractor` of SimpleDirectoryReader."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from llama_index.core.readers.base import BasePydanticReader
from llama_index.core.schema import Document
from pydantic import ConfigDict, Field, PrivateAttr, field_serializer

from docparse_loaders.loading import Loading, Mode, OnError, Report
from docparse_loaders.metadata import SEPARATOR, TECHNICAL, MetadataMode
from docparse_loaders.parser import DocParser

if TYPE_CHECKING:
    from docparse_loaders.metadata import Record
    from docparse_loaders.pages import PagesLike


class DocParseReader(BasePydanticReader):
    """Read parsed documents as chunks that know their heading path, their pages and their boxes.

    `vendor` is a name, a config object such as `SoMark(api_key=…)` or what `to_dict` made of one (without its key); `mode` is
    "chunks", "elements", "pages" or "document". With `on_error="skip"` or "collect" failures are on `report`.

    Every Document has a stable id and the same flat metadata as in LangChain (`docparse_loaders.metadata`). Geometry and
    technical keys are hidden from embeddings and language models. Raises `DocParseError` and its subclasses.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    is_remote: bool = True
    vendor: Any = "local"
    mode: Mode = "chunks"
    chunker: Any = Field(default=None, exclude=True)
    pages: Any = None
    store: Any = Field(default=None, exclude=True, repr=False)
    on_error: OnError = "raise"
    concurrency: int = 8
    progress: bool = False
    policy: Any = Field(default=None, exclude=True)
    metadata_mode: MetadataMode = "flat"

    _report: Report = PrivateAttr(default_factory=Report)

    @field_serializer("vendor")
    def _dump_vendor(self, vendor: Any) -> Any:
        return DocParser.describe(vendor)

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex serialises this reader."""
        return "DocParseReader"

    @property
    def report(self) -> Report:
        """What became of each input of the last load."""
        return self._report

    def lazy_load_data(
        self, file_path: Any, extra_info: dict[str, Any] | None = None, fs: Any = None, pages: "PagesLike | None" = None
    ) -> Iterator[Document]:
        """Documents one by one, while later files are still being parsed.

        `file_path` is one input or many; `extra_info` is added to the metadata of each Document, where our own keys win;
        `fs` is an fsspec file system for the path.
        """
        report = self._report = Report()
        for record in self._loading().load(file_path, report, pages=pages or self.pages, fs=fs):
            yield _document(record, extra_info)

    def load_data(
        self, file_path: Any, extra_info: dict[str, Any] | None = None, fs: Any = None, pages: "PagesLike | None" = None
    ) -> list[Document]:
        """All Documents; as `lazy_load_data`."""
        return list(self.lazy_load_data(file_path, extra_info, fs, pages))

    async def aload_data(
        self, file_path: Any, extra_info: dict[str, Any] | None = None, fs: Any = None, pages: "PagesLike | None" = None
    ) -> list[Document]:
        """All Documents, without blocking the event loop."""
        report = self._report = Report()
        stream = self._loading().aload(file_path, report, pages=pages or self.pages, fs=fs)
        try:
            return [_document(record, extra_info) async for record in stream]
        finally:
            await stream.aclose()

    async def alazy_load_data(
        self, file_path: Any, extra_info: dict[str, Any] | None = None, fs: Any = None, pages: "PagesLike | None" = None
    ) -> Iterable[Document]:
        """All Documents; LlamaIndex's contract for this method is a coroutine that returns an iterable."""
        return await self.aload_data(file_path, extra_info, fs, pages)

    def _loading(self) -> Loading:
        return Loading(
            parser=DocParser(self.vendor, policy=self.policy, store=self.store),
            mode=self.mode,
            chunker=self.chunker,
            on_error=self.on_error,
            concurrency=self.concurrency,
            metadata_mode=self.metadata_mode,
            progress=self.progress,
        )


def _shows_headings(record: "Record") -> bool:
    """Whether the text has its heading path; if not, models should see it in the metadata."""
    headings = record.metadata["headings"]
    return str(headings[-1] if isinstance(headings, list) and headings else headings).rpartition(SEPARATOR)[2] in record.text


def _document(record: "Record", extra_info: dict[str, Any] | None) -> Document:
    hidden = [key for key in TECHNICAL if key != "headings" or _shows_headings(record)]
    return Document(
        id_=record.id,
        text=record.text,
        metadata={**(extra_info or {}), **record.metadata},
        excluded_embed_metadata_keys=list(hidden),
        excluded_llm_metadata_keys=list(hidden),
    )
