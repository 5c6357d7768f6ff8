"""Zip files that a hostile sender might make, each with a member `good.md` beside what is wrong with it."""

import io
import struct
import unicodedata
import zipfile
from collections.abc import Callable

GOOD = b"# good\n"
LOCAL, ENTRY, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
MiB = 1 << 20
Member = tuple[str | zipfile.ZipInfo, bytes]


def made(*members: Member, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as target:
        target.comment = comment
        target.writestr("good.md", GOOD, zipfile.ZIP_DEFLATED)
        for name, data in members:
            target.writestr(name, data)
    return held.getvalue()


def renamed(name: bytes) -> bytes:
    """A name as raw bytes, which no writer would write."""
    stand_in = "x" * len(name)
    return made((stand_in, b"bad")).replace(stand_in.encode(), name)


def special(mode: int) -> bytes:
    info = zipfile.ZipInfo("odd")
    info.create_system = 3
    info.external_attr = mode << 16
    return made((info, b"/etc/passwd"))


def patched(data: bytes, place: int, layout: str, value: int, record: bytes = ENTRY) -> bytes:
    """The last record of a kind, with one of its fields changed."""
    changed = bytearray(data)
    struct.pack_into(layout, changed, changed.rindex(record) + place, value)
    return bytes(changed)


def bomb(size: int, *, sizes: int | None = None, compressed: int | None = None) -> bytes:
    data = made(("bomb.json", bytes(size)))
    if sizes is not None:
        data = patched(data, 24, "<I", sizes)
    return data if compressed is None else patched(data, 20, "<I", compressed)


def overlapping(count: int) -> bytes:
    """Every member is the same data."""
    data = made(*((f"m{number}.json", bytes(MiB // 8)) for number in range(count)))
    changed = bytearray(data)
    first = data.index(LOCAL, 4)
    at = data.index(ENTRY)
    while (at := data.find(ENTRY, at + 4)) > 0:
        struct.pack_into("<I", changed, at + 42, first)
    return bytes(changed)


def twice(first: str, second: str, one: bytes = b"1", two: bytes = b"2") -> bytes:
    long = "y" * len(second.encode())
    return made((first, one), (long, two)).replace(long.encode(), second.encode())


def many(count: int, *, hidden: str = "") -> bytes:
    data = made(*((f"{number}", b"") for number in range(count)), method=zipfile.ZIP_STORED)
    end = data.rindex(END)
    size, begin = struct.unpack_from("<II", data, end + 12)
    if hidden == "count":
        return patched(patched(data, 8, "<H", 1, END), 10, "<H", 1, END)
    if hidden == "zip64":
        record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count + 1, count + 1, size, begin)
        locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1)
        return data[:end] + record + locator + patched(data[end:], 12, "<I", 0, END)
    if hidden == "end":
        tail = bytearray(data[end:])
        tail[16:20] = END
        return data[:end] + bytes(tail)
    return data


def nested(depth: int) -> bytes:
    inner = made(("layout.json", bytes(MiB)))
    for _ in range(depth):
        inner = made(("inner.zip", inner))
    return inner


def encrypted() -> bytes:
    data = made(("secret.md", b"x" * 50))
    return patched(patched(data, 8, "<H", 1), 6, "<H", 1, LOCAL)


NAMES: dict[str, bytes] = {
    "slip": b"../evil.md",
    "slip-deep": b"a/b/../../../evil.md",
    "slip-only": b"..",
    "slip-end": b"a/..",
    "slip-back": b"..\\..\\evil.md",
    "slip-mixed": b"a\\../..\\evil.md",
    "dot": b"./evil.md",
    "absolute": b"/etc/cron.d/evil",
    "absolute-back": b"\\windows\\evil",
    "unc": b"\\\\server\\share\\evil",
    "unc-slash": b"//server/share/evil",
    "drive": b"C:\\evil.md",
    "drive-slash": b"C:/evil.md",
    "drive-relative": b"c:evil.md",
    "namespace": b"\\\\?\\C:\\evil",
    "nul": b"evil.md\x00.png",
    "nul-slip": b"../evil\x00",
    "newline": b"a\nb.md",
    "escape": b"\x1b[2Jevil",
    "double": b"a//evil.md",
    "bytes": b"\xff\xfe\xfd.md",
    "long": b"a/" * 2000 + b"evil.md",
}
ODD: dict[str, Callable[[], bytes]] = {
    "link": lambda: special(0o120777),
    "pipe": lambda: special(0o010644),
    "device": lambda: special(0o020644),
    "block-device": lambda: special(0o060644),
    "socket": lambda: special(0o140644),
    "setuid": lambda: special(0o104755),
    "con": lambda: made(("CON", b"x")),
    "aux": lambda: made(("images/aux.png", b"x")),
    "com": lambda: made(("COM1.txt", b"x")),
    "stream": lambda: made(("good.md:evil", b"x")),
    "ends-in-dot": lambda: made(("good.md.", b"x")),
    "ends-in-space": lambda: made(("good.md ", b"x")),
    "encrypted": encrypted,
    "bzip2": lambda: made(("a.json", bytes(9 * MiB)), method=zipfile.ZIP_BZIP2),
    "lzma": lambda: made(("a.json", bytes(9 * MiB)), method=zipfile.ZIP_LZMA),
    "unknown-method": lambda: patched(made(("a.json", b"x")), 10, "<H", 97),
    "folder-with-data": lambda: made(("folder/", b"x" * 100)),
}
TWICE: dict[str, Callable[[], bytes]] = {
    "twice": lambda: twice("a.md", "a.md"),
    "twice-slash": lambda: twice("a/b.md", "a\\b.md"),
    "twice-composed": lambda: made(*((unicodedata.normalize(form, "é.md"), form.encode()) for form in ("NFC", "NFD"))),
    "twice-good": lambda: twice("good.MD", "good.md"),
}
LYING: dict[str, Callable[[], bytes]] = {
    "size-small": lambda: bomb(5000, sizes=10),
    "size-none": lambda: bomb(5000, sizes=0),
    "size-large": lambda: bomb(5000, sizes=900 * MiB),
    "packed-small": lambda: bomb(5000, compressed=3),
    "packed-large": lambda: bomb(5000, compressed=900 * MiB),
    "size-zip64": lambda: bomb(5000, sizes=0xFFFFFFFF),
    "offset-far": lambda: patched(made(("a", b"x")), 42, "<I", 0x7FFFFFFF),
    "offset-zip64": lambda: patched(made(("a", b"x")), 42, "<I", 0xFFFFFFFF),
    "offset-of-another": lambda: patched(made(("a", b"x")), 42, "<I", 0),
    "name-length": lambda: patched(made(("a", b"x")), 28, "<H", 0xFFFF),
    "extra-length": lambda: patched(made(("a", b"x")), 30, "<H", 0xFFFF),
    "comment-length": lambda: patched(made(("a", b"x")), 20, "<H", 500, END),
    "directory-size": lambda: patched(made(("a", b"x")), 12, "<I", 0x7FFFFFFF, END),
    "directory-place": lambda: patched(made(("a", b"x")), 16, "<I", 0x7FFFFFFF, END),
    "directory-none": lambda: patched(made(("a", b"x")), 12, "<I", 0, END),
    "crc": lambda: patched(made(("a", b"x")), 16, "<I", 0x12345678),
    "disk": lambda: patched(made(("a", b"x")), 4, "<H", 7, END),
    "version": lambda: patched(made(("a", b"x")), 6, "<H", 99),
    "overlapping": lambda: overlapping(200),
    "end-in-comment": lambda: made(("a", b"x"), comment=END + bytes(18)),
}
BOMBS: dict[str, Callable[[], bytes]] = {
    "bomb": lambda: bomb(80 * MiB),
    "bomb-size": lambda: bomb(80 * MiB, sizes=MiB),
    "bomb-packed": lambda: bomb(80 * MiB, compressed=60 * MiB),
    "bomb-many": lambda: made(*((f"b{number}.json", bytes(4 * MiB)) for number in range(16))),
    "members": lambda: many(21_000),
    "members-miscounted": lambda: many(21_000, hidden="count"),
    "members-zip64": lambda: many(21_000, hidden="zip64"),
    "members-hidden-end": lambda: many(21_000, hidden="end"),
    "nested": lambda: nested(5),
}
BROKEN: dict[str, Callable[[], bytes]] = {
    "cut-half": lambda: made(("a", bytes(range(256)) * 9), method=zipfile.ZIP_STORED)[:900],
    "cut-end": lambda: made(("a", b"x"))[:-1],
    "no-directory": lambda: made(("a", b"x")).partition(ENTRY)[0],
    "only-end": lambda: END + bytes(18),
    "rubbish-before": lambda: b"<html>" * 50 + made(("a", b"x")),
    "rubbish-after": lambda: made(("a", b"x")) + b"<html>" * 50,
    "flipped": lambda: made(("a", b"x" * 3000)).replace(b"\x03\x04", b"\x04\x03"),
    "damaged-data": lambda: bytes(b ^ 0x55 if 40 < n < 80 else b for n, b in enumerate(made(("a", bytes(range(99)))))),
}
ARCHIVES: dict[str, Callable[[], bytes]] = {
    **{f"name-{kind}": (lambda name=name: renamed(name)) for kind, name in NAMES.items()},  # type: ignore[misc]  # bound at once
    **ODD,
    **TWICE,
    **LYING,
    **BOMBS,
    **BROKEN,
}
