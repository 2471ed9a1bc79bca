"""What is in the package, and what must never be."""

import gzip
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from botocore.loaders import Loader

from chalicelib.rendering import assets
from ops.build import contents, dependencies, exclusions, packaging
from ops.build.errors import CheckFailed, NotPacked
from ops.compiling import ROOT
from tests.package.conftest import ELSEWHERE, HERE, SECRET
from tests.package.packaged_service import HANDLERS


def names(package: Path) -> list[str]:
    with zipfile.ZipFile(package) as archive:
        return archive.namelist()


def architectures(package: Path) -> set[str]:
    template = json.loads(package.with_name(packaging.TEMPLATE).read_text("utf-8"))
    return {
        architecture
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::Function"
        for architecture in resource["Properties"]["Architectures"]
    }


def archive_of(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / packaging.PACKAGE
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def test_the_package_holds_the_app_its_compiled_output_and_its_dependencies(package: Path) -> None:
    found = set(names(package))

    assert {"app.py", "chalicelib/routes/events/queues.py", "chalice/app.py"} <= found
    assert {
        "boto3/session.py",
        "botocore/session.py",
        "jinja2/__init__.py",
        "email_validator/__init__.py",
    } <= found
    assert any(name.startswith("cryptography/") and name.endswith(".so") for name in found)
    assert {
        "chalicelib/compiled/style.css",
        "chalicelib/compiled/embed.css",
        "chalicelib/compiled/poster.css",
        "chalicelib/compiled/static.json",
        "chalicelib/compiled/languages.json",
        "chalicelib/compiled/locale/be.mo",
        "chalicelib/compiled/locale/ru.mo",
    } <= found
    assert any(name.startswith("chalicelib/compiled/templates/") for name in found)
    assert {f"chalicelib/compiled{assets.static('page.js')}", "segno/__init__.py"} <= found


def test_the_package_holds_nothing_for_development(package: Path) -> None:
    tops = {name.partition("/")[0] for name in names(package)}

    development = {"ops", "tests", "bench", "docs", "locale", "petitions", "templates", "build"}
    assert not tops & development
    assert not tops & {
        "moto",
        "pytest",
        "babel",
        "click",
        "rich",
        "playwright",
        "hypothesis",
    }
    assert not [name for name in names(package) if name.endswith((".po", ".pot", ".key", ".toml"))]


def test_the_package_holds_nothing_that_is_only_for_this_machine(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        ours = [n for n in archive.namelist() if n == "app.py" or n.startswith("chalicelib/")]
        texts = {name: archive.read(name) for name in ours}
        everything = b"".join(archive.read(name) for name in archive.namelist())

    assert SECRET.encode() not in everything
    assert str(ROOT).encode() not in everything
    assert not [name for name, content in texts.items() if b"/_local" in content]
    assert not [name for name in names(package) if any(p.startswith(".") for p in name.split("/"))]


def test_the_package_holds_nothing_that_only_compilers_and_readers_need(package: Path) -> None:
    waste = re.compile(r".*(\.(pyi|pyx|pxd|c|h|rst)|/py\.typed|/tests?/.*|/RECORD)")

    assert not [name for name in names(package) if waste.fullmatch(name)]


def test_every_module_has_byte_code_that_need_not_be_checked(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        cached = [n for n in archive.namelist() if n.endswith(".pyc")]
        flags = {archive.read(name)[4:8] for name in cached}
        modules = [n for n in archive.namelist() if n.endswith(".py")]

    assert len(cached) == len(modules)
    # PEP 552: hash-based, not to be checked.
    assert flags == {b"\x01\x00\x00\x00"}


@pytest.mark.build
def test_the_same_sources_make_the_same_bytes(package: Path, project: Path, tmp_path: Path) -> None:
    again = packaging.make(project, tmp_path / "again", HERE)

    assert again.read_bytes() == package.read_bytes()
    assert again.with_name(packaging.TEMPLATE).read_bytes() == (
        package.with_name(packaging.TEMPLATE).read_bytes()
    )


@pytest.mark.build
def test_both_architectures_hold_the_same_files_save_compiled_objects(
    package: Path, foreign_package: Path
) -> None:
    here, elsewhere = set(names(package)), set(names(foreign_package))

    assert {name for name in here ^ elsewhere if not name.endswith(".so")} == set()
    machines = dependencies.ARCHITECTURES
    renamed = {name.replace(machines[HERE], machines[ELSEWHERE]) for name in here}
    assert renamed == elsewhere
    with zipfile.ZipFile(package) as one, zipfile.ZipFile(foreign_package) as other:
        # A wheel's own bill of materials lists what its compiled objects were made of.
        same = [n for n in here & elsewhere if not n.endswith(".so") and "/sboms/" not in n]
        differing = [name for name in same if one.read(name) != other.read(name)]
    assert differing == []


def test_the_template_names_the_architecture_that_the_package_was_built_for(
    package: Path, foreign_package: Path
) -> None:
    assert architectures(package) == {HERE}
    assert architectures(foreign_package) == {ELSEWHERE}


def test_an_architecture_that_lambda_has_not_is_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(NotPacked, match="arm64 or x86_64, not on 'riscv'"):
        packaging.make(project, tmp_path, "riscv")


def test_the_tree_is_only_read(project: Path, package: Path) -> None:
    assert package.exists()
    assert not (project / "vendor").exists()
    assert not (project / ".chalice" / "deployments").exists()


def test_the_summary_tells_what_the_package_weighs(package: Path) -> None:
    lines = contents.summary(package).splitlines()

    assert lines[0].startswith("deployment.zip: ")
    assert "cryptography" in lines[1]


def test_the_list_of_contents_names_every_file(package: Path) -> None:
    listed = package.with_name(packaging.CONTENTS).read_text("utf-8").splitlines()

    assert [line.split()[1] for line in listed] == names(package)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("ops/deploy.py", b"", "ops/deploy.py is for development"),
        ("chalicelib/tests/test_a.py", b"", "is a test"),
        ("chalicelib/.env", b"", "is hidden"),
        ("chalicelib/organiser.key", b"", "is for development"),
        ("jinja2/x.pyi", b"", "is for compilers"),
        ("chalicelib/routes/a.py", b"fetch('/_local/outbox')", "something of the local run"),
        ("chalicelib/a.py", b"-----BEGIN PRIVATE KEY-----", "holds a key"),
        ("app.py", b"AKIAIOSFODNN7EXAMPLE", "holds a key"),
    ],
)
def test_a_file_that_must_not_be_packed_is_named(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    bad = archive_of(tmp_path, {"chalicelib/fine.py": b"", name: content})

    with pytest.raises(CheckFailed, match=re.escape(words)):
        contents.check(bad, tmp_path / "contents.txt")


def test_a_package_that_is_too_large_is_refused_with_both_numbers(tmp_path: Path) -> None:
    large = archive_of(tmp_path, {"a.json": bytes(contents.MOST_PACKED)})

    with pytest.raises(CheckFailed, match=r"has 15\.0 MB, more than the 15\.0 MB"):
        contents.check(large, tmp_path / "contents.txt")


def test_a_project_without_settings_cannot_be_packed(tmp_path: Path) -> None:
    with pytest.raises(NotPacked, match=r"config\.json"):
        packaging.make(tmp_path, tmp_path / "build")


def test_what_cannot_be_packed_is_said_in_chalices_own_words(project: Path, tmp_path: Path) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"version": "2.0", "app_name": "zaklik"}')
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "app.py").write_text("import no_such_module\n")
    (tmp_path / "requirements.txt").write_text((project / "requirements.txt").read_text())

    with pytest.raises(NotPacked, match="no_such_module"):
        packaging.make(tmp_path, tmp_path / "build", HERE)


def test_a_wheel_whose_hash_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")

    with pytest.raises(NotPacked, match="pip cannot fetch the wheels for arm64"):
        dependencies.install(requirements, "arm64", tmp_path / "cache")

    assert list((tmp_path / "cache").iterdir()) == []


def test_the_services_that_are_kept_are_those_whose_clients_are_made() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "chalicelib").rglob("*.py")]
    client = re.compile(r"""_session\.client\(\s*["']([a-z0-9]+)["']""")

    assert {name for source in sources for name in client.findall(source)} == exclusions.SERVICES


def test_the_endpoints_that_are_left_are_those_that_botocore_itself_would_find(
    unpacked: Path,
) -> None:
    ask = (
        "import json, boto3\n"
        "session = boto3.session.Session()\n"
        "print(json.dumps([session.client(service, region_name=region,"
        " aws_access_key_id='a', aws_secret_access_key='b').meta.endpoint_url"
        f" for service in {sorted(exclusions.SERVICES)}"
        " for region in ('eu-central-1', 'us-gov-west-1', 'cn-north-1')]))"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", ask], cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        for folder in (unpacked, ROOT)
    ]

    assert answers[0] == answers[1]


def test_services_are_described_as_botocore_describes_them_without_the_manuals(
    unpacked: Path,
) -> None:
    for service in exclusions.SERVICES:
        [path] = (unpacked / "botocore" / "data" / service).rglob("service-2.json*")
        text = path.read_text("utf-8")
        packed, whole = json.loads(text), Loader().load_service_model(service, "service-2")

        assert not re.search(r'"documentation":"[^"]', text)
        assert packed["operations"].keys() == whole["operations"].keys()
        assert packed["shapes"].keys() == whole["shapes"].keys()
        for name, shape in whole["shapes"].items():
            found = packed["shapes"][name]
            assert shape.keys() - found.keys() <= {"documentation"}
            assert found.get("members", {}).keys() == shape.get("members", {}).keys()


def test_a_member_that_is_called_documentation_stays(tmp_path: Path) -> None:
    data = tmp_path / "botocore" / "data"
    (data / "sqs").mkdir(parents=True)
    (data / "endpoints.json").write_text('{"partitions": []}')
    shape = {"members": {"documentation": {"shape": "Text"}}}
    described = json.dumps({"shapes": {"S": {**shape, "documentation": "a manual"}}})
    (data / "sqs" / "service-2.json.gz").write_bytes(gzip.compress(described.encode()))

    exclusions.shorten_botocore_data(tmp_path)

    [left] = (data / "sqs").iterdir()
    assert json.loads(left.read_text("utf-8")) == {"shapes": {"S": shape}}
    assert "service-2.json" in (data / "CHANGES.txt").read_text("utf-8")


def test_roles_have_the_policies_of_their_files_and_no_others(package: Path) -> None:
    template = json.loads(package.with_name(packaging.TEMPLATE).read_text("utf-8"))
    files = [path.read_text("utf-8") for path in (ROOT / ".chalice").glob("policy-*.json")]

    policies = [
        policy["PolicyDocument"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Role"
        for policy in resource["Properties"].get("Policies", [])
    ]

    assert sorted(map(json.dumps, policies)) == sorted(json.dumps(json.loads(it)) for it in files)


def test_the_template_deploys_tables_queues_and_every_handler(package: Path) -> None:
    template = json.loads(package.with_name(packaging.TEMPLATE).read_text("utf-8"))
    resources = template["Resources"].values()

    handlers = {
        resource["Properties"]["Handler"]
        for resource in resources
        if resource["Type"] == "AWS::Serverless::Function"
    }
    assert handlers == {"app.app", *HANDLERS.values()}
    kinds = [resource["Type"] for resource in resources]
    assert kinds.count("AWS::DynamoDB::Table") == 5
    assert kinds.count("AWS::SQS::Queue") >= 6
