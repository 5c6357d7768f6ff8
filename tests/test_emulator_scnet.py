"""SCNet's emulator over a real socket, against its ocrdoc page: paths, forms, words, codes, links, result files."""

import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.emulator.scnet.words import CODES, NUMBERS
from docparse_loaders.errors import ConfigError
from docparse_loaders.model import BBox, Block, Page, Region

KEY = "sk-emulator"
HEAD = {"authorization": f"Bearer {KEY}"}
PDF = b"%PDF-1.7\n1"
TABLE = "<table><tr><td>1</td></tr></table>"


def at(row: int) -> tuple[Region, ...]:
    return (Region(1, BBox(0.1, row / 10, 0.9, row / 10 + 0.05)),)


BLOCKS = (
    Block("p1-0", "header", "Head", regions=at(0)),
    Block("p1-1", "title", "One", level=2, regions=at(1)),
    Block("p1-2", "text", "A\nB", regions=at(2)),
    Block("p1-3", "table", "1", html=TABLE, regions=at(3)),
    Block("p1-4", "equation", "x^2", latex="x^2", regions=at(4)),
    Block("p1-5", "seal", "OK", regions=at(5)),
    Block("p1-6", "figure", regions=at(6)),
    Block("p1-7", "page_number", "1", regions=at(9)),
)
PAGES = (Page(1, 595.0, 842.0, "point", 0, BLOCKS), Page(2, 842.0, 595.0, "point", 0, ()))


def running(*faults: Fault, parse: Callable[[bytes], Sequence[Page]] | None = lambda data: PAGES, **settings: Any) -> Emulator:
    return Emulator("scnet", faults=faults, parse=parse, **settings)


def presigned(emulator: Emulator, name: str = "a b.pdf") -> Any:
    reply = httpx.get(f"{emulator.base_url}/upload/presign", params={"file_name": name}, headers=HEAD)
    assert reply.json()["code"] == "0"
    return reply.json()["data"]


def uploaded(emulator: Emulator, data: bytes = PDF, name: str = "a b.pdf") -> str:
    form = presigned(emulator, name)
    names = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")
    parts = {field: (None, form[field.replace("-", "_")]) for field in names} | {"key": (None, form["key"])}
    httpx.post(form["upload_url"], files={**parts, "file": (name, data)}).raise_for_status()
    return str(form["file_url"])


def submit(emulator: Emulator, **body: Any) -> Any:
    body = body or {"file_url": uploaded(emulator)}
    return httpx.post(f"{emulator.base_url}/ocrdoc/submit", json=body, headers=HEAD).json()


def result(emulator: Emulator, *ids: str) -> Any:
    return httpx.post(f"{emulator.base_url}/ocrdoc/result", json={"task_ids": list(ids)}, headers=HEAD).json()


def parsed(emulator: Emulator) -> list[Any]:
    """The result files of one document."""
    task_id = submit(emulator)["data"]["output"]["task_id"]
    output = result(emulator, task_id)["data"][0]["output"]
    assert output["task_status"] == "succeeded"
    return [json.loads(httpx.get(link).content) for link in output["results"]]


def test_a_document_on_its_whole_way() -> None:
    clock = itertools.count(0.0, 1.0)
    with running(queue_seconds=4.0, work_seconds=4.0, clock=lambda: next(clock)) as emulator:
        answer = submit(emulator)
        assert answer["code"] == "0"
        task_id = answer["data"]["output"]["task_id"]
        assert task_id.isdecimal()
        assert len(task_id) == 19
        words = [result(emulator, task_id)["data"][0]["output"]["task_status"] for _ in range(10)]
    assert list(dict.fromkeys(words)) == ["pending", "running", "succeeded"]
    assert emulator.submits == 1


def test_the_result_file_has_what_the_client_reads() -> None:
    with running() as emulator:
        (file,) = parsed(emulator)
    first, second = file["documents"][0]["datas"]
    assert (first["width"], first["height"], first["rotate_angle"], second["blocks"]) == (1190, 1684, 0, [])
    header, title, text, table, formula, seal, image, footer = first["blocks"]
    assert [block["type"] for block in first["blocks"]] == [
        "header",
        "text",
        "text",
        "table",
        "formula",
        "seal",
        "image",
        "footer",
    ]
    assert (title["sub_type"], text["sub_type"]) == ("title", None)
    assert text["lines"] == [{"text": "A"}, {"text": "B"}]
    assert (table["html"], table["lines"], formula["latex"]) == (TABLE, [], "x^2")
    assert seal["blocks"][0]["lines"] == [{"text": "OK"}]
    assert image["sub_img"]
    assert (header["bbox"], footer["lines"]) == ([119, 0, 1071, 84], [{"text": "1"}])
    assert first["md"]["markdown_content"].startswith("## One\n\nA\nB")


@pytest.mark.parametrize(("form", "length"), [("four", 4), ("eight", 8), ("points", 4), ("fractions", 4)])
def test_boxes_come_in_every_form(form: str, length: int) -> None:
    with running(bbox=form) as emulator:
        (file,) = parsed(emulator)
    box = file["documents"][0]["datas"][0]["blocks"][0]["bbox"]
    assert len(box) == length
    assert isinstance(box[0], list) == (form == "points")
    assert (form == "fractions") == (isinstance(box[0], float) and max(box) <= 1)


@pytest.mark.parametrize("shape", ["nested", "flat", "list"])
def test_results_come_in_several_files_and_shapes(shape: str) -> None:
    with running(pages_per_file=1, shape=shape) as emulator:
        files = parsed(emulator)
    found = [file if shape == "list" else file["datas"] if shape == "flat" else file["documents"][0]["datas"] for file in files]
    assert [len(pages) for pages in found] == [1, 1]
    assert found[0][0]["blocks"]
    assert not found[1][0]["blocks"]


def test_links_have_the_spelling_of_real_ones_and_refuse_a_key() -> None:
    with running() as emulator:
        task_id = submit(emulator)["data"]["output"]["task_id"]
        (link,) = result(emulator, task_id)["data"][0]["output"]["results"]
        assert "response-content-disposition=attachment%3B%20filename%3D%22013_result_" in link
        assert "filename%2A%3DUTF-8%27%27" in link
        assert httpx.get(link).status_code == 200
        assert httpx.get(link.replace("%22", "%23", 1)).status_code == 403
        assert httpx.get(link, headers=HEAD).status_code == 400


class TestDialects:
    def test_the_page_says_200(self) -> None:
        with running(style="documented") as emulator:
            answer = submit(emulator)
            assert (answer["code"], set(answer["data"])) == ("200", {"output", "request_id"})
            assert result(emulator, answer["data"]["output"]["task_id"])["code"] == "200"

    def test_the_samples_read_camel_case_on_top(self) -> None:
        with running(style="samples", work_seconds=60.0) as emulator:
            answer = submit(emulator, fileUrl=uploaded(emulator))
            task_id = answer["output"]["taskId"]
            assert answer["output"]["taskStatus"] == "PENDING"
            url = f"{emulator.base_url}/ocrdoc/result"
            polled = httpx.get(url, params={"taskId": task_id}, headers=HEAD).json()["output"]
        assert (polled["taskId"], polled["taskStatus"], polled["estimatedSeconds"]) == (task_id, "RUNNING", 7)

    def test_ids_may_be_numbers_or_uuids(self) -> None:
        with running(numeric_ids=True) as emulator:
            assert submit(emulator)["data"]["output"]["task_id"] > 2**53
        with running(ids="uuid") as emulator:
            assert len(submit(emulator)["data"]["output"]["task_id"]) == 36


class TestRefusals:
    @pytest.mark.parametrize(
        "value",
        [None, "", "Bearer", "Bearer sk-wrong", KEY, f"bearer {KEY}", f"Bearer  {KEY}", f"Token {KEY}", f"Bearer Bearer {KEY}"],
    )
    def test_a_key_that_is_not_written_as_documented(self, value: str | None) -> None:
        head = {} if value is None else {"authorization": value}
        with running() as emulator:
            replies = [
                httpx.get(f"{emulator.base_url}/upload/presign", params={"file_name": "a.pdf"}, headers=head),
                httpx.post(f"{emulator.base_url}/ocrdoc/submit", json={"file_url": "https://x.test/a.pdf"}, headers=head),
                httpx.post(f"{emulator.base_url}/ocrdoc/result", json={"task_ids": ["1"]}, headers=head),
            ]
            assert emulator.submits == 0
        assert [(reply.status_code, reply.json()["code"]) for reply in replies] == [(401, "401")] * 3

    @pytest.mark.parametrize(
        "body",
        [
            {"file_url": "a.pdf"},
            {"file_url": 7},
            {"file": "x"},
            {"file_url": "https://example.test/a.exe"},
            {"file_url": "https://example.test/a.pdf", "ocr_type": "OCR"},
        ],
    )
    def test_a_submit_that_is_not_in_order(self, body: dict[str, Any]) -> None:
        with running() as emulator:
            answer = submit(emulator, **body)
            assert answer["error"]["code"] == "InvalidParameter"
            assert emulator.submits == 0

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"task_ids": "1"}', b'{"task_ids": []}', b'{"task_ids": [1]}'])
    def test_a_question_that_is_not_in_order(self, body: bytes) -> None:
        with running() as emulator:
            reply = httpx.post(f"{emulator.base_url}/ocrdoc/result", content=body, headers=HEAD)
        assert reply.json()["error"]["code"] == "InvalidParameter"

    def test_a_task_that_is_not_mine_or_not_there_is_unknown(self) -> None:
        with running(keys=(KEY, "sk-other")) as emulator:
            task_id = submit(emulator)["data"]["output"]["task_id"]
            entries = result(emulator, "1", task_id)["data"]
            other = httpx.post(
                f"{emulator.base_url}/ocrdoc/result", json={"task_ids": [task_id]}, headers={"authorization": "Bearer sk-other"}
            ).json()
        assert [entry["output"]["task_status"] for entry in entries] == ["unknown", "succeeded"]
        assert other["data"][0]["output"]["task_status"] == "unknown"

    def test_a_file_that_is_too_large_or_broken(self) -> None:
        with running(max_bytes=5) as emulator:
            assert submit(emulator)["error"]["code"] == "InvalidParameter"
        with running(parse=None) as emulator:
            task_id = submit(emulator, file_url=uploaded(emulator, b"%PDF-1.7 broken"))["data"]["output"]["task_id"]
            output = result(emulator, task_id)["data"][0]["output"]
        assert (output["task_status"], output["error_code"]) == ("failed", "provider_error")

    def test_a_fresh_task_may_not_be_found_yet(self) -> None:
        with running(unseen=2) as emulator:
            task_id = submit(emulator)["data"]["output"]["task_id"]
            words = [result(emulator, task_id)["data"][0]["output"]["task_status"] for _ in range(3)]
        assert words == ["unknown", "unknown", "succeeded"]
        with running(unseen=1, missing="null") as emulator:
            task_id = submit(emulator)["data"]["output"]["task_id"]
            assert result(emulator, task_id, "1")["data"] == [None, None]
            found, missing = result(emulator, task_id, "1")["data"]
        assert (found["output"]["task_status"], missing) == ("succeeded", None)

    @pytest.mark.parametrize(
        "setting", [{"errors": "x"}, {"style": "x"}, {"ids": "x"}, {"shape": "x"}, {"bbox": "x"}, {"missing": "x"}]
    )
    def test_a_dialect_that_does_not_exist(self, setting: dict[str, Any]) -> None:
        with pytest.raises(ConfigError, match="'x'"), running(**setting):
            pass

    def test_too_many_requests(self) -> None:
        with running(qps=1) as emulator:
            presigned(emulator)
            reply = httpx.get(f"{emulator.base_url}/upload/presign", params={"file_name": "a.pdf"}, headers=HEAD)
        assert (reply.status_code, reply.json()["code"]) == (429, "10011")

    @pytest.mark.parametrize("code", sorted(CODES))
    def test_every_documented_code_can_be_demanded(self, code: str) -> None:
        with running(Fault("ocrdoc/submit", f"code:{code}")) as emulator:
            answer = submit(emulator)
            assert code in (answer.get("code"), answer.get("error", {}).get("code"))
            assert emulator.submits == 0
            assert submit(emulator)["code"] == "0"

    def test_the_sample_of_the_page_has_a_number_and_a_word(self) -> None:
        with running(Fault("ocrdoc/submit", "code:model_not_found"), errors="numbers") as emulator:
            answer = submit(emulator)
        assert set(answer) == {"request_id", "error"}
        assert (answer["error"]["code"], answer["error"]["type"]) == ("404", "model_not_found")
        assert answer["error"]["message"].startswith("Model not found")

    @pytest.mark.parametrize("code", sorted(NUMBERS))
    def test_errors_come_in_three_forms(self, code: str) -> None:
        found = {}
        for form in ("words", "numbers", "gateway"):
            with running(Fault("ocrdoc/submit", f"code:{code}"), errors=form) as emulator:
                found[form] = submit(emulator)
        assert found["words"]["error"]["code"] == found["words"]["error"]["type"] == code
        assert (found["numbers"]["error"]["code"], found["numbers"]["error"]["type"]) == (str(NUMBERS[code]), code)
        assert (found["gateway"]["code"], set(found["gateway"])) == (code, {"code", "msg"})

    @pytest.mark.parametrize("code", sorted(CODES))
    @pytest.mark.parametrize("path", ["ocrdoc/submit", "ocrdoc/result"])
    def test_a_task_fails_with_the_code_that_is_wanted(self, path: str, code: str) -> None:
        with running(Fault(path, f"failed:{code}"), failure="content_illegal") as emulator:
            task_id = submit(emulator)["data"]["output"]["task_id"]
            outputs = [result(emulator, task_id)["data"][0]["output"] for _ in range(2)]
        assert (outputs[0]["task_status"], outputs[0]["error_code"]) == ("failed", code)
        assert outputs[0]["error_message"] == CODES[code]
        assert outputs[1]["task_status"] == ("failed" if path == "ocrdoc/submit" else "succeeded")

    def test_a_task_may_fail_for_lack_of_room(self) -> None:
        with running(Fault("ocrdoc/submit", "failed"), failure="limit_burst_rate") as emulator:
            task_id = submit(emulator)["data"]["output"]["task_id"]
            output = result(emulator, task_id)["data"][0]["output"]
        assert (output["task_status"], output["error_code"]) == ("failed", "limit_burst_rate")

    def test_wrong_paths_and_methods(self) -> None:
        with running() as emulator:
            assert httpx.post(f"{emulator.base_url}/upload/presign", headers=HEAD).status_code == 405
            assert httpx.get(f"{emulator.base_url}/ocrdoc/results", headers=HEAD).status_code == 404


def test_the_command_line_client_sends_a_form_with_the_file() -> None:
    with running() as emulator:
        url, form = f"{emulator.base_url}/ocrdoc/submit", {"ocr_type": "DOC_PARING", "is_table_cls": "false"}
        taken = httpx.post(url, data=form, files={"file": ("a.pdf", PDF)}, headers=HEAD).json()
        assert taken["code"] == "0"
        large = httpx.post(url, data=form, files={"file": ("a.pdf", PDF + bytes(11 << 20))}, headers=HEAD).json()
    assert large["error"]["code"] == "InvalidParameter"


def test_a_real_document_is_parsed(examples: Path) -> None:
    with running(parse=None) as emulator:
        url = uploaded(emulator, (examples / "report.pdf").read_bytes())
        task_id = submit(emulator, file_url=url)["data"]["output"]["task_id"]
        entry = result(emulator, task_id)["data"][0]
        (link,) = entry["output"]["results"]
        file = httpx.get(link).json()
    assert entry["usage"] == {"image_count": 8}
    assert len(file["documents"][0]["datas"]) == 8


def test_the_environment_is_what_a_client_needs() -> None:
    emulator = Emulator("scnet")
    assert emulator.environment == {"SCNET_BASE_URL": emulator.base_url, "SCNET_API_KEY": KEY}
    assert emulator.base_url.endswith("/api/llm/v1")
