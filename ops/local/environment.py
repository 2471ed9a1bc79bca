"""The environment in which AWS is this machine, whatever the user's own settings say."""

import os
from collections.abc import Mapping

from ops.local.aws import REGION


def aws_environment(endpoint: str) -> Mapping[str, str]:
    """The AWS variables under which every client talks to `endpoint` and to nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def enter(environment: Mapping[str, str]) -> None:
    """Put variables into the process's environment, and take every other AWS setting out.

    A profile, a session or an endpoint of one service would lead elsewhere.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)
