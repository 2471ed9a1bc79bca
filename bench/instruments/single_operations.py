"""The smallest parts of the work: sealing, tokens, the index, and botocore's share of a call."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from bench.instruments import moto_service, timing
from bench.instruments.timing import Prepare
from chalicelib.crypto import attestation, sealing, tokens, unsealing
from chalicelib.crypto.tokens import Purpose
from chalicelib.domain.mailboxes import email_address
from chalicelib.people import blind_indexes
from chalicelib.rendering import translations
from tests import builders
from tests.world import World

RECORD: Final = {"name": "x" * 20, "email": "x" * 25, "country": "PL", "language": "be"}
"""About the text of a signature before it is padded and sealed."""


def parts(world: World) -> Mapping[str, Prepare]:
    """Each part, ready to be timed."""
    keys, now = world.services.secrets.token_keys, world.services.now()
    public = builders.ORGANISER_KEY.public_bytes
    kind = sealing.SIGNATURE
    context = sealing.info(kind, moto_service.SLUG, "01" + "00" * 16)
    sealed = sealing.seal(RECORD, kind, public, context)
    claims = {
        "slug": moto_service.SLUG,
        "name": "Hanna",
        "email": moto_service.address(1),
        "country": "PL",
    }
    token = tokens.issue(keys, Purpose.CONFIRM_SIGNATURE, claims, now)
    index_key = world.services.secrets.index_keys[1]
    statement = attestation.signature_statement(moto_service.SLUG, "01", sealed, now.date())
    acts: Mapping[str, Callable[[], object]] = {
        "seal a signature (HPKE)": lambda: sealing.seal(RECORD, kind, public, context),
        "unseal a signature": lambda: unsealing.unseal(sealed, [builders.ORGANISER_KEY], context),
        "attest a signature": lambda: attestation.attest(index_key, statement),
        "make a token": lambda: tokens.issue(keys, Purpose.CONFIRM_SIGNATURE, claims, now),
        "read a token": lambda: tokens.read(keys, Purpose.CONFIRM_SIGNATURE, token, now=now),
        "make a code": lambda: tokens.code_for(keys, token),
        "make a blind index": lambda: blind_indexes.blind_index(
            1, index_key, kind.name, claims["email"]
        ),
        "check an address": lambda: email_address.parse(claims["email"]),
        "look up a translation": lambda: translations.catalogue("be").gettext("Petitions"),
        "botocore's share of one AWS call": _call(),
    }
    return {name: timing.same(act) for name, act in acts.items()}


def _call() -> Callable[[], object]:
    """A GetItem that botocore makes, signs and reads, with an answer that needs no network."""
    client = boto3.client("dynamodb")

    def answered(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        return AWSResponse(
            request.url, 200, HTTPHeaders(), _Raw(b'{"Item": {"count": {"N": "7"}}}')
        )

    hooks: Any = client.meta.events  # the stubs know of no hook that answers
    hooks.register_first("before-send.dynamodb.GetItem", answered)
    key = {"pk": {"S": "tally"}, "sk": {"S": moto_service.SLUG}}
    return lambda: client.get_item(TableName="petitions", Key=key)


class _Raw(BytesIO):
    """A body as botocore reads it from a connection."""

    def stream(self) -> Any:
        """All of it at once."""
        yield self.read()
