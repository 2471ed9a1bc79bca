"""Networks of visitors, by which forms and mails are counted.

A network is named by its narrowest prefix: a /24 of IPv4, or a /64 of IPv6, which is one line or
one phone. Who rents a server or a line often gets a /56 or a /48, so these are counted, too.
"""

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

_IPV4_LENGTHS: Final = (24,)
_IPV6_LENGTHS: Final = (48, 56, 64)
"""RFC 6177: a site gets a /48 to a /56; RFC 4291: a /64 is one link."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: the last four bytes are an IPv4 address."""


def network_of(address: str) -> str:
    """The network of an address; "" if the text is no address.

    An IPv6 address that carries an IPv4 address counts as that: mapped, 6to4, Teredo or NAT64.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        parsed = _embedded(parsed) or IPv6Address(int(parsed))
    lengths = _IPV4_LENGTHS if parsed.version == 4 else _IPV6_LENGTHS
    return str(ipaddress.ip_network((parsed, lengths[-1]), strict=False))


def prefixes(network: str) -> Sequence[str]:
    """The network and those around it that are counted, the widest first."""
    if not network:
        return [network]
    narrowest: IPv4Network | IPv6Network = ipaddress.ip_network(network)
    lengths = _IPV4_LENGTHS if narrowest.version == 4 else _IPV6_LENGTHS
    return [str(narrowest.supernet(new_prefix=length)) for length in lengths]


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address by which this one reaches the internet, if it has one."""
    if address.teredo:
        _, client = address.teredo
        return client
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
