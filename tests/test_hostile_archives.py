"""A corpus of hostile archives: nothing is written, little is held, and what is good is read or a typed error says why not."""

import io
import json
import sys
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath, PureWindowsPath

import pytest

import mineru_files
import paddleocr_pages
import scnet_pages
from docparse_loaders import from_result
from docparse_loaders.errors import DocParseError, LimitExceeded
from docparse_loaders.policy import Limits, MiB
from docparse_loaders.vendors import vendor_of
from docparse_loaders.vendors.archive import Archive, is_safe
from docparse_loaders.vendors.mineru import MinerU
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.protocol import Blob, Parts
from docparse_loaders.vendors.scnet import SCNet
from hostile_archives import ARCHIVES, BOMBS, GOOD, NAMES, ODD, TWICE

MOST = 64 * MiB
EMPTY = {"only-end", "end-in-comment", "twice-good"}
"""A reader may take these for archives without that member; vendors say so."""
HARMLESS = {
    *("setuid", "con", "aux", "com", "stream", "ends-in-dot", "ends-in-space", "folder-with-data", "nested", "version", "disk"),
    *("rubbish-before", "rubbish-after", "name-bytes", "name-long", "name-length", "extra-length", "comment-length"),
}
"""Nothing of these needs to be left out, as no name is ever used as a path."""


class Writes:
    """Files that were opened for writing, or made in any other way, while `on`."""

    def __init__(self) -> None:
        self.on = False
        self.heard: list[object] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[object, ...]) -> None:
        if not self.on:
            return
        if event in {"os.mkdir", "os.rename", "os.link", "os.symlink", "shutil.copyfile", "tempfile.mkstemp"}:
            self.heard.append((event, args))
        if event == "open" and set(str(args[1] or "")) & set("wax+"):
            self.heard.append((event, args[0]))


@pytest.fixture(scope="module")
def writes() -> Writes:
    return Writes()


def test_the_corpus_is_large() -> None:
    assert len(ARCHIVES) >= 60


@pytest.mark.parametrize("kind", ARCHIVES)
def test_a_hostile_archive(kind: str, writes: Writes) -> None:
    data = ARCHIVES[kind]()
    read: dict[str, bytes] = {}
    failed: list[DocParseError] = []
    refused = 0
    tracemalloc.start()
    writes.heard, writes.on = [], True
    try:
        found = Archive(data)
        refused = found.refused
        for name in found.names:
            try:
                read[name] = found.read(name)[:100]
            except DocParseError as error:
                failed.append(error)
    except DocParseError as error:
        failed.append(error)
    finally:
        writes.on = False
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert writes.heard == []
    assert peak < MOST
    assert failed or kind in EMPTY or read["good.md"] == GOOD
    assert failed or refused or kind in HARMLESS | EMPTY
    for name in read:
        inside = PurePosixPath("/root") / name
        assert ".." not in inside.parts
        assert inside.is_relative_to("/root")
        assert not PureWindowsPath(name).is_absolute()
        assert not PureWindowsPath(name).root


@pytest.mark.parametrize("kind", sorted({*NAMES, *ODD} - HARMLESS - {"bytes", "long"}))
def test_what_leads_elsewhere_is_counted_and_the_rest_is_read(kind: str) -> None:
    found = Archive(ARCHIVES[f"name-{kind}" if kind in NAMES else kind]())
    assert found.refused == 1
    assert found.names == ("good.md",)
    assert found.read("good.md") == GOOD


@pytest.mark.parametrize("kind", sorted(set(TWICE) - {"twice-good"}))
def test_one_name_for_two_files_is_none(kind: str) -> None:
    found = Archive(ARCHIVES[kind]())
    assert (found.names, found.refused) == (("good.md",), 2)


@pytest.mark.parametrize("kind", ["members", "members-miscounted", "members-zip64", "members-hidden-end"])
def test_members_are_counted_however_they_are_hidden(kind: str) -> None:
    with pytest.raises(LimitExceeded, match="more than 20000"):
        Archive(ARCHIVES[kind]())


def test_a_bomb_in_parts_ends_at_the_budget_of_the_whole() -> None:
    found = Archive(BOMBS["bomb-many"](), Limits(archive_ratio=10_000, archive_bytes=10 * MiB))
    read = [len(found.read(name)) for name in found.names[:3]]
    assert sum(read) == 8 * MiB + len(GOOD)
    with pytest.raises(LimitExceeded):
        found.read(found.names[3])


@pytest.mark.parametrize("kind", ARCHIVES)
def test_no_vendor_stumbles_over_one(kind: str) -> None:
    blob = Blob(ARCHIVES[kind](), "application/zip")
    for payload, options in ((blob, MinerU()), (Parts((blob,)), SCNet()), (blob, PaddleOCR()), (Parts((blob,)), PaddleOCR())):
        try:
            vendor_of(options).decode(payload)
        except DocParseError:
            continue


def hostile(*members: tuple[str, object]) -> bytes:
    """A result with two members that lead out of its folder, and two files of one name."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as target:
        for name, value in members:
            target.writestr(name, value if isinstance(value, str) else json.dumps(value))
        for name in ("../../outside.json", "/etc/cron.d/outside", "twice.json", "TWICE.json"):
            target.writestr(name, f"{{}} {name}")
    return held.getvalue().replace(b"TWICE.json", b"twice.json")


WORDS = "Kept words."
RESULTS: dict[str, Callable[[], bytes]] = {
    "mineru": lambda: hostile(("layout.json", mineru_files.tree(mineru_files.page(0, mineru_files.block("text", WORDS))))),
    "mineru-markdown": lambda: hostile(("full.md", WORDS)),
    "paddleocr": lambda: hostile(("a.jsonl", paddleocr_pages.line(paddleocr_pages.page(paddleocr_pages.block("text", WORDS))))),
    "scnet": lambda: hostile(("a_1.json", {"pages": [scnet_pages.page(scnet_pages.block("text", WORDS))]})),
}


@pytest.mark.parametrize("result", RESULTS)
def test_what_was_not_read_is_said_on_the_document(result: str) -> None:
    document = from_result(RESULTS[result](), vendor=result.partition("-")[0])
    assert [block.text for block in document.blocks] == [WORDS]
    said = [notice.message for notice in document.warnings if notice.code == "refused_members"]
    assert said == ["4 of 5 files in the result's archive cannot be trusted (name, kind or packing) and were left out."]
    assert not [notice for notice in document.warnings if "outside" in notice.message]


def test_an_archive_like_any_other_says_nothing() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as target:
        target.writestr("folder/", b"")
        for name in ("folder/full.md", "folder/a.txt", "folder/A.TXT"):
            target.writestr(name, WORDS)
    packed = data.getvalue().replace(b"A.TXT", b"a.txt")  # one name twice, for the same content
    assert "refused_members" not in {notice.code for notice in from_result(packed, vendor="mineru").warnings}


@pytest.mark.parametrize("name", ["CON", "a/nul.png", "com1", "LPT9.txt", "a:b", "x.", "x /y", "aux .md", "conin$"])
def test_what_windows_takes_for_something_else_is_no_safe_name(name: str) -> None:
    assert not is_safe(name)


@pytest.mark.parametrize("name", ["console.md", "a/auxiliary.png", "com10.txt", "a.b/c.d", "résumé.md", "x y/z.md"])
def test_usual_names_are_safe(name: str) -> None:
    assert is_safe(name)
