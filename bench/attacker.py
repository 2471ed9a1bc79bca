"""How many signatures can one attacker make, by mailboxes, networks and domains?"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from altcha import Challenge, solve_challenge

from bench.instruments import moto_service, reporting
from bench.instruments.reporting import Chapter, Progress, figure
from chalicelib.crypto import proof_of_work
from chalicelib.domain.errors import ProofRequired, TooManyRequests
from chalicelib.domain.networks import network_of
from chalicelib.mail.messages import MailKind
from chalicelib.protection import admission
from chalicelib.usecases import pressure
from chalicelib.usecases.signatures import signing
from ops.deploy.settings import DEFAULT_LIMITS
from tests import builders
from tests.proving import easy_proof
from tests.world import World

HOURS_A_DAY: Final = 24
_MAILS_A_DAY: Final = len(MailKind) * DEFAULT_LIMITS["mails_per_address"]
SOLVED: Final = 5
"""Challenges that are solved to time one number of them."""
_NUMBERS: Final = (proof_of_work.MAX_NUMBERS + 1) / 2
"""Numbers that a proof takes on average, in whatever order they are tried: all are as likely."""
_SMALL: Final = {
    "posts_per_network": 10,
    "proof_posts_per_network": 6,
    "slow_posts_per_network": 3,
    "busy_domain_mailboxes": 2,
    "flooded_domain_mailboxes": 4,
}
"""Limits with which tactics are tried: an hour of them passes in seconds."""
NETWORKS: Final = 2
_FORMS: Final = 14
_SPREAD_FORMS: Final = 30
_LARGE: Final = "gmail.com"
"""A domain of a large provider, which brings no signal."""
_OWN: Final = "catch-all.example"
_ATTACKERS: Final = ((1, 1), (1_000, 1), (1_000, 10), (100_000, 10), (100_000, 1_000))
"""Mailboxes and networks."""


class Tactic(Enum):
    """How the attacker proceeds."""

    HASTY = "sends forms as they are"
    PATIENT = "takes the slow lane, too"
    WORKING = "makes every proof"
    PATIENT_PRESSED = "takes the slow lane while everybody is asked for a proof"


@dataclass(frozen=True, kw_only=True)
class Yield:
    """What comes of an hour: forms let in, proofs done for them, and what was signed."""

    forms: int
    proofs: int
    counted: int
    held: int


class Spread(Enum):
    """The networks of one owner: a name, an address in the n-th, and how much they may send."""

    LINE = "one /64", "2001:db8:1:1::{0:x}", 1
    RANGE = "as many /64 of one /56", "2001:db8:1:{0:02x}::1", 2
    SITE = "as many /64 of one /48", "2001:db8:1:{0:02x}{0:02x}::1", 4


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
    if domain != _LARGE:
        counted = min(let_in, limits["flooded_domain_mailboxes"] - 1)
    return Yield(forms=let_in, proofs=0, counted=counted, held=let_in - counted)


def measure(progress: Progress, *, short: bool = False) -> Attack:
    """Try every tactic with small limits, and time the proof; `short` takes one network."""
    networks = 1 if short else NETWORKS
    tried, expected = {}, {}
    for tactic in Tactic:
        progress(tactic.value)
        with _small_world() as world:
            tried[tactic] = _try(world, tactic, networks)
        expected[tactic] = allowed(_SMALL, tactic, networks=networks, mailboxes=networks * _FORMS)
    spread = {}
    for networks_of_one in Spread:
        for domain in (_LARGE, _OWN):
            progress(f"{networks_of_one.value[0]}, {domain}")
            spread[networks_of_one, domain] = _try_spread(networks_of_one, domain)
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


def _try(world: World, tactic: Tactic, networks: int) -> Yield:
    """One hour of it, with every mail answered."""
    if tactic is Tactic.PATIENT_PRESSED:
        later = world.clock.now().replace(year=world.clock.now().year + 1)
        pressure.require_proofs(world.services, moto_service.SLUG, until=later)
    let_in = worked = 0
    for network in range(networks):
        for number in range(_FORMS):
            address = f"box{network}.{number}@{_LARGE}"
            passed, proof = _send(world, tactic, f"198.51.{network}.0/24", address)
            let_in += passed
            worked += passed and proof
    return _outcome(world, let_in, worked)


def _try_spread(spread: Spread, domain: str) -> Yield:
    """Hasty forms, each from another network of one owner and to another mailbox of a domain."""
    _, pattern, _ = spread.value
    with _small_world() as world:
        passed = [
            _send(
                world,
                Tactic.HASTY,
                network_of(pattern.format(number)),
                f"box{number}@{domain}",
            )
            for number in range(_SPREAD_FORMS)
        ]
        return _outcome(world, sum(let_in for let_in, _ in passed), 0)


@contextmanager
def _small_world() -> Iterator[World]:
    with moto_service.published_petition() as world:
        small: dict[str, Any] = dict(_SMALL)
        world.services.settings = replace(world.services.settings, **small)
        yield world


def _outcome(world: World, let_in: int, worked: int) -> Yield:
    """What is signed when every mail is answered."""
    world.make_messages_visible()
    world.deliver_all(rounds=100)
    for mail in world.mails():
        world.post(world.link(mail), {})
    states = [item["state"] for item in world.signatures(moto_service.SLUG)]
    return Yield(
        forms=let_in,
        proofs=worked,
        counted=states.count("confirmed"),
        held=states.count("held"),
    )


def _send(world: World, tactic: Tactic, network: str, address: str) -> tuple[bool, bool]:
    """Send one form, again if it comes back: whether it was let in, and by a proof."""
    second = {Tactic.HASTY: None, Tactic.WORKING: admission.PROOF}.get(tactic, admission.SLOW)
    for field in (None, second):
        extra = {}
        if field == admission.PROOF:
            extra = {field: easy_proof(world)}
        elif field == admission.SLOW:
            extra = {field: admission.YES}
        try:
            signing.request_signature(
                world.services,
                slug=moto_service.SLUG,
                language="en",
                fields=builders.sign_form(email=address, **extra),
                network=network,
            )
        except ProofRequired:
            continue
        except TooManyRequests:
            return False, False
        return True, field == admission.PROOF
    return False, False


def chapter(attack: Attack) -> Chapter:
    """What an attacker achieves, as tried and as allowed."""
    heads = ["one who", "forms let in", "by a proof", "counted", "held"]
    tried = [
        [tactic.value, *(figure(n) for n in (got.forms, got.proofs, got.counted, got.held))]
        for tactic, got in attack.tried.items()
    ]
    spread_heads = ["networks of one owner", "mailboxes", "forms let in", "counted", "held"]
    spread = [
        [
            where.value[0],
            "of a large provider" if domain == _LARGE else "of one domain of its own",
            *map(figure, (got.forms, got.counted, got.held)),
        ]
        for (where, domain), got in attack.spread.items()
    ]
    text = f"""
Tried on moto, with {NETWORKS} networks (/24), {_FORMS} forms from each to mailboxes of a large
provider, every mail answered, and limits small enough to be reached ({_limits(_SMALL)}):

{reporting.table(heads, tried)}

{_SPREAD_FORMS} forms without proofs, with the same limits:

{reporting.table(spread_heads, spread)}

By default a /48 sends {4 * DEFAULT_LIMITS["proof_posts_per_network"]} forms an hour without proofs
and {4 * DEFAULT_LIMITS["posts_per_network"]:,} with them, whatever it is divided into, and
{DEFAULT_LIMITS["flooded_domain_mailboxes"] - 1} mailboxes of one domain count on one day: of 120
forms from one /48 to a domain of the attacker's own, the other
{120 - DEFAULT_LIMITS["flooded_domain_mailboxes"] + 1} are held.

What the limits allow, as they are by default ({_limits(DEFAULT_LIMITS)}), for one who
makes every proof, which yields the most. A mailbox signs a petition once, so signatures never
outnumber mailboxes; limits set their pace and price. Nobody's mailbox is written to more than
{_MAILS_A_DAY} times a day. The mailboxes are of large providers; of other domains, those count that
the limits of domains let through.

{reporting.table(*_large(attack))}

CPU time is that of one core of this machine with OpenSSL, {figure(attack.proof_cpu_seconds)} s
for a proof. Graphics cards make proofs far more cheaply: proofs slow down scripts and small
botnets; attackers who can pay are stopped by the limit of each network.
"""
    return Chapter(
        title="What one attacker achieves",
        command=reporting.command("attacker"),
        text=text,
        broken=[
            *(
                f"one who {tactic.value} achieves something else than the limits allow"
                for tactic, got in attack.tried.items()
                if got != attack.expected[tactic]
            ),
            *(
                f"{where.value[0]} and {domain} achieve something else than the limits allow"
                for (where, domain), got in attack.spread.items()
                if got != allowed_spread(_SMALL, where, domain, forms=_SPREAD_FORMS)
            ),
        ],
    )


def _large(attack: Attack) -> tuple[Sequence[str], Sequence[Sequence[str]]]:
    heads = (
        "mailboxes", "networks", "forms an hour", "forms a day", "mails a day, at most",
        "signatures in an hour", "signatures in a day", "CPU hours of proofs a day",
    )  # fmt: skip
    rows = []
    for mailboxes, networks in _ATTACKERS:
        hour = allowed(DEFAULT_LIMITS, Tactic.WORKING, networks=networks, mailboxes=mailboxes)
        forms = hour.forms * HOURS_A_DAY
        mails = min(forms, mailboxes * _MAILS_A_DAY)
        cpu = hour.proofs * HOURS_A_DAY * attack.proof_cpu_seconds / 3600
        signed = min(mailboxes, forms)
        numbers = (mailboxes, networks, hour.forms, forms, mails, hour.counted, signed, cpu)
        rows.append([figure(number) for number in numbers])
    return heads, rows


def _limits(limits: Mapping[str, int]) -> str:
    return ", ".join(f"`{name}` {number:,}" for name, number in limits.items())


if __name__ == "__main__":
    reporting.show("attacker", lambda progress: chapter(measure(progress)))
