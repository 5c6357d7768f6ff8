"""Which IP addresses are public, private, or a cloud's own: whatever form an IPv4 address hides in.

`ipaddress.is_global` alone is no guard: it lets through most of the forms in which an IPv6 address carries an IPv4 one, and
services that clouds keep at addresses of the public range.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

_METADATA = frozenset(
    map(
        ip_address,
        (
            *("169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23", "169.254.42.42"),
            *("100.100.100.200", "192.0.0.192", "168.63.129.16"),
            *("fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42"),
        ),
    )
)
_METADATA_NAMES = frozenset({"metadata", "instance-data", "metadata.google.internal", "metadata.tencentyun.com"})
_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")
_UNICAST = ip_network("2000::/3")
_COMPATIBLE = ip_network("::/96")
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4", "2001:db8::/32", "3fff::/20"),
    )
)


def permitted(address: Address, *, trusted: bool) -> bool:
    """Whether it may be connected to: public, or private if `trusted`; the metadata service of a cloud never.

    An address that carries others is as good as the worst of them.
    """
    if address in _METADATA or address.is_multicast or address.is_unspecified:
        return False
    if any(not permitted(inner, trusted=trusted) for inner in _carried(address)):
        return False
    return trusted or _is_public(address)


def is_metadata(host: str) -> bool:
    """Whether this is the name of a cloud's metadata service."""
    return host.rstrip(".").lower() in _METADATA_NAMES


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in net for net in _NOT_PUBLIC if net.version == 4)
    if address.ipv4_mapped is not None or address in _NAT64:
        return True
    if address.sixtofour is not None or address.teredo is not None:
        return True
    return address in _UNICAST and address.is_global and not any(address in net for net in _NOT_PUBLIC if net.version == 6)


def _carried(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 one may stand for."""
    if isinstance(address, IPv4Address):
        return
    number = int(address)
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or address in _LOCAL_NAT64 or (address in _COMPATIBLE and number > 1) or _is_isatap(number):
        yield IPv4Address(number & 0xFFFF_FFFF)
    if address in _LOCAL_NAT64:
        # A prefix of 48 bits is followed by two bytes, one of zeros, and the other two (RFC 6052).
        yield IPv4Address((number >> 64 & 0xFFFF) << 16 | number >> 40 & 0xFFFF)


def _is_isatap(number: int) -> bool:
    return number >> 32 & 0xFFFF_FFFF in _ISATAP
