"""Admission of forms: free as a rule, by proof of work or the slow lane under pressure.

There are two kinds of pressure: a network has sent many forms this hour, or the petition requires
proofs until `proof_until`. Without pressure, admission costs one call for each form, and one more
for every ten.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.crypto import proof_of_work, tokens
from chalicelib.crypto.proof_of_work import Proof
from chalicelib.domain.errors import ProofRequired
from chalicelib.domain.fraud_signals import Signal
from chalicelib.domain.petitions.petition import Petition
from chalicelib.protection import rate_limits
from chalicelib.store.limits import quotas
from chalicelib.wiring import Services

PROOF: Final = "proof"
"""The field in which the widget puts its proof."""
SLOW: Final = "slow"
"""The field of the second button, for browsers that cannot do the work."""
YES: Final = "yes"
BUSY_RATIO: Final = 0.8
"""A network that has used more than this share of its quota is busy."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """An admitted form: the delay of its mail, and its fraud signals."""

    delay_seconds: int = 0
    signals: frozenset[Signal] = frozenset()


def admit(
    services: Services, petition: Petition, *, network: str, fields: Mapping[str, str]
) -> Admission:
    """Count a form against the quota of its network, and admit it.

    Raises ProofRequired, TooManyRequests or Unavailable. A form that has no required proof is not
    counted. No refused form counts towards the posts of all networks: otherwise one network beyond
    its quota could put pressure on all petitions.
    """
    admission = _admission(services, petition, network, fields)
    rate_limits.count_admitted_post(services)
    return admission


def _admission(
    services: Services, petition: Petition, network: str, fields: Mapping[str, str]
) -> Admission:
    if not petition.requires_proof(services.now()):
        unproven = rate_limits.count_unproven_post(services, network)
        if unproven is not None:
            return Admission(signals=_signals(unproven))
    proof = _proof(services, fields)
    if proof is not None:
        # Spent before the count: a repeated proof uses up nothing of the network's quota.
        _spend(services, proof)
        return Admission(signals=_signals(rate_limits.count_post(services, network)))
    if fields.get(SLOW) != YES:
        raise ProofRequired
    used = rate_limits.count_slow_post(services, network)
    return Admission(
        delay_seconds=services.settings.slow_minutes * 60,
        signals=_signals(used) | {Signal.SLOW_LANE},
    )


def issue_challenge(services: Services) -> Mapping[str, Any]:
    """A challenge for a browser, as JSON values. Nothing is stored."""
    key = services.secrets.token_keys.current(services.now())
    return proof_of_work.issue(tokens.derive(key.raw, proof_of_work.PURPOSE), services.now())


def _proof(services: Services, fields: Mapping[str, str]) -> Proof | None:
    if not fields.get(PROOF):
        return None
    keys = services.secrets.token_keys.keys
    derived = [tokens.derive(key.raw, proof_of_work.PURPOSE) for key in keys]
    return proof_of_work.read(derived, fields[PROOF], services.now())


def _spend(services: Services, proof: Proof) -> None:
    """Spend a proof, which admits one form. Raises ProofRequired if it is spent already."""
    if not quotas.spend_proof(
        services.limits, proof.nonce, claim=uuid.uuid4().hex, expires_at=proof.expires_at
    ):
        raise ProofRequired


def _signals(used: float) -> frozenset[Signal]:
    return frozenset({Signal.BUSY_NETWORK} if used > BUSY_RATIO else ())
