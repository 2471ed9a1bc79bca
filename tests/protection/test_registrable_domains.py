"""Registrable domains: what one person registers, by the rules of the Public Suffix List."""

import pytest
from publicsuffixlist import PublicSuffixList

from chalicelib.protection import registrable_domains
from chalicelib.protection.registrable_domains import registrable
from chalicelib.rendering import build_output


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("evil.org", "evil.org"),
        ("a1.evil.org", "evil.org"),
        ("a.b.evil.org", "evil.org"),
        ("mail.evil.co.uk", "evil.co.uk"),
        ("co.uk", "co.uk"),
        ("mail.city.kawasaki.jp", "city.kawasaki.jp"),
        ("mail.shop.other.kawasaki.jp", "shop.other.kawasaki.jp"),
        ("a.mail.xn--55qx5d.cn", "mail.xn--55qx5d.cn"),
        ("example", "example"),
    ],
)
def test_names_below_a_registrable_domain_are_one_domain(domain: str, expected: str) -> None:
    assert registrable(domain) == expected


def test_names_that_a_company_lets_to_strangers_count_together() -> None:
    assert registrable("a.eu.org") == registrable("b.eu.org") == "eu.org"


def test_every_rule_is_understood_as_the_package_understands_it() -> None:
    package = PublicSuffixList(only_icann=True)
    notice, *rules = build_output.text("endings.txt").splitlines()
    domains = [f"a.b.{rule.removeprefix('!').replace('*', 'any')}" for rule in rules]

    assert "MPL-2.0" in notice
    assert len(rules) > 5_000
    assert registrable_domains._rules() >= set(rules)
    assert [registrable(domain) for domain in domains] == [
        package.privatesuffix(domain) for domain in domains
    ]
