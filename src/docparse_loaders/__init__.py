"""Parsed documents for LlamaIndex and LangChain: chunks that know their headings, their pages and their boxes.

```python
import docparse_loaders as dl

document = dl.parse("report.pdf")  # no key, no network: the local vendor
chunks = list(dl.StructureChunker(max_tokens=512).chunk(document))
chunks[0].page_number, chunks[0].headings, chunks[0].text
```

Names are imported when they are first used, so that importing the package costs next to nothing.
"""

from importlib import import_module

TYPE_CHECKING = False  # importing typing for it would cost more than all the rest
if TYPE_CHECKING:
    from docparse_loaders import errors
    from docparse_loaders.api import aparse, aparse_many, from_result, parse, parse_many
    from docparse_loaders.chunking import Chunk, StructureChunker
    from docparse_loaders.document import ParsedDocument
    from docparse_loaders.engine.jobstore import JobStore
    from docparse_loaders.errors import DocParseError
    from docparse_loaders.following import Event
    from docparse_loaders.job import Job
    from docparse_loaders.metadata import boxes_of
    from docparse_loaders.model import BBox, Block, Page, Region
    from docparse_loaders.parser import DocParser
    from docparse_loaders.plan import Planned
    from docparse_loaders.policy import Limits, Policy, Poll, Retry, Timeouts
    from docparse_loaders.vendors.local import Local
    from docparse_loaders.vendors.mineru import MinerU, Parse4AI
    from docparse_loaders.vendors.paddleocr import PaddleOCR
    from docparse_loaders.vendors.scnet import SCNet
    from docparse_loaders.vendors.somark import SoMark
    from docparse_loaders.viewing import show_sources

__version__ = "0.1.0"

_HOMES = {
    "api": ("aparse", "aparse_many", "from_result", "parse", "parse_many"),
    "chunking": ("Chunk", "StructureChunker"),
    "document": ("ParsedDocument",),
    "engine.jobstore": ("JobStore",),
    "errors": ("DocParseError",),
    "following": ("Event",),
    "job": ("Job",),
    "metadata": ("boxes_of",),
    "model": ("BBox", "Block", "Page", "Region"),
    "parser": ("DocParser",),
    "plan": ("Planned",),
    "policy": ("Limits", "Policy", "Poll", "Retry", "Timeouts"),
    "vendors.local": ("Local",),
    "vendors.mineru": ("MinerU", "Parse4AI"),
    "vendors.paddleocr": ("PaddleOCR",),
    "vendors.scnet": ("SCNet",),
    "vendors.somark": ("SoMark",),
    "viewing": ("show_sources",),
}

__all__ = [
    "BBox",
    "Block",
    "Chunk",
    "DocParseError",
    "DocParser",
    "Event",
    "Job",
    "JobStore",
    "Limits",
    "Local",
    "MinerU",
    "PaddleOCR",
    "Page",
    "Parse4AI",
    "ParsedDocument",
    "Planned",
    "Policy",
    "Poll",
    "Region",
    "Retry",
    "SCNet",
    "SoMark",
    "StructureChunker",
    "Timeouts",
    "aparse",
    "aparse_many",
    "boxes_of",
    "errors",
    "from_result",
    "parse",
    "parse_many",
    "show_sources",
]


def __getattr__(name: str) -> object:
    if name == "errors":
        return import_module("docparse_loaders.errors")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"docparse_loaders.{home}"), name)
    message = f"module 'docparse_loaders' has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted(__all__)
