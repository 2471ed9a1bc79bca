"""Networks: how much of a client's address is looked at, and what is around it."""

import pytest

from chalicelib.domain.networks import network_of, prefixes


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.0", "203.0.113.0/24"),
        ("255.255.255.255", "255.255.255.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2002:cb00:714d::1", "203.0.113.0/24"),
        ("2001:0:4136:e378:8000:63bf:34ff:8eb2", "203.0.113.0/24"),
        ("64:ff9b::203.0.113.77", "203.0.113.0/24"),
        ("64:ff9b:1::203.0.113.77", "64:ff9b:1::/64"),
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


@pytest.mark.parametrize(
    ("network", "nested"),
    [
        ("203.0.113.0/24", ["203.0.113.0/24"]),
        (
            "2001:db8:1:203::/64",
            ["2001:db8:1::/48", "2001:db8:1:200::/56", "2001:db8:1:203::/64"],
        ),
        ("", [""]),
    ],
)
def test_a_64_lies_in_a_56_and_a_48_which_one_person_can_have(
    network: str, nested: list[str]
) -> None:
    assert prefixes(network) == nested
