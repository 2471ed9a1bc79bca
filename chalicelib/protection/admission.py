"""Letting forms in: everybody while it is calm, who has worked for it or can wait under pressure.

Pressure is of two kinds. A network is pressed when it has sent many forms this hour; everybody is
while `proof_until` of the petition lies ahead, which the clock or the operator has set. In calm
weather all of this costs the one call that counts the form.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.crypto import proof_of_work
from chalicelib.crypto.proof_of_work import Proof
from chalicelib.domain.errors import ProofRequired
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.petition import Petition
from chalicelib.protection import rate_limits
from chalicelib.store.limits import quotas
from chalicelib.wiring import Services

PROOF: Final = "proof"
"""The field in which the widget puts what it has found out."""
SLOW: Final = "slow"
"""The second button, for browsers that cannot do the sum."""
YES: Final = "yes"
BUSY_RATIO: Final = 0.8
"""The part of its share that makes a network busy."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """How a form was let in: how long its mail waits, and what speaks for a program behind it."""

    delay_seconds: int = 0
    signals: frozenset[Signal] = frozenset()


def admit(
    services: Services, petition: Petition, *, network: str, fields: Mapping[str, str]
) -> Admission:
    """Count a form against its network's share of the hour and say how it may pass.

    Raises ProofWanted, TooManyRequests, Unavailable. A form that is sent back for a proof is not
    counted against its network, and no form that is turned away among those of everybody: a
    network past its share could bring pressure on all without any work.
    """
    admission = _admission(services, petition, network, fields)
    rate_limits.count_admitted_post(services)
    return admission


def _admission(
    services: Services, petition: Petition, network: str, fields: Mapping[str, str]
) -> Admission:
    if not petition.wants_proof(services.now()):
        unproven = rate_limits.count_unproven_post(services, network)
        if unproven is not None:
            return Admission(signals=_signals(services, unproven))
    proof = _proof(services, fields)
    if proof is not None:
        # First of all: a proof that is sent again and again takes no part of its network's share.
        _spend(services, proof)
        return Admission(signals=_signals(services, rate_limits.count_post(services, network)))
    if fields.get(SLOW) != YES:
        raise ProofRequired
    count = rate_limits.count_slow_post(services, network)
    return Admission(
        delay_seconds=services.settings.slow_minutes * 60,
        signals=_signals(services, count) | {Signal.SLOW_LANE},
    )


def issue_challenge(services: Services) -> Mapping[str, Any]:
    """A sum for a browser to do, as JSON values. Nothing of it is stored."""
    keys = services.secrets.token_keys
    return proof_of_work.issue(keys.derive(keys.current, proof_of_work.PURPOSE), services.now())


def _proof(services: Services, fields: Mapping[str, str]) -> Proof | None:
    if not fields.get(PROOF):
        return None
    keys = services.secrets.token_keys
    ours = [keys.derive(key_id, proof_of_work.PURPOSE) for key_id in keys.keys]
    return proof_of_work.read(ours, fields[PROOF], services.now())


def _spend(services: Services, proof: Proof) -> None:
    """Use a proof up: each lets one form in. Raises ProofWanted if it has done so."""
    if not quotas.spend_proof(
        services.petitions, proof.nonce, claim=uuid.uuid4().hex, expires_at=proof.expires_at
    ):
        raise ProofRequired


def _signals(services: Services, count: int) -> frozenset[Signal]:
    busy = count > services.settings.posts_per_network * BUSY_RATIO
    return frozenset({Signal.BUSY_NETWORK} if busy else ())
