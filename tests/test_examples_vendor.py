"""The example of a vendor of one's own: over a socket, registered by name, and through the contract that every vendor holds."""

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pydantic import JsonValue

from contract.suite import KEY, Case, VendorContract
from docparse_loaders import DocParser, errors
from docparse_loaders.langchain import DocParseLoader
from docparse_loaders.llama_index import DocParseReader
from docparse_loaders.model import SourceFacts
from docparse_loaders.policy import Policy, Poll, Retry
from docparse_loaders.vendors.protocol import Reply
from example_modules import example

plain = example("custom_vendor")
QUICK = Policy(poll=Poll(first=0.01), retry=Retry(attempts=2, base=0.0, longest=0.0))
PDF = b"%PDF-1.4 lease"


def test_it_runs_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    plain.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines[:3]] == ["POST /jobs", "GET /jobs/job-1", "GET /jobs/job-1"]
    assert lines[3:6] == [
        "page 1, box 0.10 0.08 0.60 0.12",
        "page 1, box 0.10 0.15 0.90 0.20",
        "page 2, box 0.10 0.08 0.90 0.13",
    ]
    assert "The lease begins in May." in lines


def test_by_its_name_it_works_in_every_face(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    group, _, value = re.findall(r"    \[project\.entry-points\.\"(.+)\"\]\n    (\w+) = \"(.+)\"", plain.__doc__)[0]
    assert value == "your_package.your_module:PlainOptions"
    point = EntryPoint("plain", f"{plain.__name__}:PlainOptions", group)
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **wanted: [point] if wanted == {"group": group} else [])
    (tmp_path / "a.pdf").write_bytes(PDF)
    with plain.serving() as url:
        monkeypatch.setenv("PLAIN_BASE_URL", url)
        monkeypatch.setenv("PLAIN_API_KEY", "sk-canary")
        [document] = DocParseLoader(tmp_path, vendor="plain", policy=QUICK).load()
        [node] = DocParseReader(vendor="plain", policy=QUICK).load_data(tmp_path)
    assert document.metadata["vendor"] == "plain"
    assert (document.id, document.page_content) == (node.id_, node.text)
    assert "sk-canary" not in document.model_dump_json()


def test_with_a_store_the_second_run_sends_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with plain.serving() as url:
        for _ in range(2):
            vendor = plain.PlainOptions(base_url=url, api_key="x")
            DocParser(vendor, store=tmp_path / "jobs.db", policy=QUICK).parse(PDF, name="a.pdf")
    assert capsys.readouterr().out.count("POST") == 1


def test_other_files_and_options_are_refused_before_anything_is_sent(capsys: pytest.CaptureFixture[str]) -> None:
    with plain.serving() as url, pytest.raises(errors.UnsupportedSource, match="takes PDF files"):
        DocParser(plain.PlainOptions(base_url=url, api_key="x")).parse(b"text", name="a.docx")
    with pytest.raises(errors.UnknownOption, match="langage") as caught:
        plain.PlainOptions(langage="de")
    assert "'language'" in caught.value.hint
    assert capsys.readouterr().out == ""


PAGES: JsonValue = plain.Service.pages
FACTS = SourceFacts("a.pdf", "a.pdf", "application/pdf", 1000, "ab" * 32)


class TestPlain(VendorContract):
    case = Case(
        options=plain.PlainOptions(api_key=KEY, base_url="https://plain.test"),
        facts=FACTS,
        replies=(
            Reply(200, json={"id": "job-1"}),
            Reply(200, json={"status": "working"}),
            Reply(200, json={"status": "done", "pages": PAGES}),
        ),
        unknown_status=Reply(200, json={"status": "pondering"}),
        codes={},
        refusal=lambda code: Reply(400, json={"error": code}),
        pages=2,
    )
