"""Health in words: when complaints are more than is normal."""

import pytest

from chalicelib.domain.petitions import health
from chalicelib.domain.petitions.health import Severity


@pytest.mark.parametrize(
    ("complaints", "sent", "level", "words"),
    [
        (0, 5_000, Severity.GOOD, "No mail was marked as spam in the last 40 days"),
        (1, 20, Severity.GOOD, "1 mail was marked as spam in the last 40 days, of 20 that"),
        (2, 2_001, Severity.GOOD, "2 mails were marked as spam in the last 40 days, of 2,001 that"),
        (2, 2_000, Severity.WARNING, "fewer than 1 in 1,000 is normal"),
        (3, 0, Severity.WARNING, "of 3 that went out"),
    ],
)
def test_complaints_are_named_and_from_one_in_a_thousand_on_warned_of(
    complaints: int, sent: int, level: Severity, words: str
) -> None:
    finding = health.of_complaints(complaints, sent, 40)

    assert finding.level is level
    assert words in finding.text
    assert bool(finding.remedy) == (level is Severity.WARNING)
