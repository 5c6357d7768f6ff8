"""Which addresses handed back by a vendor may be fetched: judged by what the name really leads to, not by how it looks.

All addresses of a host are judged, and one of those that passed is dialled, so that a name cannot answer differently the
second time. No public link leads into a private network unless the endpoint's own host does.
"""

from collections.abc import Awaitable, Callable, Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import anyio

from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.errors import EndpointUnreachable, UnsafeURL

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Collection[str]]]

_METADATA = frozenset(
    map(ip_address, ("169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"))
)
_NAT64 = ip_network("64:ff9b::/96")
_HINT = "Report this to the vendor; nothing was requested. Hosts of your own network are allowed by trusted_hosts=(…)."


def split(url: str, endpoint: Endpoint) -> SplitResult:
    """The parts of an address, if its form is one that may be fetched. Raises `UnsafeURL`."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise UnsafeURL("the vendor handed back an address that is none.", hint=_HINT) from None
    allowed = {"https", "http"} if endpoint.url.startswith("http://") else {"https"}
    if (
        parts.scheme not in allowed
        or not host
        or parts.username
        or parts.password
        or not url.isascii()
        or not url.isprintable()
    ):
        raise UnsafeURL(f"the vendor handed back {parts.scheme or 'an'} address that is not fetched ({host}).", hint=_HINT)
    return parts


async def dialled(parts: SplitResult, endpoint: Endpoint, resolve: Resolve) -> str:
    """The IP address to connect to. Raises `UnsafeURL`, or `EndpointUnreachable` if the name leads nowhere."""
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = [ip_address(text.partition("%")[0]) for text in await resolve(host, port)]
    except OSError:
        found = []
    if not found:
        raise EndpointUnreachable(f"{host} has no address.", hint="Check the network and the name service.")
    trusted = host in {endpoint.host, *endpoint.trusted_hosts}
    for address in found:
        if not permitted(address, trusted=trusted):
            raise UnsafeURL(f"{host} leads to {address}, which the vendor may not send us to.", hint=_HINT)
    return str(found[0])


def permitted(address: Address, *, trusted: bool) -> bool:
    """Whether it may be connected to: public, or private if `trusted`; the metadata service of a cloud never."""
    inner = _embedded(address)
    if inner is not None:
        return permitted(inner, trusted=trusted)
    if address in _METADATA or address.is_multicast or address.is_unspecified:
        return False
    return trusted or address.is_global


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


async def resolved(host: str, port: int) -> Collection[str]:
    """Every address of a host, as the system's name service tells them."""
    return [str(entry[4][0]) for entry in await anyio.getaddrinfo(host, port, proto=6)]
