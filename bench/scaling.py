"""What breaks first on the way to 100,000 signatures a minute, and what moves it?"""

from typing import Final

from bench import deployed, quotas
from bench.calls import Bills
from bench.crowd import Crowd, loads
from bench.quotas import Quota
from bench.reporting import Chapter, figure, ratio, table
from bench.using import Use
from chalicelib.config import Settings

A_MINUTE: Final = 100_000
_SHARES: Final = (0.1, 0.25, 0.5)
"""Rates of SES, as shares of what is handed to it."""


def chapter(use: Use, bills: Bills) -> Chapter:
    """The argument, resource by resource."""
    crowd = Crowd(use=use, bills=bills, rate=A_MINUTE / 60)
    found = loads(crowd)
    rows = [
        (
            load.quota.name,
            figure(load.demand),
            f"{figure(load.quota.limit)} {load.quota.unit}",
            ratio(load.share),
            load.why,
            load.quota.moved_by,
        )
        for load in found
    ]
    over = [load.quota.name for load in found if load.share > 1]
    heads = ("resource", "asked for", "default limit", "of the limit", "computed from", "moved by")
    first = "; ".join(f"{place}. {name}" for place, name in enumerate(over, 1))
    text = f"""
{figure(A_MINUTE)} confirmed signatures a minute, {figure(crowd.rate)} a second, that all begin at
once. **Nothing of this has been seen on AWS**: demand is computed from the counts and CPU times
measured above and the assumptions of the dollars (views, cache, waits), with mails sent as fast as
they are asked for; limits are AWS's documented defaults. Above 1 × a resource breaks, the first row
first.

{table(heads, rows)}
What breaks with every default left as it is, in this order: {first}. All else holds.

{_mail_story(crowd)}

What bends and does not break: visitors meet a refusal only where API Gateway, Lambda or a table
is over its limit. Mails, the tally and alerts wait in a queue or a stream and are done later; a
late mail is not a lost signature, since its link works for {Settings.link_days} days from the form.
CloudWatch takes in {crowd.rate * use.log_bytes / 1024**2:.2g} MB of logs a second; no limit on what
Lambda and API Gateway deliver there was found.

{_pages()}"""
    return Chapter(title="On the way to 100,000 a minute", command="make bench", text=text)


def set_aside(share: float, tries: int) -> float:
    """Share of mails that no try gets through, when SES takes this share of what it is handed."""
    return (1 - min(1.0, share)) ** tries


def _mail_story(crowd: Crowd) -> str:
    """How long the mails of one such minute take, and what becomes of them if SES is slower."""
    concurrency = deployed.mail_concurrency()
    pace = concurrency / crowd.mail_seconds
    retry, tries = deployed.mail_patience()
    minute = crowd.mails * 60
    lost = "; ".join(
        f"{set_aside(share, tries):.0%} at {figure(share * pace)} a second" for share in _SHARES
    )
    return (
        f"Mail decides. {concurrency} at once (MailConcurrency) hand over {figure(pace)} mails a "
        f"second, so the {figure(minute)} mails of one such minute take "
        f"{figure(minute / pace / 60)} minutes, if SES lets us send so fast. What it throttles "
        f"comes again after {figure(retry)} seconds or later, and is set aside after {tries} "
        "tries. While a long queue lasts and all mails are throttled alike, SES's own rate decides "
        f"how many end there: {lost}. They lie in the dead-letter queue, which raises an alarm, "
        "and are sent when it is redriven. So MailConcurrency belongs to SES's rate: that rate "
        f"times {crowd.mail_seconds:.2g} seconds, and 2 at least. Then next to nothing is "
        "throttled, and mails wait untouched."
    )


def _pages() -> str:
    rows = [
        (quota.name, f"{figure(quota.limit)} {quota.unit}", quota.page)
        for quota in vars(quotas).values()
        if isinstance(quota, Quota)
    ]
    return f"Where the limits stand (read on {quotas.READ}):\n\n" + table(
        ("limit", "default", "page"), rows
    )
