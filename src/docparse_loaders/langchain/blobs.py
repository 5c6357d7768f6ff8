"""Blobs: a parser for any blob loader, and a blob loader for files, folders and fsspec, which LangChain's core lacks."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langchain_core.document_loaders import BaseBlobParser, BlobLoader
from langchain_core.documents.base import Blob

from docparse_loaders.langchain.documents import document_of
from docparse_loaders.listing import files_in
from docparse_loaders.loading import Loading, Mode, OnError, Report
from docparse_loaders.metadata import MetadataMode
from docparse_loaders.parser import DocParser
from docparse_loaders.source import Source

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from docparse_loaders.chunking import Chunker
    from docparse_loaders.engine.store import StoreLike
    from docparse_loaders.pages import PagesLike
    from docparse_loaders.parser import VendorLike
    from docparse_loaders.policy import Policy
    from docparse_loaders.source import SourceLike


class DocParseBlobParser(BaseBlobParser):
    """Parse Blobs, in memory or on disk, to the same Documents as `DocParseLoader` gives.

    The options are those of `DocParseLoader`. A Blob's own metadata is kept; where it has one of our keys, ours wins and
    theirs is `extra_<key>`. A Blob without a path or `source` is named by its content (`bytes:<hash>`), its type told by its
    first bytes or its `mimetype`. Failures that `on_error` lets pass are on `report`, that of the Blob parsed last.

    Raises `DocParseError` and its subclasses.
    """

    def __init__(
        self,
        *,
        vendor: "VendorLike" = "local",
        mode: Mode = "chunks",
        chunker: "Chunker | None" = None,
        pages: "PagesLike | None" = None,
        store: "StoreLike | None" = None,
        on_error: OnError = "raise",
        policy: "Policy | None" = None,
        metadata_mode: MetadataMode = "flat",
    ) -> None:
        self._pages = pages
        self._loading = Loading(
            parser=DocParser(vendor, policy=policy, store=store),
            mode=mode,
            chunker=chunker,
            on_error=on_error,
            concurrency=1,
            metadata_mode=metadata_mode,
        )
        self.report = Report()

    def lazy_parse(self, blob: Blob) -> "Iterator[Document]":
        """Documents of one Blob."""
        self.report = report = Report()
        for record in self._loading.load(blob, report, pages=self._pages):
            yield document_of(record, blob.metadata)

    async def alazy_parse(self, blob: Blob) -> "AsyncIterator[Document]":
        """Documents of one Blob, without blocking the event loop; LangChain's own interface has no such method."""
        self.report = report = Report()
        async with aclosing(self._loading.aload(blob, report, pages=self._pages)) as records:
            async for record in records:
                yield document_of(record, blob.metadata)


class DocParseBlobLoader(BlobLoader):
    """Yield a Blob for each document at `path`: a file, a folder at any depth, an fsspec address, or many of these.

    Of a folder only files that `vendor` takes are yielded, in the order of their names, and none whose name or folder begins
    with a dot. Files on this machine are read when the parser wants them; of `fs`, an fsspec file system, or an address such
    as `s3://bucket/folder` each when it is yielded. Raises `NoDocuments` for a folder without any, and `SourceNotFound`.
    """

    def __init__(self, path: "SourceLike", *, vendor: "VendorLike" = "local", fs: Any = None) -> None:
        self._path = path
        self._fs = fs
        self._suffixes = DocParser(vendor).suffixes

    def yield_blobs(self) -> Iterator[Blob]:
        """One Blob after the other; `source` in its metadata is where it came from."""
        for found in files_in(self._path, self._suffixes, self._fs):
            if isinstance(found, Blob):
                yield found
            elif isinstance(found, Path):
                yield Blob.from_path(found, metadata={"source": found.as_posix()})
            else:
                source = Source.of(found, fs=self._fs)
                facts = source.facts
                yield Blob.from_data(source.read(), mime_type=facts.media_type, path=facts.uri, metadata={"source": facts.uri})
