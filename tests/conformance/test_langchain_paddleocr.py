"""`langchain-paddleocr` 0.2.2 (Apache-2.0) against the emulated service of asynchronous jobs.

It imports the whole of `paddleocr`, and so PaddleX, with 600 MB of packages, older ones of NumPy and PyYAML than ours, and an
OpenCV that shares its folder with the one that SoMark's SDK wants. So it is not in the group, but has its own environment:

    uv venv apart && uv pip install -p apart -e ".[all]" pytest pytest-randomly pytest-socket pytest-timeout hypothesis
    uv pip install -p apart langchain-paddleocr && apart/bin/python -m pytest tests/conformance/test_langchain_paddleocr.py

It sends a header `Client-Platform`, which the docs lack, turns the correction of orientation and warping off, and makes one
text of a document; the service's own answer is in the metadata.
"""

import warnings
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from docparse_loaders.emulator import Emulator

from .whole import PAGES, lost

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def loaders() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PaddleX's own, at its import
        return pytest.importorskip("langchain_paddleocr", reason="langchain-paddleocr needs an environment of its own")


@pytest.mark.parametrize("source", ["file", "address"])
def test_it_loads_a_document(loaders: Any, examples: Path, web: str, source: str) -> None:
    place = str(examples / "report.pdf") if source == "file" else f"{web}/report.pdf"
    with Emulator("paddleocr") as emulator:
        token = SecretStr(emulator.keys[0])
        (document,) = loaders.PaddleOCRVLLoader(place, access_token=token, base_url=emulator.base_url).load()
        first = emulator.requests[0]
    assert lost(examples, document.page_content) == set()
    assert len(document.metadata["paddleocr_vl_raw_response"]["pages"]) == PAGES
    assert "client-platform" in first.headers
    assert "useDocUnwarping" in dict(first.form)["optionalPayload"]
