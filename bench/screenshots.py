"""Makes the pictures of the petition page in the README, on a local service with some signers."""

import sys
from collections.abc import Mapping
from typing import Any, Final

from playwright.sync_api import APIRequestContext, Browser

from bench.instruments import chromium, local_service, moto_service, reporting
from bench.instruments.moto_service import UnexpectedAnswer
from bench.instruments.reporting import Progress
from ops.compiling import ROOT
from tests import builders
from tests.browser.visitors import LINK
from tests.ops.local.conftest import eventually
from tests.world import FORM

FOLDER: Final = ROOT / "docs" / "images"
SIGNERS: Final = 15
_HOUR_SECONDS: Final = 3600
"""Until then the public sees no signature of the first ones."""
_PICTURES: Final[Mapping[str, Mapping[str, Any]]] = {
    "petition.png": {"viewport": {"width": 1280, "height": 900}},
    "petition-phone.png": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
}


def make(progress: Progress) -> None:
    """Sign as several people, wait until the public sees them, and take the pictures."""
    with local_service.running() as url, chromium.running() as browser:
        with browser.new_context() as visitors:
            for number in range(SIGNERS):
                progress(f"signer {number + 1} of {SIGNERS}")
                _sign(visitors.request, url, moto_service.address(number))
            _wait_until_the_public_sees_them(visitors.request, url)
        for name, options in _PICTURES.items():
            progress(name)
            _take(browser, url, name, options)


def _sign(visitor: APIRequestContext, url: str, address: str) -> None:
    """Send the form, and follow the link of the mail that comes."""
    _post(visitor, url + moto_service.path("sign"), builders.sign_form(email=address))
    mail = eventually(
        lambda: next((each for each in _mails(visitor, url) if each["to"] == address), None)
    )
    link = next(found for found in LINK.findall(mail["text"]) if "/confirm/" in found)
    _post(visitor, link, {})


def _mails(visitor: APIRequestContext, url: str) -> Any:
    return visitor.get(f"{url}/_local/outbox.json").json()


def _wait_until_the_public_sees_them(visitor: APIRequestContext, url: str) -> None:
    _post(visitor, f"{url}/_local/clock", {"advance_seconds": str(_HOUR_SECONDS)})
    count = f"{url}/api/petitions/{moto_service.SLUG}/count"
    eventually(lambda: visitor.get(count).json()["count"] > 0)


def _post(visitor: APIRequestContext, url: str, fields: Mapping[str, str]) -> None:
    answer = visitor.post(url, form=dict(fields), headers=FORM)
    if not answer.ok:
        raise UnexpectedAnswer(f"{url} answered {answer.status}")


def _take(browser: Browser, url: str, name: str, options: Mapping[str, Any]) -> None:
    with browser.new_context(color_scheme="light", **options) as context:
        page = context.new_page()
        page.goto(url + moto_service.path(), wait_until="networkidle")
        page.screenshot(path=FOLDER / name)


if __name__ == "__main__":
    if not chromium.path():
        sys.exit("There is no Chromium here.")
    make(reporting.progress("pictures"))
    reporting.clear_progress()
