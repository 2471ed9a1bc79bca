"""The template as it is deployed: the built one, its functions pointed at the uploaded package."""

import copy
import json
from pathlib import Path
from typing import Any, Final

from ops.errors import CannotContinue

_FUNCTION: Final = "AWS::Serverless::Function"
MOST_BYTES: Final = 1_000_000
"""What CloudFormation takes from S3 (its quotas, "Template body size in an S3 object")."""


def read(path: Path) -> dict[str, Any]:
    """The template that the build has written. Raises CannotContinue if it is none."""
    try:
        template: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CannotContinue(f"{path} cannot be read: {error}. Build it again.") from error
    return template


def pointed_at(template: dict[str, Any], bucket: str, key: str) -> bytes:
    """The template's text, every function's code being `key` in `bucket`.

    Raises CannotContinue when it is larger than CloudFormation takes.
    """
    pointed = copy.deepcopy(template)
    for resource in pointed["Resources"].values():
        if resource["Type"] == _FUNCTION:
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/{key}"
    text = json.dumps(pointed, sort_keys=True).encode()
    if len(text) > MOST_BYTES:
        raise CannotContinue(
            f"The template has {len(text):,} bytes, more than the {MOST_BYTES:,} that "
            "CloudFormation takes. Take something out of .chalice/resources.json."
        )
    return text
