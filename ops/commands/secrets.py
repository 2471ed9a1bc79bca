"""`zaklik secrets …`: make the service's own secrets, change them, and remove old keys."""

from collections.abc import Iterator, Sequence
from typing import Final

import click

from chalicelib.store.petitions import petitions
from chalicelib.usecases.alerts import resealing
from chalicelib.wiring import Services
from ops.errors import CannotContinue
from ops.secrets import cryptoperiods, rotation
from ops.secrets.cryptoperiods import KeyState, KeyStatus
from ops.secrets.inventory import FIRST_USED_FROM, RINGS, store_missing
from ops.secrets.keyring_store import KeyringStore
from ops.secrets.rotation import Rotation
from ops.target import Target, pass_target
from ops.terminal import console
from ops.terminal.command_hint import command

ORIGIN: Final = "origin"
_TIME: Final = "%Y-%m-%d %H:%M UTC"


@click.group()
def secrets() -> None:
    """Make and change the service's own secrets."""


@secrets.command()
@pass_target
def make(target: Target) -> None:
    """Make the secrets that are missing in SSM Parameter Store.

    They lie under ZAKLIK_SECRETS_PATH. The command never shows a secret and never replaces one.
    """
    services = target.services
    names = store_missing(services.secrets.ssm(), services.settings.secrets_path)
    for name in names:
        console.done(f"{services.settings.secrets_path}/{name} is made.")
    if not names:
        console.done("All secrets are there.")


@secrets.command("list")
@pass_target
def list_keys(target: Target) -> None:
    """List the keys of each secret: what they make, and what still needs the old ones.

    The keys themselves are never shown.
    """
    services = target.services
    for name, period in cryptoperiods.cryptoperiods(services.settings).items():
        console.say(f"{name}: {period.makes}")
        for status in cryptoperiods.statuses(services, name):
            console.say(f"  key {status.id}: {_described(services, name, status)}")
    if lost := cryptoperiods.subscribers_by_key(services).get(0, 0):
        console.fault(f"{console.counted(lost, 'subscriber')}: sealed to a key that is not there.")


@secrets.command()
@click.argument("name", type=click.Choice([*RINGS, ORIGIN]))
@pass_target
def rotate(target: Target, name: str) -> None:
    """Add a new key to the secret NAME. All that was made under the old one still works.

    \b
    token            links that expire, codes, proofs of work
    permanent-token  links that never expire: to leave alerts, to block all mails
    index            blind indexes of new petitions and of new suppressions
    job              codes of messages in the queues
    data-request     codes of messages that erase what is stored about a person
    limit-pepper     hashes of limits
    attestation      attestations of signatures
    export           attestations of exports
    mailer           seals of subscribers' addresses and of queued mails
    origin           the header by which the API knows the CDN

    The new key is used half an hour later, when every process has read it. The old one stays until
    `zaklik secrets prune` removes it. If the command stops half-way, type it again.
    """  # noqa: D301 - click reads the backspace as "do not wrap"
    services = target.services
    if name == ORIGIN:
        rotation.rotate_origin(services)
        console.done("The origin secret is new.")
        if target.local:
            console.hint("The local service has no CDN, so nothing uses it.")
            return
        console.hint(f"To use it: {command('deploy apply')}")
        console.hint("The API accepts the old one, too, until you deploy once more after that.")
        return
    rotated = rotation.rotate(services, name)
    console.done(f"Key {rotated.new_id} of {name} is made.")
    for line in _consequences(services, name, rotated):
        console.hint(line)


@secrets.command()
@pass_target
def reseal(target: Target) -> None:
    """Seal the addresses of subscribers anew, to the mailer's current key.

    The service does it in the background. Type the command again to see how many are left.
    """
    services = target.services
    current = services.secrets.mailer_public_keys.current(services.now()).id
    left = [status for status in _replaced(services, "mailer") if status.uses]
    if not left:
        console.done(f"Every subscriber is sealed to key {current}.")
        return
    for status in left:
        console.note(f"{', '.join(status.uses)} still sealed to key {status.id}.")
    resealing.start(services)
    console.done(f"The service seals them to key {current} now.")


@secrets.command()
@click.argument("name", type=click.Choice(list(RINGS)), required=False)
@click.option("--stolen", is_flag=True, help="Remove old keys of NAME although they are needed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_target
def prune(target: Target, name: str | None, stolen: bool, yes: bool) -> None:
    """Remove the old keys that nothing needs any more, of the secret NAME or of all.

    Says of each other old key why it stays. With --stolen the command says what is lost, and asks.
    Processes forget a removed key within ten minutes.
    """
    services = target.services
    if stolen:
        if name is None:
            raise CannotContinue("Say of which secret: `zaklik secrets prune NAME --stolen`.")
        _accept_loss(services, name, yes=yes)
    counts = [_prune(services, each, stolen=stolen) for each in ([name] if name else RINGS)]
    if any(counts):
        console.hint("Your copy of the secrets still holds what is removed. Replace it.")


def _prune(services: Services, name: str, *, stolen: bool) -> int:
    """Remove the old keys of one secret; how many."""
    now, old = services.now(), _replaced(services, name)
    going = [status for status in old if stolen or status.is_removable(now)]
    rotation.remove(services, name, [status.id for status in going])
    store = KeyringStore.of(services)
    stored = store.read(RINGS[name])
    if count := store.puts_to_forget(stored):
        console.note(f"{name}: Parameter Store remembers old versions. Storing {count} new ones …")
        store.forget(stored)
    for status in going:
        console.done(f"{name}: key {status.id} is removed.")
    for status in old:
        if status not in going:
            console.note(f"{name}: key {status.id} stays, {_described(services, name, status)}.")
    if not old:
        console.done(f"{name}: no old key.")
    return len(going)


def _replaced(services: Services, name: str) -> Sequence[KeyStatus]:
    statuses = cryptoperiods.statuses(services, name)
    return [status for status in statuses if status.state is KeyState.REPLACED]


def _accept_loss(services: Services, name: str, *, yes: bool) -> None:
    """Ask before keys go that are needed. Raises CannotContinue, or click.Abort."""
    if name == "index":
        raise CannotContinue(
            "Petitions and suppressions are filed under keys of index. Without its key nobody "
            "could withdraw or stay suppressed; it goes when they are gone."
        )
    old = _replaced(services, name)
    if not old:
        raise CannotContinue(
            f"{name} has no old key: `{command(f'secrets rotate {name}')}`, and this when the new "
            "one is used."
        )
    for status in old:
        console.note(f"{name}: key {status.id}, {_described(services, name, status)}.")
    if lost := cryptoperiods.cryptoperiods(services.settings)[name].lost:
        console.note(lost)
    if not yes:
        click.confirm("Remove?", abort=True)


def _consequences(services: Services, name: str, rotated: Rotation) -> Iterator[str]:
    """What follows from a rotation, and what the operator has to do."""
    period = cryptoperiods.cryptoperiods(services.settings)[name]
    begin, old = f"{rotated.used_from:{_TIME}}", rotated.old_id
    yield f"From {begin} on it makes {period.makes}."
    if period.needed is None:
        yield f"Key {old} opens those made before, for ever."
    elif name == "index":
        yield f"Petitions and suppressions so far stay under key {old}."
    elif period.needed:
        until = rotated.used_from + period.needed
        yield f"Key {old} opens those made before. It is needed until {until:{_TIME}}."
    else:
        yield f"The public half of key {old} verifies those made before, for ever."
        slugs = ", ".join(petitions.slugs(services.petitions)) or "none yet"
        yield "To let organisers verify the new ones, publish each petition again before that:"
        yield f"  {command('petition publish PATH')} ({slugs})"
        yield "Then hand them key.json."
    if name == "mailer":
        yield f"After {begin}, seal subscribers anew: {command('secrets reseal')}"
    yield "Keep a new copy of the secrets offline, in place of the old one."


def _described(services: Services, name: str, status: KeyStatus) -> str:
    """The state of a key in words, what is stored under it, and until when it is needed."""
    match status.state:
        case KeyState.UNFINISHED:
            return f"unfinished; type `{command(f'secrets rotate {name}')}` again"
        case KeyState.NEW:
            return f"used from {status.since:{_TIME}} on"
        case KeyState.CURRENT:
            since = "" if status.since == FIRST_USED_FROM else f" since {status.since:{_TIME}}"
            return "; ".join([f"in use{since}", *status.uses])
    words = [f"replaced on {status.since:{_TIME}}"]
    if status.uses:
        words.append(f"needed for {' and '.join(status.uses)}")
    if status.removable_at is None:
        words.append("needed for ever")
    elif status.removable_at > services.now():
        words.append(f"needed until {status.removable_at:{_TIME}}")
    elif not status.uses:
        words.append(f"nothing needs it: {command('secrets prune')}")
    return "; ".join(words)
