"""Which addresses of a vendor are fetched: judged by where they lead, whatever they look like."""

from collections.abc import Collection
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docparse_loaders import errors
from docparse_loaders.engine.addresses import permitted
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.guard import judged, split

PUBLIC = Endpoint("https://vendor.example/api")
PRIVATE = Endpoint("http://10.1.2.3:8000/api", trusted_hosts=("minio.corp",))

METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
]
INSIDE = [
    "127.0.0.1",
    "10.0.0.7",
    "192.168.1.1",
    "172.16.0.1",
    "100.64.0.1",
    "169.254.1.1",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
]
OUTSIDE = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("text", METADATA)
@pytest.mark.parametrize("trusted", [True, False])
def test_a_metadata_service_is_never_asked(text: str, trusted: bool) -> None:
    assert not permitted(ip_address(text), trusted=trusted)


@pytest.mark.parametrize("text", INSIDE)
def test_a_private_address_needs_trust(text: str) -> None:
    assert not permitted(ip_address(text), trusted=False)
    assert permitted(ip_address(text), trusted=True)


@pytest.mark.parametrize("text", OUTSIDE)
def test_a_public_address_is_fetched(text: str) -> None:
    assert permitted(ip_address(text), trusted=False)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_judged_alike_in_every_disguise(address: object) -> None:
    plain = ip_address(str(address))
    for disguised in (f"::ffff:{plain}", f"64:ff9b::{plain}"):
        assert permitted(ip_address(disguised), trusted=False) == permitted(plain, trusted=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a.zip",
        "ftp://files.example/a.zip",
        "file:///etc/passwd",
        "//files.example/a",
        "a.zip",
        "",
        "https://user:secret@files.example/a",
        "https://files.example:99999/a",
        "https://[half/a",
        "https://files.example/a\r\nX-Other: 1",
        "https://files.exämple/a",
    ],
)
def test_an_address_of_the_wrong_form_is_refused(url: str) -> None:
    with pytest.raises(errors.UnsafeURL) as caught:
        split(url, PUBLIC)
    assert "secret" not in str(caught.value)


def test_plain_http_is_for_endpoints_that_are_plain_themselves() -> None:
    assert split("http://files.example/a?b=%22c%22", PRIVATE).query == "b=%22c%22"
    assert split("https://files.example/a", PUBLIC).hostname == "files.example"


@pytest.mark.anyio
class TestDialled:
    @pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::1"]])
    async def test_one_bad_address_condemns_the_host(self, found: list[str]) -> None:
        async def resolve(host: str, port: int) -> Collection[str]:
            assert (host, port) == ("files.example", 8443)
            return found

        with pytest.raises(errors.UnsafeURL, match=r"files\.example leads to"):
            await judged("files.example", 8443, PUBLIC, resolve)

    async def test_the_judged_address_is_the_one_that_is_dialled(self) -> None:
        answers = iter([["93.184.216.34"], ["127.0.0.1"]])

        async def resolve(host: str, port: int) -> Collection[str]:
            return next(answers)

        assert await judged("files.example", 8443, PUBLIC, resolve) == ["93.184.216.34"]

    @pytest.mark.parametrize(("host", "ok"), [("10.1.2.3", True), ("minio.corp", True), ("other.corp", False)])
    async def test_a_private_deployment_may_point_to_itself_and_to_hosts_it_trusts(self, host: str, ok: bool) -> None:
        async def resolve(_: str, __: int) -> Collection[str]:
            return ["10.1.2.3"]

        parts = split(f"http://{host}:9000/a", PRIVATE)
        if ok:
            assert await judged(str(parts.hostname), 9000, PRIVATE, resolve) == ["10.1.2.3"]
        else:
            with pytest.raises(errors.UnsafeURL):
                await judged(str(parts.hostname), 9000, PRIVATE, resolve)

    async def test_a_name_that_leads_nowhere_is_no_danger(self) -> None:
        async def resolve(_: str, __: int) -> Collection[str]:
            raise OSError

        with pytest.raises(errors.EndpointUnreachable):
            await judged("files.example", 8443, PUBLIC, resolve)
