"""The operator of the rehearsal: a user of its own with a key, so that the engine judges its calls.

The key of the account's root, which the engine takes unjudged, only makes this user.
"""

import json
from collections.abc import Mapping
from typing import Final

import boto3

from ops.rehearsal.engine import Engine

NAME: Final = "operator"
_EVERYTHING: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def sign_up(engine: Engine) -> Mapping[str, str]:
    """Make the operator with an administrator's policy; the variables by which it signs in."""
    iam = session(engine.root_environment()).client(
        "iam", endpoint_url=engine.url, verify=str(engine.certificate)
    )
    iam.create_user(UserName=NAME)
    iam.put_user_policy(
        UserName=NAME, PolicyName="everything", PolicyDocument=json.dumps(_EVERYTHING)
    )
    key = iam.create_access_key(UserName=NAME)["AccessKey"]
    return engine.environment(key=key["AccessKeyId"], secret=key["SecretAccessKey"])


def session(environment: Mapping[str, str]) -> boto3.session.Session:
    """A session of boto3 with the key and the region of these variables."""
    return boto3.session.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )
