"""Settles or releases the chunks of which nobody knows whom SES has mailed."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from chalicelib.domain.alerts import doubt
from chalicelib.domain.alerts.alert import Alert, AlertState
from chalicelib.domain.alerts.chunk import Chunk, Outcome
from chalicelib.domain.alerts.doubt import Probe
from chalicelib.domain.petitions.update import OnDoubt
from chalicelib.mail import jobs
from chalicelib.mail.jobs import SendProbe
from chalicelib.store.alerts import chunk_events, chunks
from chalicelib.usecases.alerts import fan_out, probing
from chalicelib.wiring import Services

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Doubts:
    """The chunks in doubt that one run of recovery meets. It reads the newest probe once."""

    services: Services
    _unprobed: bool = False
    _overdue: set[str] = field(default_factory=set)

    @cached_property
    def _probe(self) -> Probe | None:
        return probing.find(self.services)

    def resolve(self, alert: Alert, doubtful: Sequence[Chunk]) -> None:
        """Settle those chunks whose recipients SES's events name, release what is watermarked.

        Of a cancelled alert, and of one that skips them, the others are settled as doubtful.
        """
        if not doubtful:
            return
        probe, services = self._probe, self.services
        # Events are read after the probe: what the watermark promises is among them.
        events = chunk_events.find_many(
            services.petitions,
            alert.alert_id,
            [chunk.number for chunk in doubtful],
            now=services.now(),
        )
        for chunk in doubtful:
            seen = events.get(chunk.number)
            self._resolve(alert, chunk, doubt.finding(chunk, seen.positions if seen else {}), probe)

    def _resolve(
        self, alert: Alert, chunk: Chunk, found: doubt.SeenOutcomes, probe: Probe | None
    ) -> None:
        services, now = self.services, self.services.now()
        outcomes = dict(found.outcomes)
        unseen = [position for position in chunk.open_positions if position not in outcomes]
        covered = probe is not None and probe.covers(chunk, now)
        if unseen and not covered:
            overdue = doubt.is_overdue(chunk, now)
            given_up = overdue and alert.on_doubt is OnDoubt.SKIP
            if not given_up and alert.state is not AlertState.CANCELLED:
                self._unprobed = True
                if overdue:
                    self._overdue.add(alert.alert_id)
                return
            outcomes |= dict.fromkeys(unseen, Outcome.DOUBTFUL)
        chunks.release(services.petitions, chunk, outcomes, reasons=found.reasons, now=now)
        if unseen and covered and alert.is_open:
            fan_out.queue_chunk(services, chunk, len(unseen))

    def finish(self) -> None:
        """Say what has been in doubt too long. Queue a probe if one is needed and none awaited."""
        for alert_id in sorted(self._overdue):
            log.error("doubtful alert %s", alert_id)
        probe = self._probe if self._unprobed else None
        if self._unprobed and not (probe and probe.is_awaited(self.services.now())):
            job = SendProbe(after=probe.probe_id if probe else "")
            queue_url = self.services.settings.job_queue_url
            jobs.put(self.services.sqs, queue_url, job, self.services.job_key)
