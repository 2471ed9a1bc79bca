"""Journeys of updates at the desk: written, published, approved, mailed, watched and stopped."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.organisers.roles import Role
from chalicelib.store.petitions import petitions
from chalicelib.usecases.alerts import approving
from ops.local.api_gateway import HttpResponse
from tests import builders
from tests.desk_client import DeskClient
from tests.faults import AwsCalls, Crash, Fault, recorded
from tests.policies.recording import RecordedWorld

LIST = "/desk/petitions/open-door/updates"
_BULK_SEND = "sesv2.SendBulkEmail"


def updating(world: RecordedWorld) -> None:
    """Two organisers bring updates to their readers, and stop them."""
    hanna, ihar = (DeskClient.signed_in(world, roles=list(Role), name=name) for name in "HI")
    name = _written_and_published(world, hanna)
    begun = world.at_desk(LIST, client=hanna, fields={"title": "Too early", "name": "too-early"})
    assert begun.status == 303
    _post(world, hanna, "too-early/discard")
    _post(world, hanna, f"{name}/test")
    world.deliver_all()
    later = world.clock.now() + timedelta(days=1)
    for hour in ("09", "10"):
        time = {"day": f"{later:%Y-%m-%d}", "time": f"{hour}:00", "zone": "UTC"}
        _post(world, hanna, f"{name}/schedule", **time)
    _post(world, hanna, f"{name}/unschedule")
    _post(world, hanna, f"{name}/send")
    _post(world, hanna, f"{name}/pause")
    _post(world, hanna, f"{name}/resume")
    with suppress(Crash), recorded(AwsCalls(at=_BULK_SEND, fault=Fault.KILLED_BEFORE)):
        world.deliver_all()
    world.clock.advance(minutes=2)
    world.at_desk(f"{LIST}/{name}/progress", client=hanna)
    for act in ("skip", "again"):
        _post(world, hanna, f"{name}/{act}")
    world.clock.advance(days=1)
    hanna = DeskClient.signed_in(world, roles=list(Role), name="H")
    ihar = DeskClient.signed_in(world, roles=list(Role), name="I")
    # A digest is due, and the clock has not looked yet.
    world.at_desk(LIST, client=hanna)
    for _ in range(4):
        world.run_every_minute()
        world.deliver_all()
        world.clock.advance(minutes=1)
    _approve(world, hanna, ihar)


def _written_and_published(world: RecordedWorld, client: DeskClient) -> str:
    """Write an update, publish and amend it; its name."""
    text = {"title": "The door moved again", "summary": "A little.", "body": "It moved."}
    begin = {"title": text["title"], "name": ""}
    assert world.at_desk(LIST, client=client, fields=begin).status == 200
    begin["name"] = "the-door-moved-again"
    begun = world.at_desk(LIST, client=client, fields=begin)
    name = begun.header("location").split("/")[-2]
    fields = {
        "published_on": f"{world.clock.now():%Y-%m-%d}",
        **{
            f"texts.{language}.{line}": words
            for language in ("en", "be", "ru")
            for line, words in text.items()
        },
    }
    _post(world, client, f"{name}/text", **fields, base="1")
    _post(world, client, f"{name}/publish", version="2")
    _post(world, client, f"{name}/text/versions/2/restore")
    for part in ("/text/versions", "/text/versions/2"):
        assert world.at_desk(f"{LIST}/{name}{part}", client=client).status == 200
    for part in ("", "/text", "/send", "/preview/en", "/text/preview/en"):
        assert world.at_desk(f"{LIST}/{name}{part}", client=client).status == 200
    return name


def _approve(world: RecordedWorld, hanna: DeskClient, ihar: DeskClient) -> None:
    """One asks, takes it back and asks again; another approves, and the update is mailed."""
    petition = petitions.get(world.services.petitions, "open-door")
    world.publish_signed(replace(petition, approvals=frozenset({"sending"})))
    update = world.publish_update(builders.update(name="desk-news"))
    for act in ("ask", "withdraw", "ask"):
        _post(world, hanna, f"desk-news/{act}")
    digest = approving.show(world.services, update.id).digest
    _post(world, ihar, "desk-news/approve", digest=digest)
    _post(world, hanna, "desk-news/cancel")
    world.publish_signed(petition)
    for _ in range(4):
        world.clock.advance(minutes=1)
        world.run_every_minute()
        world.deliver_all()


def _post(world: RecordedWorld, client: DeskClient, path: str, **fields: str) -> HttpResponse:
    """Send a form about an update. It is accepted."""
    answer = world.at_desk(f"{LIST}/{path}", client=client, fields=fields)
    assert answer.status in (200, 303), (path, answer.body.decode())
    return answer
