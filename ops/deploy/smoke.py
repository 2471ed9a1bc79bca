"""`zaklik deploy smoke`: signs, confirms and withdraws through the public URL, as a visitor does.

The links of the mail are made here, with the secrets that the operator may read. After a failure
the signature is withdrawn, too.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from operator import index
from typing import Final

from chalicelib.crypto import tokens
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain.mailboxes import email_address
from chalicelib.domain.mailboxes.email_address import EmailAddress
from chalicelib.domain.petitions.petition import Petition, PetitionState
from chalicelib.people import links
from chalicelib.rendering import urls
from chalicelib.store.integrity import tallies
from chalicelib.usecases.petitions import browsing
from chalicelib.usecases.signatures import self_service
from chalicelib.wiring import Services
from ops.deploy import deployed, resources
from ops.deploy import stack as stacks
from ops.deploy.account import Account, polls
from ops.deploy.resources import DeployedQueues
from ops.deploy.settings import DeploySettings
from ops.deploy.smoke_client import SmokeClient, SmokeStepFailed
from ops.errors import CannotContinue
from ops.terminal import console

NAME: Final = "Zaklik smoke test"
DNS_SECONDS: Final = 120.0
"""CloudFront's new names take a minute or two to spread."""
COUNT_SECONDS: Final = 180.0
"""Stream and tally mostly take some seconds."""
_WITHDRAW: Final = {"do": "withdraw", "news": "stop"}
"""The form of the self-service page."""


@dataclass(frozen=True, kw_only=True)
class SmokeTest:
    """One signature of one petition, in the petition's first language."""

    site: SmokeClient
    api: SmokeClient
    """At API Gateway's own address, which must refuse everybody but the CDN."""
    services: Services
    queues: DeployedQueues
    petition: Petition
    address: EmailAddress

    @property
    def language(self) -> str:
        """The petition's first language."""
        return self.petition.languages[0]

    def run(self) -> None:
        """Run and print all steps. Raises SmokeStepFailed at the first that fails."""
        dead_letters = self.queues.dead_letters()
        self._read_page()
        self._read_public_count()
        before = self._count()
        pending = self._sign()
        try:
            self._confirm(pending)
            after = self._expect_more_than(before)
        except BaseException:
            self._withdraw_in_table()
            raise
        self._withdraw()
        self._expect_less_than(after)
        self._expect_queues(dead_letters)

    def _read_page(self) -> None:
        path = urls.petition(self.language, self.petition.slug)
        page = self.site.get("The page", path, seconds=DNS_SECONDS)
        self.site.expect_headers("The page", page)
        console.done(f"The page answers, with our headers: {self.site.url}{path}")
        self.api.expect_forbidden("The API without the CDN's secret", path)
        console.done("The API refuses requests that do not come through the CDN.")

    def _read_public_count(self) -> None:
        """The public count is rounded down, so one signature need not change it."""
        response = self.site.get("The count", f"/api/petitions/{self.petition.slug}")
        try:
            count = index(response.json()["count"])
        except (ValueError, KeyError, TypeError) as error:
            raise self.site.failed("The count", "JSON with a count", "something else") from error
        console.done(f"The public count answers: {count:,}.")

    def _count(self) -> int:
        """The exact count, from the table."""
        return tallies.get(self.services.petitions, self.petition.slug).count

    def _sign(self) -> str:
        """Send the form; the pending token of the page that follows."""
        page = self.site.post(
            "Signing",
            urls.sign(self.language, self.petition.slug),
            {"name": NAME, "email": self.address.deliverable},
        )
        pending = hidden_field(page.data.decode("utf-8", "replace"), "pending")
        if not pending:
            raise self.site.failed("Signing", "a page that waits for a code", "another")
        console.done(f"“{NAME}” has sent the form.")
        return pending

    def _confirm(self, pending: str) -> None:
        """Make the link of the mail, open it, and send its form."""
        keys = self.services.secrets.token_keys
        claims = tokens.read(keys, Purpose.PENDING, pending, now=self.services.now())
        token = tokens.issue(keys, Purpose.CONFIRM_SIGNATURE, claims.values, claims.issued_at)
        path = urls.confirm_signature(self.language, token)
        self.site.get("The link of the mail", path)
        self.site.post("Confirming", path, {})
        console.done("The link of the mail confirms.")

    def _expect_more_than(self, before: int) -> int:
        count = before
        for _ in polls(COUNT_SECONDS):
            if (count := self._count()) > before:
                console.done(f"The count has risen to {count:,}.")
                return count
        raise self._count_failed(f"more than {before:,}", count)

    def _expect_less_than(self, before: int) -> None:
        for _ in polls(COUNT_SECONDS):
            count = self._count()
            if count > before:
                console.note("Other people are signing, so the count cannot show the withdrawal.")
                return
            if count < before:
                console.done(f"The count has fallen to {count:,}.")
                return
        raise self._count_failed(f"less than {before:,}", before)

    def _count_failed(self, expected: str, count: int) -> SmokeStepFailed:
        received = f"{count:,} after {COUNT_SECONDS:.0f} seconds"
        return self.site.failed("The count", expected, received, "tally")

    def _withdrawal_path(self) -> str:
        link = links.self_service_link(
            self.services, self.petition.slug, self.language, self.address
        )
        return link.removeprefix(self.services.settings.public_url)

    def _withdraw(self) -> None:
        path = self._withdrawal_path()
        try:
            self.site.get("The withdrawal link", path)
            self.site.post("Withdrawing", path, _WITHDRAW)
        except BaseException:
            self._withdraw_in_table()
            raise
        console.done("The withdrawal link withdraws.")

    def _withdraw_in_table(self) -> None:
        """Withdraw with the operator's rights. Safe when nothing was signed."""
        token = self._withdrawal_path().rpartition("/")[2]
        self_service.act(self.services, token, _WITHDRAW, language=self.language, network="")
        console.note("The signature of the smoke test is withdrawn, in the table itself.")

    def _expect_queues(self, dead_letters: Mapping[str, int]) -> None:
        if not self.queues.mail_is_sent():
            raise self.site.failed("The mail", "an empty queue", "mail that waits", "send-mail")
        console.done("The mail has left its queue.")
        for name, count in self.queues.dead_letters().items():
            if count > dead_letters[name]:
                raise self.site.failed(
                    "Dead letters", "no new one", f"one in {name}", "… of that queue"
                )
        console.done("Nothing has become a dead letter.")


def smoke(
    account: Account, settings: DeploySettings, slug: str | None, *, api: str | None = None
) -> None:
    """Test the deployed service; `api` is API Gateway's address, if not that of the stack.

    Raises CannotContinue when nothing can be tested, SmokeStepFailed when a step fails.
    """
    stack = deployed.get_stack(account, settings)
    services = deployed.services(settings)
    log_prefix = resources.log_group_prefix(stack.name)
    api_url = (api or stack.outputs[stacks.API_URL]).rstrip("/")
    SmokeTest(
        site=SmokeClient(url=services.settings.public_url, log_prefix=log_prefix),
        api=SmokeClient(url=api_url, log_prefix=log_prefix),
        services=services,
        queues=DeployedQueues(account=account, stack=stack),
        petition=choose_petition(services, slug),
        address=simulator_address(),
    ).run()


def choose_petition(services: Services, slug: str | None) -> Petition:
    """The petition to sign. Raises CannotContinue when there is none, several, or it is closed."""
    open_petitions = {
        petition.slug: petition
        for petition in browsing.list_petitions(services)
        if petition.state(services.now()) is PetitionState.OPEN
    }
    slugs = list(open_petitions)
    if slug is not None and slug not in slugs:
        open_now = ", ".join(slugs) or "none"
        raise CannotContinue(f"No petition “{slug}” is open. Open now: {open_now}.")
    if not slugs:
        raise CannotContinue("No petition is open. Publish one: `zaklik petition publish PATH`")
    if slug is None and len(slugs) > 1:
        choices = " or ".join(slugs)
        raise CannotContinue(f"Several petitions are open. Say which: --petition {choices}")
    return open_petitions[slug or slugs[0]]


def simulator_address() -> EmailAddress:
    """A new address of SES's mailbox simulator, which works in the sandbox, too.

    https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
    """
    label = secrets.token_hex(6)
    return email_address.parse(f"success+zaklik-{label}@simulator.amazonses.com")


def hidden_field(page: str, name: str) -> str:
    """The value of the hidden field `name` of a form on the page; "" if there is none."""
    match = re.search(rf'<input type="hidden" name="{re.escape(name)}" value="([^"]*)"', page)
    return unescape(match[1]) if match else ""
