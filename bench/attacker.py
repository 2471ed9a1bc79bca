"""What does one attacker achieve, with so many mailboxes of their own and so many networks?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from altcha import Challenge, solve_challenge

from bench import reporting, stage
from bench.reporting import Chapter, Say, figure
from chalicelib import guarding, proofs
from chalicelib.domain.errors import ProofWanted, TooManyRequests
from chalicelib.usecases import shielding, signing
from ops.deploying.limits import DEFAULTS
from tests import builders
from tests.proving import easy_proof
from tests.world import World

HOURS_A_DAY: Final = 24
SOLVED: Final = 5
"""Challenges that are solved to time one number of them."""
_NUMBERS: Final = (proofs.MOST_NUMBERS + 1) / 2
"""Numbers that a sum takes on average, in whatever order they are tried: each is as likely."""
_SMALL: Final = {
    "posts_per_network": 10,
    "proof_posts_per_network": 6,
    "slow_posts_per_network": 3,
}
"""Limits with which the law is tried: an hour of them passes in seconds."""
_NETWORKS: Final = 2
_FORMS: Final = 14
_ATTACKERS: Final = ((1, 1), (1_000, 1), (1_000, 10), (100_000, 10), (100_000, 1_000))
"""Mailboxes and networks."""


class Way(Enum):
    """How the attacker goes about it."""

    HASTY = "sends forms as they are"
    PATIENT = "takes the slow lane, too"
    WORKING = "does every sum"
    PATIENT_PRESSED = "takes the slow lane while everybody is asked for a proof"


@dataclass(frozen=True, kw_only=True)
class Yield:
    """What comes of an hour: forms let in, proofs done for them, and what was signed."""

    forms: int
    proofs: int
    counted: int
    held: int


@dataclass(frozen=True, kw_only=True)
class Attack:
    """What was tried on moto, beside what the law says; and what a sum costs the attacker."""

    tried: Mapping[Way, Yield]
    foretold: Mapping[Way, Yield]
    proof_cpu_seconds: float


def law(limits: Mapping[str, int], way: Way, *, networks: int, mailboxes: int) -> Yield:
    """What the limits let one attacker achieve in an hour; a mailbox signs once."""
    posts = limits["posts_per_network"]
    unproven = min(posts, limits["proof_posts_per_network"])
    slow = min(posts - unproven, limits["slow_posts_per_network"])
    if way is Way.PATIENT_PRESSED:
        unproven, slow = 0, min(posts, limits["slow_posts_per_network"])
    forms = {Way.HASTY: unproven, Way.WORKING: posts}.get(way, unproven + slow)
    # Two weak signs hold a signature: the slow lane of a network that is busy.
    busy = max(0, unproven + slow - int(posts * guarding.BUSY))
    held = 0 if way in (Way.HASTY, Way.WORKING) else min(slow, busy)
    signed = min(mailboxes, networks * forms)
    held = min(networks * held, max(0, signed - networks * (forms - held)))
    return Yield(
        forms=networks * forms,
        proofs=networks * max(0, forms - unproven) if way is Way.WORKING else 0,
        counted=signed - held,
        held=held,
    )


def measure(say: Say) -> Attack:
    """Try every way with small limits, and time the sum."""
    tried, foretold = {}, {}
    for way in Way:
        say(way.value)
        with stage.stage() as world:
            small: dict[str, Any] = dict(_SMALL)
            world.services.settings = replace(world.services.settings, **small)
            tried[way] = _try(world, way)
        foretold[way] = law(_SMALL, way, networks=_NETWORKS, mailboxes=_NETWORKS * _FORMS)
    say("the sum")
    return Attack(tried=tried, foretold=foretold, proof_cpu_seconds=_sum_cpu_seconds())


def _sum_cpu_seconds() -> float:
    """What a sum costs on average: few are done, so luck with their numbers is reckoned out."""
    sums = [dict(proofs.issue(b"k" * 32, builders.NOW)) for _ in range(SOLVED)]
    started = time.process_time()
    found = [solve_challenge(Challenge.from_dict(each)) for each in sums]
    spent = time.process_time() - started
    return spent / sum(each.counter + 1 for each in found if each) * _NUMBERS


def _try(world: World, way: Way) -> Yield:
    """One hour of it, every mail answered."""
    if way is Way.PATIENT_PRESSED:
        later = world.clock.now().replace(year=world.clock.now().year + 1)
        shielding.guard(world.services, stage.SLUG, until=later)
    let_in = worked = 0
    for network in range(_NETWORKS):
        for number in range(_FORMS):
            passed, proof = _send(world, way, network, number)
            let_in += passed
            worked += passed and proof
    world.release_messages()
    world.settle(rounds=100)
    for mail in world.mails():
        world.post(world.link(mail), {})
    states = [item["state"] for item in world.signatures(stage.SLUG)]
    return Yield(
        forms=let_in,
        proofs=worked,
        counted=states.count("confirmed"),
        held=states.count("held"),
    )


def _send(world: World, way: Way, network: int, number: int) -> tuple[bool, bool]:
    """Send one form, in the way's second manner if it comes back: let in, and by a proof."""
    second = {Way.HASTY: None, Way.WORKING: guarding.PROOF}.get(way, guarding.SLOW)
    address = f"box{network}.{number}@example.org"
    for field in (None, second):
        extra = {}
        if field == guarding.PROOF:
            extra = {field: easy_proof(world)}
        elif field == guarding.SLOW:
            extra = {field: guarding.YES}
        try:
            signing.ask_to_sign(
                world.services,
                slug=stage.SLUG,
                language="en",
                fields=builders.sign_form(email=address, **extra),
                network=f"198.51.{network}.0/24",
            )
        except ProofWanted:
            continue
        except TooManyRequests:
            return False, False
        return True, field == guarding.PROOF
    return False, False


def chapter(attack: Attack) -> Chapter:
    """What an attacker achieves."""
    heads = ["one who", "forms let in", "by a proof", "counted", "held"]
    tried = [
        [way.value, *(figure(n) for n in (got.forms, got.proofs, got.counted, got.held))]
        for way, got in attack.tried.items()
    ]
    text = f"""
Tried on moto, with {_NETWORKS} networks, {_FORMS} forms from each, every mail answered, and limits
small enough to be reached ({_said(_SMALL)}):

{reporting.table(heads, tried)}

The law that these follow, with the limits as they are by default ({_said(DEFAULTS)}), for one who
does every sum, which yields the most. A mailbox signs a petition once, so signatures never
outnumber mailboxes: what the limits do is to set the pace and its price. Nobody else's mailbox is
written to more than {DEFAULTS["mails_per_address"]} times a day, whoever asks for it.

{reporting.table(*_large(attack))}

CPU time is that of one core of this machine with OpenSSL, {figure(attack.proof_cpu_seconds)} s
for a sum. Graphics cards do such sums far more cheaply: the sum prices scripts and small
botnets, and it is the share of a network that stops who can pay.
"""
    return Chapter(
        title="What one attacker achieves",
        command=reporting.command("attacker"),
        text=text,
        broken=[
            f"the law does not hold for one who {way.value}"
            for way, got in attack.tried.items()
            if got != attack.foretold[way]
        ],
    )


def _large(attack: Attack) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    heads = (
        "mailboxes", "networks", "forms an hour", "forms a day", "mails a day, at most",
        "signatures in an hour", "signatures in a day", "CPU hours of proofs a day",
    )  # fmt: skip
    rows = []
    for mailboxes, networks in _ATTACKERS:
        hour = law(DEFAULTS, Way.WORKING, networks=networks, mailboxes=mailboxes)
        forms = hour.forms * HOURS_A_DAY
        mails = min(forms, mailboxes * DEFAULTS["mails_per_address"])
        cpu = hour.proofs * HOURS_A_DAY * attack.proof_cpu_seconds / 3600
        signed = min(mailboxes, forms)
        numbers = (mailboxes, networks, hour.forms, forms, mails, hour.counted, signed, cpu)
        rows.append([figure(number) for number in numbers])
    return heads, rows


def _said(limits: Mapping[str, int]) -> str:
    return ", ".join(f"`{name}` {number:,}" for name, number in limits.items())


if __name__ == "__main__":
    reporting.show("attacker", lambda say: chapter(measure(say)))
