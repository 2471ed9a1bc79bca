"""The journey of organisers at the desk: how they come in, and what they may do."""

from typing import Any

from chalicelib.rendering import desk_urls
from ops.local.api_gateway import HttpResponse
from tests.authenticator import Authenticator, options_of
from tests.desk_client import DeskClient
from tests.policies.recording import RecordedWorld


def organising_people(world: RecordedWorld) -> None:
    """An invitation, passkeys, touches, roles, a recovery, and the end of each."""
    people = desk_urls.petition("open-door", "people")
    hanna, nobody = DeskClient.signed_in(world), DeskClient()
    invitation = {"name": "Olga", "email": "olga@example.org", "role-editor": "yes"}
    world.at_desk(people, client=hanna, fields=invitation)
    world.deliver_all()
    link, passkey = world.link(), Authenticator()
    answer = passkey.create(_options(world, link, nobody))
    olga = _client(world.at_desk(link, client=nobody, fields={"answer": answer}))
    world.at_desk(link, client=nobody, fields={"answer": answer})
    answer = passkey.get(_options(world, desk_urls.ENTER, nobody))
    olga = _client(world.at_desk(desk_urls.ENTER, client=olga, fields={"answer": answer}))
    world.clock.advance(minutes=6)
    touch = world.at_desk(desk_urls.RECOVERY_CODE, client=olga, fields={})
    touched = {"touch_answer": passkey.get(options_of(touch.body))}
    world.at_desk(desk_urls.RECOVERY_CODE, client=olga, fields=touched)
    second = Authenticator()
    answer = second.create(_options(world, desk_urls.ADD_PASSKEY, olga))
    world.at_desk(desk_urls.ADD_PASSKEY, client=olga, fields={"answer": answer, "label": "Key"})
    world.at_desk(desk_urls.REMOVE_PASSKEY, client=olga, fields={"passkey": second.id})
    world.at_desk(desk_urls.RENAME, client=olga, fields={"name": "Olga O."})
    page = world.at_desk(people, client=hanna).body.decode()
    her = page.split("Olga O.")[1].split('href="')[1].split('"')[0]
    hanna = DeskClient.signed_in(world)
    world.at_desk(f"{her}/recover", client=hanna, fields={})
    world.deliver_all()
    answer = Authenticator().create(_options(world, world.link(), nobody))
    world.at_desk(world.link(), client=nobody, fields={"answer": answer, "code": "ABCD"})
    world.at_desk(her, client=hanna, fields={"role-viewer": "yes"})
    world.at_desk(her, client=hanna, fields={})
    world.at_desk(people, client=hanna, fields=invitation)
    world.deliver_all()
    taken = f"{world.link()}/account"
    answer = second.get(_options(world, taken, nobody))
    world.at_desk(taken, client=nobody, fields={"answer": answer})
    world.at_desk(desk_urls.END_ALL_SESSIONS, client=olga, fields={})
    world.at_desk(desk_urls.LEAVE, client=hanna, fields={})


def _options(world: RecordedWorld, path: str, client: DeskClient) -> dict[str, Any]:
    return options_of(world.at_desk(path, client=client).body)


def _client(answer: HttpResponse) -> DeskClient:
    """A browser with the cookie that an answer has given."""
    return DeskClient(cookie=answer.header("set-cookie").partition("=")[2].partition(";")[0])
