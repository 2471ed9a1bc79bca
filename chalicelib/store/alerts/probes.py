"""The newest probe, in the table of petitions."""

from chalicelib.domain.alerts.doubt import Probe
from chalicelib.store import keys
from chalicelib.store.dynamodb.errors import ConditionFailed
from chalicelib.store.dynamodb.items import to_milliseconds, to_moment
from chalicelib.store.dynamodb.table import Table


def find(table: Table) -> Probe | None:
    """Q36: the newest probe, without what is known of its events; None before the first."""
    item = table.find(keys.probe(), consistent=True)
    if item is None:
        return None
    return Probe(probe_id=item["probe_id"], sent_at=to_moment(item["sent_at"]))


def add(table: Table, probe: Probe, *, after: str) -> bool:
    """Q36: store a probe in place of the one with the id `after`. False if it is another."""
    condition = "probe_id = :before" if after else "attribute_not_exists(pk)"
    try:
        table.put(
            keys.probe(),
            {"probe_id": probe.probe_id, "sent_at": to_milliseconds(probe.sent_at)},
            condition=condition,
            values={":before": after} if after else None,
            return_old=False,
        )
    except ConditionFailed:
        return False
    return True
