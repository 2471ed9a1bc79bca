"""What an export holds of a petition's key file: its public keys and their wraps, without names."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def for_export(text: str) -> Sequence[Mapping[str, Any]]:
    """Every key, the current one first, with its wraps. Raises ValueError for a damaged file.

    Who opens an export checks them (`ops/keys/petition_keys.py`).
    """
    try:
        values = json.loads(text)
        return [
            {
                "public_key": key["public_key"],
                "wraps": [
                    {"organiser": wrap["organiser"], "sealed": wrap["sealed"]}
                    for wrap in key["wraps"]
                ],
            }
            for key in (values["current"], *values["former"])
        ]
    except (KeyError, TypeError) as error:
        raise ValueError("this is no key file") from error
