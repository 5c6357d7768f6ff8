"""What a person is told when nobody can know whether a vendor took a document: all that is needed to look for it there."""

import hashlib
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from contract.playing import QUICK
from contract.whole_way import numbered
from docparse_loaders import DocParser
from docparse_loaders.emulator import Emulator, Fault
from docparse_loaders.engine.doubt import tell
from docparse_loaders.engine.jobstore import JobStore
from docparse_loaders.errors import SubmitUncertain
from docparse_loaders.model import SourceFacts
from docparse_loaders.vendors.somark import SoMark

PDF = b"%PDF-1.7 Words"
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def lossy() -> Iterator[Emulator]:
    """A service that takes the first document and whose answer to it is lost."""
    with Emulator("somark", parse=lambda _: numbered(1), faults=[Fault("parse/async", "drop_after")]) as emulator:
        yield emulator


def parser(emulator: Emulator, store: JobStore | None = None) -> DocParser:
    return DocParser(SoMark(base_url=emulator.base_url, api_key=emulator.keys[0]), policy=QUICK, store=store)


def doubt(emulator: Emulator, store: JobStore | None = None) -> SubmitUncertain:
    with pytest.raises(SubmitUncertain) as caught:
        parser(emulator, store).parse(PDF, name="Q3 report.pdf")
    return caught.value


def origin(emulator: Emulator) -> str:
    parts = urlsplit(emulator.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def test_it_says_what_was_sent_when_and_where_to(lossy: Emulator) -> None:
    before = datetime.now(UTC)
    error = doubt(lossy)
    assert (error.endpoint, error.file_name, error.sha256) == (origin(lossy), "Q3 report.pdf", SHA)
    assert error.sent_at is not None
    assert before <= error.sent_at <= datetime.now(UTC)
    assert error.sent_at.utcoffset() == timedelta(0)
    for part in (
        error.endpoint,
        "Q3 report.pdf",
        SHA[:16],
        f"{error.sent_at:%Y-%m-%d %H:%M:%S} UTC",
        'on_uncertain="resubmit"',
    ):
        assert part in str(error)


def test_it_is_whole_in_another_process(lossy: Emulator) -> None:
    error = doubt(lossy)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert vars(copy) == vars(error)
    assert {"endpoint", "file_name", "sha256", "sent_at", "token"} <= set(vars(copy))
    assert str(copy) == str(error)


def test_what_an_earlier_process_sent_is_told_from_its_token(lossy: Emulator) -> None:
    """When it went out nobody knows any more; the rest is in the token."""
    token = doubt(lossy).token
    assert token
    asked = len(lossy.requests)
    with pytest.raises(SubmitUncertain) as caught:
        parser(lossy).resume(token)
    error = caught.value
    assert (error.endpoint, error.file_name, error.sha256, error.sent_at) == (origin(lossy), "Q3 report.pdf", SHA, None)
    assert len(lossy.requests) == asked


def test_a_store_remembers_the_doubt(lossy: Emulator, tmp_path: Path) -> None:
    store = JobStore(tmp_path / "jobs.db")
    first, second = doubt(lossy, store), doubt(lossy, store)
    assert (second.file_name, second.sha256) == (first.file_name, first.sha256)
    assert lossy.submits == 1


def test_it_is_told_once() -> None:
    facts = SourceFacts("a.pdf", "a.pdf", "application/pdf", len(PDF), SHA)
    error = SubmitUncertain("it may have been taken.", hint="Look for it.")
    tell(error, facts, "https://one.test", None)
    said = str(error)
    tell(error, facts, "https://two.test", datetime.now(UTC))
    assert (str(error), error.endpoint, error.sent_at) == (said, "https://one.test", None)
