"""Nothing outside the roots is ever read, whatever an agent asks for and whatever becomes of the folders meanwhile."""

import os
import socket
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from docparse_loaders import errors
from docparse_loaders.toolbox import DocumentLibrary
from docparse_loaders.toolbox.shelves import Entry, Shelves
from docparse_loaders.toolbox.tools import TOOLS

CANARY = "canary-7f3a9e"
SECRET = b"%PDF-1.4 " + CANARY.encode()
PDF = frozenset({".pdf"})
posix = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and devices of POSIX")


def a_pdf(path: Path, words: str) -> None:
    """A document of one page that says `words`."""
    canvas = Canvas(str(path))
    canvas.drawString(72, 700, words)
    canvas.save()


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A root with a file at each of three depths, and all around it what must never be read."""
    for folder in ("root/inner/deep", "root2", "root-evil", "outside/inner/deep", "ROOT"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    for name in ("root/a.pdf", "root/inner/a.pdf", "root/inner/deep/a.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.4 fine")
    outside = ("outside", "outside/inner", "outside/inner/deep", "root2", "root-evil", "ROOT")
    for folder in outside:
        (tmp_path / folder / "secret.pdf").write_bytes(SECRET)
        if folder.startswith("outside"):
            (tmp_path / folder / "a.pdf").write_bytes(SECRET)
    (tmp_path / "secret.pdf").write_bytes(SECRET)
    (tmp_path / "root/.hidden.pdf").write_bytes(SECRET)
    return tmp_path


def names(root: Path) -> list[str]:
    return [entry.name for entry in Shelves([root], PDF, 1000).entries()]


class TestListing:
    @posix
    def test_only_plain_files_of_the_right_kind_are_listed(self, house: Path) -> None:
        root = house / "root"
        (root / "link.pdf").symlink_to(house / "outside/secret.pdf")
        (root / "folder").symlink_to(house / "outside")
        (root / "loop").symlink_to(root)
        (root / "nowhere.pdf").symlink_to(house / "nothing")
        (root / "notes.txt").write_text("no")
        (root / "folder.pdf").mkdir()
        (root / ".git").mkdir()
        (root / ".git/a.pdf").write_bytes(SECRET)
        os.mkfifo(root / "pipe.pdf")
        assert names(root) == ["a.pdf", "inner/a.pdf", "inner/deep/a.pdf"]

    def test_a_neighbour_whose_name_begins_alike_is_not_listed(self, house: Path) -> None:
        entries = Shelves([house / "root"], PDF, 1000).entries()
        assert {entry.root for entry in entries} == {house / "root"}
        assert not any("secret" in entry.name for entry in entries)

    @posix
    def test_a_root_may_be_a_link_because_the_host_named_it(self, house: Path) -> None:
        (house / "shown").symlink_to(house / "root")
        assert names(house / "shown") == names(house / "root")

    def test_two_roots_with_equal_names_have_two_ids(self, house: Path) -> None:
        entries = Shelves([house / "root", house / "outside"], PDF, 1000).entries()
        assert len({entry.id for entry in entries}) == len(entries) == 9

    def test_a_root_may_be_a_file_and_its_neighbours_are_not_listed(self, house: Path) -> None:
        assert names(house / "root/a.pdf") == ["a.pdf"]

    def test_names_that_are_hard_to_tell_apart_are_different_files(self, tmp_path: Path) -> None:
        composed = unicodedata.normalize("NFC", "é.pdf")
        hard = {composed, unicodedata.normalize("NFD", composed), "é .pdf", "A.pdf", "a.PDF", "a..pdf", "..a.pdf", "a\n.pdf"}
        for name in hard:
            (tmp_path / name).write_bytes(name.encode())
        shelves = Shelves([tmp_path], PDF, 1000)
        read = {shelves.read(entry)[1].decode() for entry in shelves.entries()}
        assert read == {name for name in os.listdir(tmp_path) if not name.startswith(".")}  # noqa: PTH208  (as the system says)
        assert len({entry.id for entry in shelves.entries()}) == len(read)

    @pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
    def test_a_name_that_is_no_text_can_be_listed_and_read(self, tmp_path: Path) -> None:
        raw = os.fsencode(tmp_path) + b"/\xff\xfe\n<<<.pdf"
        with open(raw, "wb") as file:  # noqa: PTH123  (a path of bytes)
            file.write(b"%PDF-1.4 odd")
        library = DocumentLibrary(tmp_path)
        text = library.list_documents().text
        assert text.encode()
        assert len(text.splitlines()) == 4
        (entry,) = Shelves([tmp_path], PDF, 1000).entries()
        assert Shelves([tmp_path], PDF, 1000).read(entry)[1] == b"%PDF-1.4 odd"

    def test_very_deep_folders_end_somewhere(self, tmp_path: Path) -> None:
        folder = tmp_path
        for _ in range(60):
            folder = folder / "d"
            folder.mkdir()
            (folder / "a.pdf").write_bytes(b"x")
        assert 20 < len(names(tmp_path)) < 60

    @pytest.mark.parametrize("roots", [[], ["/no/such/folder"], ["bad\0name"]])
    def test_roots_that_list_nothing_are_refused(self, roots: list[str]) -> None:
        with pytest.raises(errors.ConfigError):
            DocumentLibrary(roots)


class TestNames:
    def test_no_trick_with_a_name_leads_outside(self, house: Path) -> None:
        """More than a thousand names that a listing cannot have given, straight to where files are opened."""
        root = house / "root"
        shelves = Shelves([root], PDF, 1000)
        (root / "link.pdf").symlink_to(house / "outside/secret.pdf")
        (root / "folder").symlink_to(house / "outside")
        (root / "far").symlink_to(root / "folder")
        steps = (
            "..",
            ".",
            "",
            "folder",
            "far",
            "inner/..",
            "root-evil",
            "%2e%2e",
            "..\\",
            "/",
            "~",
            "\0",
            "inner\0",
            "..;",
            "C:",
        )
        ends = (
            *("secret.pdf", "outside/secret.pdf", "root-evil/secret.pdf", "../secret.pdf", "SECRET.PDF", "link.pdf"),
            "/etc/passwd",
        )
        tricks = [f"{one}/{two}/{end}" for one, two in product(steps, repeat=2) for end in ends]
        tricks += [str(house / "secret.pdf"), "/proc/self/environ", "/dev/zero", "//server/share.pdf", "a.pdf/../../secret.pdf"]
        assert len(tricks) > 1500
        for name in tricks:
            with pytest.raises(errors.ToolRefused) as caught:
                shelves.read(Entry("x", name, root, 1))
            assert CANARY not in str(caught.value)

    def test_an_agent_s_words_are_never_taken_for_a_path(self, house: Path) -> None:
        """Every tool that takes an id is given more than 300 things that are none."""
        a_pdf(house / "root/a.pdf", "what may be read")
        a_pdf(house / "secret.pdf", CANARY)
        library = DocumentLibrary(house / "root", max_pages=1)
        beginnings = (
            "",
            "./",
            "../",
            "/",
            "~/",
            "file://",
            "inner/../../",
            str(house) + "/",
            "..%2f",
            "\\\\?\\",
            "a.pdf\0",
            "\u202e",
        )
        ends = (
            *(
                "secret.pdf",
                "a.pdf",
                "root-evil/secret.pdf",
                "outside/a.pdf",
                "root2/secret.pdf",
                "ROOT/secret.pdf",
                "etc/passwd",
            ),
            *(
                "secret.pdf.",
                "secret.pdf ",
                "ｓecret.pdf",
                "dev/zero",
                "proc/self/environ",
                "https://example.test/x.pdf",
                "*",
                "a",
            ),
        )
        arguments: dict[str, dict[str, Any]] = {
            "read_section": {"section": 1},
            "read_pages": {"pages": "1"},
            "find": {"query": "canary"},
            "get_table": {"table": 1},
        }
        asked = 0
        for tool, one, two in product(TOOLS[1:], beginnings, ends):
            with pytest.raises(errors.ToolRefused, match="no document") as caught:
                tool.run(library, {"document_id": one + two, **arguments.get(tool.name, {})})
            assert CANARY not in str(caught.value)
            asked += 1
        assert asked >= 300
        assert library.pages_left == 1

    def test_a_document_that_is_listed_can_be_read(self, house: Path) -> None:
        """What the canary would look like if it were read."""
        a_pdf(house / "outside/a.pdf", CANARY)
        library = DocumentLibrary(house / "outside/a.pdf")
        (name,) = (line.split(" | ")[0] for line in library.list_documents().text.splitlines() if ".pdf" in line)
        assert CANARY in library.read_pages(name, "1").text

    @given(st.text(st.characters() | st.sampled_from("./\\~%\0:"), max_size=60))
    def test_no_text_at_all_is_an_id_that_was_not_given(self, words: str) -> None:
        library = DocumentLibrary(Path(__file__).parent.parent / "examples" / "data")
        with pytest.raises(errors.ToolRefused, match="no document") as caught:
            library.outline(words)
        assert "\n" not in str(caught.value)
        assert len(str(caught.value)) < 300


# What a plain file, or a folder above it, may be swapped for between listing and reading.


def _link(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


def _chain(path: Path, outside: Path) -> None:
    path.with_name("step").symlink_to(outside)
    path.symlink_to(path.with_name("step"))


def _relative(path: Path, outside: Path) -> None:
    path.symlink_to(os.path.relpath(outside, path.parent))


def _loop(path: Path, _: Path) -> None:
    path.symlink_to(path)


def _pipe(path: Path, _: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path, _: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _device(path: Path, _: Path) -> None:
    path.symlink_to("/dev/zero")


def _descriptor(path: Path, outside: Path) -> None:
    path.symlink_to(f"/proc/self/cwd/{os.path.relpath(outside)}")


def _folder(path: Path, _: Path) -> None:
    path.mkdir()


def _nothing(path: Path, _: Path) -> None:
    """It is gone."""


SWAPS: list[Callable[[Path, Path], None]] = [
    *(_link, _chain, _relative, _loop, _pipe, _socket, _device, _descriptor, _folder, _nothing),
]
WHERE = ("a.pdf", "inner/a.pdf", "inner/deep/a.pdf", "inner", "inner/deep")


@posix
class TestSwaps:
    @pytest.mark.parametrize("swap", SWAPS)
    @pytest.mark.parametrize("where", WHERE)
    def test_what_is_swapped_after_it_was_listed_is_not_followed(
        self, house: Path, swap: Callable[[Path, Path], None], where: str
    ) -> None:
        root = house / "root"
        shelves = Shelves([root], PDF, 1000)
        entries = shelves.entries()
        assert {shelves.read(entry)[1] for entry in entries} == {b"%PDF-1.4 fine"}
        (root / where).rename(house / "kept")
        swap(root / where, house / "outside" / where)
        touched = 0
        for entry in entries:
            if entry.name == where or entry.name.startswith(f"{where}/"):
                touched += 1
                for read in (shelves.read, shelves.stamp):
                    with pytest.raises(errors.ToolRefused) as caught:
                        read(entry)
                    assert CANARY not in str(caught.value)
            else:
                assert shelves.read(entry)[1] == b"%PDF-1.4 fine"
        assert touched
        after = {shelves.read(entry)[1] for entry in shelves.entries()}
        assert after <= {b"%PDF-1.4 fine"}

    @pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root makes devices")
    def test_a_device_is_not_opened(self, house: Path) -> None:
        node = house / "root/inner/a.pdf"
        shelves = Shelves([house / "root"], PDF, 1000)
        entry = next(entry for entry in shelves.entries() if entry.name == "inner/a.pdf")
        node.unlink()
        try:
            os.mknod(node, 0o600 | 0o020000, os.makedev(1, 5))
        except OSError:
            pytest.skip("this system does not let devices be made")
        with pytest.raises(errors.ToolRefused, match="not a plain file"):
            shelves.read(entry)

    def test_a_pipe_does_not_make_anybody_wait(self, house: Path) -> None:
        shelves = Shelves([house / "root"], PDF, 1000)
        entry = shelves.entries()[0]
        (house / "root" / entry.name).unlink()
        os.mkfifo(house / "root" / entry.name)
        found: list[Exception] = []

        def read() -> None:
            try:
                shelves.read(entry)
            except errors.ToolRefused as error:
                found.append(error)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
        assert len(found) == 1

    @pytest.mark.parametrize("part", ["inner", "inner/a.pdf"])
    def test_one_that_is_swapped_all_the_time_is_read_right_or_not_at_all(self, house: Path, part: str) -> None:
        root = house / "root"
        shelves = Shelves([root], PDF, 1000)
        entry = next(entry for entry in shelves.entries() if entry.name == "inner/a.pdf")
        read = 0
        with _swapping(root / part, house / "outside" / part, house):
            for _ in range(1500):
                try:
                    assert shelves.read(entry)[1] == b"%PDF-1.4 fine"
                    read += 1
                except errors.ToolRefused:
                    continue
        assert read > 0

    def test_a_listing_does_not_enter_a_folder_that_is_swapped_meanwhile(self, house: Path) -> None:
        with _swapping(house / "root/inner", house / "outside", house):
            for _ in range(300):
                assert not any("secret" in name for name in names(house / "root"))

    def test_an_open_document_whose_file_is_swapped_cannot_be_read_on(self, house: Path) -> None:
        """What was read before may be remembered, but it is no longer what the host lists there."""
        for name in ("a.pdf", "inner/a.pdf", "inner/deep/a.pdf"):
            a_pdf(house / "root" / name, f"fine {name}")
        a_pdf(house / "outside/a.pdf", CANARY)
        library = DocumentLibrary(house / "root")
        name = next(line.split(" | ")[0] for line in library.list_documents().text.splitlines() if "| a.pdf" in line)
        assert "fine a.pdf" in library.read_pages(name, "1").text
        (house / "root/a.pdf").unlink()
        (house / "root/a.pdf").symlink_to(house / "outside/a.pdf")
        with pytest.raises(errors.ToolRefused, match="not a plain file"):
            library.read_pages(name, "1")
        with pytest.raises(errors.ToolRefused, match="not a plain file"):
            library.find("fine canary", name)
        with pytest.raises(errors.ToolRefused, match="no document is open"):
            library.find("fine")


class _swapping:  # noqa: N801  (used like a function)
    """A path that another thread swaps for a link and back, as fast as it can."""

    def __init__(self, path: Path, outside: Path, spare: Path) -> None:
        self._path, self._kept, self._link = path, spare / "kept", spare / "link"
        self._link.symlink_to(outside)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._swap)

    def _swap(self) -> None:
        while not self._stop.is_set():
            self._path.rename(self._kept)
            self._link.rename(self._path)
            self._path.rename(self._link)
            self._kept.rename(self._path)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


class TestSizes:
    def test_a_file_that_is_too_large_is_not_read(self, house: Path) -> None:
        (entry, *_) = Shelves([house / "root"], PDF, 5).entries()
        with pytest.raises(errors.SourceTooLarge):
            Shelves([house / "root"], PDF, 5).read(entry)

    def test_one_that_grew_since_it_was_listed_is_not_cut_in_silence(self, house: Path) -> None:
        shelves = Shelves([house / "root"], PDF, 20)
        (entry, *_) = shelves.entries()
        (house / "root" / entry.name).write_bytes(b"x" * 21)
        with pytest.raises(errors.SourceTooLarge, match="larger than 20 bytes"):
            shelves.read(entry)

    def test_only_so_many_files_are_listed(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("docparse_loaders.toolbox.shelves._MOST_FILES", 5)
        for number in range(9):
            (tmp_path / f"{number}.pdf").write_bytes(b"x")
        assert names(tmp_path) == [f"{number}.pdf" for number in range(5)]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path) -> Iterator[None]:
    """A working directory that a relative trick could start from."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(before)
