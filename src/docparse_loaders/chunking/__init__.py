"""Chunks along a document's own structure, within a budget of tokens, each with its headings, pages and boxes."""

from docparse_loaders.chunking.chunk import Chunk, TablePart
from docparse_loaders.chunking.structure import StructureChunker
from docparse_loaders.chunking.tokens import estimate
from docparse_loaders.chunking.units import elements, pages, whole

__all__ = ["Chunk", "StructureChunker", "TablePart", "elements", "estimate", "pages", "whole"]
