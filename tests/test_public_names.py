"""The names that users write: all there, lazily, documented, and with the signatures that the documentation promises."""

import ast
import importlib
import inspect
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import docparse_loaders as dl
from docparse_loaders import errors
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader

PROMISED = {
    *("parse", "aparse", "parse_many", "aparse_many", "from_result", "DocParser", "Job", "ParsedDocument", "Page", "Block"),
    *("Region", "BBox", "StructureChunker", "Chunk", "SoMark", "Local", "Policy", "Timeouts", "Retry", "Poll", "Limits"),
    *("JobStore", "boxes_of", "DocParseError", "errors", "Event", "Planned"),
}
SOURCE = Path(dl.__file__).read_text(encoding="utf-8")
PAIRS: list[tuple[Any, str, str]] = [
    (dl, "parse", "aparse"),
    (dl, "parse_many", "aparse_many"),
    (dl.DocParser, "parse", "aparse"),
    (dl.DocParser, "parse_many", "aparse_many"),
    (dl.DocParser, "submit", "asubmit"),
    (dl.DocParser, "resume", "aresume"),
    (dl.Job, "result", "aresult"),
    (dl.Job, "progress", "aprogress"),
    (DocParseReader, "load_data", "aload_data"),
    (DocParseReader, "lazy_load_data", "alazy_load_data"),
]


class TestNames:
    def test_every_promised_name_is_public_and_there(self) -> None:
        assert set(dl.__all__) >= PROMISED
        assert len(set(dl.__all__)) == len(dl.__all__)
        for name in dl.__all__:
            assert getattr(dl, name) is not None

    def test_dir_lists_them(self) -> None:
        assert dir(dl) == sorted(dl.__all__)

    def test_a_star_import_brings_them_and_nothing_else(self) -> None:
        names: dict[str, object] = {}
        exec("from docparse_loaders import *", names)  # noqa: S102  # our own package
        assert set(names) - {"__builtins__"} == set(dl.__all__)

    def test_type_checkers_see_the_same_objects_as_the_interpreter(self) -> None:
        """The imports under TYPE_CHECKING and the lazy ones are written down separately, so they could drift apart."""
        [block] = [node for node in ast.parse(SOURCE).body if isinstance(node, ast.If)]
        shown = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}
        assert set(shown) == set(dl.__all__)
        for name, module in shown.items():
            assert module is not None
            seen = (
                importlib.import_module(f"{module}.{name}") if name == "errors" else vars(importlib.import_module(module))[name]
            )
            assert getattr(dl, name) is seen, name

    @pytest.mark.parametrize("name", ["Parse", "somark", "_private", "vendor", ""])
    def test_any_other_name_is_an_attribute_error(self, name: str) -> None:
        with pytest.raises(AttributeError, match=f"'docparse_loaders' has no attribute '{name}'"):
            getattr(dl, name)
        assert not hasattr(dl, name)

    def test_a_wrong_import_says_which_name_is_wrong(self) -> None:
        with pytest.raises(ImportError, match="cannot import name 'Parser'"):
            exec("from docparse_loaders import Parser")  # noqa: S102  # our own package

    def test_each_name_comes_alone(self) -> None:
        """No name depends on another one having been used before."""
        for name in ("BBox", "errors", "boxes_of", "Policy", "SoMark"):
            code = f"import docparse_loaders as dl; dl.{name}"
            done = subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False)  # noqa: S603  # our own code
            assert done.returncode == 0, name

    def test_the_faces(self) -> None:
        faces = {"langchain": {"DocParseLoader"}, "llama_index": {"DocParseReader"}, "emulator": {"Emulator", "serve"}}
        for face, names in faces.items():
            module = importlib.import_module(f"docparse_loaders.{face}")
            assert names <= set(module.__all__)
            assert all(getattr(module, name) for name in module.__all__)


class TestSignatures:
    @pytest.mark.parametrize(("owner", "plain", "other"), PAIRS, ids=lambda part: getattr(part, "__name__", part))
    def test_async_takes_what_sync_takes(self, owner: Any, plain: str, other: str) -> None:
        one, two = (inspect.signature(getattr(owner, name)) for name in (plain, other))
        assert list(one.parameters.values()) == list(two.parameters.values())

    def test_the_loader(self) -> None:
        parameters = inspect.signature(DocParseLoader).parameters
        positional = [name for name, parameter in parameters.items() if parameter.kind is not parameter.KEYWORD_ONLY]
        assert positional == ["file_path"]
        assert {name: parameter.default for name, parameter in parameters.items() if name not in positional} == {
            "vendor": "local",
            "mode": "chunks",
            "chunker": None,
            "pages": None,
            "store": None,
            "on_error": "raise",
            "concurrency": 8,
            "progress": False,
            "on_event": None,
            "policy": None,
            "metadata_mode": "flat",
        }

    def test_the_reader_has_the_same_settings(self) -> None:
        settings = {name: parameter.default for name, parameter in inspect.signature(DocParseLoader).parameters.items()}
        del settings["file_path"]
        fields = DocParseReader.model_fields
        assert settings == {name: fields[name].default for name in settings}
        assert set(fields) - set(settings) == {"is_remote"}

    def test_the_chunker(self) -> None:
        parameters = inspect.signature(dl.StructureChunker).parameters
        assert next(iter(parameters)) == "max_tokens"
        promised = {"max_tokens": 512, "overlap": 0, "merge_small": True, "furniture": False, "tokenizer": None}
        assert {name: parameters[name].default for name in promised} == promised
        assert {"tables", "table_format", "include_headings"} <= set(parameters)

    @pytest.mark.parametrize("function", [dl.parse, dl.parse_many, dl.DocParser, DocParseLoader])
    def test_policy_and_store_are_taken_wherever_a_vendor_is(self, function: Callable[..., Any]) -> None:
        assert {"vendor", "policy", "store"} <= set(inspect.signature(function).parameters)

    def test_everything_public_says_what_it_is(self) -> None:
        for name in dl.__all__:
            thing = getattr(dl, name)
            first = (thing.__doc__ or "").strip().partition("\n")[0]
            assert first.endswith((".", ":")), f"{name}: {first!r}"
            assert not first.startswith(f"{name}("), f"{name} has only the docstring that dataclass makes"


class TestKeys:
    @pytest.mark.parametrize(
        ("variable", "vendor"), [("SOMARK", dl.SoMark)], ids=lambda part: part if isinstance(part, str) else ""
    )
    def test_each_vendor_has_its_variables(self, variable: str, vendor: type[dl.SoMark]) -> None:
        assert vendor.key_env == f"{variable}_API_KEY"
        assert vendor.url_env == f"{variable}_BASE_URL"

    def test_a_key_is_in_no_repr_dump_or_pickle_of_a_document(self, examples: Path) -> None:
        config = dl.SoMark(api_key="sk-canary")
        assert "canary" not in f"{config!r} {config} {config.model_dump()} {config.model_dump_json()}"
        assert "canary" not in f"{dl.DocParser(config)!r} {vars(dl.DocParser(config))}"
        assert b"canary" not in pickle.dumps(dl.parse(examples / "report-zh.pdf"))


class TestValues:
    def test_values_are_frozen(self) -> None:
        for value, field in (
            (dl.Policy(), "retry"),
            (dl.Timeouts(), "job"),
            (dl.Block("b", "text"), "text"),
            (dl.Page(1, 10.0, 10.0), "width"),
            (dl.SoMark(), "base_url"),
        ):
            with pytest.raises((AttributeError, ValueError, TypeError)):
                setattr(value, field, None)

    def test_errors_can_be_pickled_with_all_that_they_know(self) -> None:
        """Batches are often spread over processes, and an error must come back as it was raised."""
        error = errors.JobFailed("it failed.", hint="Ask.", vendor="somark", code="1107", status=200, token="t", source="a.pdf")
        copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
        assert type(copy) is errors.JobFailed
        assert (str(copy), vars(copy)) == (str(error), vars(error))

    def test_documents_chunks_and_chunkers_can_be_pickled(self, examples: Path) -> None:
        document = dl.parse(examples / "report-zh.pdf")
        chunker = dl.StructureChunker(max_tokens=100)
        again, other = pickle.loads(pickle.dumps((document, chunker)))  # noqa: S301  # our own bytes
        assert again == document
        assert list(other.chunk(again)) == list(chunker.chunk(document))
