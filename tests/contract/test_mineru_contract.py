"""MinerU and Parse4AI keep the contract; codes and answers are those of their API pages."""

import io
import json
import zipfile
from dataclasses import replace

from pydantic import JsonValue

from docparse_loaders import errors
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.mineru import MinerU, Parse4AI
from docparse_loaders.vendors.protocol import Blob, Reply

from .suite import KEY, Case, VendorContract

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
LINKED = replace(FACTS, url="https://example.test/report.pdf", size=0)
CONTENT = [{"type": "text", "text": f"Page {page}. ", "bbox": [100, 100, 900, 200], "page_idx": page} for page in range(2)]
CODES: dict[str, type[DocParseError]] = {
    "-20002": errors.AuthError,
    "-20011": errors.AuthError,
    "-500": errors.SubmitRejected,
    "-10001": errors.VendorUnavailable,
    "-10002": errors.SubmitRejected,
    "-60002": errors.UnsupportedSource,
    "-60003": errors.BrokenSource,
    "-60004": errors.EmptySource,
    "-60005": errors.SourceTooLarge,
    "-60006": errors.SourceTooLarge,
    "-60007": errors.RateLimited,
    "-60008": errors.RateLimited,
    "-60009": errors.RateLimited,
    "-60010": errors.JobFailed,
    "-60012": errors.JobFailed,
    "-60013": errors.AuthError,
    "-60015": errors.BrokenSource,
    "-60017": errors.QuotaError,
}
"""Those of Parse4AI's page."""
MINERU_CODES: dict[str, type[DocParseError]] = {
    **CODES,
    "-60001": errors.VendorUnavailable,
    "-60011": errors.ProtocolError,
    "-60014": errors.SubmitRejected,
    "-60016": errors.JobFailed,
    "-60018": errors.QuotaError,
    "-60019": errors.QuotaError,
    "-60022": errors.BrokenSource,
}


def archive() -> Reply:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as members:
        members.writestr("full.md", "Page 0.\n\nPage 1.")
        members.writestr("3f2a_content_list.json", json.dumps(CONTENT))
    return Reply(200, blob=Blob(packed.getvalue(), "application/zip"))


def single(**data: JsonValue) -> Reply:
    return Reply(
        200, json={"code": 0, "message": "ok", "data": {"taskId": "a90e6ab6-44f3", **data}, "timestamp": 1640995200000}
    )


def snake(**data: JsonValue) -> Reply:
    return Reply(200, json={"code": 0, "msg": "ok", "trace_id": "c876", "data": data})


def refusal(code: str) -> Reply:
    return Reply(200, json={"code": int(code), "message": "no", "msg": "no", "data": None})


ZIP = "https://cdn.test/pdf/018e.zip"


class TestParse4AI(VendorContract):
    case = Case(
        options=Parse4AI(api_key=KEY, base_url="https://parse4ai.test/api"),
        facts=LINKED,
        replies=(
            single(),
            single(state="pending", errMsg=""),
            single(state="running", errMsg=""),
            single(state="converting", errMsg=""),
            single(state="done", fullZipUrl=ZIP, markdownUrl="https://cdn.test/pdf/018e.md", errMsg=""),
            archive(),
        ),
        unknown_status=single(state="polishing"),
        codes=CODES,
        refusal=refusal,
        pages=2,
        pages_sent="2-4,7",
    )


class TestStaged(VendorContract):
    """A local file, which lies in the user's own storage first."""

    case = replace(
        TestParse4AI.case,
        options=Parse4AI(api_key=KEY, base_url="https://parse4ai.test/api", staging="s3://bucket/in"),
        facts=FACTS,
        replies=(Reply(200, json={"url": "https://bucket.test/in/ab.pdf?X-Amz-Signature=1"}), *TestParse4AI.case.replies),
        codes={},
    )


class TestMinerUAddress(VendorContract):
    case = Case(
        options=MinerU(api_key=KEY, base_url="https://mineru.test/api/v4"),
        facts=LINKED,
        replies=(
            snake(task_id="47726b6e-46ca"),
            snake(task_id="47726b6e-46ca", state="running", extract_progress={"extracted_pages": 1, "total_pages": "2"}),
            snake(task_id="47726b6e-46ca", state="done", full_zip_url=ZIP, err_msg=""),
            archive(),
        ),
        unknown_status=snake(task_id="47726b6e-46ca", state="polishing"),
        codes=MINERU_CODES,
        refusal=refusal,
        pages=2,
        pages_sent="2-4,7",
    )
