"""Addresses that users, agents and name services give: what is sent on, what is fetched, and what is dialled.

The numbers of the rows are those of our table of faults; `docs/reliability.md` has it.
"""

import logging
import random
from collections.abc import Collection, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import anyio
import pytest

from docparse_loaders import errors
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.network import Judging
from docparse_loaders.policy import Timeouts
from faults.scene import QUICK, VENDORS, document, is_whole, scene
from gateway import Request

SIGNED = "sig-of-the-user-71c2"
ODD = [
    "http://files.test\\@evil.test/a.pdf",
    "http://files.test\\a.pdf",
    "http://files.test/a\\..\\b.pdf",
    "http://files.test/a\r\nX-Key: 1.pdf",
    "http://files.test/a\x00.pdf",
    "http://files.test\t.evil.test/a.pdf",
    "http://fi les.test/a.pdf",
    "http://files.test:99999/a.pdf",
    "http://files.test:x/a.pdf",
    "http://files.test:0/a.pdf",
    "https://[half/a.pdf",
    "https://user:SECRET@[half/a.pdf",
    "https://user:SECRET@/a.pdf",
    "http:///a.pdf",
    "https://",
    "https://?a.pdf",
    "gopher://files.test/a.pdf",
    "javascript://files.test/a.pdf",
]
FETCHING = [vendor for vendor in VENDORS if vendor != "somark"]


@pytest.mark.parametrize("vendor", VENDORS)
def test_row_15_an_address_that_can_be_read_in_two_ways_is_sent_to_nobody(vendor: str) -> None:
    with scene(vendor) as on:
        parser = on.parser()
        for url in ODD:
            with pytest.raises(errors.SourceError) as caught:
                parser.parse(url)
            assert "SECRET" not in f"{caught.value} {caught.value.hint} {caught.value.source}"
        assert on.gateway.passed == []


@pytest.mark.parametrize("vendor", FETCHING)
def test_row_15_the_signature_of_an_address_reaches_the_vendor_and_nobody_else(
    vendor: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is sent to be fetched there, and never fetched here; no line, document, token or error repeats its query."""
    caplog.set_level(logging.DEBUG)
    met: list[Request] = []
    with scene(vendor, met.append) as on:
        url = f"{on.files.offer('one.pdf', document('one'))}&X-Signed={SIGNED}"
        parser = on.parser()
        parsed, job = parser.parse(url), parser.submit(url)
        assert is_whole(parsed, "one")
        late = on.parser(replace(QUICK, timeouts=Timeouts(request=5.0, job=0.0)))
        with pytest.raises(errors.DocParseError) as caught:
            late.parse(url)
    error = caught.value
    shown = [parsed.model_dump_json(), repr(parsed), job.token, repr(job), str(error), repr(vars(error)), *_lines(caplog)]
    assert [text for text in shown if SIGNED in text] == []
    ours = {request.path.partition("?")[0] for request in met if b"docparse" in request.head}
    assert urlsplit(url).path not in ours


def _lines(caplog: pytest.LogCaptureFixture) -> Iterator[str]:
    """What was logged, but for what the servers say of themselves."""
    for record in caplog.records:
        if not record.name.startswith(("uvicorn", "python_multipart", "multipart", "asyncio")):
            yield f"{record.getMessage()} {record.args!r}"


def test_row_17_a_name_that_leads_elsewhere_at_the_second_look_is_never_dialled_there() -> None:
    """1,000 names of which the first answer is public and every later one private: what was judged is what is dialled."""
    dialled: list[str] = []
    chance = random.Random(17)  # noqa: S311  (an order of answers, not secrets)

    class Dialling:
        """A network that nobody answers on."""

        async def connect_tcp(self, host: str, *_: object) -> object:
            dialled.append(host)
            raise OSError

    async def flip(name: str) -> None:
        answers = iter([["93.184.216.34"]])

        async def resolve(host: str, port: int) -> Collection[str]:
            return next(answers, [chance.choice(["127.0.0.1", "10.0.0.1", "169.254.169.254", "fd00:ec2::254", "::1"])])

        network = Judging(Endpoint("https://vendor.test/api"), resolve)
        network._real = Dialling()  # type: ignore[assignment]  # it only listens
        for refused in (OSError, errors.UnsafeURL, errors.UnsafeURL):
            with pytest.raises(refused):
                await network.connect_tcp(name, 443)

    async def all_of_them() -> None:
        for number in range(1000):
            await flip(f"files{number}.test")

    anyio.run(all_of_them)
    assert dialled == ["93.184.216.34"] * 1000
