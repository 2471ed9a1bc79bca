"""The World of the tests, in Cucumber's sense: all that the steps of one test share.

Its methods are what organisers and visitors do, and what can then be seen.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from chalice.test import Client, HTTPResponse

import app
from chalicelib.crypto import petition_key_files
from chalicelib.crypto.sealing import SIGNATURE, info
from chalicelib.crypto.unsealing import unseal
from chalicelib.domain.integrity.public_figures import Draw
from chalicelib.domain.organisers.actor import OPERATOR, Actor
from chalicelib.domain.organisers.jobs import Job
from chalicelib.domain.petitions.amendment import AmendmentKind, AmendmentRequest
from chalicelib.domain.petitions.petition import Petition
from chalicelib.domain.petitions.update import Update, split_id
from chalicelib.store import export_files
from chalicelib.store.alerts import alerts
from chalicelib.store.dynamodb.items import deserialize
from chalicelib.store.dynamodb.table import Table
from chalicelib.store.integrity import tallies
from chalicelib.store.petitions import petitions
from chalicelib.usecases.exports import ordering
from chalicelib.usecases.integrity import disclosing
from chalicelib.usecases.petitions import publishing
from ops.local import moto_internals
from ops.local.outbox import SentMail
from tests import builders
from tests.event_delivery import EventDelivery
from tests.in_process_service import PUBLIC_URL
from tests.ops import folders

FORM: Final = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Sec-Fetch-Site": "same-origin",
}
TABLES: Final = ("signatures", "subscribers", "petitions", "limits", "organisers")
"""The attributes of Services that are tables."""
KEY_FILE: Final = petition_key_files.to_text(folders.KEYS)
"""The key file of a petition."""
LINK: Final = re.compile(re.escape(PUBLIC_URL) + r"(/\S+)")


class World(EventDelivery):
    """The whole service: nothing of it is replaced but its AWS and its clock."""

    organiser_key = builders.ORGANISER_KEY
    """The private key, which organisers keep offline."""

    # Organisers.

    def publish(self, petition: Petition | None = None, *, picture: bytes = b"") -> Petition:
        """Publish a petition, as if nobody had filled in its form; `picture` is what it shows."""
        self.forget_forms()
        wanted = petition or builders.petition()
        published = publishing.publish_petition(self.services, wanted, picture=picture)
        self._put_index_salt()
        return published

    def publish_signed(self, petition: Petition) -> Petition:
        """Publish a petition with a text that somebody has signed, without a word of its change."""
        return publishing.publish_petition(self.services, petition)

    def amend(
        self, *, kind: AmendmentKind = AmendmentKind.AMENDMENT, reason: str = "", **texts: Any
    ) -> Petition:
        """Amend the English text of the usual petition, which somebody has signed."""
        petition = builders.petition()
        text = replace(petition.texts["en"], **(texts or {"title": "Open both doors"}))
        request = AmendmentRequest(kind=kind, reasons={"en": reason or "There are two doors."})
        changed = replace(petition, texts={**petition.texts, "en": text})
        return publishing.publish_petition(self.services, changed, amendment=request)

    def publish_update(self, update: Update | None = None) -> Update:
        """Publish an update."""
        return publishing.publish_update(self.services, update or builders.update())

    # Visitors.

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> HTTPResponse:
        """Read a page."""
        with Client(app.app) as client:
            return client.http.get(path, headers=dict(headers or {}))

    def post(
        self, path: str, fields: Mapping[str, str] | bytes, headers: Mapping[str, str] = FORM
    ) -> HTTPResponse:
        """Send a form."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        with Client(app.app) as client:
            return client.http.post(path, headers=dict(headers), body=body)

    def sign(self, *, language: str = "en", **changes: str) -> HTTPResponse:
        """Send the sign form of the usual petition."""
        return self.post(f"/{language}/open-door/sign", builders.sign_form(**changes))

    def sign_and_confirm(self, **changes: str) -> None:
        """Sign, follow the link in the mail, press the button; then deliver every event."""
        self.sign(**changes)
        self.deliver_all()
        self.post(self.link(), {})
        self.deliver_all()

    def ask_for_own_page(self, email: str = "hanna@example.org") -> str:
        """Ask for the link to one's own page; its path."""
        self.post("/en/open-door/manage", {"email": email})
        self.deliver_all()
        return self.link()

    def withdraw(self, email: str = "hanna@example.org") -> HTTPResponse:
        """Ask for the link, follow it, press the button that withdraws; alerts stop with it."""
        answer = self.post(self.ask_for_own_page(email), {"do": "withdraw", "news": "stop"})
        self.deliver_all()
        return answer

    def store_key_file(self, slug: str = "open-door") -> None:
        """Store a key file of a petition that has none."""
        table = self.services.petitions
        if petitions.find_key_file(table, slug) is None:
            petitions.save_key_file(table, slug, KEY_FILE)

    def start_export(self, slug: str = "open-door", by: Actor = OPERATOR) -> Job:
        """Start an export, whose messages are not delivered."""
        self.store_key_file(slug)
        return ordering.start(self.services, slug, by=by)

    def run_export(self, slug: str = "open-door") -> Job:
        """Start an export, and deliver its messages; its job."""
        job = self.start_export(slug)
        self.deliver_all()
        return ordering.get(self.services, slug, job.id)

    def file_of(self, job: Job) -> bytes:
        """The file of an export."""
        files, key = self.services.export_files, export_files.key_of(job.slug, job.id)
        return b"".join(export_files.chunks_of(files, key))

    def mails(self, to: str | None = None) -> list[SentMail]:
        """The mails sent so far, oldest first; only those to one address, if it is given."""
        return [mail for mail in self.outbox.all() if to in (None, mail.to)]

    def link(self, mail: SentMail | None = None) -> str:
        """The path of the first link in a mail (default: the last mail)."""
        match = LINK.search((mail or self.mails()[-1]).text)
        assert match, "no link in the mail"
        return match[1]

    def link_to(self, page: str, mail: SentMail | None = None) -> str:
        """The path of the link in a mail (default: the last one) to this kind of page."""
        paths: list[str] = LINK.findall((mail or self.mails()[-1]).text)
        return next(path for path in paths if path.split("/")[2] == page)

    # What is stored.

    def raise_tally(self, *, without_country: int = 0, **countries: int) -> None:
        """Raise the tally, as many signatures would that are not made one by one."""
        figures = {**countries, "": without_country}
        tally = tallies.get(self.services.petitions, "open-door")
        count = sum(figures.values())
        tallies.repair(self.services.petitions, tally, count=count, countries=figures)

    def set_figures(self, draw: Draw = lambda step: 0) -> None:
        """Let a day pass, whose first moment sets the public figures, by default without chance.

        They are then rounded down to the step.
        """
        self.clock.advance(days=1)
        disclosing.every_minute(self.services, draw=draw)

    def count(self, slug: str = "open-door") -> int:
        """The exact count; the public is shown less."""
        return tallies.get(self.services.petitions, slug).count

    def alert_id(self, update_id: str = "open-door/first-news") -> str:
        """The id of the alert of an update or digest that was sent."""
        alert_id = alerts.find_id(self.services.petitions, *split_id(update_id))
        assert alert_id, f"{update_id} was not sent"
        return alert_id

    def stored_items(self, table: str) -> list[dict[str, Any]]:
        """Every item of one of TABLES, from moto's memory.

        Scans through moto's API took a good part of the suite's time.
        """
        opened: Table = getattr(self.services, table)
        items = moto_internals.tables()[opened.name].all_items()
        return [deserialize(item.to_json()["Attributes"]) or {} for item in items]

    def signatures(self, slug: str = "open-door") -> list[dict[str, Any]]:
        """The items of a petition's signatures, tombstones too."""
        return [item for item in self.stored_items("signatures") if item["pk"].startswith(slug)]

    def subscriptions(self, slug: str = "open-door") -> list[dict[str, Any]]:
        """The items of a petition's subscribers."""
        return [item for item in self.stored_items("subscribers") if item["pk"].startswith(slug)]

    def unsealed(self, slug: str = "open-door") -> list[dict[str, Any]]:
        """The signatures as the organisers read them."""
        return [
            unseal(item["sealed"], [self.organiser_key], info(SIGNATURE, slug, item["sk"]))
            for item in self.signatures(slug)
            if "sealed" in item
        ]
