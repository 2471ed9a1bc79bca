"""What the public DNS says: each question with a short patience, and no answer is no fault."""

from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, Literal

import dns.exception
import dns.resolver

SECONDS: Final = 4.0
"""For one question, all servers together."""


class Silence(Enum):
    """Instead of records, when nobody could be asked."""

    NOT_ASKED = auto()


def ask(name: str, kind: Literal["CNAME", "TXT", "MX"]) -> Sequence[str] | Silence:
    """The records of `name`, as text in small letters; none if there are none."""
    try:
        found = dns.resolver.resolve(name, kind, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError):
        return Silence.NOT_ASKED
    return [record.to_text().strip('"').rstrip(".").lower() for record in found]
