"""The node parser: one Document a file goes in, nodes along the file's own structure come out."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from llama_index.core.node_parser import NodeParser
from llama_index.core.node_parser.node_utils import default_id_func
from llama_index.core.schema import BaseNode, Document, NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.utils import get_tqdm_iterable
from pydantic import field_serializer, field_validator

from docparse_loaders.chunking import Chunk, Chunker, StructureChunker, together
from docparse_loaders.document import ParsedDocument
from docparse_loaders.errors import ConfigError
from docparse_loaders.llama_index.nodes import hidden_of
from docparse_loaders.llama_index.settings import chunker_of, described
from docparse_loaders.llama_index.standalone import set_apart
from docparse_loaders.metadata import MetadataMode, Record, merged, records
from docparse_loaders.model import Kind


class _Section(NamedTuple):
    """Chunks under one heading path, and all of them as one."""

    whole: Chunk
    parts: list[Chunk]


class DocParseNodeParser(NodeParser):
    """Cut the Documents of `DocParseReader(mode="document")` into chunks, for pipelines that keep one Document a file.

    `chunker` is a `StructureChunker` or any other `Chunker`. Kinds in `standalone`, such as `("table", "figure")`, stand in
    nodes of their own, with their captions. With `sections` there is a further node for each section of several chunks, PARENT
    of these, as auto-merging retrieval wants it; take `get_leaf_nodes` for the index then.

    Nodes have the ids and metadata that the reader gives in mode "chunks", and SOURCE, PREVIOUS and NEXT; a Document's own
    metadata comes along as `extra_info` does. A Document's id is that of its file, so that a pipeline with a docstore does
    nothing again for an unchanged file, and replaces all nodes of a changed one. Raises `ConfigError` for other Documents.
    """

    chunker: Any = None
    standalone: tuple[Kind, ...] = ()
    sections: bool = False
    metadata_mode: MetadataMode = "flat"

    @field_validator("chunker", mode="before")
    @classmethod
    def _read_chunker(cls, given: Any) -> Chunker | None:
        return chunker_of(given)

    @field_serializer("chunker")
    def _dump_chunker(self, chunker: Any) -> dict[str, Any] | None:
        return described(chunker)

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex serialises this parser."""
        return "DocParseNodeParser"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:
        return [made for node in get_tqdm_iterable(nodes, show_progress, "Parsing nodes") for made in self._of_file(node)]

    async def _aparse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:
        return await asyncio.to_thread(self._parse_nodes, nodes, show_progress, **kwargs)

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Document]) -> list[BaseNode]:
        """Nothing is left to do; the base class would look for every node's text in the whole file's."""
        return nodes

    def _of_file(self, document: BaseNode) -> Iterator[BaseNode]:
        parsed = getattr(document, "parsed", None)
        if not isinstance(parsed, ParsedDocument):
            hint = 'Read the file with DocParseReader(mode="document") in this run; a docstore keeps its text alone.'
            raise ConfigError(f"the Document {document.node_id} has no parsed file with it.", hint=hint)
        chunker: Chunker = self.chunker or StructureChunker()
        headings = isinstance(chunker, StructureChunker) and bool(chunker.options["include_headings"])
        chunks = list(set_apart(parsed, chunker.chunk(parsed), frozenset(self.standalone), headings=headings))
        options = "+".join((chunker.fingerprint(), *sorted(self.standalone)))
        leaves = self._nodes(document, records(parsed, chunks, options=options, mode=self.metadata_mode))
        if self.sections:
            found = list(_sections(chunks))
            wholes = records(parsed, [one.whole for one in found], options=f"{options}+sections", mode=self.metadata_mode)
            parents = self._nodes(document, wholes)
            _adopt(found, parents, {chunk.id: leaf for chunk, leaf in zip(chunks, leaves, strict=True)})
            yield from parents
        yield from leaves

    def _nodes(self, document: BaseNode, made: Iterator[Record]) -> list[TextNode]:
        source = _source_of(document)
        given = document.metadata if self.include_metadata else {}
        hidden = document.excluded_llm_metadata_keys
        nodes = [self._node(place, document, source, record, given, hidden) for place, record in enumerate(made)]
        if self.include_prev_next_rel:
            for before, after in pairwise(nodes):
                before.relationships[NodeRelationship.NEXT] = _named(after)
                after.relationships[NodeRelationship.PREVIOUS] = _named(before)
        return nodes

    def _node(
        self,
        place: int,
        document: BaseNode,
        source: RelatedNodeInfo,
        record: Record,
        given: Mapping[str, Any],
        hidden: Sequence[str],
    ) -> TextNode:
        own = self.id_func not in {None, default_id_func}  # the first versions had None for the second
        brought = {key: value for key, value in given.items() if key not in record.metadata}
        keys = dict.fromkeys((*hidden_of(record), *(key for key in hidden if key in brought)))
        return TextNode(
            id_=self.id_func(place, document) if own else record.id,
            text=record.text,
            metadata=merged(brought, record.metadata),
            excluded_embed_metadata_keys=list(keys),
            excluded_llm_metadata_keys=list(keys),
            relationships={NodeRelationship.SOURCE: source},
        )


def _source_of(document: BaseNode) -> RelatedNodeInfo:
    """The file, without the places of its whole text, which no node needs."""
    source = document.source_node or document.as_related_node_info()
    return source.model_copy(update={"metadata": {key: value for key, value in source.metadata.items() if key != "boxes"}})


def _named(node: TextNode) -> RelatedNodeInfo:
    """A relation without the other node's metadata, which stores would keep once more for each."""
    return RelatedNodeInfo(node_id=node.node_id, node_type=node.get_type(), hash=node.hash)


def _sections(chunks: Sequence[Chunk]) -> Iterator[_Section]:
    for _, found in groupby(chunks, key=lambda chunk: chunk.headings):
        if len(parts := list(found)) > 1:
            yield _Section(together(parts), parts)


def _adopt(found: Sequence[_Section], parents: Sequence[TextNode], leaves: Mapping[str, TextNode]) -> None:
    for section, parent in zip(found, parents, strict=True):
        children = [leaves[part.id] for part in section.parts]
        parent.relationships[NodeRelationship.CHILD] = [_named(child) for child in children]
        for child in children:
            child.relationships[NodeRelationship.PARENT] = _named(parent)
