"""The package and the template, built anew for each deployment and read into memory."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ops import compiling
from ops.build import packaging
from ops.deploy import template
from ops.deploy.settings import DeploySettings

_TEMPLATE: Final = "sam.json"


@dataclass(frozen=True, kw_only=True)
class Package:
    """What is uploaded: the zip's bytes, and the template before it knows where that lies."""

    content: bytes
    template: dict[str, Any]

    @property
    def megabytes(self) -> float:
        """What the zip weighs."""
        return len(self.content) / 1_000_000


def pack(settings: DeploySettings) -> Package:
    """Compile and build for the processor of deploy.toml. Raises CannotContinue if it fails."""
    compiling.compile_all()
    with TemporaryDirectory(prefix="zaklik-deploy-") as folder:
        target = Path(folder)
        built = packaging.make(compiling.ROOT, target, settings.architecture)
        return Package(content=built.read_bytes(), template=template.read(target / _TEMPLATE))
