"""Asks SES once a minute for the rate and quota of the account, and says what is stopped."""

import logging

from chalicelib.domain.alerts.pacing import QUOTA_REASON
from chalicelib.mail import ses
from chalicelib.mail.ses_faults import PAUSED, AccountFault, InDoubt, Throttled
from chalicelib.protection import sending_rate
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


def every_minute(services: Services) -> None:
    """Store the rate and the quota that SES grants; log a line for an alarm while it sends nothing.

    What SES does not tell stays as it was. Raises Unavailable.
    """
    pace = sending_rate.newest(services)
    try:
        account = ses.get_account(services.ses)
    except (Throttled, AccountFault, InDoubt) as error:
        log.warning("the account at SES could not be read: %s", error)
    else:
        pace = sending_rate.tell(services, account, asked_with=pace)
        if not account.enabled:
            sending_rate.stopped(services, AccountFault(PAUSED))
            pace = services.pace or pace
    if pace.stop:
        log.error("sending stopped: %s", pace.stop.reason)
    elif pace.bulk_left == 0:
        log.error("sending stopped: %s", QUOTA_REASON)
