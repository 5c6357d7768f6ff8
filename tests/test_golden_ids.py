"""Chunks and their ids are the same in every process: seeds of hashing, Python versions, and since the last release.

Other interpreters are taken from DOCPARSE_PYTHONS, paths with colons between them; each needs pydantic and httpx.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from golden_ids import GOLDEN, NAMES, OPTIONS, document_of_truth, golden

SCRIPT = Path(__file__).parent / "golden_ids.py"
SOURCE = Path(__file__).parent.parent / "src"
PYTHONS = [path for path in os.environ.get("DOCPARSE_PYTHONS", "").split(os.pathsep) if path]
Found = dict[str, dict[str, list[str]]]


def committed() -> Found:
    found: Found = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return found


def run(python: str, seed: str) -> Found:
    environment = {
        "PYTHONHASHSEED": seed,
        "PYTHONPATH": str(SOURCE),
        "PATH": os.environ["PATH"],
        "PYTHONUTF8": "0",
        "LC_ALL": "C",
    }
    command = [python, str(SCRIPT)]
    done = subprocess.run(  # noqa: S603  # our own script
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    found: Found = json.loads(done.stdout)
    return found


def test_chunks_are_those_of_the_committed_file() -> None:
    found = golden()
    changed = [
        f"{name}, {label}: {len(set(found[name][label]) ^ set(committed()[name][label]))} ids or texts"
        for name in NAMES
        for label in OPTIONS
        if found[name][label] != committed()[name][label]
    ]
    assert not changed, f"{changed}; if that is meant, renew the file: python tests/golden_ids.py --write"


@pytest.mark.parametrize("seed", ["0", "1", "4294967295"])
def test_the_seed_of_hashing_changes_nothing(seed: str) -> None:
    assert run(sys.executable, seed) == golden()


@pytest.mark.parametrize("python", PYTHONS or [pytest.param("", marks=pytest.mark.skip(reason="DOCPARSE_PYTHONS is not set"))])
def test_the_version_of_python_changes_nothing(python: str) -> None:
    assert run(python, "2") == golden()


def test_there_is_much_to_compare() -> None:
    ids = [entry.split()[0] for one in committed().values() for entries in one.values() for entry in entries]
    assert len(ids) > 100
    assert len(set(ids)) == len(ids)


def test_the_documents_are_those_of_the_truth() -> None:
    for name in NAMES:
        doc = document_of_truth(name)
        assert not doc.assembly.notices
        assert doc.outline.headings
        assert any(len(block.regions) > 1 for block in doc.blocks) or name == "paper"


def test_a_document_of_another_content_has_other_ids() -> None:
    ids = [[entry.split()[0] for entry in committed()[name]["default"]] for name in NAMES]
    assert all(not set(one) & set(other) for one in ids for other in ids if one is not other)
