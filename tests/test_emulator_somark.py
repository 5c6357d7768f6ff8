"""The emulated SoMark, driven over a real socket by a client written from the API docs' samples and by nothing of ours."""

import asyncio
import io
import json
import logging
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders.emulator import Emulator, Fault, Service, serve
from docparse_loaders.emulator.somark import somark_app
from docparse_loaders.emulator.somark.form import Refused
from docparse_loaders.emulator.somark.purse import Purse
from docparse_loaders.errors import BrokenSource, ConfigError, UnknownOption, UnknownVendor
from docparse_loaders.model import BBox, Block, Page, Region

KEY = "sk-test"
PDF = b"%PDF-1.7 as far as anybody here looks"


def block(name: str, kind: Any, text: str = "", *, y: float = 0.3, **more: Any) -> Block:
    page = int(name[1])
    return Block(name, kind, text, regions=(Region(page, BBox(0.1, y, 0.9, y + 0.05)),), **more)


TABLE = "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>P-1</td><td>a|b</td></tr></table>"
PAGES = (
    Page(
        1,
        595.0,
        842.0,
        "point",
        0,
        (
            block("p1-0", "header", "Inventory", y=0.0),
            block("p1-1", "title", "1 Counting", level=2),
            block("p1-2", "caption", "Table 1 Stock by part", y=0.4),
            block("p1-3", "table", "Part Qty P-1 a|b", html=TABLE, caption_ids=("p1-2",), y=0.5),
            block("p1-4", "figure", y=0.6),
            block("p1-5", "equation", "w<1", latex="w<1", y=0.7),
            block("p1-6", "text", "The scales were tested by people who", y=0.85),
        ),
    ),
    Page(2, 595.0, 842.0, "point", 0, (block("p2-0", "text", "did not see the value.", y=0.1),)),
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator("somark", keys=(KEY, "sk-other"), parse=lambda data: PAGES, max_bytes=5000) as running:
        yield running


def submit(
    emulator: Emulator, data: bytes = PDF, name: str = "report.pdf", path: str = "async", *, key: str | None = KEY, **form: Any
) -> Any:
    fields = {field: json.dumps(value) if isinstance(value, dict) else value for field, value in form.items()}
    if key is not None:
        fields["api_key"] = key
    reply = httpx.post(f"{emulator.base_url}/parse/{path}", data=fields, files={"file": (name, data)})
    return reply.raise_for_status().json()


def check(emulator: Emulator, task_id: str, key: str = KEY) -> Any:
    return httpx.post(f"{emulator.base_url}/parse/async_check", data={"task_id": task_id, "api_key": key}).json()


def parsed(emulator: Emulator, **form: Any) -> Any:
    """Outputs of a job that is done at once."""
    answer = check(emulator, submit(emulator, **form)["data"]["task_id"])
    return answer["data"]["result"]["outputs"]


def blocks(outputs: Any, page: int = 0) -> dict[str, Any]:
    return {entry["type"]: entry for entry in outputs["json"]["pages"][page]["blocks"]}


def shape(value: Any) -> Any:
    """Keys and types of JSON, all the way down; a list stands for the shapes that its entries have."""
    if isinstance(value, dict):
        return {key: shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return sorted({repr(shape(entry)) for entry in value})
    return type(value).__name__


# The answer in the API docs, as far as every job has it.
DOCUMENTED = {
    "code": 0,
    "message": "查询成功",
    "data": {
        "record_id": 12345,
        "task_id": "c5e6c983f28a4e6eb5d6c061343a8642",
        "status": "SUCCESS",
        "file_name": "document.pdf",
        "metadata": {"page_num": 5, "file_type": ".pdf"},
        "result": {
            "file_name": "document.pdf",
            "imgs": [],
            "outputs": {
                "markdown": "# 第一章 引言\n\n本文档介绍了...",
                "json": {
                    "pages": [
                        {
                            "page_num": 0,
                            "blocks": [
                                {
                                    "idx": 1,
                                    "type": "text",
                                    "bbox": [72, 100, 540, 200],
                                    "content": "本文档介绍了...",
                                    "format": "text",
                                    "captions": [],
                                    "img_url": "",
                                }
                            ],
                            "page_size": {"h": 1684, "w": 1190},
                            "merge_content_from_pre_page": False,
                        }
                    ]
                },
            },
        },
    },
}


def test_a_finished_job_has_the_documented_shape_to_the_last_key() -> None:
    page = Page(1, 595.0, 842.0, "point", 0, (block("p1-0", "text", "One."),))
    with Emulator("somark", keys=(KEY,), parse=lambda data: (page,)) as emulator:
        answer = check(emulator, submit(emulator)["data"]["task_id"])
    assert shape(answer) == shape(DOCUMENTED)
    assert list(answer["data"]["result"]["outputs"]["json"]["pages"][0]["blocks"][0]) == [
        "idx", "type", "bbox", "content", "format", "captions", "img_url",
    ]  # fmt: skip
    assert answer["data"]["result"]["outputs"]["json"]["pages"][0]["page_size"] == {"h": 1684, "w": 1190}
    assert answer["data"]["result"]["outputs"]["json"]["pages"][0]["blocks"][0]["bbox"] == [119, 505, 1071, 589]


def test_submit_answers_with_an_id_of_32_hex_digits_and_no_result(emulator: Emulator) -> None:
    answer = submit(emulator)
    task_id = answer["data"].pop("task_id")
    assert len(task_id) == 32
    assert int(task_id, 16) >= 0
    assert answer == {"code": 0, "message": "task submitted", "data": {"status": "QUEUING"}}


def test_polling_may_be_multipart_as_in_the_curl_sample(emulator: Emulator) -> None:
    task_id = submit(emulator)["data"]["task_id"]
    parts = {"task_id": (None, task_id), "api_key": (None, KEY)}
    assert httpx.post(f"{emulator.base_url}/parse/async_check", files=parts).json()["data"]["status"] == "SUCCESS"


def test_a_job_queues_works_and_is_done_by_the_clock() -> None:
    now = [0.0]
    with Emulator(
        "somark", keys=(KEY,), queue_seconds=2, work_seconds=lambda n: 3.0 * n, parse=lambda d: PAGES, clock=lambda: now[0]
    ) as emulator:
        first, second = (submit(emulator)["data"]["task_id"] for _ in range(2))
        seen = []
        for now[0] in (0.0, 1.9, 2.0, 4.9, 5.0, 7.9, 8.0):
            seen.append((now[0], *(check(emulator, job)["data"]["status"] for job in (first, second))))
    assert seen == [
        (0.0, "QUEUING", "QUEUING"),
        (1.9, "QUEUING", "QUEUING"),
        (2.0, "PROCESSING", "PROCESSING"),
        (4.9, "PROCESSING", "PROCESSING"),
        (5.0, "SUCCESS", "PROCESSING"),
        (7.9, "SUCCESS", "PROCESSING"),
        (8.0, "SUCCESS", "SUCCESS"),
    ]


def test_a_running_job_has_no_result_yet() -> None:
    with Emulator("somark", keys=(KEY,), work_seconds=60, parse=lambda data: PAGES) as emulator:
        data = check(emulator, submit(emulator)["data"]["task_id"])["data"]
    assert (data["status"], data["result"], data["metadata"]) == ("PROCESSING", None, {"page_num": 2, "file_type": ".pdf"})


def test_defaults_leave_out_levels_links_and_furniture(emulator: Emulator) -> None:
    outputs = parsed(emulator)
    assert set(outputs) == {"markdown", "json"}
    found = blocks(outputs)
    assert set(found) == {"title", "table_caption", "table", "figure", "equation", "text"}
    assert "title_level" not in found["title"]
    assert outputs["json"]["pages"][1]["merge_content_from_pre_page"] is False
    assert "text_cross_page" not in outputs["json"]["pages"][1]["blocks"][0]


def test_features_add_levels_links_and_furniture(emulator: Emulator) -> None:
    wanted = ("enable_text_cross_page", "enable_title_level_recognition", "keep_header_footer")
    outputs = parsed(emulator, feature_config=dict.fromkeys(wanted, True))
    assert blocks(outputs)["title"]["title_level"] == 2
    assert blocks(outputs)["header"]["idx"] == 0
    page = outputs["json"]["pages"][1]
    assert page["merge_content_from_pre_page"] is True
    assert page["blocks"][0]["text_cross_page"] == {"page_num": 0, "block_idx": 6}
    assert outputs["markdown"].startswith("Inventory\n\n## 1 Counting\n\n")


def test_captions_are_positions_of_blocks_of_their_own(emulator: Emulator) -> None:
    found = blocks(parsed(emulator))
    assert found["table"]["captions"] == [found["table_caption"]["idx"]]
    assert found["figure"]["captions"] == []


@pytest.mark.parametrize(
    ("wanted", "content"),
    [("html", TABLE), ("markdown", "| Part | Qty |\n| --- | --- |\n| P-1 | a\\|b |"), ("image", "")],
)
def test_tables_come_in_the_format_asked_for(emulator: Emulator, wanted: str, content: str) -> None:
    table = blocks(parsed(emulator, element_formats={"table": wanted}))["table"]
    assert (table["content"], table["format"]) == (content, wanted)
    assert "/images/p0_2.png?" in table["img_url"]


@pytest.mark.parametrize(
    ("wanted", "content"),
    [
        ("latex", "w<1"),
        ("ascii", "w<1"),
        ("mathml", '<math><annotation encoding="application/x-tex">w&lt;1</annotation></math>'),
    ],
)
def test_formulas_come_in_the_format_asked_for(emulator: Emulator, wanted: str, content: str) -> None:
    equation = blocks(parsed(emulator, element_formats={"formula": wanted}))["equation"]
    assert (equation["content"], equation["format"], equation["img_url"]) == (content, wanted, "")


def test_picture_links_can_be_fetched_without_a_key(emulator: Emulator) -> None:
    url = blocks(parsed(emulator))["figure"]["img_url"]
    reply = httpx.get(url)
    assert reply.headers["content-type"] == "image/png"
    assert reply.content.startswith(b"\x89PNG")
    assert emulator.downloads[-1].path.endswith("/images/p0_3.png")


def test_links_lead_to_another_port_and_are_signed(emulator: Emulator) -> None:
    url = blocks(parsed(emulator))["figure"]["img_url"]
    assert not url.startswith(emulator.origin)
    refused = {
        400: httpx.get(url, headers={"authorization": f"Bearer {KEY}"}),
        403: httpx.get(url.replace(".png", ".gif")),
        405: httpx.post(url, data={"api_key": KEY}),
    }
    assert {status: reply.status_code for status, reply in refused.items()} == {status: status for status in refused}
    assert httpx.get(url.partition("?")[0]).status_code == 403
    path = httpx.URL(url).path.removeprefix("/bucket")
    assert httpx.get(f"{emulator.base_url}/files{path}").status_code == 404


def test_a_link_expires_and_the_next_answer_has_a_fresh_one() -> None:
    now = [0.0]
    element = {"image": "file"}
    with Emulator("somark", keys=(KEY,), parse=lambda data: PAGES, clock=lambda: now[0], link_seconds=60) as emulator:
        pictures = submit(emulator)["data"]["task_id"]
        archive = submit(emulator, output_formats=["zip", "json"], element_formats=element)["data"]["task_id"]

        def links() -> list[str]:
            answers = [check(emulator, job)["data"]["result"]["outputs"] for job in (pictures, archive)]
            return [blocks(answers[0])["figure"]["img_url"], answers[1]["zip"]]

        first = links()
        assert [httpx.get(url).status_code for url in first] == [200, 200]
        now[0] = 61.0
        assert [httpx.get(url).status_code for url in first] == [403, 403]
        assert [httpx.get(url).status_code for url in links()] == [200, 200]
        assert emulator.submits == 2


def test_the_links_of_one_job_open_no_other(emulator: Emulator) -> None:
    one, other = (blocks(parsed(emulator))["figure"]["img_url"] for _ in range(2))
    path, query = one.partition("?")[0], other.partition("?")[2]
    assert httpx.get(f"{path}?{query}").status_code == 403


@pytest.mark.parametrize("kind", ["503", "429"])
def test_faults_reach_the_files(kind: str) -> None:
    with Emulator("somark", keys=(KEY,), parse=lambda data: PAGES, faults=[Fault("files", kind)]) as emulator:
        url = blocks(parsed(emulator))["figure"]["img_url"]
        assert [httpx.get(url).status_code for _ in range(2)] == [int(kind), 200]


def test_in_process_the_files_are_an_application_of_their_own() -> None:
    app = somark_app(Service(parse=lambda data: PAGES))

    async def fetched() -> httpx.Response:
        mounts = {
            "http://emulator": httpx.ASGITransport(app=app),
            app.state.shelf.origin: httpx.ASGITransport(app=app.state.files),
        }
        async with httpx.AsyncClient(mounts=mounts) as client:
            data, files = {"api_key": "sk-emulator"}, {"file": ("a.pdf", PDF)}
            answer = await client.post("http://emulator/api/v1/parse/sync", data=data, files=files)
            return await client.get(blocks(answer.json()["data"]["result"]["outputs"])["figure"]["img_url"])

    reply = asyncio.run(fetched())
    assert (reply.status_code, reply.content[:4]) == (200, b"\x89PNG")
    assert [arrival.method for arrival in app.state.journal.downloads] == ["GET"]


@pytest.mark.parametrize(("form", "start"), [("base64", "data:image/png;base64,iVBOR"), ("file", "images/p0_"), ("none", "")])
def test_pictures_come_in_the_form_asked_for(emulator: Emulator, form: str, start: str) -> None:
    found = blocks(parsed(emulator, element_formats={"image": form}))
    assert found["figure"]["img_url"].startswith(start)
    assert bool(found["figure"]["img_url"]) == bool(start)
    assert bool(found["table"]["img_url"]) == bool(start)


def test_picture_features_can_be_switched_off(emulator: Emulator) -> None:
    found = blocks(parsed(emulator, feature_config={"enable_table_image": False, "enable_image_understanding": False}))
    assert (found["table"]["img_url"], found["figure"]["content"]) == ("", "")
    assert blocks(parsed(emulator))["figure"]["content"] != ""


def test_zip_holds_everything(emulator: Emulator) -> None:
    outputs = parsed(emulator, output_formats=["zip", "markdown", "json"], element_formats={"image": "file"})
    archive = zipfile.ZipFile(io.BytesIO(httpx.get(outputs["zip"]).content))
    pictures = {entry["img_url"] for entry in outputs["json"]["pages"][0]["blocks"]} - {""}
    assert {"result.md", "result.json"} | pictures == set(archive.namelist())
    assert json.loads(archive.read("result.json")) == outputs["json"]


def test_only_the_outputs_asked_for(emulator: Emulator) -> None:
    assert set(parsed(emulator, output_formats=["json"])) == {"json"}
    assert set(parsed(emulator, output_formats="markdown")) == {"markdown"}


def test_sync_answers_with_the_result_at_once(emulator: Emulator) -> None:
    answer = submit(emulator, path="sync", output_formats="markdown")
    assert answer["data"]["error"] is None
    assert "status" not in answer["data"]
    assert set(answer["data"]["result"]["outputs"]) == {"markdown"}


def usage(emulator: Emulator, key: str = KEY) -> tuple[int, int, int]:
    """Paid pages, free ones of the day, free ones of the month."""
    data = httpx.post(f"{emulator.base_url}/usage", data={"api_key": key}).json()["data"]
    assert data["dashboard_url"] == f"{emulator.origin}/"
    return (data["remaining_paid_pages"], data["remaining_free_pages_today"], data["remaining_free_pages_this_month"])


def account(**dialect: Any) -> Emulator:
    """An emulator whose every document has two pages."""
    return Emulator("somark", keys=(KEY, "sk-other"), parse=lambda data: PAGES, **dialect)


def test_usage_counts_pages_down() -> None:
    with account() as emulator:
        submit(emulator)
        assert usage(emulator) == (1_000_000, 498, 1998)


def test_free_pages_go_first_and_then_the_paid_ones() -> None:
    with account(balance=5, free_a_day=3, free_a_month=100) as emulator:
        seen = [(submit(emulator)["code"], usage(emulator)) for _ in range(5)]
    assert seen == [
        (0, (5, 1, 98)),
        (0, (4, 0, 97)),
        (0, (2, 0, 97)),
        (0, (0, 0, 97)),
        (1108, (0, 0, 97)),
    ]
    assert emulator.submits == 4


@pytest.mark.parametrize("path", ["async", "sync"])
def test_too_few_pages_are_not_used_for_a_part(path: str) -> None:
    with account(balance=1, free_a_day=0) as emulator:
        answer = submit(emulator, path=path)
        assert answer == {"code": 1123, "message": "Not enough pages left: 2 pages, 1 left", "data": None}
        assert usage(emulator) == (1, 0, 2000)
        assert emulator.submits == 0


def test_an_account_without_any_page_has_no_plan() -> None:
    with account(balance=0, free_a_day=0) as emulator:
        assert submit(emulator) == {"code": 1108, "message": "No balance or no plan", "data": None}
        assert submit(emulator, b"hello")["code"] == 1106, "a bad file is one whatever the balance"
        assert emulator.submits == 0


def test_a_refused_file_uses_no_page() -> None:
    with account() as emulator:
        codes = [
            submit(emulator, name="a.epub")["code"],
            submit(emulator, b"hello")["code"],
            submit(emulator, key="no")["code"],
        ]
        assert codes == [1104, 1106, 1107]
        assert usage(emulator) == (1_000_000, 500, 2000)


def test_each_key_has_an_account_of_its_own() -> None:
    with account(balance=0, free_a_day=2) as emulator:
        assert [submit(emulator)["code"] for _ in range(2)] == [0, 1108]
        assert (usage(emulator), usage(emulator, "sk-other")) == ((0, 0, 1998), (0, 2, 2000))
        assert submit(emulator, key="sk-other")["code"] == 0


def test_free_pages_come_back_with_the_day_and_with_the_month() -> None:
    now = [1000.0]
    day = 86_400.0
    with account(balance=0, free_a_day=2, free_a_month=5, clock=lambda: now[0]) as emulator:
        seen = []
        for now[0] in (1000.0, 1000.0 + day - 1, 1000.0 + day, 1000.0 + 2 * day, 1000.0 + 30 * day):
            seen.append((submit(emulator)["code"], usage(emulator)))
    assert seen == [
        (0, (0, 0, 3)),
        (1108, (0, 0, 3)),
        (0, (0, 0, 1)),
        (1123, (0, 2, 1)),  # two are left of the day, and one of the month
        (0, (0, 0, 3)),
    ]


@pytest.mark.parametrize("name", ["balance", "free_a_day", "free_a_month"])
def test_an_account_cannot_have_less_than_nothing(name: str) -> None:
    with pytest.raises(ConfigError, match="less than no pages"):
        account(**{name: -1})


@given(
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from([0.0, 43_200.0, 86_400.0, 30 * 86_400.0]))),
)
def test_no_page_is_used_twice_or_lost(paid: int, today: int, month: int, orders: list[tuple[int, float]]) -> None:
    now = [0.0]
    purse = Purse(lambda: now[0], paid, today, month)
    for pages, later in orders:
        now[0] += later
        before = purse.left()
        if pages > before.pages:
            with pytest.raises(Refused) as caught:
                purse.pay(pages)
            assert (caught.value.code, purse.left()) == (1123 if before.pages else 1108, before)
            continue
        purse.pay(pages)
        after = purse.left()
        assert before.pages - after.pages == pages
        assert min(after) >= 0
        assert (before.paid - after.paid > 0) <= (after.free == 0)


def test_the_old_option_name_is_taken_with_a_warning(emulator: Emulator) -> None:
    answer = submit(emulator, extract_config={"enable_title_level_recognition": True})
    assert answer["warnings"] == ["extract_config is deprecated"]
    outputs = check(emulator, answer["data"]["task_id"])["data"]["result"]["outputs"]
    assert blocks(outputs)["title"]["title_level"] == 2


REFUSALS: dict[str, tuple[int, dict[str, Any]]] = {
    "no key": (1107, {"key": None}),
    "empty key": (1107, {"key": ""}),
    "wrong key": (1107, {"key": "sk-wrong"}),
    "no suffix": (1104, {"name": "report"}),
    "unknown suffix": (1104, {"name": "report.epub"}),
    "suffix belies content": (1104, {"name": "report.png"}),
    "empty image": (1104, {"name": "report.tga", "data": b""}),
    "empty pdf": (1106, {"data": b""}),
    "not a pdf": (1106, {"data": b"hello"}),
    "too large": (1118, {"data": PDF + bytes(5000)}),
    "unknown output": (1105, {"output_formats": ["json", "docx"]}),
    "joined outputs": (1105, {"output_formats": "markdown,json"}),
    "retired output": (1105, {"output_formats": "somarkdown"}),
    "zip without files": (1105, {"output_formats": ["zip"]}),
    "elements are no JSON": (1105, {"element_formats": "image=url"}),
    "elements are no object": (1105, {"element_formats": "[]"}),
    "elements are a bomb": (1105, {"element_formats": "[" * 100_000}),
    "unknown element": (1105, {"element_formats": {"picture": "url"}}),
    "unknown element value": (1105, {"element_formats": {"image": "jpeg"}}),
    "element value of a wrong type": (1105, {"element_formats": {"image": ["url"]}}),
    "features are no JSON": (1105, {"feature_config": "{'keep_header_footer': True}"}),
    "unknown feature": (1105, {"feature_config": {"enable_magic": True}}),
    "feature is no boolean": (1105, {"feature_config": {"keep_header_footer": 1}}),
    "old name, unknown feature": (1105, {"extract_config": {"enable_magic": True}}),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refuses_a_submit(emulator: Emulator, case: str) -> None:
    code, change = REFUSALS[case]
    before = emulator.submits
    answer = submit(emulator, **change)
    assert (answer["code"], answer["data"]) == (code, None)
    assert answer["message"]
    assert emulator.submits == before


def test_refuses_a_submit_without_a_file(emulator: Emulator) -> None:
    url = f"{emulator.base_url}/parse/async"
    assert httpx.post(url, data={"api_key": KEY}).json()["code"] == 1111
    assert httpx.post(url, data={"api_key": KEY, "file": "report.pdf"}).json()["code"] == 1111


def test_error_texts_are_the_documented_ones(emulator: Emulator) -> None:
    assert submit(emulator, key="sk-wrong") == {"code": 1107, "message": "Invalid API key", "data": None}


def test_refuses_what_the_parser_cannot_read() -> None:
    def broken(data: bytes) -> tuple[Page, ...]:
        raise BrokenSource("cross-reference table missing")

    with Emulator("somark", keys=(KEY,), parse=broken) as emulator:
        assert submit(emulator)["code"] == 1106
        task_id = submit(emulator, b"\x89PNG\r\n\x1a\n", "scan.png")["data"]["task_id"]
        answer = check(emulator, task_id)
    assert (answer["code"], answer["message"], answer["data"]["status"]) == (0, "parse failed", "FAILED")
    assert answer["data"]["result"] is None


def test_refuses_too_many_pages() -> None:
    with Emulator("somark", keys=(KEY,), parse=lambda data: PAGES, max_pages=1) as emulator:
        assert submit(emulator)["code"] == 1132
        assert emulator.submits == 0


def test_a_task_belongs_to_its_key(emulator: Emulator) -> None:
    task_id = submit(emulator)["data"]["task_id"]
    assert check(emulator, task_id, key="sk-other")["code"] == 1105
    assert check(emulator, "0" * 32)["code"] == 1105
    assert httpx.post(f"{emulator.base_url}/parse/async_check", data={"api_key": KEY}).json()["code"] == 1105
    assert check(emulator, task_id, key="sk-wrong")["code"] == 1107


@pytest.mark.parametrize("path", ["/extract/async", "/extract/async_check", "/extract/acc_sync", "/parse", "/../secret"])
def test_old_and_wrong_paths_are_gone(emulator: Emulator, path: str) -> None:
    reply = httpx.post(f"{emulator.base_url}{path}", data={"api_key": KEY})
    assert (reply.status_code, reply.json()) == (404, {"code": 404, "message": "Not Found", "data": None})


def test_everything_is_a_post(emulator: Emulator) -> None:
    for path in ("parse/async", "parse/async_check", "parse/sync", "usage"):
        reply = httpx.get(f"{emulator.base_url}/{path}", params={"api_key": KEY})
        assert (reply.status_code, reply.json()["code"]) == (405, 405)


def test_a_broken_form_is_an_error_of_the_client(emulator: Emulator) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    reply = httpx.post(f"{emulator.base_url}/parse/async", content=b"--y\r\n\r\n", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (400, 1105)


def test_a_key_in_a_header_is_no_key(emulator: Emulator) -> None:
    reply = httpx.post(f"{emulator.base_url}/usage", headers={"authorization": f"Bearer {KEY}"})
    assert reply.json()["code"] == 1107


def test_qps_is_per_key_and_recovers_after_a_second() -> None:
    now = [0.0]
    with Emulator("somark", keys=(KEY, "sk-other"), parse=lambda data: PAGES, qps=2, clock=lambda: now[0]) as emulator:
        codes = [submit(emulator)["code"] for _ in range(3)]
        other = submit(emulator, key="sk-other")["code"]
        now[0] = 1.0
        later = submit(emulator)["code"]
    assert (codes, other, later) == ([0, 0, 1124], 0, 0)


def test_lower_case_host() -> None:
    with Emulator("somark", keys=(KEY,), parse=lambda data: PAGES, case="lower") as emulator:
        answer = submit(emulator)
        assert answer["data"]["status"] == "queuing"
        assert check(emulator, answer["data"]["task_id"])["data"]["status"] == "success"


def test_idx_from_one_shifts_every_reference() -> None:
    with Emulator("somark", keys=(KEY,), parse=lambda data: PAGES, first_idx=1) as emulator:
        outputs = parsed(emulator, feature_config={"enable_text_cross_page": True})
    found = blocks(outputs)
    assert [entry["idx"] for entry in outputs["json"]["pages"][0]["blocks"]] == [1, 2, 3, 4, 5, 6]
    assert found["table"]["captions"] == [found["table_caption"]["idx"]] == [2]
    assert outputs["json"]["pages"][1]["blocks"][0]["text_cross_page"] == {"page_num": 0, "block_idx": 6}


@pytest.mark.parametrize("key", [KEY, ""])
def test_private_deployments_reject_the_key_field(key: str) -> None:
    with Emulator("somark", private=True, parse=lambda data: PAGES) as emulator:
        assert submit(emulator, key=key)["code"] == 1105
        answer = submit(emulator, key=None)
        assert answer["code"] == 0
        assert emulator.environment == {"SOMARK_BASE_URL": emulator.base_url}


def test_self_hosted_server() -> None:
    with Emulator("somark", private=True, capitalised=True, parse=lambda data: PAGES, work_seconds=0.0) as emulator:
        answer = submit(emulator, key=None)
        assert answer["warnings"] == []
        url = f"{emulator.base_url}/parse/async_check"
        done = httpx.post(url, data={"task_id": answer["data"]["task_id"]}).json()
        assert httpx.post(url, data={"task_id": "?"}).json()["code"] == 1133
    assert len(answer["data"]["task_id"]) == 36
    assert set(done["data"]) == {"task_id", "status", "error", "metadata", "result"}
    assert done["data"]["metadata"] == {"page_num": 2, "file_type": ".pdf", "processing_time_ms": 0}
    page = done["data"]["result"]["outputs"]["json"]["pages"][0]
    assert set(page) == {"page_num", "page_size", "unattached_formula_numbering", "blocks"}
    assert [entry["type"] for entry in page["blocks"]] == ["Title", "Caption", "Table", "Picture", "Formula", "Text"]
    assert {type(corner) for entry in page["blocks"] for corner in entry["bbox"]} == {float}
    assert set(page["blocks"][0]) == {"idx", "type", "bbox", "content", "format"}


def test_the_log_tells_what_arrived_and_no_secret(emulator: Emulator) -> None:
    submit(emulator, output_formats=["json", "markdown"], feature_config={"keep_header_footer": True})
    arrival = emulator.requests[-1]
    assert (arrival.method, arrival.path) == ("POST", "/api/v1/parse/async")
    assert sorted(arrival.fields) == ["api_key", "feature_config", "file", "output_formats", "output_formats"]
    assert ("output_formats", "json") in arrival.form
    assert arrival.files == (("file", "report.pdf", len(PDF)),)
    assert "content-type" in arrival.headers
    assert KEY not in repr(emulator.requests)


def test_environment_is_what_a_client_needs(emulator: Emulator) -> None:
    assert emulator.environment == {"SOMARK_BASE_URL": emulator.base_url, "SOMARK_API_KEY": KEY}
    assert emulator.base_url.startswith("http://127.0.0.1:")
    assert emulator.base_url.endswith("/api/v1")


def test_unknown_vendor_and_setting_are_named() -> None:
    with pytest.raises(UnknownVendor, match="somark"):
        Emulator("soMark")
    with pytest.raises(UnknownOption, match="'private'"):
        Emulator("somark", privat=True)


def test_stops_within_a_second_and_in_silence_even_while_a_client_waits(caplog: pytest.LogCaptureFixture) -> None:
    with httpx.Client() as client:
        emulator = Emulator("somark", keys=(KEY,), parse=lambda data: PAGES, work_seconds=30).start()
        client.post(f"{emulator.base_url}/usage", data={"api_key": KEY})
        with pytest.raises(httpx.ReadTimeout):
            client.post(f"{emulator.base_url}/parse/sync", data={"api_key": KEY}, files={"file": ("a.pdf", PDF)}, timeout=0.2)
        assert emulator.submits == 1
        begun = time.monotonic()
        emulator.stop()
        assert time.monotonic() - begun < 1.0
        with pytest.raises(httpx.ConnectError):
            client.post(f"{emulator.base_url}/usage", data={"api_key": KEY})
    emulator.wait()
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_small_answers_are_not_held_back(emulator: Emulator) -> None:
    """Nagle's algorithm would make every answer on a kept connection wait 40 ms for an acknowledgement."""
    with httpx.Client() as client:
        url, form = f"{emulator.base_url}/usage", {"api_key": KEY}
        client.post(url, data=form)
        times = []
        for _ in range(9):
            begun = time.monotonic()
            client.post(url, data=form)
            times.append(time.monotonic() - begun)
    assert min(times) < 0.03


def test_waiting_for_one_that_never_started_returns() -> None:
    Emulator("somark").wait()


def test_a_restarted_service_knows_its_jobs_and_its_address() -> None:
    emulator = Emulator("somark", keys=(KEY,), parse=lambda data: PAGES)
    with emulator:
        address, task_id = emulator.base_url, submit(emulator)["data"]["task_id"]
    with emulator:
        assert emulator.base_url == address
        assert check(emulator, task_id)["data"]["status"] == "SUCCESS"


def test_serve_blocks_until_it_is_stopped() -> None:
    seen: list[int] = []

    def ready(emulator: Emulator) -> None:
        seen.append(submit(emulator)["code"])
        emulator.wait(timeout=0.0)
        seen.append(submit(emulator)["code"])
        emulator.stop()

    serve("somark", port=0, ready=ready, keys=(KEY,), parse=lambda data: PAGES)
    assert seen == [0, 0]


def test_a_taken_port_is_an_error_and_leaves_nothing_open(emulator: Emulator) -> None:
    port = int(emulator.origin.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"):
        Emulator("somark", port=port).start()


def test_a_missing_extra_is_named_with_its_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ImportError, match=r'uvicorn.*pip install "docparse-loaders\[emulator\]"'):
        Emulator("somark")


def test_importing_it_needs_no_extra() -> None:
    code = "import sys; sys.modules.update(starlette=None, uvicorn=None, liteparse=None); import docparse_loaders.emulator"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603  (our own interpreter)
