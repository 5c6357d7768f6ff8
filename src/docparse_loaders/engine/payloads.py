"""A raw result as bytes and back, without loss: what a job store keeps."""

import struct
import zlib

from pydantic_core import from_json, to_json

from docparse_loaders.vendors.protocol import Blob, Parts, Payload

_LEVEL = 1  # JSON of results shrinks to a fifth at once; higher levels cost more time than they save space
_LENGTH = struct.Struct(">Q")


def packed(payload: Payload) -> tuple[str, bytes]:
    """The kind of a payload and its bytes."""
    if isinstance(payload, Blob):
        return "blob", _framed(payload)
    if isinstance(payload, Parts):
        return "parts", b"".join(_framed(blob) for blob in payload.blobs)
    return "json", zlib.compress(to_json(payload, inf_nan_mode="constants"), _LEVEL)


def unpacked(kind: str, data: bytes) -> Payload:
    """What was packed. Raises `ValueError` for bytes that are damaged or of a kind that this version does not know."""
    if kind == "json":
        return _json(data)
    blobs = tuple(_blobs(data))
    if kind == "blob" and len(blobs) == 1:
        return blobs[0]
    if kind == "parts":
        return Parts(blobs)
    raise ValueError(kind)


def _json(data: bytes) -> Payload:
    try:
        payload: Payload = from_json(zlib.decompress(data))
    except zlib.error as error:
        raise ValueError(str(error)) from None
    return payload


def _framed(blob: Blob) -> bytes:
    """A media type and a file, each after its length. Most files are archives, so they are not compressed again."""
    name = blob.media_type.encode()
    return b"".join((_LENGTH.pack(len(name)), name, _LENGTH.pack(len(blob.data)), blob.data))


def _blobs(data: bytes) -> list[Blob]:
    found, at = [], 0
    while at < len(data):
        name, at = _piece(data, at)
        content, at = _piece(data, at)
        found.append(Blob(content, name.decode()))
    return found


def _piece(data: bytes, at: int) -> tuple[bytes, int]:
    start = at + _LENGTH.size
    if start > len(data):
        raise ValueError("cut short")
    (size,) = _LENGTH.unpack_from(data, at)
    if start + size > len(data):
        raise ValueError("cut short")
    return data[start : start + size], start + size
