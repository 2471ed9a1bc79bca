"""Records of the stream of signatures."""

from typing import Any, Final

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import wiring
from chalicelib.domain.integrity import tally as tallies
from chalicelib.domain.integrity.tally import Image, SignatureChange
from chalicelib.domain.petition import SLUG
from chalicelib.routes import logs
from chalicelib.routes.events.errors import redact_errors
from chalicelib.store import keys
from chalicelib.store.dynamodb.items import deserialize

logs.configure()
blueprint = Blueprint(__name__)

STREAM_ARN: Final = "arn:aws:dynamodb:us-east-1:000000000000:table/signatures/stream/latest"


@blueprint.on_dynamodb_record(stream_arn=STREAM_ARN, batch_size=1000)
@redact_errors
def tally(event: DynamoDBEvent) -> dict[str, Any]:
    """Count changes of signatures.

    The mapping uses a tumbling window: only then does an event name its shard. Its answer must
    hold a state.
    """
    from chalicelib.usecases.integrity import tallying  # noqa: PLC0415

    values = event.to_dict()
    records = [record["dynamodb"] for record in values["Records"]]
    changes = [_change(record) for record in records if _slug(record)]
    if changes:
        tallying.count_changes(wiring.services(), values["shardId"], changes)
    return {"state": {}}


def _change(record: dict[str, Any]) -> SignatureChange:
    return SignatureChange(
        slug=_slug(record),
        sequence=tallies.sequence(record["SequenceNumber"]),
        differences=tallies.differences(
            _image(record.get("OldImage")), _image(record.get("NewImage"))
        ),
    )


def _slug(record: dict[str, Any]) -> str:
    """The petition of a signature; "" for an item in a partition in which it cannot be."""
    key = {name: str(value["S"]) for name, value in record["Keys"].items()}
    slug = key[keys.PK].rpartition("#")[0]
    return slug if SLUG.fullmatch(slug) and key == keys.signature(slug, key[keys.SK]) else ""


def _image(item: dict[str, Any] | None) -> Image | None:
    """The image of an item. None for a damaged one: it counts as little as one that is missing."""
    if not item:
        return None
    # No other attribute is read, so that none can stop the tally.
    attributes: dict[str, Any] = {name: item[name] for name in ("state", "country") if name in item}
    try:
        return Image.of(deserialize(attributes) or {})
    except (KeyError, ValueError):
        return None
