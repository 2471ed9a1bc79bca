"""Proofs of work for tests: solved as a browser solves them, or made easy by who has the key."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from altcha import Challenge, Payload, create_challenge, solve_challenge

from chalicelib.crypto import proof_of_work, tokens
from tests.world import World


def solved(challenge: Mapping[str, Any]) -> str:
    """What the widget puts into the form for a challenge of ours: a second of work."""
    given = Challenge.from_dict(dict(challenge))
    found = solve_challenge(given)
    assert found
    return Payload(given, found).to_base64()


def challenge(world: World) -> Mapping[str, Any]:
    """A challenge, as a browser fetches it."""
    return dict(json.loads(world.get("/api/challenge").body))


def easy_proof(world: World, *, age_seconds: int = 0, key: bytes | None = None) -> str:
    """A proof of a challenge with one number and one round, signed like ours (or with `key`)."""
    ours = world.services.secrets.token_keys
    signing = key or tokens.derive(ours.keys[0].raw, proof_of_work.PURPOSE)
    made = create_challenge(
        proof_of_work.ALGORITHM,
        1,
        counter=0,
        data={"at": int(world.clock.now().timestamp()) - age_seconds},
        hmac_secret=hmac.digest(signing, b"challenge", hashlib.sha256),
        hmac_key_secret=hmac.digest(signing, b"answer", hashlib.sha256),
    )
    return solved(made.to_dict())


def press(world: World, **limits: int) -> None:
    """Restart with other limits: `press(world, proof_posts_per_network=2)`."""
    changed: dict[str, Any] = dict(limits)
    world.services.settings = replace(world.services.settings, **changed)
