"""Hostile addresses at every place where a vendor, or a link of one, can send us somewhere: no socket is opened."""

import json
import random
import re
import socket
from collections.abc import Collection, Iterator
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx
import pytest
from pydantic import JsonValue, SecretStr

from contract import test_mineru_contract as mineru
from contract import test_paddleocr_contract as paddleocr
from contract import test_scnet_contract as scnet
from contract.case import Case
from contract.playing import QUICK, Played, plainly
from docparse_loaders import DocParser, errors
from docparse_loaders.engine import transport
from docparse_loaders.engine.addresses import permitted
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.network import Judging
from docparse_loaders.engine.transport import Transport
from docparse_loaders.policy import Policy
from docparse_loaders.source import Source
from docparse_loaders.vendors.protocol import Body, Call, Effect, Foreign, Reply
from raw_server import answering, serving
from recorder import Recorder, recording

SOURCE = Source.of(b"%PDF-1.4 x", name="a.pdf")
KEY = "sk-canary-7f3a"
TRUST = httpx.create_ssl_context()
PUBLIC = Endpoint("https://api.vendor.test/v1", SecretStr(KEY))
OWN = Endpoint("http://10.1.2.3:8000/v1", SecretStr(KEY))
NAMES = {
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1"],
    "inside.test": ["10.0.0.7"],
    "half.test": ["93.184.216.34", "192.168.0.9"],
    "metadata.google.internal": ["169.254.169.254"],
    "metadata.google.internal.": ["169.254.169.254"],
    "rebound.nip.test": ["169.254.169.254"],
    "zero.test": ["0.0.0.0"],  # noqa: S104  (nobody listens)
    "lo6.test": ["::1"],
    "mapped.test": ["::ffff:10.0.0.1"],
}
WHEREVER = [  # refused at every endpoint, however private it is itself
    *("https://169.254.169.254/latest/meta-data/", "https://169.254.170.2/v2/credentials", "https://100.100.100.200/latest/"),
    *("https://168.63.129.16/machine", "https://192.0.0.192/opc/v2", "https://[fd00:ec2::254]/latest", "https://224.0.0.1/"),
    *("https://[::ffff:169.254.169.254]/", "https://[::ffff:a9fe:a9fe]/", "https://[64:ff9b::169.254.169.254]/"),
    *("https://[64:ff9b:1::a9fe:a9fe]/", "https://[2002:a9fe:a9fe::1]/", "https://[::169.254.169.254]/"),
    *("https://[2001:0:5db8:d822:0:0:5601:5601]/", "https://[fe80::5efe:a9fe:a9fe]/", "https://[ff02::1]/", "https://0.0.0.0/"),
    *("https://metadata.google.internal/", "https://metadata.google.internal./", "https://METADATA.google.internal/"),
    *("https://rebound.nip.test/", "https://127.0.0.1/", "https://10.0.0.7/", "https://192.168.1.1/", "https://172.16.0.1/"),
    *("https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://017700000001/", "https://0x7f.0.0.1/"),
    *("https://0177.0.0.1/", "https://127.0.1/", "https://127.0.0.1./", "https://00000177.0.0.1/", "https://[::1]/"),
    *("https://[0:0:0:0:0:0:0:1]/", "https://[::]/", "https://[::127.0.0.1]/", "https://[::ffff:127.0.0.1]/"),
    *("https://[fc00::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/", "https://[fe80::1%eth0]/", "https://[fec0::1]/"),
    *("https://[64:ff9b::7f00:1]/", "https://[64:ff9b:1::7f00:1]/", "https://[2002:7f00:1::]/", "https://[2001:db8::1]/"),
    *("https://[2001:0:4136:e378:8000:63bf:f5ff:fffe]/", "https://[2600::5efe:7f00:1]/", "https://[100::1]/"),
    *("https://localhost/", "https://localhost./", "https://inside.test/", "https://half.test/", "https://zero.test/"),
    *("https://lo6.test/", "https://mapped.test/", "https://100.64.0.1/", "https://198.18.0.1/", "https://255.255.255.255/"),
    *("https://user:secret@93.184.216.34/", "https://user@93.184.216.34/", "https://@93.184.216.34/"),
    *("https://93.184.216.34\\@127.0.0.1/", "https:\\\\127.0.0.1/", "https://127.0.0.1\\.vendor.test/", "https:/127.0.0.1/"),
    *("https:///127.0.0.1/", "https:127.0.0.1/", "//127.0.0.1/a", "/a", "a.zip", "", " https://127.0.0.1/", "https://"),
    *("https://93.184.216.34/a\r\nHost: x", "https://93.184.216.34/a\tb", "https://127.0.0.1\x00.test/", "https://a b.test/"),
    *(
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://ｌｏｃａｌｈｏｓｔ/",
        "https://١٢٧.0.0.1/",
        "https://ex\u00adample.test/",
    ),
    *("https://127%2e0%2e0%2e1/", "https://%31%32%37.0.0.1/", "https://127.0.0.1%00.test/", "https://[::1", "https://[::g]/"),
    *("https://93.184.216.34:22/", "https://93.184.216.34:25/", "https://93.184.216.34:0/", "https://93.184.216.34:99999/"),
    *("https://93.184.216.34:-1/", "https://93.184.216.34:x/", "https://1.2.3.4.5/", "https://256.256.256.256/"),
    *("file:///etc/passwd", "ftp://93.184.216.34/a", "gopher://127.0.0.1:70/_x", "data:text/plain,x", "javascript:1"),
    *("unix:///var/run/docker.sock", "ws://127.0.0.1/", "jar:https://127.0.0.1!/", "dict://127.0.0.1:11211/", "x" * 5000),
]
PLAIN = ["http://93.184.216.34/", "http://127.0.0.1/", "http://inside.test/"]  # refused at an endpoint with https
CASES = {
    "mineru": mineru.TestMinerUAddress.case,
    "mineru-upload": mineru.TestMinerUUpload.case,
    "parse4ai": mineru.TestParse4AI.case,
    "paddleocr": paddleocr.TestUpload.case,
    "paddleocr-address": paddleocr.TestAddress.case,
    "scnet": scnet.TestAddress.case,
    "scnet-upload": scnet.TestUpload.case,
    "scnet-files": scnet.TestSeveralFiles.case,
}


@pytest.fixture(scope="module")
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def known(host: str, port: int) -> Collection[str]:
    """A name service that asks nobody: its own names, and numbers in every notation that the system reads."""
    if host.lower() in NAMES:
        return NAMES[host.lower()]
    found = socket.getaddrinfo(host, port, proto=6, flags=socket.AI_NUMERICHOST)
    return [str(entry[4][0]) for entry in found]


SHAPES = {
    "result": lambda url: Call(Effect.READ, "GET", Foreign(url), expect="blob", large=True),
    "upload": lambda url: Call(Effect.PUT, "PUT", Foreign(url), body=Body("", "a.pdf", "application/pdf"), expect="blob"),
    "form": lambda url: Call(
        Effect.PUT, "POST", Foreign(url), form=(("k", "v"),), body=Body("file", "a.pdf", "application/pdf"), expect="blob"
    ),
}


@pytest.mark.anyio
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("endpoint", [PUBLIC, OWN], ids=["public", "own"])
async def test_no_socket_is_opened(shape: str, endpoint: Endpoint, recorder: Recorder) -> None:
    urls = WHEREVER if endpoint is OWN else WHEREVER + PLAIN
    async with Transport(endpoint, Policy(), resolve=known) as wire:
        for url in urls:
            with recording(recorder) as dialled, pytest.raises((errors.UnsafeURL, errors.EndpointUnreachable)) as caught:
                await wire.perform(SHAPES[shape](url), SOURCE)
            assert (url, dialled) == (url, [])
            assert "secret" not in str(caught.value)


@pytest.mark.anyio
async def test_the_recorder_hears_a_connection(recorder: Recorder) -> None:
    async with serving(answering(b"x")) as server, Transport(Endpoint(server.url), Policy()) as wire:
        with recording(recorder) as dialled:
            await wire.perform(SHAPES["result"](server.url), SOURCE)
    assert len(dialled) == 1


class Redirecting(httpx.AsyncBaseTransport):
    """A host that sends everyone to `target`."""

    target = ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": self.target})


class Redirected(Transport):
    """The first hop is played, and what it leads to is real."""

    first = Redirecting()

    def _client(self, call: Call, url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self.first) if "first.test" in url else super()._client(call, url)


@pytest.mark.anyio
async def test_no_redirect_leads_to_a_hostile_address(recorder: Recorder) -> None:
    leading_away = [url for url in [*WHEREVER, *PLAIN] if "://" in url and url.isascii() and url.isprintable()]
    assert len(leading_away) > 70
    async with Redirected(PUBLIC, Policy(), resolve=known) as wire:
        for url in leading_away:
            wire.first.target = url
            with recording(recorder) as dialled, pytest.raises((errors.UnsafeURL, errors.TransportError)):
                await wire.perform(SHAPES["result"]("https://first.test/a"), SOURCE)
            assert (url, dialled) == (url, [])


def linking(replies: tuple[Reply, ...], url: str) -> tuple[Reply, ...]:
    """The replies with `url` in place of every address in them."""
    return tuple(replace(reply, json=_linking(reply.json, url)) for reply in replies)


def _linking(value: JsonValue | None, url: str) -> JsonValue:
    if isinstance(value, dict):
        return {name: _linking(inner, url) for name, inner in value.items()}
    if isinstance(value, list):
        return [_linking(inner, url) for inner in value]
    return url if isinstance(value, str) and re.match(r"https?://", value) else value


class PlayedEndpoint(Transport):
    """The vendor's own host is played; where it sends us is real."""

    _trust = TRUST  # made once, because that takes time

    def __init__(self, endpoint: Endpoint, policy: Policy, played: Played) -> None:
        super().__init__(endpoint, policy, resolve=known)
        self._played = played

    def _opened(self, kind: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._played) if kind == "endpoint" else super()._opened(kind)


@pytest.mark.parametrize("name", CASES)
def test_no_vendor_sends_us_to_a_hostile_address(name: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES[name]
    assert '"http' in json.dumps([reply.json for reply in case.replies])
    for url in [*WHEREVER, *PLAIN]:
        played = Played(plainly(linking(case.replies, url)))
        monkeypatch.setattr(transport, "Transport", lambda at, policy, played=played: PlayedEndpoint(at, policy, played))
        with recording(recorder) as dialled, pytest.raises(errors.DocParseError):
            DocParser(case.options, policy=replace(QUICK, timeouts=replace(QUICK.timeouts, job=1.0))).parse(
                given(case), name=case.facts.name
            )
        assert (url, dialled) == (url, [])


def given(case: Case) -> str | bytes:
    return case.facts.url or b"%PDF-1.4 x"


@pytest.mark.anyio
async def test_a_name_that_changes_its_mind_never_leads_inside(recorder: Recorder) -> None:
    """The name service says a public address first and a private one afterwards; what is dialled is what was judged."""
    dialled: list[str] = []

    class Dialling:
        async def connect_tcp(self, host: str, *_: object) -> object:
            dialled.append(host)
            raise OSError

    drawn = random.Random(7)  # noqa: S311  (an order of answers)
    for _ in range(1000):
        answers = iter([["93.184.216.34"], *[[drawn.choice(["127.0.0.1", "169.254.169.254"])] for _ in range(9)]])

        async def flips(host: str, port: int, answers: Iterator[list[str]] = answers) -> Collection[str]:
            return next(answers)

        judging = Judging(PUBLIC, flips)
        judging._real = Dialling()  # type: ignore[assignment]  # it only listens
        for _ in range(3):
            with pytest.raises((OSError, errors.UnsafeURL)):
                await judging.connect_tcp("files.test", 443)
    assert dialled == ["93.184.216.34"] * 1000


# Against an oracle of its own: the registries of IANA as they stand, and what each IPv6 form carries.

NOT_PUBLIC = [
    ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
        *("2001:db8::/32", "3fff::/20", "2001:2::/48", "2001:10::/28"),
    )
]
EMBEDDING = [  # network, and how far to the left of the end the four bytes lie
    ("::ffff:0:0/96", 0),
    ("64:ff9b::/96", 0),
    ("2002::/16", 80),
]


def oracle(address: IPv4Address | IPv6Address) -> bool:
    """Whether anyone on the internet may have this address."""
    if any(address in net for net in NOT_PUBLIC if net.version == address.version):
        return False
    if isinstance(address, IPv4Address):
        return True
    packed = address.packed
    if packed[8:12] in {b"\0\0\x5e\xfe", b"\2\0\x5e\xfe"} and not oracle(IPv4Address(packed[12:])):
        return False
    for network, shift in EMBEDDING:
        if address in ip_network(network):
            return oracle(IPv4Address(int(address) >> shift & 0xFFFFFFFF))
    if packed[:4] == b"\x20\x01\0\0":
        client = IPv4Address(bytes(byte ^ 0xFF for byte in packed[12:]))
        return oracle(IPv4Address(packed[4:8])) and oracle(client)
    return (packed[0] >> 5 == 1 and packed[:3] != b"\x20\x01\x00") or _assigned(packed)


def _assigned(packed: bytes) -> bool:
    """The parts of 2001::/23 that are public all the same."""
    address = IPv6Address(packed)
    return any(
        address in ip_network(text)
        for text in (
            "2001:1::1/128",
            "2001:1::2/128",
            "2001:1::3/128",
            "2001:3::/32",
            "2001:4:112::/48",
            "2001:20::/28",
            "2001:30::/28",
        )
    )


def drawn_addresses(count: int) -> Iterator[IPv4Address | IPv6Address]:
    drawn = random.Random(20)  # noqa: S311  (addresses to judge)
    special = [net for net in NOT_PUBLIC if net.version == 4]
    for number in range(count):
        four = IPv4Address(drawn.getrandbits(32))
        if number % 2:
            net = drawn.choice(special)
            four = IPv4Address(int(net.network_address) | drawn.getrandbits(32) & int(net.hostmask))
        shapes = [
            f"{four}",
            f"::ffff:{four}",
            f"64:ff9b::{four}",
            f"64:ff9b:1::{four}",
            f"::{four}",
            str(IPv6Address(0x2002 << 112 | int(four) << 80 | drawn.getrandbits(80))),
            str(IPv6Address(0x20010000 << 96 | int(four) << 64 | drawn.getrandbits(64))),
            str(IPv6Address(0x20010000 << 96 | 0x5DB8D822 << 64 | drawn.getrandbits(32) << 32 | int(four) ^ 0xFFFFFFFF)),
            str(IPv6Address(0x2606 << 112 | drawn.getrandbits(48) << 64 | 0x5EFE << 32 | int(four))),
            str(IPv6Address(drawn.getrandbits(128))),
            str(IPv6Address(1 << 125 | drawn.getrandbits(125))),
        ]
        yield ip_address(shapes[number % len(shapes)])


def test_the_judgement_is_that_of_the_registries() -> None:
    differing = [str(a) for a in drawn_addresses(10_000) if permitted(a, trusted=False) != oracle(a)]
    assert differing == []
