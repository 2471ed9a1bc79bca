"""Petitions as items of the table of petitions."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any, Final

from chalicelib.domain.alerts.milestone import Milestone
from chalicelib.domain.alerts.schedule import DigestTimes
from chalicelib.domain.petitions.petition import (
    BackgroundPart,
    Demand,
    FormerKey,
    Organiser,
    Petition,
    PetitionText,
    VerificationKeys,
)
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.petitions import amendment_items, pictures, switches

PROOF_UNTIL: Final = "proof_until"
"""Milliseconds since 1970. An attribute of the current item only: it belongs to no version."""


def to_item(petition: Petition) -> Mapping[str, Any]:
    """A petition as an item."""
    return {
        "slug": petition.slug,
        "version": petition.version,
        "opens_on": petition.opens_on.isoformat(),
        "closes_on": petition.closes_on.isoformat(),
        "goals": list(petition.goals),
        "public_key": petition.public_key,
        "key_proven": petition.key_proven,
        "key_since": petition.key_since.isoformat(),
        "former_keys": [_former_key_item(key) for key in petition.former_keys],
        "verification": {
            "attestation": list(petition.verification.attestation),
            "export": list(petition.verification.export),
        },
        "organiser": asdict(petition.organiser),
        "discreet": petition.discreet,
        "pseudonyms": petition.pseudonyms,
        "risk_languages": list(petition.risk_languages),
        "publishes_countries": petition.publishes_countries,
        "languages": list(petition.texts),
        "texts": {language: asdict(text) for language, text in petition.texts.items()},
        "amendments": [amendment_items.to_item(each) for each in petition.amendments],
        "amendments_offer_withdrawal": petition.amendments_offer_withdrawal,
        "picture": asdict(petition.picture) if petition.picture else None,
        "digest_times": digest_times_item(petition.digest_times),
        "milestones": list(petition.milestones),
        "handed_in_on": petition.handed_in_on.isoformat() if petition.handed_in_on else None,
        "closed_at": to_milliseconds(petition.closed_at) if petition.closed_at else None,
        "approvals": sorted(petition.approvals),
    }


def digest_times_item(times: DigestTimes) -> Mapping[str, Any]:
    """The times of digests as an attribute."""
    return {
        "at": times.at.isoformat(timespec="minutes"),
        "zone": times.zone,
        "weekday": times.weekday,
    }


def digest_times(values: Mapping[str, Any]) -> DigestTimes:
    """The times of digests in an attribute."""
    return DigestTimes(
        at=time.fromisoformat(values["at"]), zone=values["zone"], weekday=values["weekday"]
    )


def from_item(item: Mapping[str, Any]) -> Petition:
    """The petition of an item."""
    return Petition(
        slug=item["slug"],
        version=item["version"],
        opens_on=date.fromisoformat(item["opens_on"]),
        closes_on=date.fromisoformat(item["closes_on"]),
        goals=tuple(item["goals"]),
        public_key=item["public_key"],
        key_proven=item["key_proven"],
        key_since=date.fromisoformat(item["key_since"]),
        former_keys=tuple(_former_key(values) for values in item["former_keys"]),
        verification=VerificationKeys(
            attestation=tuple(item["verification"]["attestation"]),
            export=tuple(item["verification"]["export"]),
        ),
        organiser=Organiser(**item["organiser"]),
        texts={language: _text(item["texts"][language]) for language in item["languages"]},
        discreet=item["discreet"],
        pseudonyms=item["pseudonyms"],
        risk_languages=tuple(item["risk_languages"]),
        publishes_countries=item["publishes_countries"],
        proof_until=to_moment(item[PROOF_UNTIL]) if PROOF_UNTIL in item else None,
        switches=switches.from_item(item),
        amendments=tuple(map(amendment_items.from_item, item["amendments"])),
        amendments_offer_withdrawal=item["amendments_offer_withdrawal"],
        picture=pictures.from_item(item["picture"]) if item["picture"] else None,
        digest_times=digest_times(item["digest_times"]),
        milestones=tuple(map(Milestone, item["milestones"])),
        handed_in_on=_day(item["handed_in_on"]),
        closed_at=closed_at(item),
        approvals=frozenset(item["approvals"]),
    )


def closed_at(item: Mapping[str, Any]) -> datetime | None:
    """The moment at which an organiser closed the petition of an item, or None."""
    moment = item["closed_at"]
    return None if moment is None else to_moment(moment)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _former_key_item(key: FormerKey) -> Mapping[str, str]:
    return {
        "fingerprint": key.fingerprint,
        "since": key.since.isoformat(),
        "until": key.until.isoformat(),
    }


def _former_key(values: Mapping[str, str]) -> FormerKey:
    return FormerKey(
        fingerprint=values["fingerprint"],
        since=date.fromisoformat(values["since"]),
        until=date.fromisoformat(values["until"]),
    )


def _text(values: Mapping[str, Any]) -> PetitionText:
    return PetitionText(
        **{
            **values,
            "demands": tuple(Demand(**demand) for demand in values["demands"]),
            "background_parts": tuple(
                BackgroundPart(**part) for part in values["background_parts"]
            ),
        }
    )
