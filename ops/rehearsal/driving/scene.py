"""What every act of the rehearsal works with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ops.rehearsal.driving.commands import Terminal
from ops.rehearsal.driving.deployed import Deployed
from ops.rehearsal.driving.visitor import Inbox, Visitor
from ops.rehearsal.edge import Edge
from ops.rehearsal.engine import ACCOUNT, ROOT, Engine
from ops.rehearsal.steps import Log

STACK: Final = "zaklik"
SLUG: Final = "belarus-mothers"
UPDATE: Final = "how-your-signature-is-kept"
PETITION: Final = ROOT / "petitions" / SLUG
PASSPHRASE: Final = "only for the rehearsal"  # noqa: S105 - of a key that lives for minutes


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The engine, the edge in front of it, and a terminal in `folder`."""

    log: Log
    engine: Engine
    edge: Edge
    terminal: Terminal
    deployed: Deployed

    @property
    def folder(self) -> Path:
        """Where the operator and the organiser work."""
        return self.terminal.folder

    @property
    def petition(self) -> Path:
        """The organiser's copy of the petition."""
        return self.folder / "petitions" / SLUG

    def visitor(self) -> Visitor:
        """Somebody who comes by the front door."""
        return Visitor(url=self.edge.url)

    def inbox(self, address: str) -> Inbox:
        """The inbox of an address."""
        return Inbox(engine=self.engine, account=ACCOUNT, address=address)
