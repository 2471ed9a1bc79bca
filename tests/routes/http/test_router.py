"""Networks: how much of a client's address is looked at."""

import pytest

from chalicelib.routes.http.request import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.0", "203.0.113.0/24"),
        ("255.255.255.255", "255.255.255.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("203.0.113", ""),
        ("203.0.113.77:443", ""),
        ("203.0.113.77, 198.51.100.1", ""),
        ("unknown", ""),
        ("\0", ""),
    ],
)
def test_a_network_is_the_24_of_ipv4_the_64_of_ipv6_and_nothing_of_anything_else(
    address: str, network: str
) -> None:
    assert network_of(address) == network
