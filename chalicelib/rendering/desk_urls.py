"""Every path of the desk. None has a query string: the CDN hands none on."""

from typing import Final

HOME: Final = "/desk"
ENTER: Final = "/desk/enter"
LEAVE: Final = "/desk/leave"
YOU: Final = "/desk/you"
NEW: Final = "/desk/new"
UNSEAL: Final = "/desk/unseal"


def petition(slug: str, part: str = "") -> str:
    """The overview of a petition, or another part of it, such as `updates`."""
    return f"/desk/petitions/{slug}/{part}" if part else f"/desk/petitions/{slug}"


def invitation(token: str) -> str:
    """The page of a mailed link, by which an organiser makes a passkey."""
    return f"/desk/invitation/{token}"


def invitation_account(token: str) -> str:
    """The page of a mailed link for who has an account already."""
    return f"{invitation(token)}/account"


ADD_PASSKEY: Final = "/desk/you/passkeys"
REMOVE_PASSKEY: Final = "/desk/you/passkeys/remove"
RENAME: Final = "/desk/you/name"
RECOVERY_CODE: Final = "/desk/you/code"
END_SESSION: Final = "/desk/you/sessions/end"
END_ALL_SESSIONS: Final = "/desk/you/sessions/end-all"


def organiser(slug: str, organiser_id: str, what: str = "") -> str:
    """The page of an organiser's roles on a petition, or a form for them, such as `remove`."""
    below = f"people/{organiser_id}/{what}" if what else f"people/{organiser_id}"
    return petition(slug, below)


def update(slug: str, name: str, part: str = "") -> str:
    """The page of an update or digest, or another page about it, such as `text`."""
    return petition(slug, f"updates/{name}/{part}" if part else f"updates/{name}")
