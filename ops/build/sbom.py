"""The bill of materials (SBOM): what exactly the package holds, in CycloneDX (ECMA-424)."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from ops.build.errors import CheckFailed
from ops.build.licences import PackedLibrary

_VERSION: Final = SchemaVersion.V1_6
_FIXED_DATE: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""One date for all builds: the same sources make the same bytes."""


def write(package: Path, libraries: Sequence[PackedLibrary], target: Path) -> str:
    """Write the bill of `package` to `target`. One line on it; raises CheckFailed."""
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, digest))
    bom.metadata.timestamp = _FIXED_DATE
    bom.metadata.component = Component(
        type=ComponentType.APPLICATION,
        name="zaklik",
        bom_ref="zaklik",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )
    bom.components.update(map(_component, libraries))
    bom.register_dependency(bom.metadata.component, bom.components)
    text = make_outputter(bom, OutputFormat.JSON, _VERSION).output_as_string(indent=1)
    problem = JsonStrictValidator(_VERSION).validate_str(text)
    if problem is not None:
        raise CheckFailed(f"The bill of materials is not valid CycloneDX: {problem}")
    target.write_text(f"{text}\n", "utf-8")
    return f"{len(libraries)} libraries in {target.name}"


def _component(library: PackedLibrary) -> Component:
    url = PackageURL("pypi", name=library.name.lower(), version=library.version)
    return Component(
        type=ComponentType.LIBRARY,
        name=library.name,
        version=library.version,
        purl=url,
        bom_ref=str(url),
        licenses=[LicenseFactory().make_from_string(library.licence)],
    )
