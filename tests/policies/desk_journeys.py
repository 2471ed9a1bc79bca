"""Journeys at the desk that together reach every line with an AWS call, as those of visitors do."""

import base64
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from botocore.exceptions import ClientError
from PIL import Image

from chalicelib.crypto import petition_key_files
from chalicelib.domain.organisers.actor import OPERATOR
from chalicelib.domain.organisers.roles import Role
from chalicelib.rendering import zip_files
from chalicelib.routes.desk import access
from chalicelib.routes.desk.forms import UploadedFile
from chalicelib.store import keys
from chalicelib.store.organisers import key_files as desk_key_files
from chalicelib.usecases.exports import ordering
from chalicelib.usecases.petitions import drafting, key_files, update_drafting
from ops.keys import key_lifecycle
from tests import builders, desk_accounts
from tests.desk_client import DeskClient
from tests.desk_paths import filled
from tests.faults import intercepted
from tests.ops import folders
from tests.ops.pseudo_terminal import delivered_meanwhile, zaklik
from tests.policies.recording import RecordedWorld


def reading(world: RecordedWorld) -> None:
    """Every page, and every form with nothing in it, of a steward and of a stranger."""
    desk_accounts.add(world, "Vera", "open-door", [Role.STEWARD])
    for rule in access.RULES:
        sent: dict[str, dict[str, str]] = {"fields": {}} if "POST" in rule.methods else {}
        steward = DeskClient.signed_in(world, roles=list(Role))
        for client in (steward, DeskClient.signed_in(world, roles=[Role.VIEWER], name="Anna")):
            world.at_desk(filled(rule.path), client=client, **sent)
    stale = DeskClient.signed_in(world, roles=list(Role), touched=False)
    world.at_desk("/desk/you/code", client=stale, fields={})
    stewards = DeskClient.signed_in(world, roles=list(Role))
    world.at_desk(
        "/desk/petitions/open-door/hand-in", client=stewards, fields={"day": "2026-01-02"}
    )


def writing(world: RecordedWorld) -> None:
    """A steward removes one draft; writes another, publishes it, amends it and closes it."""
    slug, write = "written-door", "/desk/petitions/written-door/write"
    steward = DeskClient.signed_in(world, slug=slug)

    def send(
        path: str, fields: Mapping[str, str], files: Mapping[str, bytes] | None = None
    ) -> None:
        uploaded = {
            str(place) if name != "picture" else name: UploadedFile(
                name=name, content=content, media_type=""
            )
            for place, (name, content) in enumerate((files or {}).items())
        }
        world.at_desk(path, client=steward, fields=fields, files=uploaded)

    send("/desk/new", {"title": "Another", "slug": "another-door", "language": "en"})
    removed = {"key_file": petition_key_files.to_text(folders.unproven("another-door")), "seen": ""}
    send("/desk/petitions/another-door/keys/save", removed)
    world.at_desk("/desk/petitions/another-door/end/remove", client=steward)
    send("/desk/petitions/another-door/end/remove", {"name": "another-door"})
    send("/desk/new", {"title": "A door", "slug": slug, "language": "en"})
    about = "---\npicture: A yellow door\ncredit: Door Watch\n"
    text = folders.PETITION_TEXT.replace("---\n", about, 1).encode()
    settings = f'approvals = ["exports"]\n{folders.PETITION_TOML}'.encode()
    send(f"{write}/folder", {}, {"petition.toml": settings, "en.md": text, "be.md": text})
    send(f"{write}/picture", {}, {"picture": builders.DRAWING})
    world.at_desk(f"{write}/picture", client=steward)
    made = key_lifecycle.prove(folders.unproven(slug), folders.ANNA, folders.PROVEN_ON)
    key_file = {
        "key_file": petition_key_files.to_text(made),
        "seen": key_files.seen(world.services, slug),
    }
    send(f"/desk/petitions/{slug}/keys/save", key_file)
    number = drafting.get_draft(world.services, slug).version.number
    send(f"{write}/open", {"number": str(number), "image.en": _image()})
    world.post(f"/en/{slug}/sign", builders.sign_form())
    text_fields = {"base": str(number), "texts.en.title": "Both", "choice.0.x": "mine", "seen": "1"}
    send(f"{write}/texts/en", text_fields)
    send(f"{write}/versions/{number}/restore", {})
    send(f"{write}/languages", {"base": str(number + 2), "act": "first", "language": "be"})
    folder = {"en.md": folders.PETITION_TEXT.encode(), "be.md": folders.PETITION_TEXT.encode()}
    send(f"{write}/folder", {}, {**folder, "new-door.zip": _zipped_update()})
    send(f"{write}/picture", {"act": "remove"})
    number = drafting.get_draft(world.services, slug).version.number
    reason = {"kind": "amendment", "reason.be": "Two doors."}
    send(f"{write}/open", {"number": str(number), **reason})
    send(f"/desk/petitions/{slug}/end/close", {})
    for page in ("/open", "/preview/en/page", "/folder.zip", "/versions/3"):
        world.at_desk(write + page, client=steward)


def _zipped_update() -> bytes:
    text = folders.UPDATE_TEXT.encode()
    return zip_files.packed({"new-door/updates/first-news/en.md": text})


def _image() -> str:
    drawn = io.BytesIO()
    Image.new("RGB", (1200, 630), "teal").save(drawn, "JPEG")
    return base64.b64encode(drawn.getvalue()).decode()


def keeping_keys(world: RecordedWorld) -> None:
    """A key for a petition that is not published; and one more organiser for one that is."""
    for made in (folders.unproven("new-door"), folders.KEYS):
        client = DeskClient.signed_in(world, slug=made.slug)
        text = petition_key_files.to_text(made)
        world.at_desk(
            f"/desk/petitions/{made.slug}/keys/save",
            client=client,
            fields={"key_file": text, "seen": ""},
        )


def exporting(world: RecordedWorld) -> None:
    """Lists that are approved, fetched, ended, lost and found again; a signature held meanwhile."""
    slug, lists = "listed-door", "/desk/petitions/listed-door/signatures"
    today = world.clock.now().date()
    petition = builders.petition(slug=slug, opens_on=today, closes_on=today + timedelta(days=30))
    world.publish(replace(petition, approvals=frozenset({"exports"})))
    world.store_key_file(slug)
    _sign(world, slug)
    asks = DeskClient.signed_in(world, slug, list(Role))
    approves = DeskClient.signed_in(world, slug, [Role.EXPORTER], name="Zmicer")

    def start() -> str:
        path = world.at_desk(lists, client=asks, fields={}).header("Location")
        world.at_desk(f"{path}/approve", client=approves, fields={})
        return path

    with delivered_meanwhile(world), world.recording.by("moderator"):
        zaklik("signature", "hold", slug, "--country", "PL", "--why", "burst", "--yes")
        zaklik("signature", "release", slug, "--yes")
    with delivered_meanwhile(world), world.recording.by("exporter"):
        zaklik("export", slug, "--out", "listed.zaklik")
    world.at_desk(f"{lists}/{_open_export(world, slug)}/cancel", client=asks, fields={})
    world.deliver_all()
    files, table = world.services.export_files.client, world.services.organisers.client
    start()
    with intercepted(files, "before-call.s3.CompleteMultipartUpload", _lose_upload):
        world.deliver_all()
    path = start()
    slow = intercepted(
        table, "after-call.dynamodb.PutItem", lambda **_: world.clock.advance(seconds=8)
    )
    with slow:
        world.deliver_all(100)
    # Minutes have passed since the last touch.
    asks = DeskClient.signed_in(world, slug, list(Role))
    world.at_desk(f"{path}/link", client=asks, fields={})
    world.at_desk(f"{path}/link", client=asks)
    world.deliver_all()
    for page in (lists, path, f"{lists}/statistics"):
        world.at_desk(page, client=asks)
    path = start()
    world.at_desk(f"{path}/resume", client=asks, fields={})
    world.at_desk(f"{path}/cancel", client=asks, fields={})
    world.deliver_all()
    world.services.petitions.delete(keys.petition_key_file(slug))
    start()
    world.deliver_all()


def destroying(world: RecordedWorld) -> None:
    """What is kept of a petition that has ended is destroyed."""
    slug, end = "listed-door", "/desk/petitions/listed-door/end"
    yesterday = world.clock.now().date() - timedelta(days=1)
    world.publish_signed(builders.petition(slug=slug, closes_on=yesterday))
    desk_key_files.save(world.services.organisers, slug, "{}", seen=desk_key_files.NEVER_STORED)
    steward = DeskClient.signed_in(world, slug)
    update_drafting.begin(world.services, slug, title="Thanks", name="thanks", by=OPERATOR)
    world.at_desk(end, client=steward)
    path = world.at_desk(f"{end}/destroy", client=steward, fields={"name": slug}).header("Location")
    world.at_desk(f"{path}/resume", client=steward, fields={})
    world.deliver_all(100)
    for page in (path, f"{path}/certificate.json", f"{path}/certificate.txt"):
        world.at_desk(page, client=steward)


def _open_export(world: RecordedWorld, slug: str) -> str:
    return next(job.id for job in ordering.exports_of(world.services, slug) if job.is_open)


def _lose_upload(**_: object) -> None:
    raise ClientError({"Error": {"Code": "NoSuchUpload"}}, "CompleteMultipartUpload")


def _sign(world: RecordedWorld, slug: str) -> None:
    address = "listed@example.org"
    world.post(f"/en/{slug}/sign", builders.sign_form(email=address, alerts="yes"))
    world.deliver_all()
    world.post(world.link(world.mails(address)[-1]), {})
    world.deliver_all()
