"""What the roles of the template allow: parliament reads every policy; wildcards are ours to find.

Parliament knows every action of IAM and which resources it goes with, from data in its package.
"""

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from ops.build.findings import CheckFailed, Exemption, Finding, refuse

PARLIAMENT: Final = Path(".venv-checks/bin/parliament")
_PLACE: Final = "eu-central-1:123456789012"
_PSEUDO: Final = {
    "AWS::Region": "eu-central-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
}
_ARNS: Final = {
    "AWS::DynamoDB::Table": f"arn:aws:dynamodb:{_PLACE}:table/{{}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_PLACE}:{{}}",
    "AWS::Serverless::Function": f"arn:aws:lambda:{_PLACE}:function:{{}}",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SNS::Topic": f"arn:aws:sns:{_PLACE}:{{}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_PLACE}:log-group:{{}}:*",
    "AWS::SES::ConfigurationSet": f"arn:aws:ses:{_PLACE}:configuration-set/{{}}",
    "AWS::SES::EmailIdentity": f"arn:aws:ses:{_PLACE}:identity/{{}}",
}
"""What an ARN looks like, so that parliament can tell whether an action goes with it."""
_REFERENCE: Final = re.compile(r"\$\{([^}!]+)\}")


def narrow(template: Path, exemptions: Sequence[Exemption], parliament: Path = PARLIAMENT) -> str:
    """Every policy names real actions on resources they go with. One line; raises CheckFailed."""
    resources = json.loads(template.read_text("utf-8"))["Resources"]
    roles = dict(_policies(resources))
    findings = [*_wildcards(roles), *_audited(roles, parliament)]
    explained = refuse("parliament", findings, exemptions)
    return f"{len(roles)} roles allow nothing that has no reason ({explained} explained)"


def _policies(resources: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each role or policy of the template with all its statements in one document."""
    for name, resource in resources.items():
        if not resource["Type"].startswith("AWS::IAM::"):
            continue
        properties = resource["Properties"]
        statements: list[Any] = []
        for policy in properties.get("Policies", [properties]):
            found = policy.get("PolicyDocument", {}).get("Statement", [])
            statements += found if isinstance(found, list) else [found]
        if statements:
            document = {"Version": "2012-10-17", "Statement": statements}
            yield name, _resolved(document, resources)


def _wildcards(roles: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    for role, policy in roles.items():
        for statement in policy["Statement"]:
            actions = statement.get("Action", "*")
            for action in [actions] if isinstance(actions, str) else actions:
                if "*" in action:
                    yield Finding(
                        tool="parliament",
                        rule="ACTION_STAR",
                        resource=role,
                        what=f"allows every action {action}",
                    )


def _audited(roles: Mapping[str, dict[str, Any]], parliament: Path) -> Iterator[Finding]:
    if not parliament.exists():
        raise CheckFailed(f"{parliament} is not there. Run `make build`, which installs it.")
    with TemporaryDirectory() as folder:
        for role, policy in roles.items():
            Path(folder, f"{role}.json").write_text(json.dumps(policy), "utf-8")
        ran = subprocess.run(
            [str(parliament), "--directory", folder, "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        findings = [json.loads(line) for line in ran.stdout.splitlines()]
    except ValueError:
        findings = []
    # It ends with 0 when it finds nothing, and with 1 when it finds something or fails.
    if bool(ran.returncode) != bool(findings):
        raise CheckFailed(f"parliament could not read the policies:\n{ran.stderr or ran.stdout}")
    for finding in findings:
        where = finding["location"]
        said = (finding["title"], finding["detail"], where.get("string"))
        yield Finding(
            tool="parliament",
            rule=finding["issue"],
            resource=Path(where["filepath"]).stem,
            what=" ".join(str(part) for part in said if part),
        )


def _resolved(value: Any, resources: Mapping[str, Any]) -> Any:
    """`value` with CloudFormation's functions replaced by text of the right form."""
    if isinstance(value, list):
        return [_resolved(inner, resources) for inner in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return _named(value["Ref"], resources)
    if "Fn::GetAtt" in value:
        target = value["Fn::GetAtt"]
        return _named(target if isinstance(target, str) else ".".join(target), resources)
    if "Fn::Sub" in value:
        text = value["Fn::Sub"]
        return _REFERENCE.sub(lambda match: _named(match[1], resources), text)
    return {name: _resolved(inner, resources) for name, inner in value.items()}


def _named(reference: str, resources: Mapping[str, Any]) -> str:
    name, _, attribute = reference.partition(".")
    if not attribute.endswith("Arn"):
        return _PSEUDO.get(name, name.replace("::", "-"))
    kind = resources[name]["Type"]
    if kind not in _ARNS:
        raise CheckFailed(
            f"A policy names a {kind}: say in ops/build/policies.py what its ARN is."
        )
    arn = _ARNS[kind].format(name)
    return f"{arn}/stream/latest" if attribute == "StreamArn" else arn
