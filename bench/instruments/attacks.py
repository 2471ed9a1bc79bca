"""One hour of an attacker on moto: forms from some networks, and every mail answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from bench.instruments import moto_service
from chalicelib.domain.errors import ProofRequired, TooManyRequests
from chalicelib.domain.networks import network_of
from chalicelib.protection import admission
from chalicelib.usecases import pressure
from chalicelib.usecases.signatures import signing
from tests import builders
from tests.proving import easy_proof
from tests.world import World

SMALL: Final = {
    "posts_per_network": 10,
    "proof_posts_per_network": 6,
    "slow_posts_per_network": 3,
    "busy_domain_mailboxes": 2,
    "flooded_domain_mailboxes": 4,
}
"""Limits with which tactics are tried: an hour of them passes in seconds."""
FORMS: Final = 14
SPREAD_FORMS: Final = 30
LARGE: Final = "gmail.com"
"""A domain of a large provider, which brings no signal."""
OWN: Final = "catch-all.example"


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


def try_tactic(tactic: Tactic, networks: int) -> Yield:
    """What comes of forms from some networks, to mailboxes of a large provider."""
    with _small_world() as world:
        if tactic is Tactic.PATIENT_PRESSED:
            later = world.clock.now().replace(year=world.clock.now().year + 1)
            pressure.require_proofs(world.services, moto_service.SLUG, until=later)
        let_in = worked = 0
        for network in range(networks):
            for number in range(FORMS):
                address = f"box{network}.{number}@{LARGE}"
                passed, proof = _send(world, tactic, f"198.51.{network}.0/24", address)
                let_in += passed
                worked += passed and proof
        return _outcome(world, let_in, worked)


def try_spread(spread: Spread, domain: str) -> Yield:
    """What comes of hasty forms, each from another network of one owner, to one domain."""
    _, pattern, _ = spread.value
    with _small_world() as world:
        passed = [
            _send(
                world,
                Tactic.HASTY,
                network_of(pattern.format(number)),
                f"box{number}@{domain}",
            )
            for number in range(SPREAD_FORMS)
        ]
        return _outcome(world, sum(let_in for let_in, _ in passed), 0)


@contextmanager
def _small_world() -> Iterator[World]:
    with moto_service.published_petition() as world:
        small: dict[str, Any] = dict(SMALL)
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
