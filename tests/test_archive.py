"""Members of archives: read by name under budgets, never extracted, whatever a hostile sender puts in."""

import io
import struct
import time
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docparse_loaders.errors import DocParseError, LimitExceeded, ProtocolError
from docparse_loaders.policy import Limits, MiB
from docparse_loaders.vendors.archive import Archive, entries, is_safe, is_whole
from mineru_files import archive


def packed(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as target:
        for name, data in members:
            target.writestr(name, data)
    return made.getvalue()


def test_members_are_listed_in_order_and_read_by_name() -> None:
    found = Archive(archive({"b/x.json": {"a": 1}, "a.md": b"# One", "images/p.jpg": b"\xff\xd8"}))
    assert found.names == ("b/x.json", "a.md", "images/p.jpg")
    assert found.read("a.md") == b"# One"
    assert found.size("images/p.jpg") == 2
    assert "a.md" in found
    assert "c.md" not in found
    with pytest.raises(KeyError):
        found.read("c.md")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "C:/x", "c:x", "a\x01b", "a//b", "./x", "..\\..\\x.png"])
def test_a_name_that_leads_elsewhere_is_not_listed(name: str) -> None:
    assert not is_safe(name)
    assert Archive(packed((name, b"x"), ("good.md", b"y"))).names == ("good.md",)


def test_folders_and_links_are_not_members() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    assert Archive(packed((link, b"/etc/passwd"), ("folder/", b""), ("folder/a.md", b"x"))).names == ("folder/a.md",)


def test_an_encrypted_member_is_not_listed() -> None:
    data = bytearray(packed(("a.md", b"secret")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    assert Archive(bytes(data)).names == ()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_much_at_once_are_not_read(method: int) -> None:
    assert Archive(packed(("a.md", b"x" * 100), method=method)).names == ()


def test_a_bomb_is_stopped_by_its_ratio_before_it_is_unpacked() -> None:
    bomb = packed(("layout.json", b"0" * (80 * MiB)))
    assert len(bomb) < MiB
    found = Archive(bomb)
    tracemalloc.start()
    began = time.monotonic()
    with pytest.raises(LimitExceeded, match="bomb"):
        found.read("layout.json")
    assert time.monotonic() - began < 1.0
    assert tracemalloc.get_traced_memory()[1] < 64 * MiB
    tracemalloc.stop()


def test_a_member_is_read_up_to_its_budget_whatever_it_says_of_itself() -> None:
    limits = Limits(archive_member_bytes=1000, archive_bytes=1500)
    with pytest.raises(LimitExceeded, match="larger than allowed"):
        Archive(packed(("a", b"x" * 1001)), limits).read("a")
    found = Archive(packed(("a", b"x" * 1000), ("b", b"y" * 600)), limits)
    assert len(found.read("a")) == 1000
    with pytest.raises(LimitExceeded, match="larger than allowed"):
        found.read("b")


def test_a_member_that_lies_about_its_size_is_damaged() -> None:
    data = bytearray(packed(("a.json", b"x" * 5000)))
    place = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, place + 24, 10)
    with pytest.raises(ProtocolError, match=r"a\.json"):
        Archive(bytes(data)).read("a.json")


def test_members_that_lie_over_one_another_are_refused() -> None:
    data = bytearray(packed(("a", b"x" * 100), ("b", b"y" * 100), method=zipfile.ZIP_STORED))
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)
    found = Archive(bytes(data))
    with pytest.raises(ProtocolError):
        found.read("b")


def test_too_many_members_are_counted_before_any_is_listed() -> None:
    many = packed(*((f"images/{number}.jpg", b"") for number in range(300)))
    assert entries(many) == 300
    assert len(Archive(many).names) == 300
    with pytest.raises(LimitExceeded, match="more than 299"):
        Archive(many, Limits(archive_members=299))


@pytest.mark.parametrize("data", [b"", b"PK", b"<html>no</html>", b"PK\x05\x06", b"PK\x03\x04" + b"\0" * 100, b"\0" * 70000])
def test_what_is_no_archive_gets_a_typed_error(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        Archive(data)
    assert not is_whole(data)


def test_a_cut_archive_is_not_whole() -> None:
    data = archive({"a.json": list(range(500)), "b.md": b"x" * 500})
    assert is_whole(data)
    assert [end for end in range(len(data)) if is_whole(data[:end])] == []


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_archive_raises_nothing_of_its_own(data: st.DataObject) -> None:
    whole = bytearray(archive({"layout.json": {"pdf_info": []}, "images/a.jpg": b"\xff\xd8" * 50, "full.md": b"# x" * 90}))
    for _ in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = Archive(bytes(whole))
        for name in found.names:
            found.read(name)
    except DocParseError:
        pass
