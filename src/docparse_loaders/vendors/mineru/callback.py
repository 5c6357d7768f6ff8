"""What the service POSTs to `callback` when a document is done, checked before anybody believes it."""

import hashlib
import hmac
from typing import Any

from pydantic import JsonValue

from docparse_loaders.errors import AuthError, ProtocolError
from docparse_loaders.vendors.readers import as_object, parse_json

_LARGEST = 1 << 20


def verify_callback(uid: str, seed: str, body: bytes | str | dict[str, Any]) -> dict[str, JsonValue]:
    """The content of a callback, if it is signed: what an answer about the job holds as `data`.

    `uid` is that of the account (its user page shows it), `seed` the one that was submitted, `body` what was POSTed:
    `{"checksum": …, "content": "…"}`, where the checksum is the hex SHA-256 of uid + seed + content (MinerU API docs). Give
    the content to `DocParser.resume(token, answer=content)`. Raises `AuthError` for a wrong checksum, `ProtocolError` for
    what is no callback.
    """
    message = as_object(_read(body) if isinstance(body, bytes | str) else body)
    checksum, content = message.get("checksum"), message.get("content")
    if not isinstance(checksum, str) or not isinstance(content, str):
        raise ProtocolError("this is no callback: it has no checksum and content.", hint="Pass the body as it was POSTed.")
    expected = hashlib.sha256(f"{uid}{seed}{content}".encode("utf-8", "surrogatepass")).hexdigest()
    if not hmac.compare_digest(expected.encode(), checksum.strip().lower().encode("utf-8", "replace")):
        raise AuthError("the checksum of the callback is wrong.", hint="Check uid and seed; do not act on this callback.")
    found = _read(content)
    if not isinstance(found, dict):
        raise ProtocolError("the content of the callback is not an object.", hint="Ask the service for the job instead.")
    return found


def _read(text: bytes | str) -> JsonValue:
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    try:
        return parse_json(data) if len(data) <= _LARGEST else None
    except ValueError:
        raise ProtocolError("the callback is not JSON.", hint="Pass the body as it was POSTed.") from None
