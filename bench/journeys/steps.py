"""Every step of every journey, one after another, each with its bill."""

import re
from collections.abc import Mapping
from typing import Final

from bench.instruments import call_recorder, moto_service
from bench.instruments.call_recorder import Bill
from chalicelib.routes.events import queues
from tests.event_delivery import sqs_event
from tests.world import World

WARM: Final = "petition page, cache warm"
COLD: Final = "petition page, cache cold"
ASKED: Final = "sign form sent"
MAILED: Final = "mail with link and code sent"
SHOWN: Final = "link followed (GET)"
CONFIRMED: Final = "button pressed: signature kept"
AGAIN: Final = "button pressed once more"
BY_CODE: Final = "code typed instead: signature kept"
WITH_ALERTS: Final = "button pressed, alerts wanted, too"
REPEATED: Final = "sign form sent by who has signed"
WITHDRAWAL_ASKED: Final = "link to one's own page asked for"
WITHDRAWAL_MAILED: Final = "mail with its link sent"
OWN_PAGE: Final = "one's own page looked at"
NEWS_CHANGED: Final = "button pressed: how often news comes"
WITHDRAWN: Final = "button pressed: withdrawn"
BLOCKED: Final = "button pressed: never to be mailed again"
SENT_AGAIN: Final = "mail asked for once more"
SUBSCRIPTION_ASKED: Final = "subscribe form sent"
SUBSCRIBED: Final = "button pressed: subscribed"

_PENDING: Final = re.compile(r'name="pending" value="([^"]+)"')
_CODE: Final = re.compile(r"^[A-Z0-9]{4} [A-Z0-9]{4}$", re.MULTILINE)


def first_of_process(world: World) -> Mapping[str, Bill]:
    """The bill of steps that a function does as the first thing of its life."""
    # Somebody has signed before on this day, so the key of the day's limits is there.
    moto_service.answer(moto_service.sign_event(0))
    moto_service.take(world, moto_service.MAIL_QUEUE)
    bills = {}
    moto_service.fresh_process(world, "APIHandler")
    bills[COLD] = _read()
    moto_service.fresh_process(world, "APIHandler")
    bills[ASKED] = _sign(1)
    moto_service.fresh_process(world, "SendMail")
    bills[MAILED] = _mail(world)
    moto_service.fresh_process(world, "APIHandler")
    bills[CONFIRMED] = _do("POST", world.link())
    return bills


def steady(world: World) -> Mapping[str, Bill]:
    """The bill of every step in a process that has done the like before."""
    _warm_up(world)
    warm = _read()
    world.services.cache.clear()
    cold = _read()
    return {
        WARM: warm,
        COLD: cold,
        **_signing(world),
        **_other_ways(world),
        **_withdrawing(world),
        **_subscribing(world),
    }


def _warm_up(world: World) -> None:
    # Mails are sent in it, too: a secret that is not the web function's is read by itself.
    moto_service.fresh_process(world, "APIHandler")
    _read()
    _sign(2)
    _mail(world)
    _do("POST", world.link())


def _signing(world: World) -> Mapping[str, Bill]:
    bills = {ASKED: _sign(3), MAILED: _mail(world)}
    link = world.link()
    bills[SHOWN] = _do("GET", link)
    bills[CONFIRMED] = _do("POST", link)
    bills[AGAIN] = _do("POST", link)
    return bills


def _other_ways(world: World) -> Mapping[str, Bill]:
    inbox = moto_service.answer(moto_service.sign_event(4))
    _mail(world)
    pending, code = _PENDING.search(inbox), _CODE.search(world.mails()[-1].text)
    if not pending or not code:
        raise moto_service.UnexpectedAnswer("there is no code to be typed")
    bills = {SENT_AGAIN: _do("POST", moto_service.path("again"), {"pending": pending[1]})}
    moto_service.take(world, moto_service.MAIL_QUEUE)
    bills[BY_CODE] = _do(
        "POST", moto_service.path("code"), {"pending": pending[1], "code": code[0]}
    )
    moto_service.answer(moto_service.sign_event(5, alerts=True))
    _mail(world)
    bills[WITH_ALERTS] = _do("POST", world.link())
    bills[REPEATED] = _sign(5)
    moto_service.take(world, moto_service.MAIL_QUEUE)
    return bills


def _withdrawing(world: World) -> Mapping[str, Bill]:
    form = {"email": moto_service.address(5)}
    bills = {WITHDRAWAL_ASKED: _do("POST", moto_service.path("manage"), form)}
    bills[WITHDRAWAL_MAILED] = _mail(world)
    own_page = world.link()
    bills[OWN_PAGE] = _do("GET", own_page)
    choice = {"do": "change", "language": "en", "frequency": "weekly"}
    bills[NEWS_CHANGED] = _do("POST", own_page, choice)
    bills[WITHDRAWN] = _do("POST", own_page, {"do": "withdraw", "news": "stop"})
    bills[BLOCKED] = _do("POST", world.link_to("block"))
    return bills


def _subscribing(world: World) -> Mapping[str, Bill]:
    bills = {
        SUBSCRIPTION_ASKED: _do(
            "POST", moto_service.path("subscribe"), {"email": moto_service.address(6)}
        )
    }
    _mail(world)
    bills[SUBSCRIBED] = _do("POST", world.link())
    return bills


def _read() -> Bill:
    return _do("GET", moto_service.path())


def _sign(number: int) -> Bill:
    form = moto_service.sign_event(number)
    return call_recorder.bill_of(lambda: moto_service.answer(form))


def _do(method: str, path: str, fields: Mapping[str, str] | None = None) -> Bill:
    request = moto_service.event(method, path, fields)
    return call_recorder.bill_of(lambda: moto_service.answer(request))


def _mail(world: World) -> Bill:
    """The bill of sending the one mail that waits."""
    (body,) = moto_service.take(world, moto_service.MAIL_QUEUE)
    event = sqs_event(moto_service.MAIL_QUEUE, body)
    return call_recorder.bill_of(lambda: queues.send_mail(event, None))
