"""Records of the stream of signatures."""

from typing import Any, Final

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import wiring
from chalicelib.domain.integrity import tally as tallies
from chalicelib.domain.integrity.tally import Image, SignatureChange
from chalicelib.routes import logs
from chalicelib.routes.events.errors import redact_errors

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
    changes = [_change(record["dynamodb"]) for record in values["Records"]]
    if changes:
        tallying.count_changes(wiring.services(), values["shardId"], changes)
    return {"state": {}}


def _change(record: dict[str, Any]) -> SignatureChange:
    return SignatureChange(
        slug=str(record["Keys"]["pk"]["S"]).rpartition("#")[0],
        sequence=tallies.sequence(record["SequenceNumber"]),
        differences=tallies.differences(
            _image(record.get("OldImage")), _image(record.get("NewImage"))
        ),
    )


def _image(item: dict[str, Any] | None) -> Image | None:
    if not item:
        return None
    # A tombstone has no country.
    return Image(state=str(item["state"]["S"]), country=str(item.get("country", {"S": ""})["S"]))
