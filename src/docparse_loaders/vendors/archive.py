"""Members of a zip file from a vendor, read one by one under budgets; nothing is ever extracted by its name.

A name is only something to look up. What is encrypted, no regular file, named to lead out of a folder, or one name for two
different files is not listed at all, and no size that the archive states is believed: reading stops where a budget ends.
"""

import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from docparse_loaders.errors import LimitExceeded, ProtocolError
from docparse_loaders.model import Notice
from docparse_loaders.policy import Limits, MiB

_END = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_END_BYTES, _LONGEST_COMMENT, _ELSEWHERE = 22, 0xFFFF, 0xFFFF
_ZIP64, _ZIP64_BYTES = b"PK\x06\x07", 20
_ENCRYPTED = 0x1
_KIND, _FILES = 0o170000, frozenset({0, 0o100000})
"""What a member is, as Unix says it: nothing said, or a regular file; the others are links, pipes and devices."""
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Other methods may unpack a lot from a little before a budget can stop them."""
_LEADS_OUT = re.compile(r"(?:^|/)\.\.?(?:/|$)|^/|^[A-Za-z]:|[\x00-\x1f\x7f]|//")
_WINDOWS = re.compile(
    r":|[. ](?:/|$)|(?:^|/)(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³]|CONIN\$|CONOUT\$)(?:[ .][^/]*)?(?:/|$)", re.IGNORECASE
)
"""What Windows takes for a stream, a device or another name."""
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, struct.error)
_HINT = "Ask for the result again; if it stays so, report it to the vendor."


class Archive:
    """A zip file in memory. `names` are those of its members that can be read, with `/` between folders.

    `refused` counts those that are not listed, folders aside; `notices` tells a reader of them.

    Raises `ProtocolError` if the data is no zip file, or a damaged or cut one, and `LimitExceeded` if it has more members
    than `Limits.archive_members`.
    """

    def __init__(self, data: bytes, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._left = self._limits.archive_bytes
        self._check_count(entries(data))
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _FAULTS as error:
            raise ProtocolError(f"the archive cannot be read: {error}.", hint=_HINT) from None
        members = self._zip.infolist()
        self._check_count(len(members))
        if len(members) < _told(data):
            raise ProtocolError("the archive lists fewer members than it says it has.", hint=_HINT)
        self._room = _rooms(members, len(data))
        self._members: Mapping[str, zipfile.ZipInfo] = _listed(members)
        files = [member for member in members if not member.filename.endswith(("/", "\\"))]
        self._count = len(files)
        self.refused = sum(_readable(member) not in self._members for member in files)

    def _check_count(self, count: int) -> None:
        most = self._limits.archive_members
        if count > most:
            raise LimitExceeded(f"the archive has more than {most} members.", hint="Raise Limits.archive_members.")

    @property
    def names(self) -> tuple[str, ...]:
        """The members, in the archive's order."""
        return tuple(self._members)

    def notices(self) -> Iterator[Notice]:
        """What a reader of the result should know of its archive; the names that are refused are not repeated."""
        if self.refused:
            said = f"{self.refused} of {self._count} files in the result's archive cannot be trusted"
            yield Notice("refused_members", f"{said} (name, kind or packing) and were left out.")

    def __contains__(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self._members

    def size(self, name: str) -> int:
        """How large a member says it is, in bytes."""
        return self._members[name].file_size

    def read(self, name: str) -> bytes:
        """The bytes of a member.

        Raises `KeyError` if there is none of that name, `LimitExceeded` where a budget ends: one member's size, all members
        read so far, or how much a member may be packed (from 1 MiB); `ProtocolError` if it is damaged.
        """
        member = self._members[name]
        room = self._room.get(member.header_offset, 0)
        if member.compress_size > room:
            raise ProtocolError(f"{name} in the archive lies over other members.", hint=_HINT)
        # What it says of its size is refused at once, what it says too little of when it has come to that.
        packed = max(MiB, member.compress_size * self._limits.archive_ratio)
        if member.file_size > packed:
            raise LimitExceeded(f"{name} is packed like a bomb.", hint="Raise Limits.archive_ratio if you trust the sender.")
        cap = min(self._limits.archive_member_bytes, self._left)
        try:
            with self._zip.open(member) as file:
                data = file.read(min(cap, member.file_size) + 1)  # more would be unpacked first and cut off then
        except _FAULTS as error:
            raise ProtocolError(f"{name} in the archive cannot be read: {error}.", hint=_HINT) from None
        if len(data) > cap:
            hint = "Raise Limits.archive_member_bytes or archive_bytes if you trust the sender."
            raise LimitExceeded(f"{name} in the archive is larger than allowed.", hint=hint)
        self._left -= len(data)
        return data


def is_whole(data: bytes) -> bool:
    """Whether a zip file begins and ends as one does: a cut download has no end."""
    end = _end(data)
    if end < 0 or not data.startswith(b"PK"):
        return False
    comment: int = struct.unpack_from("<H", data, end + 20)[0]
    return end + _END_BYTES + comment <= len(data)


def entries(data: bytes) -> int:
    """How many members a zip file lists, counted in its bytes before anything is built from them; an upper bound."""
    end = _end(data)
    if end < 0:
        return 0
    size: int = struct.unpack_from("<I", data, end + 12)[0]
    # A record of the larger format overrules this one, and may lie anywhere.
    begin = 0 if data.startswith(_ZIP64, end - _ZIP64_BYTES) else max(0, end - size)
    return data.count(_ENTRY, begin, end)


def _told(data: bytes) -> int:
    """How many members a zip file says it has; 65535 stands for "see elsewhere"."""
    end = _end(data)
    count: int = struct.unpack_from("<H", data, end + 10)[0] if end >= 0 else 0
    return 0 if count == _ELSEWHERE else count


def _end(data: bytes) -> int:
    """Where the record at the end of a zip file begins; -1 if there is no whole one."""
    plain = len(data) - _END_BYTES  # where it is without a comment, and where `zipfile` looks first
    if plain >= 0 and data.startswith(_END, plain) and data.endswith(b"\0\0"):
        return plain
    end = data.rfind(_END, max(0, len(data) - _END_BYTES - _LONGEST_COMMENT))
    return end if end + _END_BYTES <= len(data) else -1


def _rooms(members: Iterable[zipfile.ZipInfo], size: int) -> Mapping[int, int]:
    """By the place where a member begins: how many bytes there are up to the next one."""
    begins = sorted({member.header_offset for member in members})
    return {begin: after - begin for begin, after in pairwise([*begins, max(size, *begins, 0)])}


def _listed(members: Iterable[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """The members that may be read. Of one name for several files none is: nobody knows which one is meant."""
    found: dict[str, zipfile.ZipInfo] = {}
    named: dict[str, zipfile.ZipInfo] = {}
    doubtful: set[str] = set()
    for member in members:
        if name := _readable(member):
            first = named.setdefault(unicodedata.normalize("NFC", name), member)
            if (first.CRC, first.file_size) != (member.CRC, member.file_size):
                doubtful.add(unicodedata.normalize("NFC", name))
            found.setdefault(name, member)
    return {name: member for name, member in found.items() if unicodedata.normalize("NFC", name) not in doubtful}


def is_safe(name: str) -> bool:
    """Whether a name stays inside the folder it is relative to, and means a file of that name, on any system."""
    plain = name.replace("\\", "/")
    return _stays(plain) and not _WINDOWS.search(plain)


def _stays(name: str) -> bool:
    return bool(name) and not _LEADS_OUT.search(name)


def _readable(member: zipfile.ZipInfo) -> str:
    """The name of a member that may be read; empty for folders, links, encrypted ones and names that lead elsewhere."""
    name = member.filename.replace("\\", "/")
    if name.endswith("/") or member.flag_bits & _ENCRYPTED or member.compress_type not in _PLAIN:
        return ""
    if (member.external_attr >> 16) & _KIND not in _FILES or "\0" in member.orig_filename:
        return ""
    # Members are only looked up, and named after documents: "Q3: results.json" is as good as any.
    return name if _stays(name) else ""
