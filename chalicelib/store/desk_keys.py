"""The keys of the table of organisers: `chalicelib/store/__init__.py` shows examples of each."""

from typing import Final

from chalicelib.store.keys import PK, SK, Key


def _key(pk: str, sk: str) -> Key:
    return {PK: pk, SK: sk}


def trail(slug: str) -> str:
    """The partition of the trail of a petition. Nobody may change or delete what is in it."""
    return f"trail#{slug}"


def trail_line(slug: str, number: int) -> Key:
    """A line of a trail: text order is number order."""
    return _key(trail(slug), f"{number:08d}")


def approvals(slug: str) -> str:
    """The partition of what waits for a second organiser, or was approved, on a petition."""
    return f"approval#{slug}"


def approval(slug: str, kind: str, subject: str) -> Key:
    """The approval of one thing: of an update by its name, of an export by its job."""
    return _key(approvals(slug), f"{kind}#{subject}")


ORGANISERS: Final = "organiser"
PASSKEY: Final = "passkey#"
SESSION: Final = "session#"
MEMBERSHIP: Final = "petition#"


def organiser_partition(organiser_id: str) -> str:
    """The partition of an organiser: passkeys, sessions, petitions, mailed link."""
    return f"{ORGANISERS}#{organiser_id}"


def organiser(organiser_id: str) -> Key:
    """The account of an organiser."""
    return _key(ORGANISERS, organiser_id)


def passkey(organiser_id: str, credential_id: str) -> Key:
    """A passkey of an organiser, under the id of its credential."""
    return _key(organiser_partition(organiser_id), f"{PASSKEY}{credential_id}")


def desk_session(organiser_id: str, session_id: str) -> Key:
    """A session of an organiser, under the hash of what the cookie holds."""
    return _key(organiser_partition(organiser_id), f"{SESSION}{session_id}")


def desk_link(organiser_id: str) -> Key:
    """The newest mailed link of an organiser, which replaces any other."""
    return _key(organiser_partition(organiser_id), "link")


def membership(organiser_id: str, slug: str) -> Key:
    """The entry of a petition on which an organiser has a role."""
    return _key(organiser_partition(organiser_id), f"{MEMBERSHIP}{slug}")


def people(slug: str) -> Key:
    """The roles of all organisers of a petition, in one item: they are changed together."""
    return _key(f"people#{slug}", "roles")


def spent_challenge(nonce: str) -> Key:
    """A spent challenge of a passkey, under its nonce."""
    return _key(f"challenge#{nonce}", "spent")


DRAFT_VERSION: Final = "version#"
_NEWEST_FIRST: Final = 10**8
"""Less the number of a version: text order has the newest first."""


def drafts(slug: str) -> str:
    """The partition of a petition's draft."""
    return f"draft#{slug}"


def draft_version(slug: str, number: int) -> Key:
    """A version of a draft."""
    return _key(drafts(slug), f"{DRAFT_VERSION}{_NEWEST_FIRST - number:08d}")


def draft_number(sort_key: str) -> int:
    """The number of a version, from its sort key."""
    return _NEWEST_FIRST - int(sort_key.removeprefix(DRAFT_VERSION))


def draft_part(slug: str, name: str) -> Key:
    """A text or a picture of a draft, under its digest."""
    return _key(drafts(slug), f"part#{name}")


def job_partition(slug: str) -> str:
    """The partition of the jobs of a petition."""
    return f"job#{slug}"


def job(slug: str, job_id: str) -> Key:
    """A job of a petition. Its id begins with the moment at which it was asked for."""
    return _key(job_partition(slug), job_id)


def export_links(slug: str) -> str:
    """The partition of the links by which organisers fetch a petition's exports."""
    return f"export-link#{slug}"


def export_link(slug: str, job_id: str, organiser_id: str) -> Key:
    """The link by which an organiser fetches the file of an export."""
    return _key(export_links(slug), f"{job_id}#{organiser_id}")


def petition_key_file(slug: str) -> Key:
    """A petition's key file as the desk has stored it last."""
    return _key(f"key#{slug}", "file")


def update_drafts(slug: str) -> str:
    """The partition of the names of updates that have a draft; each draft is under its id."""
    return f"update-drafts#{slug}"


def update_draft(slug: str, name: str) -> Key:
    """The entry of an update that has a draft."""
    return _key(update_drafts(slug), name)
