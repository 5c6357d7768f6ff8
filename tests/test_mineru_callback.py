"""Callbacks: believed only with the right checksum."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.errors import AuthError, ProtocolError
from docparse_loaders.vendors.mineru import verify_callback

CONTENT: dict[str, Any] = {"taskId": "t", "state": "done", "fullZipUrl": "https://c.test/a.zip", "errMsg": "无"}


def signed(content: str, uid: str = "u-1", seed: str = "s_1") -> dict[str, str]:
    return {"checksum": hashlib.sha256(f"{uid}{seed}{content}".encode()).hexdigest(), "content": content}


@pytest.mark.parametrize("form", ["dict", "str", "bytes"])
def test_a_signed_callback_gives_its_content(form: str) -> None:
    body: Any = signed(json.dumps(CONTENT, ensure_ascii=False))
    if form != "dict":
        body = json.dumps(body)
    if form == "bytes":
        body = body.encode()
    assert verify_callback("u-1", "s_1", body) == CONTENT


def test_the_checksum_is_the_documented_one() -> None:
    # sha256("uid" + "seed" + "{}") in hex, as `sha256sum` gives it.
    checksum = "63165e0e634e813cc54a5db4ac8ae54d91957277768802b1c9a6d2558730ac77"
    assert verify_callback("uid", "seed", {"checksum": checksum, "content": "{}"}) == {}
    assert verify_callback("uid", "seed", {"checksum": checksum.upper(), "content": "{}"}) == {}
    with pytest.raises(AuthError):
        verify_callback("uid", "seed", {"checksum": checksum[:-1] + "x", "content": "{}"})


@given(st.text(max_size=20), st.text(max_size=20), st.sampled_from(["uid", "seed", "content", "checksum"]))
def test_any_change_is_noticed(before: str, added: str, part: str) -> None:
    content = json.dumps({"a": before})
    body = signed(content)
    uid, seed = "u-1", "s_1"
    match part:
        case "uid":
            uid += "x" + added
        case "seed":
            seed += "x" + added
        case "content":
            body["content"] = json.dumps({"a": before, "b": added})
        case _:
            body["checksum"] = added
    with pytest.raises(AuthError) as caught:
        verify_callback(uid, seed, body)
    assert caught.value.hint


@pytest.mark.parametrize(
    "body",
    [b"", "", "no json", b"\xff\xfe", "[]", "{}", {"checksum": "x"}, {"content": "{}"}, {"checksum": 1, "content": "{}"}, "7"],
)
def test_what_is_no_callback_is_refused(body: Any) -> None:
    with pytest.raises(ProtocolError):
        verify_callback("u", "s", body)


@pytest.mark.parametrize("content", ["[]", "not json", "7", "[" * 5000])
def test_signed_content_that_is_no_object_is_refused(content: str) -> None:
    with pytest.raises(ProtocolError):
        verify_callback("u-1", "s_1", signed(content))
