"""security.txt, the contact for vulnerabilities (RFC 9116)."""

from datetime import datetime, timedelta

from chalicelib.rendering import translations, urls
from tests.in_process_service import PUBLIC_URL
from tests.routes.requests import get
from tests.world import World


def _fields(text: str) -> dict[str, str]:
    lines = [line.partition(": ") for line in text.splitlines()]
    fields = {name: value for name, _, value in lines}
    assert len(fields) == len(lines)
    return fields


def test_it_names_the_sender_of_mails_and_an_expiry(world: World) -> None:
    response = get(urls.SECURITY_TXT)

    fields = _fields(response.text)
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:desk@zaklik.example"
    assert fields["Canonical"] == f"{PUBLIC_URL}/.well-known/security.txt"
    assert fields["Preferred-Languages"].split(", ") == list(translations.languages())
    valid_for = datetime.fromisoformat(fields["Expires"]) - world.clock.now()
    assert timedelta(days=90) < valid_for < timedelta(days=365)


def test_the_contact_is_a_setting(world: World) -> None:
    world.environment["ZAKLIK_SECURITY_CONTACT"] = "https://zaklik.example/holes"
    world.restart()

    assert _fields(get(urls.SECURITY_TXT).text)["Contact"] == "https://zaklik.example/holes"


def test_the_expiry_passes_the_end_of_the_year(world: World) -> None:
    world.clock.moment = datetime.fromisoformat("2026-07-31T23:59:59+00:00")

    assert _fields(get(urls.SECURITY_TXT).text)["Expires"] == "2027-01-01T00:00:00+00:00"
