"""Chunks along a document's own structure, within a budget of tokens, each with its headings, pages and boxes."""

from docparse_loaders.chunking.chunk import Chunk, TablePart, together
from docparse_loaders.chunking.protocol import Chunker
from docparse_loaders.chunking.structure import StructureChunker
from docparse_loaders.chunking.tokens import estimate
from docparse_loaders.chunking.units import elements, pages, whole

__all__ = ["Chunk", "Chunker", "StructureChunker", "TablePart", "elements", "estimate", "pages", "together", "whole"]
