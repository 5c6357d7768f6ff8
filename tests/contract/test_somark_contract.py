"""SoMark keeps the contract; its documents are the API docs of somark.cn and somark.tech and the client's error table."""

from docparse_loaders import errors
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.protocol import Reply
from docparse_loaders.vendors.somark import SoMark

from .suite import KEY, Case, VendorContract

FACTS = SourceFacts("report.pdf", "report.pdf", "application/pdf", 1000, "ab" * 32)
BLOCK = {"idx": 0, "type": "text", "bbox": [10, 20, 500, 60], "content": "Hello.", "captions": [], "img_url": ""}
PAGES = [{"page_num": number, "blocks": [BLOCK], "page_size": {"w": 1190, "h": 1684}} for number in range(2)]


def said(status: str, **data: object) -> Reply:
    return Reply(200, json={"code": 0, "message": "ok", "data": {"task_id": "a1b2", "status": status, **data}})  # type: ignore[dict-item]  # JSON


def refusal(code: str) -> Reply:
    return Reply(200, json={"code": int(code), "message": "no", "data": None})


class TestSoMark(VendorContract):
    case = Case(
        options=SoMark(api_key=KEY, base_url="https://somark.test/api/v1"),
        facts=FACTS,
        replies=(
            said("QUEUING"),
            said("PROCESSING", result=None),
            said("SUCCESS", result={"outputs": {"json": {"pages": PAGES}}}, metadata={"page_num": 2}),
        ),
        unknown_status=said("POSTPROCESSING"),
        codes={
            "1101": errors.RateLimited,
            "1102": errors.VendorUnavailable,
            "1104": errors.UnsupportedSource,
            "1105": errors.SubmitRejected,
            "1106": errors.BrokenSource,
            "1107": errors.AuthError,
            "1108": errors.QuotaError,
            "1111": errors.SubmitRejected,
            "1118": errors.SourceTooLarge,
            "1120": errors.VendorUnavailable,
            "1123": errors.QuotaError,
            "1124": errors.RateLimited,
            "1132": errors.SourceTooLarge,
            "1133": errors.SubmitRejected,
            "1137": errors.JobFailed,
            "1138": errors.VendorUnavailable,
            "2000": errors.SubmitRejected,
        },
        refusal=refusal,
        pages=2,
        emulator="somark",
    )
