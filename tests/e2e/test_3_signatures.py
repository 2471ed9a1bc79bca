"""Second act: an organiser publishes, people sign and are counted, the organiser reads them."""

import csv
import json
import shutil
from base64 import b64decode
from collections.abc import Mapping
from typing import Final

from ops.rehearsal.driving.deployed import TABLES
from ops.rehearsal.driving.relay import switch_off_mapping
from ops.rehearsal.driving.scene import PETITION, SLUG, Scene
from ops.rehearsal.driving.visitor import Visitor, link_in
from ops.rehearsal.steps import Unexpected, expect, expect_in, until

NAME: Final = "Ганна Прыкладная"
ADDRESS: Final = "hanna.prykladnaja@mail.example"
COUNTRY: Final = "PL"
_PAGE: Final = f"/en/{SLUG}"
_SIGN_FORM: Final = {"name": NAME, "email": ADDRESS, "country": COUNTRY, "alerts": "yes"}
_SECURITY: Final[Mapping[str, str]] = {
    "strict-transport-security": "max-age=",
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


def play(scene: Scene) -> None:
    """Publish, read, sign, confirm, count, export and unseal."""
    _publish(scene)
    _read(scene)
    _sign(scene)
    _unseal(scene)


def count(scene: Scene) -> int:
    """What has been counted, exactly; the world is told less."""
    tallies = [item for item in scene.deployed.items("PetitionsTableName") if item["pk"] == "tally"]
    return sum(int(item["count"]) for item in tallies if item["sk"] == SLUG)


def wait_for_count(scene: Scene, expected: int) -> None:
    """Wait until this count is reached. Raises Unexpected."""
    until(f"the count {expected}", lambda: count(scene) == expected)


def _publish(scene: Scene) -> None:
    log, terminal = scene.log, scene.terminal
    log.chapter("Publishing")
    with log.step("zaklik keys new"):
        said = terminal.type("keys", "new", "--out", "organiser.key")
        (line,) = [line for line in said.splitlines() if line.startswith("public_key = ")]
    shutil.copytree(PETITION, scene.petition)
    sheet = scene.petition / "petition.toml"
    kept = [
        line
        for line in sheet.read_text("utf-8").splitlines()
        if not line.startswith(("public_key", "placeholder", "name", "email", "website"))
    ]
    theirs = 'name = "Rehearsal"\nemail = "us@mail.example"\nwebsite = "https://mail.example"'
    text = "\n".join(kept).replace("[organiser]", f"{line}\n\n[organiser]\n{theirs}")
    sheet.write_text(text + "\n", "utf-8")
    with log.step("zaklik petition publish, which finds the deployed stack by itself"):
        terminal.type("petition", "publish", str(scene.petition))


def _read(scene: Scene) -> None:
    log, visitor = scene.log, scene.visitor()
    log.chapter("Reading")
    with log.step("the page, with security headers, for CDNs to keep for seconds"):
        page = visitor.read(_PAGE)
        expect_in("the page", "<form", page.text)
        for name, part in _SECURITY.items():
            expect_in(f"header {name}", part, page.headers.get(name, "no such header"))
        expect_in("header cache-control", "s-maxage=", page.headers["cache-control"])
    with log.step("the card may be framed by other sites; the picture is asked for by its type"):
        embedded = visitor.read(f"/embed/{SLUG}/en").headers
        expect("x-frame-options", embedded.get("x-frame-options"), None)
        expect_in("who may frame it", "frame-ancestors *", embedded["content-security-policy"])
        picture = visitor.read(f"{_PAGE}/card.png")
        expect("the picture's type", picture.headers["content-type"], "image/png")
        expect("its first bytes", b64decode(picture.body)[:8], b"\x89PNG\r\n\x1a\n")
        if scene.edge.route is not None:
            added = scene.edge.route.added(f"{_PAGE}/card.png")
            expect("what is said to be taken", added.get("Accept"), "image/png")
    with log.step("HEAD says the same without a body"):
        head = visitor.ask("HEAD", _PAGE)
        expect("status, body", (head.status, head.text), (200, ""))
        expect("type", head.headers["content-type"], page.headers["content-type"])
    with log.step("a page that is not there is our 404; an unknown path never reaches us"):
        expect_in("the page", "<html", visitor.read("/en/no-such-petition", status=404).text)
        expect("status", visitor.ask("GET", "/a/b/c/d/e").status, 403)
    with log.step("straight at API Gateway, without the secret of the distribution: 403"):
        route = scene.edge.route
        if route is None:
            raise Unexpected("the edge", expected="a route", came=None)
        straight = Visitor(url=scene.engine.url, host=route.host, trust=scene.engine.trust)
        straight.read(route.path + _PAGE, status=403)
        forged = dict.fromkeys(route.secrets, "x" * 43)
        expect("status", straight.ask("GET", route.path + _PAGE, headers=forged).status, 403)


def _sign(scene: Scene) -> None:
    log, visitor = scene.log, scene.visitor()
    log.chapter("Signing")
    before = count(scene)
    with log.step("the form: mail in the outbox with a link, nothing in the table"):
        visitor.send(f"{_PAGE}/sign", _SIGN_FORM)
        mail = scene.inbox(ADDRESS).wait_for(1)
        link = link_in(mail, scene.edge.url, "confirm")
        expect("signatures", scene.deployed.items("SignaturesTableName"), [])
    with log.step("the link shows one button and changes nothing"):
        for _ in range(2):
            expect_in("the page", "<button", visitor.read(link).text)
        expect("signatures", scene.deployed.items("SignaturesTableName"), [])
    with log.step("the button: one sealed signature, one sealed subscription"):
        visitor.send(link, {})
        visitor.send(link, {})
        (signature,) = scene.deployed.items("SignaturesTableName")
        (subscriber,) = scene.deployed.items("SubscribersTableName")
        expect("state", signature["state"], "confirmed")
        expect("state", subscriber["state"], "active")
        for sealed in (signature["sealed"], subscriber["sealed_address"]):
            expect("type of what is sealed", type(sealed), bytes)
    with log.step("the stream's mapping calls Tally; from here on, the rehearsal does"):
        switch_off_mapping(scene.deployed)
    with log.step("the count rises"):
        wait_for_count(scene, before + 1)
    with log.step("the page does not say so yet, zaklik petition status does"):
        told = json.loads(visitor.read(f"/api/petitions/{SLUG}").text)
        expect("the public count", told["count"], 0)
        said = scene.terminal.type("petition", "status", SLUG)
        expect_in("the status", "1 signature confirmed, exactly", said)
        expect_in("the status", "No signature is held.", said)
    with log.step("no table holds the name or the address"):
        check_tables_hold(scene, nothing_of=(NAME, ADDRESS))


def check_tables_hold(scene: Scene, *, nothing_of: tuple[str, ...]) -> None:
    """Raise Unexpected if any item of any table holds one of these texts, as text or bytes."""
    for table in TABLES:
        for item in scene.deployed.items(table):
            held = " ".join(
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for value in item.values()
            )
            for text in nothing_of:
                if text in held:
                    raise Unexpected(table, expected="nothing plain", came=f"{text} in an item")


def _unseal(scene: Scene) -> None:
    log, terminal = scene.log, scene.terminal
    with log.step("zaklik export, zaklik unseal: the organiser reads who signed"):
        terminal.type("export", SLUG, "--out", "signatures.zaklik")
        terminal.type(
            "unseal", "signatures.zaklik", "--key", "organiser.key", "--out", "signatures.csv"
        )
        text = (scene.folder / "signatures.csv").read_text("utf-8-sig")
        (row,) = csv.DictReader(text.splitlines())
        for planted in (NAME, ADDRESS, COUNTRY):
            expect_in("the row", planted, list(row.values()))
    (scene.folder / "signatures.csv").unlink()
