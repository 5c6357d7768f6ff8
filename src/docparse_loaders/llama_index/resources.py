"""Files as resources: listed, described and loaded one by one, as LlamaIndex's `ResourcesReaderMixin` has it."""

import asyncio
import os
from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from llama_index.core.readers.base import ResourcesReaderMixin
from llama_index.core.schema import Document

from docparse_loaders.listing import files_in
from docparse_loaders.source import Source


class FileResources(ResourcesReaderMixin):
    """The methods on resources, where a resource is a file and its id the path or address."""

    @property
    @abstractmethod
    def suffixes(self) -> frozenset[str]:
        """File name endings that are taken."""

    @abstractmethod
    def load_data(self, file_path: Any, extra_info: Any = None, fs: Any = None, pages: Any = None) -> list[Document]:
        """All Documents of a file."""

    @abstractmethod
    async def aload_data(self, file_path: Any, extra_info: Any = None, fs: Any = None, pages: Any = None) -> list[Document]:
        """All Documents of a file."""

    def list_resources(self, file_path: Any = ".", fs: Any = None) -> list[str]:
        """The documents at a path, folder or fsspec address that the vendor takes, in the order of their names."""
        return [os.fspath(found) for found in files_in(file_path, self.suffixes, fs)]

    def get_resource_info(self, resource_id: str, *_: Any, fs: Any = None) -> dict[str, Any]:
        """A file's path, name, media type, size in bytes and, of a file here, its date, under SimpleDirectoryReader's names.

        Other arguments are those of `list_resources`, which LlamaIndex passes on. Raises `SourceNotFound` and `EmptySource`.
        """
        facts = Source.of(resource_id, fs=fs).facts
        info = {"file_path": resource_id, "file_name": facts.name, "file_type": facts.media_type, "file_size": facts.size}
        if fs is None and "://" not in resource_id:
            changed = datetime.fromtimestamp(os.stat(resource_id).st_mtime, UTC)  # noqa: PTH116  (an id is a string)
            info["last_modified_date"] = changed.strftime("%Y-%m-%d")
        return info

    def load_resource(self, resource_id: str, *args: Any, **kwargs: Any) -> list[Document]:
        """All Documents of one file; further arguments are those of `load_data`."""
        return self.load_data(resource_id, *args, **kwargs)

    async def aload_resource(self, resource_id: str, *args: Any, **kwargs: Any) -> list[Document]:
        """All Documents of one file, without blocking the event loop."""
        return await self.aload_data(resource_id, *args, **kwargs)

    async def aload_resources(self, resource_ids: Sequence[str], *args: Any, **kwargs: Any) -> dict[str, list[Document]]:
        """The Documents of several files by their ids, which are loaded at the same time."""
        loads = (self.aload_resource(one, *args, **kwargs) for one in resource_ids)
        return dict(zip(resource_ids, await asyncio.gather(*loads), strict=True))
