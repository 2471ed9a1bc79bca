"""Every path of the desk. None has a query string: the CDN hands none on."""

from typing import Final

HOME: Final = "/desk"
ENTER: Final = "/desk/enter"
LEAVE: Final = "/desk/leave"
YOU: Final = "/desk/you"
NEW: Final = "/desk/new"


def petition(slug: str, part: str = "") -> str:
    """The overview of a petition, or another part of it, such as `updates`."""
    return f"/desk/petitions/{slug}/{part}" if part else f"/desk/petitions/{slug}"
