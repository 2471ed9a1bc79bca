"""Records of the stream of signatures."""

from typing import Any, Final

from chalice.app import Blueprint, DynamoDBEvent

from chalicelib import wiring
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
    if values["Records"]:
        records = [record["dynamodb"] for record in values["Records"]]
        tallying.count_records(wiring.services(), values["shardId"], records)
    return {"state": {}}
