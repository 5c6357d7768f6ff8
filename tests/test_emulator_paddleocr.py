"""The emulated PaddleOCR service, driven over a real socket by a client written from the API docs' samples."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.errors import BrokenSource, ConfigError, UnknownOption
from docparse_loaders.model import BBox, Block, Page, Region
from raw_server import answering, serving

KEY = "token-test"
PDF = b"%PDF-1.7 as far as anybody here looks"
JOBS = "/api/v2/ocr/jobs"
VL = "PaddleOCR-VL-1.5"
AUTH = {"Authorization": f"bearer {KEY}"}


def block(name: str, kind: Any, text: str = "", *, y: float = 0.3, x: float = 0.1, **more: Any) -> Block:
    page = int(name[1:].partition("-")[0])
    return Block(name, kind, text, regions=(Region(page, BBox(x, y, 1 - x, y + 0.05)),), **more)


def page(number: int, *blocks: Block) -> Page:
    return Page(number, 595.0, 842.0, "point", 0, blocks)


def table(*rows: tuple[str, ...]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{cells}</table>"


HEAD = ("Part", "Qty")
PAGES = (
    page(
        1,
        block("p1-0", "header", "Inventory", y=0.0),
        block("p1-1", "title", "Stock", level=1, y=0.05),
        block("p1-2", "title", "1 Counting", level=3, y=0.1),
        block("p1-3", "caption", "Figure 1 The scales", y=0.2),
        block("p1-4", "figure", caption_ids=("p1-3",), y=0.25),
        block("p1-5", "equation", "w<1", latex="w<1", y=0.35),
        block("p1-6", "code", "count()\u2028weigh()", y=0.4),
        block("p1-7", "chart", "a | b", y=0.5),
        block("p1-8", "table", "", html=table(HEAD, ("P-1", "1 & 2")), y=0.85),
        block("p1-9", "page_number", "1", y=0.95),
    ),
    page(
        2,
        block("p2-0", "table", "", html=table(HEAD, ("P-2", "3")), y=0.05),
        block("p2-1", "text", "The scales were tested by people who", y=0.9),
    ),
    page(3, block("p3-0", "text", "did not see the value.", y=0.05), block("p3-1", "footnote", "Twice.", y=0.9)),
)
CENTRED = '<div style="text-align: center;">'
LABELS = {
    "header": (None, "Inventory"),
    "doc_title": (1, "# Stock"),
    "paragraph_title": (2, "## 1 Counting"),
    "figure_title": (
        None,
        f"{CENTRED}{CENTRED}Figure 1 The scales</div> </div>\n",
    ),
    "image": (
        None,
        f'{CENTRED}<img src="imgs/img_in_image_box_119_421_1071_505.jpg" alt="Image" width="80%" /></div>\n',
    ),
    "display_formula": (3, " $$ w<1 $$ "),
    "algorithm": (4, "count()\u2028weigh()"),
    "chart": (
        None,
        f'{CENTRED}<img src="imgs/img_in_chart_box_119_842_1071_926.jpg" alt="Image" width="80%" /></div>\n',
    ),
    "number": (None, "1"),
}


@contextmanager
def emulated(**settings: Any) -> Iterator[Emulator]:
    with Emulator("paddleocr", **{"keys": (KEY, "token-other"), "parse": lambda data: PAGES, **settings}) as running:
        yield running


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with emulated(max_bytes=5000) as running:
        yield running


def upload(
    emulator: Emulator, data: bytes = PDF, name: str = "report.pdf", *, auth: Any = AUTH, payload: Any = None, **form: Any
) -> httpx.Response:
    """As the docs' sample uploads a local file."""
    fields = {"model": VL, **form}
    if payload is not None:
        fields["optionalPayload"] = payload if isinstance(payload, str) else json.dumps(payload)
    return httpx.post(emulator.base_url + JOBS, headers=auth, data=fields, files={"file": (name, data)})


def by_url(emulator: Emulator, **fields: Any) -> httpx.Response:
    """As the docs' sample submits an address."""
    return httpx.post(emulator.base_url + JOBS, headers=AUTH, json={"model": VL, **fields})


def job(reply: httpx.Response) -> str:
    answer = reply.raise_for_status().json()
    assert (answer["code"], answer["msg"], list(answer["data"])) == (0, "Success", ["jobId"])
    return str(answer["data"]["jobId"])


def poll(emulator: Emulator, job_id: str, auth: Any = AUTH) -> httpx.Response:
    return httpx.get(f"{emulator.base_url}{JOBS}/{job_id}", headers=auth)


def told(emulator: Emulator, job_id: str) -> Any:
    return poll(emulator, job_id).raise_for_status().json()["data"]


def lines(emulator: Emulator, payload: Any = None, **form: Any) -> list[Any]:
    """The result's lines, cut as the docs' sample cuts them."""
    url = told(emulator, job(upload(emulator, payload=payload, **form)))["resultUrl"]["jsonUrl"]
    text = httpx.get(url).raise_for_status().content.decode()
    return [json.loads(line)["result"] for line in text.strip().split("\n")]


def pages(emulator: Emulator, payload: Any = None, **form: Any) -> list[Any]:
    return [entry for line in lines(emulator, payload, **form) for entry in line["layoutParsingResults"]]


def blocks(entry: Any) -> list[Any]:
    found: list[Any] = entry["prunedResult"]["parsing_res_list"]
    return found


def labelled(entry: Any) -> dict[str, Any]:
    return {found["block_label"]: found for found in blocks(entry)}


def test_submit_answers_with_the_documented_envelope(emulator: Emulator) -> None:
    before = emulator.submits
    answer = upload(emulator, payload={"useDocUnwarping": False}).json()
    assert re.fullmatch("[0-9a-f]{32}", answer.pop("traceId"))
    assert re.fullmatch("ocrjob-[0-9a-f]{12}", answer["data"].pop("jobId"))
    assert answer == {"code": 0, "msg": "Success", "data": {}}
    assert emulator.submits == before + 1


def test_a_done_job_tells_progress_as_strings_and_where_its_result_is(emulator: Emulator) -> None:
    job_id = job(upload(emulator))
    data = told(emulator, job_id)
    assert (data["jobId"], data["state"], data["errorMsg"]) == (job_id, "done", "")
    assert set(data["resultUrl"]) == {"jsonUrl", "markdownUrl"}
    progress = data["extractProgress"]
    assert (progress["totalPages"], progress["extractedPages"]) == ("3", "3")
    for name in ("startTime", "endTime"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", progress[name])


def test_a_job_goes_from_pending_over_running_to_done() -> None:
    now = [0.0]
    with emulated(queue_seconds=2, work_seconds=3, clock=lambda: now[0]) as emulator:
        job_id = job(upload(emulator))
        assert told(emulator, job_id) == {"jobId": job_id, "state": "pending", "errorMsg": ""}
        seen = []
        for now[0] in (2.0, 3.5, 4.999):
            data = told(emulator, job_id)
            assert (data["state"], "resultUrl" in data, data["extractProgress"]["totalPages"]) == ("running", False, "3")
            assert "endTime" not in data["extractProgress"]
            seen.append(data["extractProgress"]["extractedPages"])
        now[0] = 5.0
        assert told(emulator, job_id)["state"] == "done"
    assert seen == ["0", "1", "2"]


def test_every_kind_has_its_label_content_and_order(emulator: Emulator) -> None:
    first = pages(emulator)[0]
    for label, (order, content) in LABELS.items():
        found = labelled(first)[label]
        assert (label, found["block_order"], found["block_content"]) == (label, order, content)
    assert [found["block_id"] for found in blocks(first)] == list(range(10))
    assert labelled(first)["doc_title"]["block_bbox"] == [119, 84, 1071, 168]
    assert labelled(first)["doc_title"]["block_polygon_points"] == [[119, 84], [1071, 84], [1071, 168], [119, 168]]
    pruned = first["prunedResult"]
    assert (pruned["page_count"], pruned["width"], pruned["height"]) == (3, 1190, 1684)
    assert [found["block_label"] for found in blocks(pages(emulator)[2])] == ["text", "footnote"]


def test_plain_content_has_no_markdown(emulator: Emulator) -> None:
    first = labelled(pages(emulator, {"formatBlockContent": False})[0])
    contents = {label: first[label]["block_content"] for label in first}
    assert contents["doc_title"] == "Stock"
    assert contents["figure_title"] == "Figure 1 The scales"
    assert contents["display_formula"] == "w<1"
    assert (contents["image"], contents["chart"]) == ("", "")
    assert contents["table"] == table(HEAD, ("P-1", "1 &amp; 2"))
    assert first["table"]["block_order"] is None


def test_ids_over_pages_are_there_only_when_pages_are_put_together(emulator: Emulator) -> None:
    assert all("global_block_id" not in found for entry in pages(emulator) for found in blocks(entry))
    first, second, third = pages(emulator, {"restructurePages": True})
    ids = [found["global_block_id"] for entry in (first, second, third) for found in blocks(entry)]
    assert ids == list(range(14))
    assert all(found["group_id"] == found["block_id"] for found in blocks(second))


def test_a_table_over_pages_is_merged_into_its_head(emulator: Emulator) -> None:
    first, second, _ = pages(emulator, {"restructurePages": True})
    head, rest = labelled(first)["table"], labelled(second)["table"]
    assert (rest["block_content"], rest["global_group_id"], head["global_group_id"]) == ("", head["global_block_id"], 8)
    assert re.findall(r">([^<>\n]+)<", head["block_content"]) == ["Part", "Qty", "P-1", "1 &amp; 2", "P-2", "3"]
    assert head["block_content"].startswith("\n\n<table border=1 style='margin: auto; word-wrap: break-word;'><tr><td style=")
    others = [found for found in blocks(second) if found is not rest]
    assert all(found["global_group_id"] == found["global_block_id"] for found in others)


@pytest.mark.parametrize("payload", [{}, {"restructurePages": True, "mergeTables": False}])
def test_tables_stay_apart_unless_they_are_merged(emulator: Emulator, payload: Any) -> None:
    first, second, _ = pages(emulator, payload)
    assert "P-2" not in labelled(first)["table"]["block_content"]
    assert "P-2" in labelled(second)["table"]["block_content"]


def test_levels_are_true_only_when_titles_are_looked_at_together(emulator: Emulator) -> None:
    def heading(payload: Any) -> Any:
        return labelled(pages(emulator, payload)[0])["paragraph_title"]["block_content"]

    assert heading({"restructurePages": True}) == "### 1 Counting"
    assert heading({"restructurePages": True, "relevelTitles": False}) == "## 1 Counting"
    assert heading({"relevelTitles": True}) == "## 1 Counting"


def test_text_over_pages_is_never_merged(emulator: Emulator) -> None:
    _, second, third = pages(emulator, {"restructurePages": True})
    assert labelled(second)["text"]["block_content"] == "The scales were tested by people who"
    assert labelled(third)["text"]["block_content"] == "did not see the value."
    assert set(third["markdown"]) == {"text", "images"}


def test_a_line_holds_a_few_pages_and_nothing_reaches_over_it() -> None:
    long = tuple(
        page(n, block(f"p{n}-0", "table", html=table(HEAD, (f"P-{n}", "1")), y=0.05 if n > 1 else 0.9)) for n in (1, 2)
    )
    with emulated(parse=lambda data: (*long, *(page(n, block(f"p{n}-0", "text", "One.")) for n in range(3, 8))),
                  pages_per_line=1) as emulator:  # fmt: skip
        found = lines(emulator, {"restructurePages": True})
    assert len(found) == 7
    entries = [line["layoutParsingResults"][0] for line in found]
    assert {entry["prunedResult"]["page_count"] for entry in entries} == {1}
    assert [blocks(entry)[0]["global_block_id"] for entry in entries] == [0, 3, 6, 9, 12, 15, 18]
    assert blocks(entries[1])[0]["global_group_id"] == 3
    assert "P-2" in blocks(entries[1])[0]["block_content"]
    assert found[0]["dataInfo"] == {"type": "pdf", "numPages": 1, "pages": [{"width": 1190, "height": 1684}]}
    assert found[0]["preprocessedImages"] == []


def test_seven_pages_make_a_line_of_five_and_one_of_two() -> None:
    many = tuple(page(n, block(f"p{n}-0", "text", f"Page {n}.")) for n in range(1, 8))
    with emulated(parse=lambda data: many) as emulator:
        found = lines(emulator, {"restructurePages": True})
    assert [[entry["prunedResult"]["page_count"] for entry in line["layoutParsingResults"]] for line in found] == [
        [5] * 5,
        [2] * 2,
    ]
    ids = [blocks(entry)[0]["global_block_id"] for line in found for entry in line["layoutParsingResults"]]
    assert ids == [0, 1, 2, 3, 4, 11, 12]
    names = [entry["inputImage"].partition("?")[0].rpartition("/")[2] for entry in found[1]["layoutParsingResults"]]
    assert names == ["input_img_0.jpg", "input_img_1.jpg"]


def test_markdown_leaves_furniture_out_and_names_its_pictures(emulator: Emulator) -> None:
    first = pages(emulator)[0]["markdown"]
    assert first["text"].startswith("# Stock\n\n## 1 Counting\n\n<div style")
    assert "Inventory" not in first["text"]
    assert set(first["images"]) == set(re.findall(r'src="([^"]+)"', first["text"]))
    assert len(first["images"]) == 2
    kept = pages(emulator, {"markdownIgnoreLabels": ["number"], "returnMarkdownImages": False})[0]["markdown"]
    assert kept["text"].startswith("Inventory\n\n# Stock")
    assert kept["images"] is None


def test_files_need_no_token_and_refuse_one(emulator: Emulator) -> None:
    data = told(emulator, job(upload(emulator)))["resultUrl"]
    link = data["jsonUrl"]
    assert httpx.get(link).headers["content-type"] == "application/octet-stream"
    assert httpx.get(link, headers=AUTH).status_code == 400
    assert httpx.get(data["markdownUrl"]).text.startswith("# Stock")
    entry = pages(emulator)[0]
    for url in (*entry["markdown"]["images"].values(), *entry["outputImages"].values(), entry["inputImage"]):
        assert httpx.get(url).content.startswith(b"\x89PNG")


def test_links_expire_and_a_poll_gives_fresh_ones() -> None:
    now = [0.0]
    with emulated(clock=lambda: now[0], link_seconds=60) as emulator:
        job_id = job(upload(emulator))
        old = told(emulator, job_id)["resultUrl"]["jsonUrl"]
        now[0] = 61.0
        assert httpx.get(old).status_code == 403
        assert httpx.get(told(emulator, job_id)["resultUrl"]["jsonUrl"]).status_code == 200


def test_pictures_of_pages_can_be_switched_off(emulator: Emulator) -> None:
    entry = pages(emulator, {"visualize": False})[0]
    assert (entry["outputImages"], entry["inputImage"]) == (None, None)
    assert lines(emulator, {"visualize": False}, model="PP-OCRv5")[0]["ocrResults"][0]["ocrImage"] is None


def test_charts_are_read_when_asked_for(emulator: Emulator) -> None:
    assert labelled(pages(emulator, {"useChartRecognition": True})[0])["chart"]["block_content"] == "a | b"


def test_separators_of_unicode_stand_raw_in_a_line(emulator: Emulator) -> None:
    url = told(emulator, job(upload(emulator)))["resultUrl"]["jsonUrl"]
    text = httpx.get(url).content.decode()
    assert len(text.strip().split("\n")) == 1 < len(text.strip().splitlines())


def test_docx_comes_along(emulator: Emulator) -> None:
    export = pages(emulator, {"outputFormats": ["docx"]})[0]["exports"]["docx"]
    assert export["fileName"] == "doc_0.docx"
    assert export["content"].startswith("UEs")  # "PK" in base64


def test_structure_tells_where_paragraphs_begin_and_end(emulator: Emulator) -> None:
    found = pages(emulator, {"restructurePages": True}, model="PP-StructureV3")
    flags = [(entry["markdown"]["isStart"], entry["markdown"]["isEnd"]) for entry in found]
    assert flags == [(True, True), (True, False), (False, True)]
    first = labelled(found[0])
    assert first["table"]["block_content"].strip().startswith("<html><body><table>")
    assert first["formula"]["block_content"] == " $$ w<1 $$ "
    assert "display_formula" not in first
    assert not {"group_id", "global_block_id"} & set(first["table"])
    assert "P-2" in labelled(found[1])["table"]["block_content"]
    pruned = found[0]["prunedResult"]
    assert pruned["formula_res_list"][0]["rec_formula"] == "w<1"
    assert pruned["table_res_list"][0]["pred_html"] == first["table"]["block_content"].strip()


@pytest.mark.parametrize("model", ["PP-OCRv5", "PP-OCRv5-latin", "PP-OCRv6"])
def test_ocr_gives_lines_in_parallel_lists(emulator: Emulator, model: str) -> None:
    (line,) = lines(emulator, model=model)
    assert set(line) == {"ocrResults", "dataInfo"}
    assert line["dataInfo"] == {"type": "pdf", "numPages": 3, "pages": [{"width": 1190, "height": 1684}] * 3}
    first, second, _ = line["ocrResults"]
    assert set(first) == {"prunedResult", "ocrImage", "docPreprocessingImage", "inputImage"}
    assert httpx.get(first["ocrImage"]).status_code == 200
    pruned = first["prunedResult"]
    assert "width" not in pruned
    assert " ".join(pruned["rec_texts"]).startswith("Inventory Stock 1 Counting Figure 1 The scales w<1 ")
    assert second["prunedResult"]["rec_texts"][:2] == ["Part Qty", "P-2 3"]
    assert [box[1] for box in second["prunedResult"]["rec_boxes"][:2]] == [84, 126]
    assert " ".join(second["prunedResult"]["rec_texts"]).endswith("P-2 3 The scales were tested by people who")
    for name in ("rec_scores", "rec_polys", "rec_boxes", "dt_polys", "textline_orientation_angles"):
        assert len(pruned[name]) == len(pruned["rec_texts"])


@pytest.mark.parametrize("model", ["PP-StructureV3", "PaddleOCR-VL", "PaddleOCR-VL-1.6"])
def test_every_model_of_documents_is_known(emulator: Emulator, model: str) -> None:
    assert len(pages(emulator, model=model)) == 3


@pytest.mark.parametrize(
    ("ranges", "texts"), [("1", "123"), ("2,4-6", "2456"), ("2--2", "23456"), ("-1", "7"), ("5, 2-3,2", "235")]
)
def test_page_ranges(ranges: str, texts: str) -> None:
    many = tuple(page(n, block(f"p{n}-0", "text", str(n))) for n in range(1, 8))
    with emulated(parse=lambda data: many) as emulator:
        found = pages(emulator, pageRanges=ranges)
    expected = texts if ranges != "1" else "1"
    assert [blocks(entry)[0]["block_content"] for entry in found] == list(expected)


def test_a_batch_lists_its_jobs_with_numbers(emulator: Emulator) -> None:
    ids = [job(upload(emulator, batchId="batch-1")), job(upload(emulator, batchId="batch-1"))]
    answer = httpx.get(f"{emulator.base_url}{JOBS}/batch/batch-1", headers=AUTH).json()
    assert (answer["code"], answer["data"]["batchId"]) == (0, "batch-1")
    assert [entry["jobId"] for entry in answer["data"]["extractResult"]] == ids
    entry = answer["data"]["extractResult"][0]
    assert (entry["state"], entry["extractProgress"]["totalPages"], entry["extractProgress"]["extractedPages"]) == (
        "done",
        3,
        3,
    )
    assert httpx.get(entry["resultUrl"]["jsonUrl"]).status_code == 200


def test_a_batch_belongs_to_its_key_and_holds_a_hundred(emulator: Emulator) -> None:
    other = {"Authorization": "Bearer token-other"}
    with httpx.Client() as client:
        for _ in range(100):
            form = {"model": VL, "batchId": "full"}
            reply = client.post(emulator.base_url + JOBS, headers=AUTH, data=form, files={"file": ("a.pdf", PDF)})
            assert reply.status_code == 200
    refused = upload(emulator, batchId="full")
    assert (refused.status_code, refused.json()["code"]) == (400, 10009)
    assert upload(emulator, batchId="full", auth=other).status_code == 200
    url = f"{emulator.base_url}{JOBS}/batch/"
    assert len(httpx.get(f"{url}full", headers=other).json()["data"]["extractResult"]) == 1
    assert httpx.get(f"{url}unknown", headers=AUTH).json()["data"] == {"batchId": "unknown", "extractResult": []}


@pytest.mark.parametrize("scheme", ["bearer", "Bearer"])
def test_both_spellings_of_the_scheme_are_taken(emulator: Emulator, scheme: str) -> None:
    auth = {"Authorization": f"{scheme} {KEY}", "Client-Platform": "langchain", "Content-Type": "application/json"}
    assert poll(emulator, job(upload(emulator)), auth).status_code == 200


@pytest.mark.parametrize("value", [None, "bearer", "bearer token-wrong", f"Token {KEY}", KEY])
def test_a_wrong_token_is_refused(emulator: Emulator, value: str | None) -> None:
    auth = {"Authorization": value} if value is not None else {}
    for reply in (upload(emulator, auth=auth), poll(emulator, "ocrjob-000000000000", auth)):
        assert (reply.status_code, reply.json()["code"], reply.json()["msg"]) == (401, 401, "Token 无效")


REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "empty": (10001, {"data": b""}),
    "too large": (10003, {"data": PDF + bytes(5000)}),
    "unknown format": (10004, {"data": b"PK\x03\x04", "name": "book.epub"}),
    "no format": (10004, {"data": b"hello", "name": "book"}),
    "not what the name says": (10005, {"data": b"hello"}),
    "picture that is none": (10005, {"data": b"hello", "name": "scan.png"}),
    "unknown model": (10007, {"model": "PaddleOCR-VL-9"}),
    "no model": (10007, {"model": ""}),
    "options are no JSON": (10008, {"payload": "useDocUnwarping"}),
    "options are no object": (10008, {"payload": "[]"}),
    "options are a bomb": (10008, {"payload": "[" * 100_000}),
    "switch is a number": (10008, {"payload": {"useDocUnwarping": 1}}),
    "number is a switch": (10008, {"payload": {"temperature": True}}),
    "list is a string": (10008, {"payload": {"markdownIgnoreLabels": "header"}}),
    "shape is a list": (10008, {"payload": {"layoutShapeMode": ["rect"]}}),
    "labels are objects": (10008, {"payload": {"outputFormats": [{}]}}),
    "no range": (10008, {"pageRanges": ""}),
    "unknown prompt": (10008, {"payload": {"promptLabel": "poem"}}),
    "unknown output": (10008, {"payload": {"outputFormats": ["docx", "epub"]}}),
    "ranges are no numbers": (10008, {"pageRanges": "one"}),
    "page 0": (10008, {"pageRanges": "0-2"}),
    "page beyond the end": (10008, {"pageRanges": "2-4"}),
    "backwards": (10008, {"pageRanges": "3-2"}),
    "before the first": (10008, {"pageRanges": "-4"}),
    "threshold above one": (10008, {"payload": {"layoutThreshold": {"table": 1.5}}}),
    "three ratios": (10008, {"payload": {"layoutUnclipRatio": [1, 2, 3]}}),
    "unknown mode": (10008, {"payload": {"layoutMergeBboxesMode": "huge"}}),
    "unknown limit": (10008, {"payload": {"textDetLimitType": "both"}}),
    "half a pixel": (10008, {"payload": {"minPixels": 0.5}}),
    "more than the most": (10008, {"payload": {"minPixels": 9, "maxPixels": 8}}),
    "no number": (10008, {"payload": '{"temperature": NaN}'}),
    "cold": (10008, {"payload": {"temperature": -1}}),
    "arguments are a list": (10008, {"payload": {"vlmExtraArgs": []}}),
    "file and address": (10008, {"fileUrl": "http://127.0.0.1/a.pdf"}),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses_a_submit(emulator: Emulator, case: str) -> None:
    code, change = REFUSALS[case]
    before = emulator.submits
    reply = upload(emulator, **change)
    answer = reply.json()
    assert (reply.status_code, answer["code"]) == (400, code)
    assert answer["msg"]
    assert answer["traceId"]
    assert emulator.submits == before


@pytest.mark.parametrize(
    "ranges",
    ["1-", "1,", ",1", "1,,2", "1-2-3", "1~2", "a", "1;2", "0", "0-1", "2-1", "-1--2", "1.5", "+1", "١", "1-2\n", "--1"],
)
@pytest.mark.parametrize("name", ["report.pdf", "scan.png"])
def test_malformed_ranges_are_refused_whatever_the_file(emulator: Emulator, ranges: str, name: str) -> None:
    data = PDF if name == "report.pdf" else b"\x89PNG\r\n\x1a\n"
    reply = upload(emulator, data, name, pageRanges=ranges)
    assert (reply.status_code, reply.json()["code"]) == (400, 10008)
    assert ranges in reply.json()["data"]["errorMsg"] or "\n" in ranges


def test_what_is_wrong_with_a_request_stands_in_its_data(emulator: Emulator) -> None:
    assert upload(emulator, payload={"useDocUnwarping": "no"}).json()["data"] == {
        "errorMsg": "optionalPayload.useDocUnwarping: 'no'"
    }


@pytest.mark.parametrize(
    "payload",
    [{"use_chart_recognition": True}, {"futureOption": {}}, {"useDocUnwarping": None}, {"layoutThreshold": {"0": 0.5}}],
)
def test_unknown_options_have_no_effect_and_null_is_as_good_as_none(emulator: Emulator, payload: Any) -> None:
    assert labelled(pages(emulator, payload)[0])["chart"]["block_content"] == LABELS["chart"][1]


REFUSED_JSON: dict[str, tuple[int, dict[str, Any]]] = {
    "no address": (10008, {}),
    "address is a number": (10002, {"fileUrl": 1}),
    "other scheme": (10002, {"fileUrl": "file:///etc/passwd"}),
    "no host": (10002, {"fileUrl": "http://"}),
    "model is a list": (10007, {"fileUrl": "http://127.0.0.1/a.pdf", "model": [VL]}),
    "options in a string": (10008, {"fileUrl": "http://127.0.0.1/a.pdf", "optionalPayload": "{}"}),
    "ranges are a number": (10008, {"fileUrl": "http://127.0.0.1/a.pdf", "pageRanges": 2}),
    "batch is a number": (10008, {"fileUrl": "http://127.0.0.1/a.pdf", "batchId": 7}),
}


@pytest.mark.parametrize("case", REFUSED_JSON)
def test_refuses_an_address(emulator: Emulator, case: str) -> None:
    code, fields = REFUSED_JSON[case]
    reply = by_url(emulator, **fields)
    assert (reply.status_code, reply.json()["code"]) == (400, code)


def test_fetches_an_address(emulator: Emulator) -> None:
    link = told(emulator, job(upload(emulator)))["resultUrl"]["markdownUrl"]
    with emulated(parse=lambda data: PAGES[:1]) as other:
        reply = by_url(other, fileUrl=link, optionalPayload={"visualize": False})
        assert reply.json()["code"] == 10004  # it is Markdown: fetched, and no document
        gone = by_url(other, fileUrl=link.partition("?")[0])
        assert gone.json()["code"] == 10002


def test_an_address_of_a_document_is_parsed(emulator: Emulator) -> None:
    async def parsed() -> tuple[Any, bytes]:
        async with serving(answering(PDF)) as server, httpx.AsyncClient(base_url=emulator.base_url, headers=AUTH) as client:
            order = {"fileUrl": f"{server.url}/report.pdf?x=1", "model": VL, "optionalPayload": {"visualize": False}}
            job_id = job(await client.post(JOBS, json={**order, "pageRanges": None}))
            return (await client.get(f"{JOBS}/{job_id}")).json()["data"], server.requests[0].head

    data, head = asyncio.run(parsed())
    assert (data["state"], data["extractProgress"]["totalPages"]) == ("done", "3")
    assert head.startswith(b"GET /api/v1/report.pdf?x=1 ")
    assert KEY.encode() not in head


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 100_000])
def test_a_body_that_is_no_object_is_refused(emulator: Emulator, content: bytes) -> None:
    headers = {**AUTH, "Content-Type": "application/json"}
    reply = httpx.post(emulator.base_url + JOBS, headers=headers, content=content)
    assert (reply.status_code, reply.json()["code"]) == (400, 10008)


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_other_bodies_are_refused(emulator: Emulator, media_type: str) -> None:
    reply = httpx.post(emulator.base_url + JOBS, headers={**AUTH, "Content-Type": media_type}, content=b"--y\r\n\r\n")
    assert (reply.status_code, reply.json()["code"]) == (400, 10008)


def test_what_cannot_be_read_is_refused_or_fails() -> None:
    def broken(data: bytes) -> tuple[Page, ...]:
        raise BrokenSource("cross-reference table missing")

    with emulated(parse=broken) as emulator:
        assert upload(emulator).json()["code"] == 10005
        data = told(emulator, job(upload(emulator, b"\x89PNG\r\n\x1a\n", "scan.png")))
    assert (data["state"], "resultUrl" in data) == ("failed", False)
    assert data["errorMsg"] == "文件内容无法解析"


def test_a_picture_is_told_as_one() -> None:
    with emulated(parse=lambda data: PAGES[:1]) as emulator:
        data = told(emulator, job(upload(emulator, b"\x89PNG\r\n\x1a\n", "scan.png")))
        result = json.loads(httpx.get(data["resultUrl"]["jsonUrl"]).content)["result"]
    assert result["dataInfo"] == {"type": "image", "width": 1190, "height": 1684}
    assert result["layoutParsingResults"][0]["prunedResult"]["page_count"] is None


def test_too_many_pages_are_refused_but_not_if_few_are_asked_for() -> None:
    with emulated(max_pages=2) as emulator:
        assert upload(emulator).json()["code"] == 10006
        assert upload(emulator, pageRanges="1-2").json()["code"] == 0


def test_jobs_belong_to_their_key(emulator: Emulator) -> None:
    job_id = job(upload(emulator))
    for reply in (poll(emulator, job_id, {"Authorization": "bearer token-other"}), poll(emulator, "ocrjob-000000000000")):
        assert (reply.status_code, reply.json()["code"]) == (404, 11001)


def test_pages_of_a_day_are_counted_for_each_model() -> None:
    now = [0.0]
    with emulated(daily_pages=5, clock=lambda: now[0]) as emulator:
        assert upload(emulator).status_code == 200
        refused = upload(emulator)
        assert (refused.status_code, refused.json()["code"]) == (403, 12001)
        assert upload(emulator, model="PP-OCRv6").status_code == 200
        assert upload(emulator, auth={"Authorization": "bearer token-other"}).status_code == 200
        now[0] = 86_400.0
        assert upload(emulator).status_code == 200


def test_requests_of_a_second_are_counted() -> None:
    now = [0.0]
    with emulated(qps=2, clock=lambda: now[0]) as emulator:
        codes = [poll(emulator, "x").status_code for _ in range(3)]
        now[0] = 1.0
        assert poll(emulator, "x").status_code == 404
    assert codes == [404, 404, 429]


STATUSES = {
    401: 401, 500: 500, 10001: 400, 10002: 400, 10003: 400, 10004: 400, 10005: 400, 10006: 400, 10007: 400, 10008: 400,
    10009: 400, 10010: 400, 11001: 404, 11002: 400, 11003: 200, 12001: 403, 12002: 429,
}  # fmt: skip


@pytest.mark.parametrize("code", STATUSES)
def test_every_documented_code_comes_on_demand(code: int) -> None:
    faults = [Fault("jobs", f"code:{code}"), Fault("*", f"code:{code}")]
    with emulated(faults=faults) as emulator:
        replies = [upload(emulator), poll(emulator, "ocrjob-000000000000")]
        assert emulator.submits == 0
    for reply in replies:
        assert (reply.status_code, reply.json()["code"]) == (STATUSES[code], code)
        assert reply.json()["msg"]


@pytest.mark.parametrize(("kind", "state"), [("unknown_status", "merging"), ("never", "running"), ("failed", "failed")])
def test_a_job_has_its_fate(kind: str, state: str) -> None:
    with emulated(faults=[Fault("jobs", kind)], work_seconds=60) as emulator:
        job_id = job(upload(emulator))
        assert told(emulator, job_id)["state"] == (state if kind == "unknown_status" else "running")
    with emulated(faults=[Fault("jobs", kind)]) as emulator:
        job_id = job(upload(emulator))
        assert told(emulator, job_id)["state"] == {"unknown_status": "done", "never": "running", "failed": "failed"}[kind]


@pytest.mark.parametrize(("kind", "state"), [("unknown_status", "merging"), ("never", "running"), ("failed", "failed")])
def test_a_single_poll_can_show_something_else(kind: str, state: str) -> None:
    with emulated(faults=[None, Fault("batch/b", kind)]) as emulator:
        job(upload(emulator, batchId="b"))
        url = f"{emulator.base_url}{JOBS}/batch/b"
        states = [httpx.get(url, headers=AUTH).json()["data"]["extractResult"][0]["state"] for _ in range(2)]
    assert states == [state, "done"]


def test_a_failed_job_can_come_as_a_code() -> None:
    with emulated(faults=[Fault("jobs", "failed")], failed_code=True) as emulator:
        reply = poll(emulator, job(upload(emulator)))
    assert (reply.status_code, reply.json()["code"]) == (200, 11003)
    assert reply.json()["data"]["errorMsg"]


REASONS = {"10005": "文件内容无法解析", "10006": "文件页数超过限制", "500": "系统错误", "page-3": "page-3"}


@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("on_submit", [True, False])
def test_a_job_fails_for_the_reason_that_is_wanted(code: str, on_submit: bool) -> None:
    fault = Fault("jobs" if on_submit else "batch/b", f"failed:{code}")
    for coded in (True, False):
        with emulated(faults=[fault], failed_code=coded) as emulator:
            job_id = job(upload(emulator, batchId="b"))
            (entry,) = httpx.get(f"{emulator.base_url}{JOBS}/batch/b", headers=AUTH).json()["data"]["extractResult"]
            assert (entry["state"], entry["errorMsg"], "resultUrl" in entry) == ("failed", REASONS[code], False)
            reply = poll(emulator, job_id).json()
        assert (reply["code"], reply["data"]["errorMsg"]) == (
            ((11003 if coded else 0), REASONS[code]) if on_submit else (0, "")
        )


def test_recorded_answers_differ_from_the_documents() -> None:
    with emulated(counts="int", markdown_url=False) as emulator:
        data = told(emulator, job(upload(emulator)))
        assert (data["extractProgress"]["totalPages"], set(data["resultUrl"])) == (3, {"jsonUrl"})
    with emulated(flat_url=True, counts="str") as emulator:
        data = told(emulator, job(upload(emulator, batchId="b")))
        assert "resultUrl" not in data
        assert httpx.get(data["resultJsonUrl"]).status_code == 200
        (entry,) = httpx.get(f"{emulator.base_url}{JOBS}/batch/b", headers=AUTH).json()["data"]["extractResult"]
        assert entry["extractProgress"]["totalPages"] == "3"


def test_jobs_expire() -> None:
    now = [0.0]
    with emulated(job_seconds=60, clock=lambda: now[0]) as emulator:
        job_id = job(upload(emulator))
        now[0] = 60.0
        assert told(emulator, job_id)["state"] == "done"
        now[0] = 61.0
        reply = poll(emulator, job_id)
    assert (reply.status_code, reply.json()["code"]) == (400, 11002)


def test_the_queue_is_full_until_a_job_is_done() -> None:
    now = [0.0]
    with emulated(queue=1, work_seconds=10, clock=lambda: now[0]) as emulator:
        job(upload(emulator))
        refused = upload(emulator)
        now[0] = 10.0
        job(upload(emulator))
    assert (refused.status_code, refused.json()["code"]) == (400, 10010)


@pytest.mark.parametrize("setting", [{"counts": "float"}, {"pages_per_line": 0}])
def test_unknown_values_of_a_dialect_are_named(setting: Any) -> None:
    with pytest.raises(ConfigError, match=next(iter(setting))[:5]), emulated(**setting):
        pass


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(UnknownOption, match="'count'"), emulated(count="int"):
        pass


@pytest.mark.parametrize("path", ["/api/v2/ocr/job", "/api/v1/ocr/jobs", "/layout-parsing", "/"])
def test_other_paths_are_not_there(emulator: Emulator, path: str) -> None:
    reply = httpx.post(emulator.base_url + path, headers=AUTH)
    assert (reply.status_code, reply.json()["code"]) == (404, 404)


def test_methods_are_kept_apart(emulator: Emulator) -> None:
    assert httpx.get(emulator.base_url + JOBS, headers=AUTH).status_code == 405
    assert httpx.post(f"{emulator.base_url}{JOBS}/ocrjob-1", headers=AUTH).status_code == 405


def test_the_log_tells_what_arrived_and_no_secret(emulator: Emulator) -> None:
    upload(emulator, payload={"visualize": False}, batchId="log")
    arrival = emulator.requests[-1]
    assert (arrival.method, arrival.path) == ("POST", JOBS)
    assert arrival.form == (("model", VL), ("batchId", "log"), ("optionalPayload", '{"visualize": false}'))
    assert arrival.files == (("file", "report.pdf", len(PDF)),)
    assert KEY not in repr(emulator.requests)


def test_environment_is_what_a_client_needs(emulator: Emulator) -> None:
    assert emulator.environment == {"PADDLEOCR_BASE_URL": emulator.origin, "PADDLEOCR_ACCESS_TOKEN": KEY}
    assert emulator.base_url == emulator.origin
