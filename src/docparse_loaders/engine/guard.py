"""Which addresses handed back by a vendor may be fetched: judged by what the name really leads to, not by how it looks.

All addresses of a host are judged, and only those that were judged are dialled, so that a name cannot answer differently the
second time. No public link leads into a private network unless the endpoint's own host does.
"""

import re
from collections.abc import Awaitable, Callable, Collection
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

import anyio

from docparse_loaders.engine.addresses import is_metadata, permitted
from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.errors import EndpointUnreachable, UnsafeURL

Resolve = Callable[[str, int], Awaitable[Collection[str]]]

_UNCLEAR = re.compile(r"[\s\\]")
"""What some readers of addresses take for something else."""
_HOST = re.compile(r"(?:[A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)\.?")
"""A host that browsers and name services read as an IPv4 address, in whatever notation."""
_PORTS = frozenset({80, 443})
_ASSIGNED = 1024
_HINT = "Report this to the vendor; nothing was requested. Hosts of your own network are allowed by trusted_hosts=(…)."


def split(url: str, endpoint: Endpoint) -> SplitResult:
    """The parts of an address, if its form is one that may be fetched. Raises `UnsafeURL`.

    The form is https, or http if the endpoint's is; a plain host without a user; and no port of another known service.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UnsafeURL("the vendor handed back an address that is none.", hint=_HINT) from None
    allowed = {"https", "http"} if endpoint.url.startswith("http://") else {"https"}
    if (
        parts.scheme not in allowed
        or "@" in parts.netloc
        or _UNCLEAR.search(url)
        or not url.isprintable()
        or not _is_host(host)
    ):
        shown = f" ({host})" if _HOST.fullmatch(host) else ""
        raise UnsafeURL(f"the vendor handed back {parts.scheme or 'an'} address that is not fetched{shown}.", hint=_HINT)
    if port is not None and port < _ASSIGNED and port not in _PORTS and not is_trusted(host, endpoint):
        raise UnsafeURL(f"the vendor handed back an address at port {port} of {host}.", hint=_HINT)
    return parts


def _is_clear(url: str) -> bool:
    return url.isprintable() and not _UNCLEAR.search(url)


def _is_host(host: str) -> bool:
    """Whether it is a name, or an IP address as it is usually written."""
    if not _HOST.fullmatch(host) or is_metadata(host):
        return False
    if _NUMBER.fullmatch(host) or ":" in host:
        try:
            ip_address(host)
        except ValueError:
            return False
    return True


def is_trusted(host: str, endpoint: Endpoint) -> bool:
    """Whether it may lie in a private network: the endpoint's own host, and those that the user named."""
    return host.lower() in {endpoint.host, *endpoint.trusted_hosts}


async def judged(host: str, port: int, endpoint: Endpoint, resolve: Resolve) -> list[str]:
    """The IP addresses to connect to. Raises `UnsafeURL`, or `EndpointUnreachable` if the name leads nowhere."""
    try:
        found = [ip_address(text.partition("%")[0]) for text in await resolve(host, port)]
    except (OSError, ValueError):  # the latter from a name that cannot be encoded
        found = []
    if not found:
        raise EndpointUnreachable(f"{host} has no address.", hint="Check the network and the name service.")
    trusted = is_trusted(host, endpoint)
    for address in found:
        if not permitted(address, trusted=trusted):
            raise UnsafeURL(f"{host} leads to {address}, which the vendor may not send us to.", hint=_HINT)
    return list(dict.fromkeys(map(str, found)))


async def resolved(host: str, port: int) -> Collection[str]:
    """Every address of a host, as the system's name service tells them."""
    return [str(entry[4][0]) for entry in await anyio.getaddrinfo(host, port, proto=6)]
