"""Publishes petitions, their amendments, pictures and preview images, and updates.

Once anybody has filled in a form of a petition, its text changes only as an amendment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from chalicelib.crypto.sealing import fingerprint
from chalicelib.domain.errors import NotFound
from chalicelib.domain.petitions.amendment import Amendment, AmendmentRequest
from chalicelib.domain.petitions.petition import FormerKey, Petition, VerificationKeys
from chalicelib.domain.petitions.text_changes import TextChange, text_changes
from chalicelib.domain.petitions.update import Update
from chalicelib.store.alerts import milestones
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table, Write
from chalicelib.store.limits import index_salts
from chalicelib.store.petitions import petitions, pictures, preview_images, updates
from chalicelib.wiring import Services


class AmendmentNeeded(Exception):
    """The text has been signed, and nobody has said why it is to change."""


def changes_of_signed_text(services: Services, petition: Petition) -> Sequence[TextChange]:
    """What this petition would change of a text that people have signed; nothing before the first.

    Raises Unavailable.
    """
    current = petitions.find_as_stored(services.petitions, petition.slug)
    return _changes(services, current, petition) if current else ()


def publish_petition(
    services: Services,
    petition: Petition,
    *,
    key_file: str = "",
    picture: bytes = b"",
    amendment: AmendmentRequest | None = None,
    elsewhere: Sequence[tuple[Table, Write]] = (),
) -> Petition:
    """Store a petition as its next version. An unchanged petition gets no new version.

    `petition.version` is ignored, and `amendment` unless a signed text changes. `key_file`, the
    text of its key file, is stored with it, so that a lost folder loses no key; so is `picture`,
    the bytes of `petition.picture`, and those of the former are deleted. What is `elsewhere` is
    part of the same transaction. Raises AmendmentNeeded, ConditionFailed (another publication at
    the same moment, or a condition elsewhere), MissingSecret, Unavailable.
    """
    today = services.now().astimezone(UTC).date()
    # As stored: an item that somebody else has changed is replaced.
    current = petitions.find_as_stored(services.petitions, petition.slug) or replace(
        petition, version=0, key_since=today, former_keys=(), amendments=()
    )
    wanted = _continued(current, petition, verification_keys(services), today)
    if wanted == current and current.version:
        _store_again(services, petition, key_file, picture)
        return current
    if current.version and _changes(services, current, wanted):
        wanted = _amended(services, wanted, amendment)
    published = replace(wanted, version=current.version + 1)
    petitions.save(
        services.petitions,
        published,
        key_file=key_file,
        with_it=[
            *pictures.replacing(petition.slug, petition.picture, picture, former=current.picture),
            milestones.planning(published),
        ],
        elsewhere=elsewhere,
    )
    services.cache.clear()
    return published


def _continued(
    current: Petition, petition: Petition, verification: VerificationKeys, today: date
) -> Petition:
    """The petition with all that publishing adds to it, still under the current version."""
    # `pressure.py` decides on `proof_until`, and `switching.py` on switches.
    wanted = replace(
        petition,
        version=current.version,
        proof_until=current.proof_until,
        switches=current.switches,
        key_since=current.key_since,
        former_keys=current.former_keys,
        amendments=current.amendments,
        verification=verification,
        # A day that was marked at the desk stays until another one replaces it.
        handed_in_on=petition.handed_in_on or current.handed_in_on,
        closed_at=petition.closed_at or _still_closed_at(current, petition),
    )
    if wanted.public_key == current.public_key:
        return wanted
    former = (*current.former_keys, _former(current, today))
    return replace(wanted, key_since=today, former_keys=former)


def _still_closed_at(current: Petition, petition: Petition) -> datetime | None:
    """The moment at which an organiser closed the petition: it stands while the last day does."""
    return current.closed_at if petition.closes_on == current.closes_on else None


def _store_again(services: Services, petition: Petition, key_file: str, picture: bytes) -> None:
    """Repair what belongs to an unchanged petition."""
    if key_file:
        petitions.save_key_file(services.petitions, petition.slug, key_file)
    if petition.picture and picture:
        pictures.save(services.petitions, petition.slug, petition.picture, picture)


def verification_keys(services: Services) -> VerificationKeys:
    """The keys by which the attestations of this service are verified, also those to come.

    Raises MissingSecret, Unavailable.
    """
    return VerificationKeys(
        attestation=tuple(key.raw for key in services.secrets.attestation_public_keys.keys),
        export=tuple(key.raw for key in services.secrets.export_public_keys.keys),
    )


def _changes(services: Services, current: Petition, wanted: Petition) -> Sequence[TextChange]:
    """What changes of the text that was published last, if anybody has filled in a form."""
    if not (index_salts.exists(services.limits, current.slug) or current.amendments):
        return ()
    try:
        # Not the current item: what somebody else wrote there nobody has published.
        before = petitions.get_version(services.petitions, current.slug, current.version)
    except NotFound:
        before = current
    return text_changes(before, wanted)


def _amended(services: Services, wanted: Petition, request: AmendmentRequest | None) -> Petition:
    """The petition with one amendment more. Its `version` is still the old one."""
    if request is None:
        raise AmendmentNeeded
    amendment = Amendment(
        number=len(wanted.amendments) + 1,
        version=wanted.version + 1,
        made_at=to_moment(to_milliseconds(services.now())),
        kind=request.kind,
        reasons=request.reasons,
    )
    return replace(wanted, amendments=(*wanted.amendments, amendment))


def _former(petition: Petition, until: date) -> FormerKey:
    return FormerKey(
        fingerprint=fingerprint(petition.public_key), since=petition.key_since, until=until
    )


def publish_preview_images(
    services: Services, slug: str, images: Mapping[str, bytes]
) -> Sequence[str]:
    """Store a petition's preview images by language; the languages whose image changed."""
    return [
        language
        for language, image in images.items()
        if preview_images.save(services.petitions, slug, language, image)
    ]


def publish_update(services: Services, update: Update, *, keep_time: bool = False) -> Update:
    """Publish or amend an update, and schedule its alert if `send_at` is set; as it is then.

    With `keep_time` it is mailed when it was to be mailed before, whatever `send_at` says.
    Publishing the same texts again is no amendment. Raises NotFound (no such petition),
    Unavailable.
    """
    petitions.get(services.petitions, update.slug)
    now = services.now()

    def published(current: Update | None) -> Update:
        new = update.published_after(current, now=now)
        return new.timed(current.time_to_send if current else None) if keep_time else new

    stored = updates.change(services.petitions, update.slug, update.name, published)
    services.cache.clear()
    return stored
