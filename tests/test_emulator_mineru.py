"""The emulated mineru.net and Parse4AI, driven over real sockets by a client written from the API docs and nothing of ours."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.emulator.mineru.words import CODES
from docparse_loaders.errors import BrokenSource, ConfigError, UnknownOption
from docparse_loaders.model import BBox, Block, Image, Page, Region
from mineru_servers import serving

KEY = "sk-test"
PDF = b"%PDF-1.7 as far as anybody here looks"
TABLE = "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>P-1</td><td>1</td></tr></table>"
MORE = "<table><tr><td>Part</td><td>Qty</td></tr><tr><td>P-2</td><td>2</td></tr></table>"


def block(name: str, kind: Any, text: str = "", *, y: float = 0.3, tall: float = 0.05, **more: Any) -> Block:
    return Block(name, kind, text, regions=(Region(int(name[1]), BBox(0.1, y, 0.9, y + tall)),), **more)


PAGES = (
    Page(
        1,
        600.0,
        800.0,
        "point",
        0,
        (
            block("p1-0", "header", "Inventory", y=0.0),
            block("p1-1", "title", "1 Counting", level=2, y=0.05),
            block("p1-2", "list", "one\ntwo", y=0.1),
            block("p1-3", "figure", y=0.15, caption_ids=("p1-4",), image=Image("base64", "/9j/4A==", "image/jpeg")),
            block("p1-4", "caption", "Figure 1", y=0.2),
            block("p1-5", "equation", "w<1", latex="w<1", y=0.25),
            block("p1-6", "code", "x = 1", y=0.3),
            block("p1-7", "seal", "Company Ltd", y=0.35),
            block("p1-8", "chart", y=0.4),
            block("p1-9", "toc", "1 Counting 3", y=0.45),
            block("p1-10", "reference", "[1] A.", y=0.5),
            block("p1-11", "footnote", "1 A note.", y=0.9),
            block("p1-12", "page_number", "1", y=0.95),
        ),
    ),
    Page(
        2,
        600.0,
        800.0,
        "point",
        0,
        (
            block("p2-0", "text", "This procedure, which", y=0.1),
            block("p2-1", "caption", "Table 1", y=0.65),
            block("p2-2", "table", "", html=TABLE, caption_ids=("p2-1",), y=0.7, tall=0.2),
        ),
    ),
    Page(3, 600.0, 800.0, "point", 0, (block("p3-0", "table", "", html=MORE, y=0.05, tall=0.2),)),
)
TEXTS = (
    Page(1, 600.0, 800.0, "point", 0, (block("p1-0", "text", "This procedure, which", y=0.8),)),
    Page(2, 600.0, 800.0, "point", 0, (block("p2-0", "text", "made it possible.", y=0.05),)),
)


class Client:
    """A client as the API docs' samples are written."""

    def __init__(self, emulator: Emulator, key: str = KEY) -> None:
        self.headers = {"Authorization": f"Bearer {key}"}
        self.root = emulator.base_url + ("/v1" if emulator.vendor == "parse4ai" else "")

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        return httpx.request(method, f"{self.root}/{path}", headers={**self.headers, **(headers or {})}, **more)

    def post(self, path: str, **body: Any) -> Any:
        return self.send("POST", path, json=body).json()

    def get(self, path: str) -> Any:
        return self.send("GET", path).json()

    def uploaded(self, data: bytes = PDF, name: str = "report.pdf", **options: Any) -> Any:
        """The entry of a file that was uploaded and is done."""
        file: dict[str, Any] = {
            "name": name,
            **{field: options.pop(field) for field in ("page_ranges", "data_id") if field in options},
        }
        data_ = self.post("file-urls/batch", files=[file], **options)["data"]
        (url,) = data_["file_urls"]
        assert httpx.put(url, content=data).status_code == 200
        (entry,) = self.get(f"extract-results/batch/{data_['batch_id']}")["data"]["extract_result"]
        return entry

    def archive(self, data: bytes = PDF, **options: Any) -> dict[str, bytes]:
        """The files of a result."""
        reply = httpx.get(self.uploaded(data, **options)["full_zip_url"])
        with zipfile.ZipFile(io.BytesIO(reply.content)) as found:
            return {name: found.read(name) for name in found.namelist()}


@pytest.fixture(scope="module")
def mineru() -> Iterator[Emulator]:
    with Emulator("mineru", keys=(KEY, "sk-other"), parse=lambda _: PAGES, max_bytes=5000) as running:
        yield running


@pytest.fixture(scope="module")
def parse4ai() -> Iterator[Emulator]:
    with Emulator("parse4ai", keys=(KEY, "sk-other"), parse=lambda _: PAGES, max_bytes=5000) as running:
        yield running


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving({"a.pdf": PDF, "empty.pdf": b"", "large.pdf": PDF + bytes(6000), "bad.pdf": b"no pdf"}) as source:
        yield source.url


def test_parse4ai_answers_a_single_submit_and_poll_in_camel_case(parse4ai: Emulator, address: str) -> None:
    client = Client(parse4ai)
    answer = client.post("extract/task", url=f"{address}/a.pdf", isOcr=True, dataId="doc.1", pageRanges="1-2")
    assert set(answer) == {"code", "message", "data", "timestamp"}
    assert (answer["code"], answer["message"]) == (0, "ok")
    task_id = answer["data"]["taskId"]
    told = client.get(f"extract/task/{task_id}")["data"]
    assert set(told) == {"taskId", "state", "fullZipUrl", "markdownUrl", "errMsg"}
    assert (told["taskId"], told["state"], told["errMsg"]) == (task_id, "done", "")
    assert httpx.get(told["markdownUrl"]).text.startswith("## 1 Counting")
    assert zipfile.is_zipfile(io.BytesIO(httpx.get(told["fullZipUrl"]).content))


def test_mineru_answers_the_same_in_snake_case(mineru: Emulator, address: str) -> None:
    client = Client(mineru)
    answer = client.post("extract/task", url=f"{address}/a.pdf", model_version="vlm")
    assert set(answer) == {"code", "msg", "data", "trace_id"}
    told = client.get(f"extract/task/{answer['data']['task_id']}")["data"]
    assert set(told) == {"task_id", "state", "full_zip_url", "err_msg"}


@pytest.mark.parametrize("name", ["mineru", "parse4ai"])
def test_a_batch_is_snake_case_at_both(name: str, address: str, request: pytest.FixtureRequest) -> None:
    client = Client(request.getfixturevalue(name))
    files = [{"url": f"{address}/a.pdf", "data_id": "one"}, {"url": f"{address}/bad.pdf", "data_id": "two"}]
    answer = client.post("extract/task/batch", files=files, model_version="vlm")
    assert set(answer) == {"code", "msg", "data", "trace_id"}
    batch_id = answer["data"]["batch_id"]
    told = client.get(f"extract-results/batch/{batch_id}")["data"]
    assert told["batch_id"] == batch_id
    first, second = told["extract_result"]
    assert (first["file_name"], first["data_id"], first["state"]) == ("a.pdf", "one", "done")
    assert (second["data_id"], second["state"], second["err_code"]) == ("two", "failed", -60003)


def test_an_upload_starts_by_itself_and_waits_for_its_file(mineru: Emulator) -> None:
    client = Client(mineru)
    before = mineru.submits
    data = client.post("file-urls/batch", files=[{"name": "a.pdf"}, {"name": "b.pdf"}])["data"]
    results = client.get(f"extract-results/batch/{data['batch_id']}")["data"]["extract_result"]
    assert [entry["state"] for entry in results] == ["waiting-file", "waiting-file"]
    assert mineru.submits == before
    for _ in range(2):
        assert httpx.put(data["file_urls"][1], content=PDF).status_code == 200
    assert httpx.put(data["file_urls"][0], content=PDF, headers={"Content-Type": "application/pdf"}).status_code == 403
    for _ in range(2):
        results = client.get(f"extract-results/batch/{data['batch_id']}")["data"]["extract_result"]
        assert [entry["state"] for entry in results] == ["waiting-file", "done"]
    assert mineru.submits == before + 1


def test_parse4ai_takes_no_uploads(parse4ai: Emulator) -> None:
    assert Client(parse4ai).send("POST", "file-urls/batch", json={}).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "-10002"),
        ({"url": 7}, "-500"),
        ({"url": "https://x.test/a.exe"}, "-60002"),
        ({"url": "https://x.test/a"}, "-60002"),
        ({"url": "https://x.test/a.html"}, "-60002"),
        ({"url": "https://x.test/a.pdf", "is_ocr": "yes"}, "-500"),
        ({"url": "https://x.test/a.pdf", "model_version": "best"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "extra_formats": ["pdf"]}, "-10002"),
        ({"url": "https://x.test/a.pdf", "extra_formats": [["docx"]]}, "-10002"),
        ({"url": "https://x.test/a.pdf", "callback": "https://c.test"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "callback": "https://c.test", "seed": "no spaces"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "callback": "https://c.test", "seed": "s" * 65}, "-10002"),
        ({"url": "https://x.test/a.pdf", "callback": "https://c.test", "seed": ""}, "-10002"),
        ({"url": "https://x.test/a.pdf", "callback": "ftp://c.test/in", "seed": "s"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "callback": "c.test", "seed": "s"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "seed": "no-dashes"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "data_id": "no spaces"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "data_id": "编号"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "data_id": "a/b"}, "-10002"),
        ({"url": "https://x.test/a.pdf", "data_id": "x" * 129}, "-10002"),
        ({"url": "https://x.test/a.pdf", "page_ranges": "a-b"}, "-10002"),
    ],
)
def test_a_wrong_submit_is_refused_with_its_code(mineru: Emulator, body: dict[str, Any], code: str) -> None:
    before = mineru.submits
    answer = Client(mineru).post("extract/task", **body)
    assert (answer["code"], answer["data"]) == (int(code), None)
    assert CODES[code] in answer["msg"]
    assert mineru.submits == before


@pytest.mark.parametrize(
    "files",
    [
        None,
        [],
        "x",
        [1],
        [{}],
        [{"name": "a.pdf"}] * 51,
        [{"name": "a.pdf", "data_id": "x"}, {"name": "b.pdf", "data_id": "x"}],
    ],
)
def test_a_wrong_batch_is_refused(mineru: Emulator, files: Any) -> None:
    assert Client(mineru).post("file-urls/batch", files=files)["code"] == -10002


REFUSED: list[dict[str, Any]] = [
    {"callback": "ftp://c.test/in", "seed": "s"},
    {"callback": "https://c.test"},
    {"dataId": "no spaces"},
    {"dataId": "x" * 129},
    {"pageRanges": "a-b"},
    {"pageRanges": "1-"},
]


@pytest.mark.parametrize("fields", REFUSED)
def test_parse4ai_refuses_the_same_in_its_own_spelling(parse4ai: Emulator, fields: dict[str, Any]) -> None:
    before = parse4ai.submits
    answer = Client(parse4ai).post("extract/task", url="https://x.test/a.pdf", **fields)
    assert (answer["code"], set(answer)) == (-10002, {"code", "message", "data", "timestamp"})
    snake = {"dataId": "data_id", "pageRanges": "page_ranges"}
    file = {snake[name]: value for name, value in fields.items() if name in snake}
    common = {name: value for name, value in fields.items() if name not in snake}
    batch = Client(parse4ai).post("extract/task/batch", files=[{"url": "https://x.test/a.pdf", **file}], **common)
    assert batch["code"] == -10002
    assert parse4ai.submits == before


@pytest.mark.parametrize(("name", "most"), [("mineru", 50), ("parse4ai", 200)])
def test_no_more_files_than_the_docs_allow(name: str, most: int, request: pytest.FixtureRequest) -> None:
    emulator = request.getfixturevalue(name)
    before = emulator.submits
    for count, code in ((most + 1, -10002), (most, -60002)):
        files = [{"url": "https://x.test/a.exe"}] * count
        assert Client(emulator).post("extract/task/batch", files=files)["code"] == code
    assert emulator.submits == before


@pytest.mark.parametrize(("ranges", "pages"), [("0", 0), ("9", 0), ("2-9", 2), ("0-1,3", 2), ("2--2", 1), ("3-1", 0)])
def test_pages_that_are_not_there_are_left_out_as_no_page_of_the_docs_refuses_them(
    mineru: Emulator, ranges: str, pages: int
) -> None:
    files = Client(mineru).archive(page_ranges=ranges)
    assert len(json.loads(files["layout.json"])["pdf_info"]) == pages


def test_what_is_not_json_is_refused(mineru: Emulator) -> None:
    client = Client(mineru)
    for content, media_type in ((b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain")):
        reply = client.send("POST", "extract/task", content=content, headers={"Content-Type": media_type})
        assert reply.json()["code"] == -500


def test_java_reads_fields_by_their_exact_name(parse4ai: Emulator, address: str) -> None:
    answer = Client(parse4ai).post("extract/task", url=f"{address}/a.pdf", model_version="no such model", is_ocr="not seen")
    assert answer["code"] == 0
    assert Client(parse4ai).post("extract/task", url=f"{address}/a.pdf", modelVersion="no such model")["code"] == -10002


@pytest.mark.parametrize(("name", "status"), [("mineru", 401), ("parse4ai", 200)])
@pytest.mark.parametrize("header", [None, "Bearer wrong", KEY, f"bearer {KEY}"])
def test_a_wrong_key_is_refused(name: str, status: int, header: str | None, request: pytest.FixtureRequest) -> None:
    client = Client(request.getfixturevalue(name))
    reply = httpx.get(f"{client.root}/extract/task/x", headers={"Authorization": header} if header else {})
    assert reply.status_code == status
    if name == "mineru":
        assert set(reply.json()) == {"success", "msgCode", "msg", "traceId"}
        assert reply.json()["msgCode"] == "A0202"
    else:
        assert reply.json()["code"] == -20002


def test_jobs_belong_to_their_key(mineru: Emulator, address: str) -> None:
    task_id = Client(mineru).post("extract/task", url=f"{address}/a.pdf")["data"]["task_id"]
    batch_id = Client(mineru).post("file-urls/batch", files=[{"name": "a.pdf"}])["data"]["batch_id"]
    other = Client(mineru, "sk-other")
    assert other.get(f"extract/task/{task_id}")["code"] == -60013
    assert other.get(f"extract-results/batch/{batch_id}")["code"] == -60013
    assert other.get("extract/task/none")["code"] == -60012
    assert other.get("extract-results/batch/none")["code"] == -60012


@pytest.mark.parametrize(
    ("name", "code"), [("gone.pdf", -60008), ("empty.pdf", -60004), ("large.pdf", -60005), ("bad.pdf", -60003)]
)
def test_a_bad_document_fails_later_with_its_code(mineru: Emulator, address: str, name: str, code: int) -> None:
    client = Client(mineru)
    task_id = client.post("extract/task", url=f"{address}/{name}")["data"]["task_id"]
    told = client.get(f"extract/task/{task_id}")["data"]
    assert (told["state"], told["err_code"]) == ("failed", code)
    assert CODES[str(code)] in told["err_msg"]


def test_too_many_pages_and_a_spent_balance_fail(address: str) -> None:
    with Emulator("parse4ai", keys=(KEY,), parse=lambda _: PAGES, max_pages=2) as emulator:
        client = Client(emulator)
        codes = []
        for ranges in ("1-3", "1--2", "2"):
            task_id = client.post("extract/task", url=f"{address}/a.pdf", pageRanges=ranges)["data"]["taskId"]
            told = client.get(f"extract/task/{task_id}")["data"]
            codes.append(told.get("errCode"))
    assert codes == [-60006, None, None]
    with Emulator("parse4ai", keys=(KEY,), parse=lambda _: PAGES, balance=4) as emulator:
        client = Client(emulator)
        tasks = [client.post("extract/task", url=f"{address}/a.pdf")["data"]["taskId"] for _ in range(2)]
        assert [client.get(f"extract/task/{task}")["data"].get("errCode") for task in tasks] == [None, -60017]


def test_a_file_that_cannot_be_read_fails(address: str) -> None:
    def broken(data: bytes) -> tuple[Page, ...]:
        raise BrokenSource("cut short")

    with Emulator("mineru", keys=(KEY,), parse=broken) as emulator:
        assert Client(emulator).uploaded()["err_code"] == -60003


@pytest.mark.parametrize("name", ["mineru", "parse4ai"])
def test_every_code_comes_on_demand(name: str) -> None:
    faults = [Fault("extract/task", f"code:{code}") for code in CODES]
    with Emulator(name, keys=(KEY,), faults=faults) as emulator:
        client = Client(emulator)
        for code in CODES:
            reply = client.send("POST", "extract/task", json={"url": "https://x.test/a.pdf"})
            # The gateway of mineru.net is asked before the service, and has codes and an HTTP status of its own.
            shown = {"-20002": "A0202", "-20011": "A0211"}.get(code, code) if name == "mineru" else code
            if shown.startswith("A"):
                assert (reply.status_code, reply.json()["msgCode"], reply.json()["success"]) == (401, shown, False)
            else:
                assert (reply.status_code, reply.json()["code"]) == (200, int(shown))
        assert emulator.submits == 0


@pytest.mark.parametrize("code", ["-60007", "-60016", "-60022"])
def test_a_single_job_fails_with_a_code_on_demand(address: str, code: str) -> None:
    faults = [Fault("extract/task", f"failed:{code}"), Fault("file-urls/batch", f"failed:{code}")]
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, faults=faults) as emulator:
        client = Client(emulator)
        tasks = [client.post("extract/task", url=f"{address}/a.pdf")["data"]["task_id"] for _ in range(2)]
        told = [client.get(f"extract/task/{task}")["data"] for task in tasks]
        assert [entry["state"] for entry in told] == ["failed", "done"]
        assert (told[0]["err_code"], told[0]["err_msg"]) == (int(code), CODES[code])
        uploads = [client.uploaded() for _ in range(2)]
        assert [entry.get("err_code") for entry in uploads] == [int(code), None]


def test_a_poll_tells_of_a_failure_on_demand_once(address: str) -> None:
    # Drawn one a request: the submit has none, the first poll fails, the second does not.
    faults = iter([None, Fault("*", "failed:-60003")])
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, faults=faults) as emulator:
        client = Client(emulator)
        batch_id = client.post("extract/task/batch", files=[{"url": f"{address}/a.pdf"}])["data"]["batch_id"]
        results = [client.get(f"extract-results/batch/{batch_id}")["data"]["extract_result"][0] for _ in range(2)]
    assert [(entry["state"], entry.get("err_code")) for entry in results] == [("failed", -60003), ("done", None)]


def test_codes_and_counts_can_be_strings() -> None:
    settings: Any = {"codes": "str", "counts": "str", "work_seconds": 60.0}
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, **settings) as emulator:
        entry = Client(emulator).uploaded()
        assert entry["extract_progress"]["total_pages"] == "3"
        assert Client(emulator).get("extract/task/none")["code"] == "-60012"


def test_states_follow_the_clock(address: str) -> None:
    now = [0.0]
    with Emulator(
        "mineru", keys=(KEY,), parse=lambda _: PAGES, queue_seconds=1.0, work_seconds=3.0, clock=lambda: now[0]
    ) as emulator:
        client = Client(emulator)
        task_id = client.post("extract/task", url=f"{address}/a.pdf", extra_formats=["html", "docx", "latex"])["data"][
            "task_id"
        ]
        seen = []
        for time in (0.5, 2.0, 3.5, 4.0):
            now[0] = time
            seen.append(client.get(f"extract/task/{task_id}")["data"])
    assert [told["state"] for told in seen] == ["pending", "running", "converting", "done"]
    assert seen[1]["extract_progress"]["extracted_pages"] == 1


def test_requests_of_a_key_are_limited() -> None:
    with Emulator("mineru", keys=(KEY,), qps=2, clock=lambda: 0.0) as emulator:
        client = Client(emulator)
        statuses = [client.send("GET", "extract/task/x").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_wrong_paths_and_methods(mineru: Emulator) -> None:
    client = Client(mineru)
    assert client.send("GET", "extract/nothing").status_code == 404
    assert client.send("GET", "file-urls/batch").status_code == 405


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(UnknownOption, match="layuot"):
        Emulator("mineru", layuot="2.7")
    with pytest.raises(ConfigError, match="layout"):
        Emulator("mineru", layout="1.0")
    assert set(Emulator("mineru").environment) == {"MINERU_BASE_URL", "MINERU_TOKEN"}
    assert set(Emulator("parse4ai").environment) == {"PARSE4AI_BASE_URL", "PARSE4AI_API_KEY"}


# Results


def test_links_expire_and_come_fresh_with_every_poll() -> None:
    now = [0.0]
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, clock=lambda: now[0], link_seconds=10.0) as emulator:
        client = Client(emulator)
        first = client.uploaded()["full_zip_url"]
        now[0] = 11.0
        assert httpx.get(first).status_code == 403
        assert httpx.get(client.uploaded()["full_zip_url"]).status_code == 200


@pytest.mark.parametrize(
    ("settings", "options", "names"),
    [
        ({"layout": "2.7"}, {}, {"full.md", "layout.json", "*_content_list.json"}),
        (
            {"layout": "3.x"},
            {"model_version": "vlm"},
            {"full.md", "layout.json", "*_content_list.json", "content_list_v2.json"},
        ),
        ({"layout": "4.x"}, {}, {"full.md", "middle_json.json", "content_list.json"}),
        (
            {"page_tree": False, "lists": False},
            {"extra_formats": ["docx", "html", "latex"]},
            {"full.md", "full.docx", "full.html", "full.tex"},
        ),
        (
            {"nested": True},
            {},
            {"report/auto/report.md", "report/auto/report_middle.json", "report/auto/report_content_list.json"},
        ),
    ],
)
def test_archives_have_the_files_of_their_release(settings: Any, options: Any, names: set[str]) -> None:
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, **settings) as emulator:
        files = Client(emulator).archive(**options)
    plain = {re.sub(r"^[0-9a-f-]{36}_", "*_", name) for name in files}
    assert {name for name in plain if "images/" not in name} == names
    for name, data in files.items():
        if "images/" in name:
            assert name.rpartition("/")[2].partition(".")[0] == hashlib.sha256(data).hexdigest()


def test_the_tree_of_the_pipeline_moves_what_goes_on() -> None:
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, layout="2.7") as emulator:
        files = Client(emulator).archive()
    tree = json.loads(files["layout.json"])
    assert (tree["_backend"], tree["_version_name"]) == ("pipeline", "2.7.6")
    first, second, third = tree["pdf_info"]
    assert (first["page_size"], first["page_idx"]) == ([600, 800], 0)
    assert {entry["type"] for entry in first["discarded_blocks"]} == {"discarded"}
    assert [entry["type"] for entry in first["para_blocks"]] == [
        "title", "list", "image", "interline_equation", "text", "image", "image", "index", "text",
    ]  # fmt: skip
    assert first["para_blocks"][0]["bbox"] == [60, 40, 540, 80]
    assert first["para_blocks"][0]["level"] == 2
    head = second["para_blocks"][1]["blocks"]
    assert [entry["type"] for entry in head] == ["table_caption", "table_body"]
    html = head[1]["lines"][0]["spans"][0]["html"]
    assert html.count("Part") == 1
    assert html.count("P-1") + html.count("P-2") == 2
    (rest,) = third["para_blocks"]
    assert rest["blocks"] == [
        {"type": "table_body", "bbox": [60, 40, 540, 200], "index": 0, "lines": [], "lines_deleted": True}
    ]
    items = json.loads(next(data for name, data in files.items() if name.endswith("_content_list.json")))
    assert items[-1] == {
        "type": "table", "img_path": "", "table_caption": [], "table_footnote": [], "bbox": [100, 50, 900, 250], "page_idx": 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "model", "moved"), [("2.7", "pipeline", True), ("3.x", "pipeline", True), ("3.x", "vlm", False)]
)
def test_text_is_put_together_by_the_pipeline_only(layout: str, model: str, moved: bool) -> None:
    with Emulator("mineru", keys=(KEY,), parse=lambda _: TEXTS, layout=layout) as emulator:
        files = Client(emulator).archive(model_version=model)
    first, second = (page["para_blocks"][0] for page in json.loads(files["layout.json"])["pdf_info"])
    assert len(first["lines"]) == (2 if moved else 1)
    assert ("lines_deleted" in second, second["lines"] == []) == (moved, moved)
    if moved:
        assert first["lines"][1]["spans"][0]["cross_page"] is True
        assert first["lines"][1]["bbox"] == second["bbox"]


def test_the_tree_of_4_moves_nothing_and_counts_in_the_file() -> None:
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, layout="4.x") as emulator:
        files = Client(emulator).archive(page_ranges="2-3")
    tree = json.loads(files["middle_json.json"])
    assert (tree["schema"], tree["schema_version"], tree["is_full_document"]) == ("docvortex.middle", "2.0", False)
    assert tree["metadata"]["document"]["page_count"] == 3
    assert [page["page_idx"] for page in tree["pages"]] == [1, 2]
    (rest,) = tree["pages"][1]["blocks"]
    assert (rest["continues_prev"], rest["bbox"]) == (True, [0.1, 0.05, 0.9, 0.25])
    assert [child["type"] for child in rest["content"]] == ["table_body"]
    assert {item["page_idx"] for item in json.loads(files["content_list.json"])} == {1, 2}


def test_the_second_list_has_a_list_for_each_page() -> None:
    with Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES) as emulator:
        files = Client(emulator).archive(model_version="vlm")
    listed = json.loads(files["content_list_v2.json"])
    assert [len(page) for page in listed] == [12, 2, 1]
    kinds = {item["type"] for page in listed for item in page}
    assert kinds >= {"title", "list", "image", "equation_interline", "code", "seal", "chart", "index", "page_header", "table"}
    assert listed[2][0]["content"]["html"] == ""


def test_callbacks_are_signed_and_repeated_five_times_at_most() -> None:
    with serving(refuse=99) as taker, Emulator("mineru", keys=(KEY,), parse=lambda _: PAGES, uid="u-7") as emulator:
        with serving({"a.pdf": PDF}) as source:
            files = [{"url": f"{source.url}/a.pdf", "data_id": "one"}]
            batch_id = Client(emulator).post("extract/task/batch", files=files, callback=taker.url, seed="s")["data"][
                "batch_id"
            ]
        for _ in range(300):
            if len(taker.bodies) == 5:
                break
            taker.came.wait(0.02)
        taker.came.wait(0.7)
    assert len(taker.bodies) == 5
    body = json.loads(taker.bodies[0])
    assert set(body) == {"checksum", "content"}
    assert hashlib.sha256(f"u-7s{body['content']}".encode()).hexdigest() == body["checksum"]
    content = json.loads(body["content"])
    assert content["batch_id"] == batch_id
    assert [(entry["data_id"], entry["state"]) for entry in content["extract_result"]] == [("one", "done")]
