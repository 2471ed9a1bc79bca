"""The bill of materials: what exactly is in the package, as CycloneDX (ECMA-424) says it."""

import hashlib
import json
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

from ops.build.findings import CheckFailed
from ops.build.licences import Packed

_VERSION: Final = SchemaVersion.V1_6
_ONE_DATE: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""As everywhere in the package: the same sources make the same bytes."""


def write(package: Path, distributions: Sequence[Packed], target: Path) -> str:
    """Write the bill of `package` to `target`. One line on it; raises CheckFailed."""
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    licence = LicenseFactory()
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, digest))
    bom.metadata.timestamp = _ONE_DATE
    root = Component(
        type=ComponentType.APPLICATION,
        name="zaklik",
        bom_ref="zaklik",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )
    bom.metadata.component = root
    for one in distributions:
        url = PackageURL("pypi", name=one.name.lower(), version=one.version)
        bom.components.add(
            Component(
                type=ComponentType.LIBRARY,
                name=one.name,
                version=one.version,
                purl=url,
                bom_ref=str(url),
                licenses=[licence.make_from_string(one.licence)],
            )
        )
    bom.register_dependency(root, bom.components)
    text = make_outputter(bom, OutputFormat.JSON, _VERSION).output_as_string(indent=1)
    problem = JsonStrictValidator(_VERSION).validate_str(text)
    if problem is not None:
        raise CheckFailed(f"The bill of materials is not valid CycloneDX: {problem}")
    target.write_text(json.dumps(json.loads(text), indent=1, sort_keys=True) + "\n", "utf-8")
    return f"{len(distributions)} libraries in {target.name}"
