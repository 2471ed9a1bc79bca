"""The petition and the people of the demo."""

from typing import Final

from ops.compiling import ROOT

STACK: Final = "zaklik"
DOMAIN: Final = "desk.example.org"
"""The domain that the service sends its mail from."""
SLUG: Final = "belarus-mothers"
PETITION: Final = ROOT / "petitions" / SLUG
PAGE: Final = f"/en/{SLUG}"
UPDATE: Final = "how-your-signature-is-kept"
PASSPHRASE: Final = "only for the tests"

SIGNER_NAME: Final = "Ганна Прыкладная"
SIGNER: Final = "hanna.prykladnaja@mail.example"
COUNTRY: Final = "PL"
ORGANISER_NAME: Final = "Вера Узорная"
ORGANISER: Final = "vera.uzornaja@mail.example"
SUBSCRIBER: Final = "volha.cytacka@mail.example"
