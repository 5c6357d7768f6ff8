"""Members of a zip file from a vendor, read one by one under budgets; nothing is ever extracted by its name.

A name is only something to look up. What is encrypted, a link, or named to lead out of a folder is not listed at all, and
no size that the archive states is believed: reading stops where a budget ends.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping

from docparse_loaders.errors import LimitExceeded, ProtocolError
from docparse_loaders.policy import Limits, MiB

_END = b"PK\x05\x06"
_ENTRY = b"PK\x01\x02"
_END_BYTES, _LONGEST_COMMENT = 22, 0xFFFF
_LARGE = 0xFFFFFFFF
_ENCRYPTED = 0x1
_LINK = 0o120000
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""Other methods may unpack a lot from a little before a budget can stop them."""
_UNSAFE = re.compile(r"(?:^|/)\.\.?(?:/|$)|^/|^[A-Za-z]:|[\x00-\x1f\x7f]|//")
_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError, struct.error)
_HINT = "Ask for the result again; if it stays so, report it to the vendor."


class Archive:
    """A zip file in memory. `names` are those of its members that can be read, with `/` between folders.

    Raises `ProtocolError` if the data is no zip file, or a damaged or cut one, and `LimitExceeded` if it has more members
    than `Limits.archive_members`.
    """

    def __init__(self, data: bytes, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._left = self._limits.archive_bytes
        if entries(data) > self._limits.archive_members:
            raise LimitExceeded(
                f"the archive has more than {self._limits.archive_members} members.", hint="Raise Limits.archive_members."
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _FAULTS as error:
            raise ProtocolError(f"the archive cannot be read: {error}.", hint=_HINT) from None
        self._members: Mapping[str, zipfile.ZipInfo] = {
            name: member for member in self._zip.infolist() if (name := _readable(member))
        }

    @property
    def names(self) -> tuple[str, ...]:
        """The members, in the archive's order."""
        return tuple(self._members)

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
        cap = min(self._limits.archive_member_bytes, self._left)
        if member.file_size > MiB and member.file_size > member.compress_size * self._limits.archive_ratio:
            raise LimitExceeded(f"{name} is packed like a bomb.", hint="Raise Limits.archive_ratio if you trust the sender.")
        try:
            with self._zip.open(member) as file:
                data = file.read(cap + 1)
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
    begin = 0 if size == _LARGE else max(0, end - size)
    return data.count(_ENTRY, begin, end)


def _end(data: bytes) -> int:
    """Where the record at the end of a zip file begins; -1 if there is no whole one."""
    end = data.rfind(_END, max(0, len(data) - _END_BYTES - _LONGEST_COMMENT))
    return end if end + _END_BYTES <= len(data) else -1


def is_safe(name: str) -> bool:
    """Whether a name stays inside the folder it is relative to, on any system."""
    return bool(name) and not _UNSAFE.search(name.replace("\\", "/"))


def _readable(member: zipfile.ZipInfo) -> str:
    """The name of a member that may be read; empty for folders, links, encrypted ones and names that lead elsewhere."""
    name = member.filename.replace("\\", "/")
    if name.endswith("/") or member.flag_bits & _ENCRYPTED or member.compress_type not in _PLAIN:
        return ""
    if (member.external_attr >> 16) & 0o170000 == _LINK:
        return ""
    return name if is_safe(name) else ""
