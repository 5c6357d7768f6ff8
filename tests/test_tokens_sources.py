"""Tokens whose jobs need the document again, and jobs that have ended so that nothing is left to go on with."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from docparse_loaders import DocParser, errors
from docparse_loaders.cli.app import app
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.engine.store import MemoryStore, Store
from docparse_loaders.errors import DocParseError
from docparse_loaders.model import BBox, Block, Page, Region
from docparse_loaders.policy import Policy, Poll, Retry, Timeouts
from docparse_loaders.vendors.config import VendorConfig
from docparse_loaders.vendors.mineru import MinerU
from docparse_loaders.vendors.paddleocr import PaddleOCR
from docparse_loaders.vendors.protocol import Progress
from docparse_loaders.vendors.scnet import SCNet
from docparse_loaders.vendors.somark import SoMark
from mineru_servers import serving

QUICK = Policy(poll=Poll(first=0.02, growth=1.1, longest=0.1), retry=Retry(base=0.01, longest=0.05), timeouts=Timeouts(job=20))
PDF = b"%PDF-1.7 "
KEY = "sk-emulator"
CONFIGS: dict[str, type[VendorConfig]] = {"somark": SoMark, "paddleocr": PaddleOCR, "mineru": MinerU, "scnet": SCNet}


def pages_of(data: bytes) -> tuple[Page, ...]:
    regions = (Region(1, BBox(0.1, 0.1, 0.9, 0.2)),)
    return (Page(1, 595.0, 842.0, "point", 0, (Block("p1-0", "text", data.removeprefix(PDF).decode(), regions=regions),)),)


def parser(emulator: Emulator, name: str = "mineru", *, store: Any = None, policy: Policy = QUICK) -> DocParser:
    return DocParser(CONFIGS[name](base_url=emulator.base_url, api_key=KEY), policy=policy, store=store)


def paths(emulator: Emulator, end: str) -> int:
    return sum(request.path.endswith(end) for request in emulator.requests)


class Crashed(BaseException):
    """The process ends here."""


def crash(_: str, progress: Progress) -> None:
    raise Crashed


def lost_upload(emulator: Emulator, folder: Path) -> str:
    """The token of a job whose upload never arrived: all that is left of it after a crash."""
    store = JobStore(folder / "jobs.db")
    config = MinerU(base_url=emulator.base_url, api_key=KEY)
    with pytest.raises(Crashed):
        DocParser(config, policy=QUICK, store=store, on_progress=crash).parse(PDF + b"Words", name="a.pdf")
    (job,) = store.jobs()
    assert job.token
    return job.token


# A document that is needed again


@pytest.mark.parametrize("given", ["bytes", "path", "file"])
def test_an_upload_that_was_lost_is_repeated_from_a_token_and_its_document(tmp_path: Path, given: str) -> None:
    path = tmp_path / "named otherwise.pdf"
    path.write_bytes(PDF + b"Words")
    with Emulator("mineru", parse=pages_of, faults=[Fault("files", "drop_before")]) as emulator, path.open("rb") as file:
        sources: dict[str, Any] = {"bytes": PDF + b"Words", "path": path, "file": file}
        token = lost_upload(emulator, tmp_path)
        document = parser(emulator).resume(token, source=sources[given])
    assert [block.text for block in document.blocks] == ["Words"]
    assert document.source.name == "a.pdf"
    assert (emulator.submits, paths(emulator, "file-urls/batch")) == (1, 2)


def test_without_the_document_the_error_says_how_to_pass_it(tmp_path: Path) -> None:
    with Emulator("mineru", parse=pages_of, faults=[Fault("files", "drop_before")]) as emulator:
        token = lost_upload(emulator, tmp_path)
        with pytest.raises(errors.InvalidToken, match="source=") as caught:
            parser(emulator).resume(token)
        # Nothing is lost by that: the job is where it was, and its token goes on with the document.
        assert caught.value.token
        document = parser(emulator).resume(caught.value.token, source=PDF + b"Words", name="a.pdf")
    assert [block.text for block in document.blocks] == ["Words"]
    assert emulator.submits == 1


def test_another_document_is_refused_before_any_request(tmp_path: Path) -> None:
    with Emulator("mineru", parse=pages_of, faults=[Fault("files", "drop_before")]) as emulator:
        token = lost_upload(emulator, tmp_path)
        before = len(emulator.requests)
        for other in (PDF + b"Words.", f"{emulator.base_url}/a.pdf"):
            with pytest.raises(errors.SourceChanged):
                parser(emulator).resume(token, source=other, name="a.pdf")
        assert len(emulator.requests) == before


def test_a_signed_address_is_submitted_again_if_it_is_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docparse_loaders.vendors.mineru.answers._PAUSE", 0.05)
    with (
        serving({"a.pdf": PDF + b"Words"}) as place,
        Emulator(
            "mineru", parse=pages_of, work_seconds=0.2, faults=[Fault("extract/task", "failed")], failure="-60007"
        ) as emulator,
    ):
        signed = f"{place.url}/a.pdf?sig=canary-signature"
        job = parser(emulator).submit(signed)
        assert "canary" not in job.token
        with pytest.raises(errors.JobFailed, match="no token holds it"):
            parser(emulator).resume(job.token)
        document = parser(emulator).resume(job.token, source=signed)
    assert [block.text for block in document.blocks] == ["Words"]
    assert paths(emulator, "extract/task") == 2


def test_a_job_keeps_its_document_in_this_process_and_in_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docparse_loaders.vendors.mineru.answers._PAUSE", 0.05)
    with (
        serving({"a.pdf": PDF + b"Words"}) as place,
        Emulator(
            "mineru", parse=pages_of, work_seconds=0.2, faults=[Fault("extract/task", "failed")], failure="-60007"
        ) as emulator,
    ):
        job = parser(emulator).submit(f"{place.url}/a.pdf?sig=canary-signature")
        assert "canary" not in repr(job)
        data = pickle.dumps(job)
        assert b"canary" not in data
        assert pickle.loads(data).token == job.token  # noqa: S301  (made here)
        assert [block.text for block in job.result().blocks] == ["Words"]
    assert paths(emulator, "extract/task") == 2


# Jobs that have ended

ENDED = {
    "mineru: the day's quota": ("mineru", Fault("files", "failed:-60018"), errors.QuotaError),
    "mineru: a file with too many pages": ("mineru", Fault("files", "failed:-60006"), errors.SourceTooLarge),
    "somark: a broken file": ("somark", Fault("parse/async", "failed:1106"), errors.BrokenSource),
    "somark: a balance that ran out": ("somark", Fault("parse/async", "failed:1108"), errors.JobFailed),
    "scnet: content that is refused": ("scnet", Fault("ocrdoc/submit", "failed:content_illegal"), errors.SubmitRejected),
    "paddleocr: a file that it cannot read": ("paddleocr", Fault("jobs", "failed:10005"), errors.JobFailed),
}


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return JobStore(tmp_path / "jobs.db") if request.param == "file" else MemoryStore()


@pytest.mark.parametrize(("name", "fault", "kind"), ENDED.values(), ids=ENDED)
def test_a_job_that_failed_is_not_gone_on_with_but_submitted_anew(
    store: Store, name: str, fault: Fault, kind: type[DocParseError]
) -> None:
    """The reason has passed, for instance because the account was topped up: the second run is a new job."""
    if name == "mineru":
        fault = Fault("extract/task", fault.kind)
    with serving({"a.pdf": PDF + b"Words"}) as place, Emulator(name, parse=pages_of, faults=[fault]) as emulator:
        source = f"{place.url}/a.pdf" if name == "mineru" else PDF + b"Words"
        with pytest.raises(kind) as caught:
            parser(emulator, name, store=store).parse(source, **({} if name == "mineru" else {"name": "a.pdf"}))
        assert caught.value.final or isinstance(caught.value, errors.JobFailed)
        if isinstance(store, JobStore):
            assert store.jobs() == []
        document = parser(emulator, name, store=store).parse(source, **({} if name == "mineru" else {"name": "a.pdf"}))
        before = len(emulator.requests)
        parser(emulator, name, store=store).parse(source, **({} if name == "mineru" else {"name": "a.pdf"}))
        assert len(emulator.requests) == before
    assert [block.text for block in document.blocks] == ["Words"]
    assert emulator.submits == 2


def test_an_error_of_the_question_ends_no_job(store: Store) -> None:
    """A key that was changed, or a quota that is told to whoever asks, is no verdict on a job that is paid for."""
    faults = [Fault("async_check", "code:1108"), Fault("async_check", "code:1107")]
    with Emulator("somark", parse=pages_of, faults=faults) as emulator:
        for kind in (errors.QuotaError, errors.AuthError):
            with pytest.raises(kind) as caught:
                parser(emulator, "somark", store=store).parse(PDF + b"Words", name="a.pdf")
            assert (caught.value.final, bool(caught.value.token)) == (False, True)
        parser(emulator, "somark", store=store).parse(PDF + b"Words", name="a.pdf")
    assert emulator.submits == 1


# What a person is told of a doubt

DOUBTS = {"somark": "async", "paddleocr": "jobs", "scnet": "ocrdoc/submit", "mineru": "extract/task"}


@pytest.mark.parametrize("name", DOUBTS)
def test_a_doubt_names_the_file_and_where_to_look_and_stays_in_the_store(tmp_path: Path, name: str) -> None:
    place = JobStore(tmp_path / "jobs.db")
    (tmp_path / "a.pdf").write_bytes(PDF + b"Words")
    source = "https://docs.test/a.pdf" if name == "mineru" else tmp_path / "a.pdf"
    with Emulator(name, parse=pages_of, faults=[Fault(DOUBTS[name], "503")]) as emulator:
        with pytest.raises(errors.SubmitUncertain) as caught:
            parser(emulator, name, store=place).parse(source)
        error = caught.value
        told = json.loads(error.token or "")
        assert (error.vendor, told["vendor"], told["source"]["name"]) == (name, name, "a.pdf")
        assert error.source.endswith("a.pdf")
        assert error.source in str(error)
        assert len(told["source"]["sha256"]) == 64
        assert "Look for it" in error.hint
        assert error.status == (None if name == "paddleocr" else 503)  # there the last word is that of the look-up
        before = len(emulator.requests)
        with pytest.raises(errors.SubmitUncertain):
            parser(emulator, name, store=place).resume(error.token or "")
        assert len(emulator.requests) == before + (name == "paddleocr")
    listed = CliRunner().invoke(app, ["jobs", "list", "--store", str(place.path), "--json"]).stdout
    (job,) = map(json.loads, listed.splitlines())
    assert (job["status"], job["vendor"], job["source"]) == ("open", name, error.source)
    assert "may have been taken" in job["error"]
    assert job["updated"]
