"""A body as it was before it was packed for the way, a piece at a time: no piece grows by what hides in it."""

import zlib
from collections.abc import AsyncIterator, Iterator

from docparse_loaders.policy import MiB

_PIECE = 1 << 16
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})


class Burst(Exception):
    """More came out of what was packed than is ever packed honestly."""


async def unpacked(pieces: AsyncIterator[bytes], encoding: str, ratio: int) -> AsyncIterator[bytes]:
    """The decoded pieces, of at most 64 KiB where they were packed.

    Raises `Burst` above 1 MiB if all of it is more than `ratio` times what came, and `zlib.error` for what is damaged, cut
    short, or packed in another way than was asked for.
    """
    if encoding in {"", "identity"}:
        async for piece in pieces:
            yield piece
        return
    if encoding not in _PACKED:
        raise zlib.error(f"an encoding that was not asked for: {encoding[:40]}")
    inflating, came, went = _Inflating(), 0, 0
    async for piece in pieces:
        came += len(piece)
        for part in inflating.parts(piece):
            went += len(part)
            if went > MiB and went > came * ratio:
                raise Burst
            yield part
    if came and not inflating.whole:
        raise zlib.error("cut short")


class _Inflating:
    """gzip or deflate, of which several may follow one another."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_EITHER)

    @property
    def whole(self) -> bool:
        """Whether it ended where it says that it ends."""
        return self._stream.eof

    def parts(self, piece: bytes) -> Iterator[bytes]:
        """What a piece holds, in parts of at most 64 KiB."""
        full = True
        while piece or full:
            if self._stream.eof:
                self._stream = zlib.decompressobj(_EITHER)
            part = self._stream.decompress(piece, _PIECE)
            if part:
                yield part
            full = len(part) == _PIECE and not self._stream.eof
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail


_EITHER = 32 + zlib.MAX_WBITS
"""Of gzip and deflate, whichever its first bytes say."""
