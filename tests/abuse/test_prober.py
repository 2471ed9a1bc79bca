"""Attacker: one who signs and withdraws with mailboxes of its own, and reads the public count.

It watches a network, and wants to know whether one person has signed, and when. It can have any
number of mailboxes. In the worst case nobody else signs, and it knows how many have signed before.
Protected: the hour of one signature.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pytest

from chalicelib.domain.integrity.public_figures import (
    DueMoment,
    PublicFigures,
    Rounding,
    figures_at,
)
from tests.builders import NOW
from tests.routes.requests import SLUG, get
from tests.world import World

COUNT: Final = f"/api/petitions/{SLUG}/count"
MAILBOXES: Final = [f"agent{number}@example.org" for number in range(5)]
STEP: Final = 5
AN_HOUR: Final = (10, 10, 10, 10, 10, 1)
"""The factors of the looks of an hour, while few sign."""


def public_count(world: World) -> int:
    return int(json.loads(get(COUNT).text)["count"])


def mailboxes_to_the_next_move(world: World) -> int | None:
    """With how many of its mailboxes the attacker moves the count; None if all do not."""
    before = public_count(world)
    for used, mailbox in enumerate(MAILBOXES, start=1):
        world.sign_and_confirm(email=mailbox)
        world.run_every_minute()
        if public_count(world) > before:
            return used
    return None


# Between two moments.


@pytest.mark.parametrize("others", range(1, 5))
def test_own_mailboxes_do_not_measure_the_exact_count(world: World, others: int) -> None:
    """A count that moves as soon as it can is read exactly, four times of four."""
    world.run_every_minute()
    for number in range(others):
        world.sign_and_confirm(email=f"citizen{number}@example.org")

    assert mailboxes_to_the_next_move(world) is None


def test_a_withdrawn_mailbox_is_no_trap_for_the_next_signature(world: World) -> None:
    """It would show the minute of the next signature."""
    for mailbox in MAILBOXES:
        world.sign_and_confirm(email=mailbox)
    world.set_figures()
    assert public_count(world) == 5
    world.withdraw(MAILBOXES[0])
    before = get(COUNT)

    world.sign_and_confirm(email="citizen@example.org")
    world.run_every_minute()

    assert get(COUNT) == before


def test_withdrawing_and_signing_again_moves_nothing(world: World) -> None:
    for mailbox in MAILBOXES:
        world.sign_and_confirm(email=mailbox)
    world.set_figures()

    for _ in range(3):
        world.withdraw(MAILBOXES[0])
        world.set_figures()
        assert public_count(world) == 5
        world.sign_and_confirm(email=MAILBOXES[0])
        world.set_figures()
        assert public_count(world) == 5


# Over many moments: exact probabilities, over every draw, for an attacker who knows all but one
# signature.

Chances = Mapping[Sequence[int], float]
"""The probability of each sequence of public counts."""


def chances(
    own: Sequence[int],
    signed_before: int | None,
    *,
    factors: Sequence[int] = (),
    by_chance: bool = True,
) -> Chances:
    """What the attacker sees at one look after another, with `own` signatures at each.

    One person signs before the look `signed_before`, or never. Looks are on the hour, unless
    `factors` says otherwise. All draws are equally likely.
    """
    seen: dict[Sequence[int], float] = {(): 1.0}
    for look, mailboxes in enumerate(own):
        factor = factors[look] if factors else 1
        exact = mailboxes + (signed_before is not None and look >= signed_before)
        draws = range(STEP * factor) if by_chance else range(1)
        following: dict[Sequence[int], float] = defaultdict(float)
        for counts, chance in seen.items():
            for drawn in draws:
                count = _set(counts[-1] if counts else 0, exact, drawn, factor)
                following[*counts, count] += chance / len(draws)
        seen = following
    return seen


def _set(shown: int, exact: int, drawn: int, factor: int) -> int:
    return figures_at(
        DueMoment(at=NOW, factor=factor),
        PublicFigures(count=shown),
        count=exact,
        countries={},
        rounding=Rounding(step=STEP, country_minimum=10),
        ended=False,
        draw=lambda _: drawn,
    ).count


def advantage(one: Chances, other: Chances) -> float:
    """How much better than by tossing a coin two cases can be told apart: 0 to 1."""
    return sum(abs(one.get(seen, 0) - other.get(seen, 0)) for seen in {*one, *other}) / 2


TACTICS: Final[Mapping[str, Callable[[int], int]]] = {
    "no mailbox": lambda hour: 0,
    "a trap of four": lambda hour: 4,
    "a trap of eight": lambda hour: 8,
    "one more an hour": lambda hour: hour,
    "a new trap each hour": lambda hour: 5 * hour + 4,
    "every count forced": lambda hour: 9 * hour + 9,
    "withdrawn and signed in turn": lambda hour: 4 if hour % 2 else 0,
    "ninety to begin with": lambda hour: 94 + hour,
}


@pytest.mark.parametrize("tactic", TACTICS)
def test_one_hour_cannot_be_told_from_the_next_with_any_number_of_mailboxes(tactic: str) -> None:
    own = [TACTICS[tactic](hour) for hour in range(6)]

    for hour in range(5):
        assert advantage(chances(own, hour), chances(own, hour + 1)) <= 1 / STEP + 1e-9


@pytest.mark.parametrize("first", [4, 44, 49, 90, 94, 149])
@pytest.mark.parametrize("more", [0, 1, 10, 50])
def test_the_looks_of_ten_minutes_add_little_to_that_of_the_hour(first: int, more: int) -> None:
    own = [first + more * look for look in range(len(AN_HOUR))]

    in_time, too_late = (chances(own, look, factors=AN_HOUR) for look in (0, len(AN_HOUR)))

    assert advantage(in_time, too_late) <= 1 - 4 / 5 * (49 / 50) ** 5 + 1e-9 < 0.28


def test_without_chance_a_trap_of_four_would_show_the_hour() -> None:
    """Elsewhere: figures are rounded the same way each time."""
    own = [4] * 6

    for hour in range(5):
        this, next_one = (chances(own, when, by_chance=False) for when in (hour, hour + 1))
        assert advantage(this, next_one) == 1


def test_that_somebody_has_signed_shows_within_a_day() -> None:
    """What remains, if nobody else signs: to hide it, the count could never come near the truth."""
    never, once = (chances([4] * 10, hour) for hour in (None, 0))

    assert advantage(never, once) == pytest.approx(1 - (4 / 5) ** 10)
