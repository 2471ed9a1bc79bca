"""How many signatures can one attacker make, by mailboxes, networks and domains?"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from altcha import Challenge, solve_challenge

from bench.instruments import attacks, reporting
from bench.instruments.attacks import FORMS, LARGE, OWN, SMALL, SPREAD_FORMS, Spread, Tactic, Yield
from bench.instruments.reporting import Chapter, Progress, figure
from chalicelib.crypto import proof_of_work
from chalicelib.mail.messages import MailKind
from chalicelib.protection import admission
from ops.deploy.limits import DEFAULT_LIMITS
from tests import builders

HOURS_A_DAY: Final = 24
SOLVED: Final = 5
"""Challenges that are solved to time one number of them."""
_NUMBERS: Final = (proof_of_work.MAX_NUMBERS + 1) / 2
"""Numbers that a proof takes on average, in whatever order they are tried: all are as likely."""
NETWORKS: Final = 2
_ATTACKERS: Final = ((1, 1), (1_000, 1), (1_000, 10), (100_000, 10), (100_000, 1_000))
"""Mailboxes and networks."""


@dataclass(frozen=True, kw_only=True)
class Attack:
    """What was tried on moto, beside what the limits allow; and what a proof costs.

    `spread` is what comes of hasty forms from the networks of one owner, to mailboxes of a domain.
    """

    tried: Mapping[Tactic, Yield]
    expected: Mapping[Tactic, Yield]
    spread: Mapping[tuple[Spread, str], Yield]
    proof_cpu_seconds: float


def allowed(limits: Mapping[str, int], tactic: Tactic, *, networks: int, mailboxes: int) -> Yield:
    """What the limits let one attacker achieve in an hour; a mailbox signs once."""
    posts = limits["posts_per_network"]
    unproven = min(posts, limits["proof_posts_per_network"])
    slow = min(posts - unproven, limits["slow_posts_per_network"])
    if tactic is Tactic.PATIENT_PRESSED:
        unproven, slow = 0, min(posts, limits["slow_posts_per_network"])
    forms = {Tactic.HASTY: unproven, Tactic.WORKING: posts}.get(tactic, unproven + slow)
    # Two weak signs hold a signature: the slow lane of a network that is busy.
    busy = max(0, unproven + slow - int(posts * admission.BUSY_RATIO))
    held = 0 if tactic in (Tactic.HASTY, Tactic.WORKING) else min(slow, busy)
    signed = min(mailboxes, networks * forms)
    held = min(networks * held, max(0, signed - networks * (forms - held)))
    return Yield(
        forms=networks * forms,
        proofs=networks * max(0, forms - unproven) if tactic is Tactic.WORKING else 0,
        counted=signed - held,
        held=held,
    )


def allowed_spread(limits: Mapping[str, int], spread: Spread, domain: str, *, forms: int) -> Yield:
    """What the limits let through of hasty forms from networks of one owner within an hour."""
    let_in = min(forms, limits["proof_posts_per_network"] * spread.value[2])
    counted = let_in
    if domain != LARGE:
        counted = min(let_in, limits["flooded_domain_mailboxes"] - 1)
    return Yield(forms=let_in, proofs=0, counted=counted, held=let_in - counted)


def measure(progress: Progress, *, short: bool = False) -> Attack:
    """Try every tactic with small limits, and time the proof; `short` takes one network."""
    networks = 1 if short else NETWORKS
    tried, expected = {}, {}
    for tactic in Tactic:
        progress(tactic.value)
        tried[tactic] = attacks.try_tactic(tactic, networks)
        expected[tactic] = allowed(SMALL, tactic, networks=networks, mailboxes=networks * FORMS)
    spread = {}
    for networks_of_one in Spread:
        for domain in (LARGE, OWN):
            progress(f"{networks_of_one.value[0]}, {domain}")
            spread[networks_of_one, domain] = attacks.try_spread(networks_of_one, domain)
    progress("the proof")
    return Attack(
        tried=tried, expected=expected, spread=spread, proof_cpu_seconds=_proof_cpu_seconds()
    )


def _proof_cpu_seconds() -> float:
    """What a proof costs on average: few are made, so their luck with numbers is divided out."""
    sums = [dict(proof_of_work.issue(b"k" * 32, builders.NOW)) for _ in range(SOLVED)]
    started = time.process_time()
    found = [solve_challenge(Challenge.from_dict(each)) for each in sums]
    spent = time.process_time() - started
    return spent / sum(each.counter + 1 for each in found if each) * _NUMBERS


def chapter(attack: Attack) -> Chapter:
    """What an attacker achieves, as tried and as allowed."""
    heads = ["one who", "forms let in", "by a proof", "counted", "held"]
    tried = [
        [tactic.value, *(figure(n) for n in (got.forms, got.proofs, got.counted, got.held))]
        for tactic, got in attack.tried.items()
    ]
    text = f"""
Tried on moto, with {NETWORKS} networks (/24), {FORMS} forms from each to mailboxes of a large
provider, every mail answered, and limits small enough to be reached ({_limits(SMALL)}):

{reporting.table(heads, tried)}

{SPREAD_FORMS} forms without proofs, with the same limits:

{_spread(attack)}

By default a /48 sends {4 * DEFAULT_LIMITS["proof_posts_per_network"]} forms an hour without proofs
and {4 * DEFAULT_LIMITS["posts_per_network"]:,} with them, whatever it is divided into, and
{DEFAULT_LIMITS["flooded_domain_mailboxes"] - 1} mailboxes of one domain count on one day: of 120
forms from one /48 to a domain of the attacker's own, the other
{120 - DEFAULT_LIMITS["flooded_domain_mailboxes"] + 1} are held.

What the limits allow, as they are by default ({_limits(DEFAULT_LIMITS)}), for one who
makes every proof, which yields the most. A mailbox signs a petition once, so signatures never
outnumber mailboxes; limits set their pace and price. Nobody's mailbox is written to more than
{_mails_a_day(1_000)} times a day. The mailboxes are of large providers; of other domains, those
count that the limits of domains let through.

{reporting.table(*_large(attack))}

CPU time is that of one core of this machine with OpenSSL, {figure(attack.proof_cpu_seconds)} s
for a proof. Graphics cards make proofs far more cheaply: proofs slow down scripts and small
botnets; attackers who can pay are stopped by the limit of each network.
"""
    return Chapter(
        title="What one attacker achieves",
        command=reporting.command("attacker"),
        text=text,
        broken=_broken(attack),
    )


def _broken(attack: Attack) -> Sequence[str]:
    """Where the service allowed something else than its limits say."""
    tactics = [
        f"one who {tactic.value} achieves something else than the limits allow"
        for tactic, got in attack.tried.items()
        if got != attack.expected[tactic]
    ]
    return tactics + [
        f"{spread.value[0]} with {domain} achieves something else than the limits allow"
        for (spread, domain), got in attack.spread.items()
        if got != allowed_spread(SMALL, spread, domain, forms=SPREAD_FORMS)
    ]


def _spread(attack: Attack) -> str:
    heads = ["networks of one owner", "mailboxes", "forms let in", "counted", "held"]
    rows = [
        [
            spread.value[0],
            "of a large provider" if domain == LARGE else "of one domain of its own",
            *map(figure, (got.forms, got.counted, got.held)),
        ]
        for (spread, domain), got in attack.spread.items()
    ]
    return reporting.table(heads, rows)


def _large(attack: Attack) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    heads = (
        "mailboxes", "networks", "forms an hour", "forms a day", "mails a day, at most",
        "signatures in an hour", "signatures in a day", "CPU hours of proofs a day",
    )  # fmt: skip
    rows = []
    for mailboxes, networks in _ATTACKERS:
        hour = allowed(DEFAULT_LIMITS, Tactic.WORKING, networks=networks, mailboxes=mailboxes)
        forms = hour.forms * HOURS_A_DAY
        mails = min(forms, mailboxes * _mails_a_day(networks))
        cpu = hour.proofs * HOURS_A_DAY * attack.proof_cpu_seconds / 3600
        signed = min(mailboxes, forms)
        numbers = (mailboxes, networks, hour.forms, forms, mails, hour.counted, signed, cpu)
        rows.append([figure(number) for number in numbers])
    return heads, rows


def _mails_a_day(networks: int) -> int:
    """The mails that so many networks can bring upon one mailbox, of all kinds."""
    of_kind = min(
        DEFAULT_LIMITS["mails_per_address"], networks * DEFAULT_LIMITS["mails_per_network"]
    )
    return len(MailKind) * of_kind


def _limits(limits: Mapping[str, int]) -> str:
    return ", ".join(f"`{name}` {number:,}" for name, number in limits.items())


if __name__ == "__main__":
    reporting.show("attacker", lambda progress: chapter(measure(progress)))
