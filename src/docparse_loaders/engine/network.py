"""Connections to where vendors send us, judged where the socket is opened: no request and no redirect gets around it.

The address of a request is never rewritten, so names, certificates and the connections that are kept for a host stay with
that host, also where several hosts share one IP address.
"""

import ssl
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import SplitResult
from urllib.request import getproxies, proxy_bypass

import anyio
import httpcore

from docparse_loaders.engine.endpoint import Endpoint
from docparse_loaders.engine.guard import Resolve, judged
from docparse_loaders.errors import UnsafeURL


class Judging(httpcore.AsyncNetworkBackend):
    """Resolves a host, judges all its addresses, and dials those and no others."""

    def __init__(self, endpoint: Endpoint, resolve: Resolve) -> None:
        self._endpoint = endpoint
        self._resolve = resolve
        self._real = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (the signature is httpcore's)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first judged address that answers, within `timeout` seconds for all of them.

        Raises `UnsafeURL` and `EndpointUnreachable` before any socket is opened, and httpcore's own errors afterwards.
        """
        options = list(socket_options or ())
        try:
            with anyio.fail_after(timeout):
                addresses = await judged(host, port, self._endpoint, self._resolve)
                share = timeout / len(addresses) if timeout else None
                for address in addresses[:-1]:
                    with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                        return await self._real.connect_tcp(address, port, share, local_address, options)
                return await self._real.connect_tcp(addresses[-1], port, timeout, local_address, options)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  (the signature is httpcore's)
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never: nothing that a vendor hands back is a socket of this machine."""
        raise UnsafeURL("the vendor handed back a socket of this machine.", hint="Report this to the vendor.")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)


def pool(endpoint: Endpoint, resolve: Resolve, trust: ssl.SSLContext) -> httpcore.AsyncConnectionPool:
    """Connections that are kept per host, and opened under guard."""
    return httpcore.AsyncConnectionPool(
        ssl_context=trust,
        max_connections=100,
        max_keepalive_connections=20,
        keepalive_expiry=5.0,
        network_backend=Judging(endpoint, resolve),
    )


def proxy_of(parts: SplitResult) -> str | None:
    """The proxy that the environment names for such an address: then it connects, and not we."""
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or proxy_bypass(parts.hostname or ""):
        return None
    return found if "://" in found else f"http://{found}"
