"""Disposable domains: an address is known by its domain or a parent domain."""

import pytest

from chalicelib.domain.mailboxes import email_address
from chalicelib.protection.disposable_domains import is_disposable


@pytest.mark.parametrize(
    ("typed", "disposable"),
    [
        ("nina@mailinator.com", True),
        ("nina@MAILINATOR.com", True),
        ("nina@inbox.mailinator.com", True),
        ("nina@my-own-mailinator.org", False),
        ("nina@proton.me", False),
        ("nina@example.org", False),
        ("nina@mailinator.com.example.org", False),
    ],
)
def test_an_address_is_disposable_by_its_domain_or_a_parent_domain(
    typed: str, disposable: bool
) -> None:
    assert is_disposable(email_address.parse(typed)) is disposable
