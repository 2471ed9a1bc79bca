"""Tells the target of a petition who has signed, in figures, and marks the petition handed in."""

import base64
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Final

from chalicelib.crypto import sealing
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.petitions import hand_in
from chalicelib.domain.petitions.hand_in import HandIn, HandInKeys
from chalicelib.domain.petitions.petition import Petition
from chalicelib.store.alerts import milestones
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.integrity import breakdowns, tallies
from chalicelib.store.petitions import petitions
from chalicelib.wiring import Services

_ATTEMPTS: Final = 3


def prepare(
    services: Services, slug: str, *, names: Sequence[str] = (), export_sha256: str = ""
) -> HandIn:
    """A petition with its exact figures as of now. Raises NotFound, Unavailable."""
    petition = petitions.get(services.petitions, slug)
    tally = tallies.get(services.petitions, slug)
    days = breakdowns.get(services.petitions, slug).confirmed
    return HandIn(
        petition=petition,
        figures=hand_in.figures(
            tally.count, tally.countries.items(), days.items(), counted_at=services.now()
        ),
        keys=_keys(petition),
        names=names,
        export_sha256=export_sha256,
    )


def mark_handed_in(services: Services, slug: str, day: date) -> None:
    """Say on which day the petition was handed in, which is a milestone of it.

    Safe to repeat. Raises NotFound, Unavailable.
    """
    for _ in range(_ATTEMPTS):
        current = petitions.get(services.petitions, slug)
        if current.handed_in_on == day:
            return
        marked = replace(current, version=current.version + 1, handed_in_on=day)
        # Somebody else may publish a version at the same moment.
        with suppress(ConditionFailed):
            petitions.save(services.petitions, marked, with_it=[milestones.planning(marked)])
            services.cache.clear()
            return
    raise Unavailable


def _keys(petition: Petition) -> HandInKeys:
    former = [key.fingerprint for key in reversed(petition.former_keys)]
    fingerprints = [sealing.fingerprint(petition.public_key), *former]
    return HandInKeys(
        petition=[sealing.grouped(each) for each in fingerprints],
        attestation=_base64(petition.verification.attestation),
        export=_base64(petition.verification.export),
    )


def _base64(keys: Sequence[bytes]) -> Sequence[str]:
    return [base64.b64encode(key).decode() for key in reversed(keys)]
