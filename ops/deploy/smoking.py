"""`zaklik deploy smoke`: one marked person signs, confirms and withdraws through the public URL.

There is no mailbox to read, so the links that the mail holds are made here, with the secrets that
the operator may read. Whatever goes wrong, what was signed is withdrawn.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain import email_address
from chalicelib.domain.email_address import EmailAddress
from chalicelib.domain.petition import Petition, PetitionState
from chalicelib.people import links
from chalicelib.rendering import urls
from chalicelib.store import tallies
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.signatures import self_service
from chalicelib.wiring import Services
from ops.deploy import deployed, names
from ops.deploy.account import Account
from ops.deploy.expecting import Expectant
from ops.deploy.queues import Queues
from ops.deploy.settings import DeploySettings
from ops.deploy.visiting import Visitor
from ops.errors import CannotContinue
from ops.terminal import console

NAME: Final = "Zaklik smoke test"
FIRST_ANSWER_SECONDS: Final = 120.0
"""CloudFront's new names take a minute or two to be known everywhere."""
COUNT_SECONDS: Final = 180.0
"""Stream and tally: some seconds, mostly."""
_SECONDS_BETWEEN_LOOKS: Final = 3.0
_WITHDRAW: Final = {"do": "withdraw", "news": "stop"}
"""What the form of one's own page sends."""


@dataclass(frozen=True, kw_only=True)
class Smoke:
    """One visit to one petition, in its first language."""

    front: Expectant
    back: Expectant
    """At the API's own address, where nobody may come in."""
    services: Services
    queues: Queues
    petition: Petition
    address: EmailAddress

    @property
    def language(self) -> str:
        """The petition's first."""
        return self.petition.languages[0]

    def run(self) -> None:
        """All steps, each told when it is done. Raises StepFailed at the first that fails."""
        dead = self.queues.dead()
        self._read_page()
        self._read_count()
        before = self._count()
        pending = self._sign()
        try:
            self._confirm(pending)
            risen = self._expect_more_than(before)
        except BaseException:
            self._withdraw_past_all_pages()
            raise
        self._withdraw()
        self._expect_less_than(risen)
        self._expect_queues(dead)

    def _read_page(self) -> None:
        path = urls.petition(self.language, self.petition.slug)
        page = self.front.get("The page", path, seconds=FIRST_ANSWER_SECONDS)
        self.front.our_headers("The page", page)
        console.done(f"The page answers, with our headers: {self.front.visitor.url}{path}")
        self.back.refusal("The API without the CDN's secret", path)
        console.done("The API refuses those who come past the CDN.")

    def _read_count(self) -> None:
        """What the public is told, which is rounded down, so one person need not show in it."""
        path = f"/api/petitions/{self.petition.slug}"
        values = self.front.get("The count", path).json()
        if not isinstance(values, dict) or not isinstance(values.get("count"), int):
            raise self.front.failed("The count", "JSON with a count", "something else", "web")
        console.done(f"The public count answers: {values['count']:,}.")

    def _count(self) -> int:
        """How many have been counted, exactly: read in the table, with the operator's rights."""
        return tallies.get(self.services.petitions, self.petition.slug).count

    def _sign(self) -> str:
        """Fill in the form; the pending token in the page that follows."""
        page = self.front.post(
            "Signing",
            urls.sign(self.language, self.petition.slug),
            {"name": NAME, "email": self.address.deliverable},
        )
        pending = page.field("pending")
        if not pending:
            raise self.front.failed("Signing", "a page that waits for a code", "another", "web")
        console.done(f"“{NAME}” has filled in the form.")
        return pending

    def _confirm(self, pending: str) -> None:
        """Make the link that the mail holds, follow it, and press the button."""
        keys = self.services.secrets.token_keys
        claims = tokens.read(keys, Purpose.PENDING, pending, now=self.services.now())
        token = tokens.issue(keys, Purpose.CONFIRM_SIGNATURE, claims.values, claims.issued_at)
        path = urls.confirm_signature(self.language, token)
        self.front.get("The link of the mail", path)
        self.front.post("Confirming", path, {})
        console.done("The link of the mail confirms.")

    def _expect_more_than(self, before: int) -> int:
        until = time.monotonic() + COUNT_SECONDS
        while (count := self._count()) <= before:
            self._wait(until, f"more than {before:,}", count)
        console.done(f"The count has risen to {count:,}.")
        return count

    def _expect_less_than(self, risen: int) -> None:
        until = time.monotonic() + COUNT_SECONDS
        while (count := self._count()) >= risen:
            if count > risen:
                console.note("Other people are signing, so the count cannot show that we left.")
                return
            self._wait(until, f"less than {risen:,}", count)
        console.done(f"The count has fallen to {count:,}.")

    def _wait(self, until: float, wanted: str, count: int) -> None:
        if time.monotonic() > until:
            came = f"{count:,} after {COUNT_SECONDS:.0f} seconds"
            raise self.front.failed("The count", wanted, came, "tally")
        time.sleep(_SECONDS_BETWEEN_LOOKS)

    def _withdrawal_path(self) -> str:
        link = links.self_service_link(
            self.services, self.petition.slug, self.language, self.address
        )
        return link.removeprefix(self.services.settings.public_url)

    def _withdraw(self) -> None:
        path = self._withdrawal_path()
        try:
            self.front.get("The withdrawal link", path)
            self.front.post("Withdrawing", path, _WITHDRAW)
        except BaseException:
            self._withdraw_past_all_pages()
            raise
        console.done("The withdrawal link withdraws.")

    def _withdraw_past_all_pages(self) -> None:
        """As a page would, but here, with the operator's rights. Safe when nothing was signed."""
        self_service.act(self.services, self._withdrawal_path().rpartition("/")[2], _WITHDRAW)
        console.note("What the smoke test has signed is withdrawn, in the table itself.")

    def _expect_queues(self, dead: Mapping[str, int]) -> None:
        if not self.queues.wait_until_mail_is_gone():
            raise self.front.failed("The mail", "an empty queue", "mail that waits", "send-mail")
        console.done("The mail has left its queue.")
        for name, count in self.queues.dead().items():
            if count > dead[name]:
                raise self.front.failed(
                    "Dead letters", "no new one", f"one in {name}", "… of that queue"
                )
        console.done("Nothing has become a dead letter.")


def marked_address() -> EmailAddress:
    """An address of SES's mailbox simulator that nobody has used; it works in the sandbox, too.

    https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
    """
    label = secrets.token_hex(6)
    return email_address.parse(f"success+zaklik-{label}@simulator.amazonses.com")


def choose_petition(services: Services, slug: str | None) -> Petition:
    """The petition to sign. Raises CannotContinue when there is none, several, or it is closed."""
    open_now = {
        petition.slug: petition
        for petition in browsing.list_petitions(services)
        if petition.state(services.now()) is PetitionState.OPEN
    }
    if slug is not None and slug not in open_now:
        raise CannotContinue(
            f"No petition “{slug}” is open. Open now: {', '.join(open_now) or 'none'}."
        )
    if not open_now:
        raise CannotContinue("No petition is open. Publish one: `zaklik petition publish PATH`")
    if slug is None and len(open_now) > 1:
        raise CannotContinue(
            f"Several petitions are open. Say which: --petition {' or '.join(open_now)}"
        )
    return open_now[slug or next(iter(open_now))]


def smoke(
    account: Account, settings: DeploySettings, slug: str | None, *, api: str | None = None
) -> None:
    """Visit the deployed service; `api` is where API Gateway is, if not where the stack says.

    Raises CannotContinue when nothing can be visited, StepFailed when a step fails.
    """
    stack = deployed.standing(account, settings)
    services = deployed.services(settings)
    logs = names.log_groups(stack.name)
    back = Visitor(url=(api or stack.outputs[names.API]).rstrip("/"))
    Smoke(
        front=Expectant(visitor=Visitor(url=services.settings.public_url), logs=logs),
        back=Expectant(visitor=back, logs=logs),
        services=services,
        queues=Queues(account=account, stack=stack),
        petition=choose_petition(services, slug),
        address=marked_address(),
    ).run()
