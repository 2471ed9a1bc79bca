"""All that `plan` and `apply` need before they turn to CloudFormation: checked, built, secrets."""

from secrets import token_urlsafe

from ops.deploy import checking, names, packing, senders
from ops.deploy.account import Account
from ops.deploy.applying import Target
from ops.deploy.settings import DeploySettings
from ops.errors import CannotContinue
from ops.keys.secrets import KEY_BYTES, ORIGIN_SECRET, store_missing
from ops.terminal import console


def prepare(
    account: Account, settings: DeploySettings, *, without_mail: bool, make_secrets: bool
) -> Target:
    """Check and build, then, with `make_secrets`, make the secrets that are missing.

    Raises CannotContinue, before anything changes, on a fault or if the package does not build.
    """
    if faults := checking.show(account, settings, without_mail=without_mail):
        raise CannotContinue(
            f"{console.counted(faults, 'fault')} to mend first. Nothing has changed."
        )
    console.note(f"Building the package for {settings.architecture} …")
    package = packing.pack(settings)
    path = names.secrets_path(settings.stack)
    if make_secrets and (made := store_missing(account.ssm, path)):
        console.done(f"Made in Parameter Store under {path}: {', '.join(made)}.")
    return Target(
        account=account,
        settings=settings,
        package=package,
        origin_secret=_origin_secret(account, path),
        mails_per_second=senders.mails_per_second(account),
    )


def _origin_secret(account: Account, path: str) -> str:
    """The stored one; before there is one, one that is thrown away: a plan must name something."""
    name = f"{path}/{ORIGIN_SECRET}"
    try:
        return account.ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except account.ssm.exceptions.ParameterNotFound:
        return token_urlsafe(KEY_BYTES)
