"""The document loader: files in, LangChain Documents with pages and boxes out."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from langchain_core.document_loaders import BaseLoader

from docparse_loaders.langchain.documents import document_of
from docparse_loaders.loading import Loading, Mode, OnError, Report
from docparse_loaders.metadata import MetadataMode
from docparse_loaders.parser import DocParser

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from docparse_loaders.chunking import Chunker
    from docparse_loaders.engine.store import StoreLike
    from docparse_loaders.pages import PagesLike
    from docparse_loaders.parser import OnEvent, VendorLike
    from docparse_loaders.policy import Policy


class DocParseLoader(BaseLoader):
    """Load parsed documents as chunks that know their heading path, their pages and their boxes.

    `file_path` is one input or many: paths, folders, bytes, binary files, Blobs. `vendor` is a name or a config object such as
    `SoMark(api_key=…)`; `mode` is "chunks", "elements", "pages" or "document"; `pages` selects pages, 1-based. With
    `on_error="skip"` or "collect" failures are on `report`; never combine these with `cleanup="full"` of the indexing API,
    which would delete the documents that failed. All Documents of one input come one after the other.

    `progress` shows a bar with files, pages and an estimate of the time left; `on_event` hears the same, an `Event` at a time.

    Every Document has a stable `id` and flat metadata (`docparse_loaders.metadata`); `boxes_of` turns it back into regions.
    With `mode="document"` the id is that of the file whatever it says, so that a changed file replaces what it was.
    Raises `DocParseError` and its subclasses.
    """

    def __init__(
        self,
        file_path: Any,
        *,
        vendor: "VendorLike" = "local",
        mode: Mode = "chunks",
        chunker: "Chunker | None" = None,
        pages: "PagesLike | None" = None,
        store: "StoreLike | None" = None,
        on_error: OnError = "raise",
        concurrency: int = 8,
        progress: bool = False,
        on_event: "OnEvent | None" = None,
        policy: "Policy | None" = None,
        metadata_mode: MetadataMode = "flat",
    ) -> None:
        self._file_path = file_path
        self._pages = pages
        self._loading = Loading(
            parser=DocParser(vendor, policy=policy, store=store, on_event=on_event),
            mode=mode,
            chunker=chunker,
            on_error=on_error,
            concurrency=concurrency,
            metadata_mode=metadata_mode,
            progress=progress,
        )
        self.report = Report()

    def lazy_load(self) -> "Iterator[Document]":
        """Documents one by one, while later files are still being parsed."""
        self.report = report = Report()
        for record in self._loading.load(self._file_path, report, pages=self._pages):
            yield document_of(record)

    async def alazy_load(self) -> "AsyncIterator[Document]":
        """Documents one by one, without blocking the event loop."""
        self.report = report = Report()
        async with aclosing(self._loading.aload(self._file_path, report, pages=self._pages)) as records:
            async for record in records:
                yield document_of(record)
