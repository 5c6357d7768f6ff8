"""SCNet keeps the contract; codes and answers are those of its ocrdoc page and of the published client."""

import json
from dataclasses import replace

from pydantic import JsonValue

from docparse_loaders import errors
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.protocol import Blob, Reply
from docparse_loaders.vendors.scnet import SCNet

from .suite import KEY, Case, VendorContract

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
TASK = "2056706028668284929"
FORM: JsonValue = {
    "file_url": "https://oss.test:58043/ocr/doc/1",
    "upload_url": "https://oss.test:58043/ocr",
    "key": "doc/1",
    "policy": "p",
    "x_amz_algorithm": "AWS4-HMAC-SHA256",
    "x_amz_credential": "c",
    "x_amz_date": "20260519T115855Z",
    "x_amz_signature": "s",
}


def polled(status: str, **output: JsonValue) -> Reply:
    entry: JsonValue = {"request_id": "8ae6", "output": {"task_id": TASK, "task_status": status, **output}}
    return Reply(200, json={"code": "200", "msg": "", "data": [entry]})


def page(text: str) -> JsonValue:
    block: JsonValue = {"type": "text", "sub_type": None, "bbox": [100, 100, 900, 200], "lines": [{"text": text}]}
    return {"rotate_angle": 0, "height": 1684, "width": 1191, "md": {"markdown_content": text}, "blocks": [block]}


def file(*texts: str) -> Reply:
    body = {"taskId": TASK, "documents": [{"datas": [page(text) for text in texts]}]}
    return Reply(200, blob=Blob(json.dumps(body).encode(), "application/json"))


def refusal(code: str) -> Reply:
    if code.isdecimal():
        return Reply(429 if code == "10011" else int(code), json={"code": code, "msg": "no"})
    return Reply(200, json={"request_id": "x", "error": {"code": code, "type": code, "message": "no"}})


ACCEPTED = Reply(200, json={"code": "0", "msg": "", "data": {"output": {"task_status": "pending", "task_id": TASK}}})
LINK = "https://minio.test:8088/a/013_result.json?response-content-disposition=attachment%3B%20filename%3D%22a%22&X-Amz-Signature=d"
CASE = Case(
    options=SCNet(api_key=KEY, base_url="https://scnet.test/api/llm/v1"),
    facts=replace(FACTS, url="https://example.test/report.pdf", size=0),
    replies=(ACCEPTED, polled("running"), polled("SUCCEEDED", results=[LINK]), file("One.", "Two.")),
    unknown_status=polled("merging"),
    codes={
        "unknown_error": errors.VendorUnavailable,
        "modal_type_not_supported": errors.SubmitRejected,
        "provider_not_supported": errors.SubmitRejected,
        "model_not_supported": errors.SubmitRejected,
        "model_not_found": errors.SubmitRejected,
        "request_concurrency_conflict": errors.RateLimited,
        "provider_error": errors.VendorUnavailable,
        "model_route_failed": errors.VendorUnavailable,
        "content_illegal": errors.SubmitRejected,
        "limit_burst_rate": errors.RateLimited,
        "task_not_found": errors.JobFailed,
        "InvalidParameter": errors.SubmitRejected,
        "SystemError": errors.VendorUnavailable,
        "10011": errors.RateLimited,
        "401": errors.AuthError,
        "403": errors.AuthError,
        "429": errors.RateLimited,
        "500": errors.VendorUnavailable,
        "502": errors.VendorUnavailable,
        "503": errors.VendorUnavailable,
        "504": errors.VendorUnavailable,
    },
    refusal=refusal,
    pages=2,
    emulator="scnet",
)


class TestAddress(VendorContract):
    case = CASE


class TestUpload(VendorContract):
    case = replace(
        CASE,
        facts=FACTS,
        replies=(Reply(200, json={"code": "0", "data": FORM}), Reply(204, blob=Blob(b"")), *CASE.replies),
        codes={},
    )


class TestSeveralFiles(VendorContract):
    case = replace(
        CASE,
        replies=(ACCEPTED, polled("succeeded", results=[f"{LINK}1", f"{LINK}2"]), file("One."), file("Two.")),
        unknown_status=polled("merging"),
    )
