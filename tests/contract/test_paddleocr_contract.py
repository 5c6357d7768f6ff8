"""PaddleOCR on AI Studio keeps the contract; codes and answers are those of its page on asynchronous jobs."""

import json
from dataclasses import replace

from pydantic import JsonValue

from docparse_loaders import errors
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.protocol import Blob, Reply

from .suite import KEY, Case, VendorContract

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
JOB = "ocrjob-f4377241b695"
STATUS = {
    **{str(code): 400 for code in (*range(10001, 10011), 11002)},
    "401": 401,
    "500": 500,
    "11001": 404,
    "11003": 200,
    "12001": 403,
    "12002": 429,
}


def said(data: dict[str, JsonValue], status: int = 200) -> Reply:
    return Reply(status, json={"traceId": "0b1e", "code": 0, "msg": "Success", "data": data})


def refusal(code: str) -> Reply:
    return Reply(STATUS[code], json={"traceId": "0b1e", "code": int(code), "msg": "no"})


def page(text: str) -> dict[str, JsonValue]:
    block: JsonValue = {"block_label": "text", "block_content": text, "block_bbox": [100, 200, 1000, 260], "block_id": 0}
    pruned: JsonValue = {"page_count": 2, "width": 1191, "height": 1684, "parsing_res_list": [block]}
    return {"prunedResult": pruned, "markdown": {"text": text, "images": {}}, "outputImages": None, "inputImage": None}


LINES = "\n".join(json.dumps({"result": {"layoutParsingResults": [page(text)], "dataInfo": {}}}) for text in ("One.", "Two."))
DONE: dict[str, JsonValue] = {
    "jobId": JOB,
    "state": "done",
    "extractProgress": {"totalPages": "2", "extractedPages": 2, "startTime": "2026-05-30 14:27:39"},
    "resultUrl": {"jsonUrl": "https://bos.test/r.jsonl?signature=x"},
}
CASE = Case(
    options=PaddleOCR(api_key=KEY, base_url="https://paddleocr.test"),
    facts=FACTS,
    replies=(
        said({"jobId": JOB}),
        said({"jobId": JOB, "state": "pending"}),
        said({"jobId": JOB, "state": "running", "extractProgress": {"totalPages": "2", "extractedPages": 1}}),
        said(DONE),
        Reply(200, blob=Blob(LINES.encode())),
    ),
    unknown_status=said({"jobId": JOB, "state": "merging"}),
    codes={
        "401": errors.AuthError,
        "500": errors.VendorUnavailable,
        "10001": errors.EmptySource,
        "10002": errors.UnsupportedSource,
        "10003": errors.SourceTooLarge,
        "10004": errors.UnsupportedSource,
        "10005": errors.BrokenSource,
        "10006": errors.SourceTooLarge,
        "10007": errors.SubmitRejected,
        "10008": errors.SubmitRejected,
        "10009": errors.SubmitRejected,
        "10010": errors.RateLimited,
        "11001": errors.JobFailed,
        "11002": errors.JobFailed,
        "11003": errors.JobFailed,
        "12001": errors.QuotaError,
        "12002": errors.RateLimited,
    },
    refusal=refusal,
    pages=2,
    emulator="paddleocr",
    pages_sent="2-4,7",
)


class TestUpload(VendorContract):
    case = CASE


class TestAddress(VendorContract):
    case = replace(CASE, facts=replace(FACTS, url="https://example.test/report.pdf?s=1", size=0))
