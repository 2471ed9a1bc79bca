"""Why a build ends without a package."""

from ops.errors import CannotContinue


class NotPacked(CannotContinue):
    """The package cannot be made. The message names what failed, or the limit that is passed."""


class CheckFailed(NotPacked):
    """A check found something. The message says what, where, and what to do about it."""
