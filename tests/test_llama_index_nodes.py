"""The node parser: one Document a file, deterministic nodes with their relations, and pipelines that do nothing twice."""

import copy
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.embeddings import MockEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import NodeParser, get_leaf_nodes
from llama_index.core.schema import BaseNode, Document, MetadataMode, NodeRelationship, TransformComponent
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from llama_index.core.vector_stores.utils import node_to_metadata_dict

from docparse_loaders import ParsedDocument, StructureChunker, boxes_of, errors
from docparse_loaders.chunking import Chunk
from docparse_loaders.llama_index import DocParseNodeParser, DocParseReader
from docparse_loaders.llama_index.standalone import set_apart
from docparse_loaders.loading import Loading
from docparse_loaders.model import BBox, Block, Kind, Page, Region
from docparse_loaders.parser import DocParser
from docparse_loaders.vendors.config import VendorConfig
from golden_ids import NAMES, document_of_truth
from growth import assert_linear
from small_files import QUICK, emulated, written

TEXT = "# Heat\n\nText before the table.\n\n|Unit|kW|\n|A|1|\n|B|2|\n\nText after the table.\n\n# Water\n\nNothing to tell."
APART: frozenset[Kind] = frozenset({"table", "figure", "chart"})


@pytest.fixture(scope="module")
def vendor() -> Iterator[VendorConfig]:
    with emulated() as (_, vendor):
        yield vendor


@pytest.fixture
def reader(vendor: VendorConfig) -> DocParseReader:
    return DocParseReader(vendor=vendor, policy=QUICK, mode="document")


def as_read(parsed: ParsedDocument) -> Document:
    """A file as the reader gives it."""
    from docparse_loaders.llama_index.nodes import document_of

    [record] = Loading(DocParser(), mode="document").records(parsed)
    return document_of(record, {"team": "heat"}, parsed)


def related(node: BaseNode, relation: NodeRelationship) -> Any:
    found = node.relationships.get(relation)
    return None if found is None else [one.node_id for one in found] if isinstance(found, list) else found.node_id


class TestNodes:
    @pytest.mark.parametrize("name", NAMES)
    def test_relations_and_ids(self, name: str) -> None:
        document = as_read(document_of_truth(name))
        nodes = DocParseNodeParser().get_nodes_from_documents([document])
        ids = [node.node_id for node in nodes]
        assert len(set(ids)) == len(ids) > 3
        assert [node.node_id for node in DocParseNodeParser()([document])] == ids
        assert {node.ref_doc_id for node in nodes} == {document.id_}
        assert [related(node, NodeRelationship.NEXT) for node in nodes] == [*ids[1:], None]
        assert [related(node, NodeRelationship.PREVIOUS) for node in nodes] == [None, *ids[:-1]]
        assert {node.metadata["team"] for node in nodes} == {"heat"}

    def test_they_are_the_readers_chunks(self, vendor: VendorConfig, reader: DocParseReader, tmp_path: Path) -> None:
        [file] = written(tmp_path, a=TEXT)
        for chunker in (None, StructureChunker(max_tokens=24)):
            chunks = DocParseReader(vendor=vendor, policy=QUICK, chunker=chunker).load_data(file)
            nodes = DocParseNodeParser(chunker=chunker)(reader.load_data(file))
            assert [(n.node_id, n.get_content(), n.metadata) for n in nodes] == [(c.id_, c.text, c.metadata) for c in chunks]
            for node, chunk in zip(nodes, chunks, strict=True):
                assert node.get_content(MetadataMode.EMBED) == chunk.get_content(MetadataMode.EMBED)
                assert boxes_of(node) == boxes_of(chunk)

    def test_nodes_of_two_files_are_not_related(self, reader: DocParseReader, tmp_path: Path) -> None:
        nodes = DocParseNodeParser()(reader.load_data(written(tmp_path, a=TEXT, b=TEXT)))
        by_file = [[node for node in nodes if node.metadata["file_name"] == name] for name in ("a.pdf", "b.pdf")]
        assert all(related(found[0], NodeRelationship.PREVIOUS) is None for found in by_file)
        assert all(related(found[-1], NodeRelationship.NEXT) is None for found in by_file)

    def test_a_section_is_the_parent_of_its_chunks(self) -> None:
        document = as_read(document_of_truth("report"))
        parser = DocParseNodeParser(sections=True, chunker=StructureChunker(max_tokens=96))
        nodes = parser([document])
        leaves = get_leaf_nodes(nodes)
        parents = {node.node_id: node for node in nodes if NodeRelationship.CHILD in node.relationships}
        assert len(parents) > 3
        assert [leaf.node_id for leaf in leaves] == [n.node_id for n in DocParseNodeParser(chunker=parser.chunker)([document])]
        for name, parent in parents.items():
            children = [leaf for leaf in leaves if related(leaf, NodeRelationship.PARENT) == name]
            assert [child.node_id for child in children] == related(parent, NodeRelationship.CHILD)
            assert {child.metadata["headings"] for child in children} == {parent.metadata["headings"]}
            assert all(boxes_of(child)[0] in boxes_of(parent) for child in children)
        assert len({node.node_id for node in nodes}) == len(nodes)

    def test_other_documents_are_refused_with_what_to_do(self, reader: DocParseReader, tmp_path: Path) -> None:
        with pytest.raises(errors.ConfigError, match='mode="document"'):
            DocParseNodeParser()([Document(text="from elsewhere")])
        [document] = reader.load_data(written(tmp_path, a=TEXT))
        stored = Document.from_dict(document.to_dict())
        assert "parsed" not in document.to_dict()
        with pytest.raises(errors.ConfigError, match="docstore"):
            DocParseNodeParser()([stored])
        again = pickle.loads(pickle.dumps(document))  # noqa: S301  # our own bytes, as a pool of processes sends them
        assert DocParseNodeParser()([again]) == DocParseNodeParser()([document]) == DocParseNodeParser()([copy.copy(document)])

    def test_it_is_a_component(self) -> None:
        parser = DocParseNodeParser(chunker=StructureChunker(max_tokens=64), standalone=("table",), sections=True)
        assert isinstance(parser, NodeParser)
        assert parser.class_name() == parser.to_dict()["class_name"] == "DocParseNodeParser"
        again = DocParseNodeParser.from_dict({k: v for k, v in json.loads(parser.to_json()).items() if k != "id_func"})
        assert again.to_dict() == parser.to_dict()
        assert str(DocParseNodeParser(chunker=StructureChunker(65)).to_dict()) != str(parser.to_dict())
        assert pickle.loads(pickle.dumps(parser)).to_dict() == parser.to_dict()  # noqa: S301  # our own bytes

    def test_progress_is_shown_if_asked_for(self, capsys: pytest.CaptureFixture[str]) -> None:
        files = [as_read(document_of_truth(name)) for name in NAMES[:2]]
        quiet = DocParseNodeParser().get_nodes_from_documents(files)
        assert capsys.readouterr().err == ""
        assert DocParseNodeParser().get_nodes_from_documents(files, show_progress=True) == quiet
        assert "Parsing nodes: 100%" in capsys.readouterr().err

    def test_an_id_function_of_the_users_own_is_asked(self) -> None:
        parser = DocParseNodeParser(id_func=lambda place, document: f"{document.metadata['file_name']}-{place}")
        nodes = parser([as_read(document_of_truth("report"))])
        assert [node.node_id for node in nodes[:2]] == ["report.pdf-0", "report.pdf-1"]


class TestStandalone:
    @pytest.mark.parametrize("tokens", [64, 200, 512, 4000])
    @pytest.mark.parametrize("name", NAMES)
    def test_no_word_is_lost_and_tables_stand_alone(self, name: str, tokens: int) -> None:
        document = document_of_truth(name)
        kinds = {block.id: block.kind for block in document.blocks}
        whole = list(StructureChunker(max_tokens=tokens).chunk(document))
        parts = list(set_apart(document, whole, APART))
        assert "".join("".join(part.body.split()) for part in parts) == "".join("".join(chunk.body.split()) for chunk in whole)
        assert len({part.id for part in parts}) == len(parts)
        for part in parts:
            owners = {name for name in part.block_ids if kinds.get(name) in APART}
            others = {name for name in part.block_ids if kinds.get(name) not in {*APART, "title", "caption"}}
            assert not owners or (len(owners) == 1 and not others), part.block_ids
            assert part.text.endswith(part.body)
            assert part.token_count <= tokens

    def test_places_are_those_of_the_part(self) -> None:
        document = document_of_truth("report")
        whole = list(StructureChunker(max_tokens=4000).chunk(document))
        parts = list(set_apart(document, whole, APART))
        assert len(parts) > len(whole)
        assert {region for part in parts for region in part.regions} == {region for chunk in whole for region in chunk.regions}
        for part in parts:
            assert {span.block_id for span in part.spans} <= set(part.block_ids)
            assert all(0 <= span.start < span.stop <= len(part.text) for span in part.spans)
            assert {region for span in part.spans for region in span.regions} <= set(part.regions)

    def test_a_heading_is_in_every_parts_path(self, reader: DocParseReader, tmp_path: Path) -> None:
        nodes = DocParseNodeParser(standalone=("table",))(reader.load_data(written(tmp_path, a=TEXT)))
        assert [node.metadata["kind"] for node in nodes] == ["text", "table", "text", "text"]
        assert [node.get_content().split("\n\n")[0] for node in nodes] == ["Heat", "Heat", "Heat", "Water"]
        assert nodes[0].get_content() == "Heat\n\nText before the table."
        assert nodes[2].get_content() == "Heat\n\nText after the table."

    def test_many_tables_in_one_chunk(self) -> None:
        def work(count: int) -> list[Chunk]:
            places = [(Region(1, BBox(0.1, 0.1, 0.9, 0.2)),)] * count
            blocks = tuple(_block(place, regions) for place, regions in enumerate(places))
            document = document_of_truth("report").model_copy(update={"pages": (Page(1, 9.0, 9.0, "point", blocks=blocks),)})
            document = ParsedDocument(**{name: getattr(document, name) for name in ParsedDocument.model_fields})
            return list(set_apart(document, StructureChunker(max_tokens=10**7).chunk(document), APART))

        assert len(work(10)) == 10
        assert_linear(work, 100)


def _block(place: int, regions: tuple[Region, ...]) -> Block:
    if place % 2:
        return Block(f"b{place}", "text", f"Text {place}.", regions=regions)
    html = f"<table><tr><td>{place}</td></tr></table>"
    return Block(f"b{place}", "table", str(place), html=html, regions=regions)


class Counting(TransformComponent):
    """Counts the nodes that come through."""

    seen: list[str] = []  # noqa: RUF012  # pydantic copies it

    def __call__(self, nodes: Any, **kwargs: Any) -> Any:
        self.seen.extend(node.metadata["file_name"] for node in nodes)
        return nodes


class Line:
    """A pipeline with a docstore, a vector store and a cache."""

    def __init__(self, strategy: DocstoreStrategy = DocstoreStrategy.UPSERTS) -> None:
        self.vectors = SimpleVectorStore()
        self.counting = Counting()
        self.pipeline = IngestionPipeline(
            transformations=[DocParseNodeParser(), self.counting, MockEmbedding(embed_dim=4)],
            docstore=SimpleDocumentStore(),
            vector_store=self.vectors,
            docstore_strategy=strategy,
        )

    def run(self, documents: list[Document]) -> list[str]:
        """Take the Documents; the files whose nodes were made."""
        self.counting.seen.clear()
        self.pipeline.run(documents=documents)
        return list(dict.fromkeys(self.counting.seen))

    def kept(self) -> dict[str, int]:
        """How many vectors there are of each file."""
        found: dict[str, int] = {}
        for metadata in self.vectors.data.metadata_dict.values():
            found[metadata["file_name"]] = found.get(metadata["file_name"], 0) + 1
        return found


class TestPipeline:
    def test_a_second_run_does_nothing_and_a_changed_file_is_done_alone(self, reader: DocParseReader, tmp_path: Path) -> None:
        line = Line()
        written(tmp_path, a=TEXT, b=TEXT, c="Only this.")
        assert line.run(reader.load_data(tmp_path)) == ["a.pdf", "b.pdf", "c.pdf"]
        before = line.kept()
        for _ in range(3):
            assert line.run(reader.load_data(tmp_path)) == []
        assert line.kept() == before
        written(tmp_path, b=TEXT.replace("Water", "Waste"))
        assert line.run(reader.load_data(tmp_path)) == ["b.pdf"]
        assert line.kept() == before

    def test_a_file_that_shrank_leaves_nothing_stale(self, reader: DocParseReader, tmp_path: Path) -> None:
        line = Line()
        written(tmp_path, a=TEXT, b=TEXT)
        line.run(reader.load_data(tmp_path))
        assert line.kept() == {"a.pdf": 2, "b.pdf": 2}
        written(tmp_path, a="# Heat\n\nGone.")
        assert line.run(reader.load_data(tmp_path)) == ["a.pdf"]
        assert line.kept() == {"a.pdf": 1, "b.pdf": 2}

    def test_upserts_and_delete_drops_a_file_that_is_gone(self, reader: DocParseReader, tmp_path: Path) -> None:
        line = Line(DocstoreStrategy.UPSERTS_AND_DELETE)
        first, _ = written(tmp_path, a=TEXT, b=TEXT)
        line.run(reader.load_data(tmp_path))
        first.unlink()
        assert line.run(reader.load_data(tmp_path)) == []
        assert line.kept() == {"b.pdf": 2}

    def test_the_cache_knows_the_chunker(self, reader: DocParseReader, tmp_path: Path) -> None:
        documents = reader.load_data(written(tmp_path, a=TEXT))
        pipeline = IngestionPipeline(transformations=[DocParseNodeParser()])
        whole = pipeline.run(documents=documents)
        assert [node.node_id for node in pipeline.run(documents=documents)] == [node.node_id for node in whole]
        pipeline.transformations = [DocParseNodeParser(chunker=StructureChunker(max_tokens=24))]
        assert len(pipeline.run(documents=documents)) > len(whole)

    def test_a_docstore_can_be_written_down(self, reader: DocParseReader, tmp_path: Path) -> None:
        line = Line()
        line.run(reader.load_data(written(tmp_path, a=TEXT)))
        assert line.pipeline.docstore is not None
        line.pipeline.docstore.persist(str(tmp_path / "docs.json"))
        again = SimpleDocumentStore.from_persist_path(str(tmp_path / "docs.json"))
        assert len(again.docs) == 1


class TestPayload:
    def test_a_table_of_300_boxes_fits_into_the_smallest_store(self) -> None:
        """Pinecone takes 40,960 bytes for a vector; LlamaIndex writes a node's metadata several times over."""
        regions = tuple(Region(1 + n // 10, BBox(0.1, n % 10 / 10, 0.9, n % 10 / 10 + 0.09)) for n in range(300))
        rows = "".join(f"<tr><td>Row {n}</td><td>{n} kW</td></tr>" for n in range(300))
        block = Block("t", "table", "", html=f"<table>{rows}</table>", regions=regions)
        pages = tuple(Page(n, 595.0, 842.0, "point", blocks=(block,) if n == 1 else ()) for n in range(1, 31))
        base = document_of_truth("report")
        parsed = ParsedDocument(source=base.source, vendor="truth", pages=pages, total_pages=30)
        nodes = DocParseNodeParser(chunker=StructureChunker(max_tokens=2000))([as_read(parsed)])
        assert len(nodes) > 1
        for node in nodes:
            payload = node_to_metadata_dict(node, remove_text=False, flat_metadata=False)
            assert len(json.dumps(payload).encode()) < 40_960
            assert boxes_of(node)
