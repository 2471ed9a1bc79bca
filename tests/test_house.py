"""Rules of this repository that no linter knows."""

import ast
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from chalicelib.mail import alert_messages, messages
from chalicelib.routes.pages import contexts
from chalicelib.routes.public import feeds
from ops import catalogues
from ops.compiling import ROOT, TEMPLATES

MOST_LINES: Final = 260
MOST_FUNCTION_LINES: Final = 45
BANNED_NAMES: Final = {
    "base",
    "common",
    "handlers",
    "helper",
    "helpers",
    "manager",
    "misc",
    "utils",
}
# Names that still have several meanings: this list only shrinks.
SHARED_CLASS_NAMES: Final = {"Page"}
MAIL_PARTS: Final = {"subject.txt", "body.txt", "body.html"}
# The brackets keep this file from holding what it looks for.
UNFINISHED: Final = re.compile("T[O]DO|F[I]XME|X[X]X")
REGISTRY: Final = re.compile(
    r"p[y]pi\.org|p[y]thonhosted|-[-](extra-)?index-url|-[-]find-links|-[-]trusted-host"
)
HOMES: Final = re.compile(r"(?<![\w.])/(home|root|Users|tmp|work)/")


def project_files() -> list[Path]:
    """Every text that is committed or could be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this tree is not a git clone")
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return [path for path in paths if path.is_file() and path.suffix not in (".png", ".webp")]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> list[tuple[Path, str]]:
    """Everything that runs, here or in Lambda, and its text; not its tests."""
    paths = [ROOT / "app.py"]
    for folder in ("chalicelib", "ops", "bench"):
        paths += sorted((ROOT / folder).rglob("*.py"))
    return [(path, path.read_text("utf-8")) for path in paths if "compiled" not in path.parts]


def test_a_module_says_what_it_is_for() -> None:
    silent = [name_of(path) for path, text in modules() if not ast.get_docstring(ast.parse(text))]
    vague = [name_of(path) for path, _ in modules() if path.stem in BANNED_NAMES]

    assert not silent
    assert not vague


def test_a_module_is_short() -> None:
    sizes = {name_of(path): len(text.splitlines()) for path, text in modules()}

    assert not {name: size for name, size in sizes.items() if size > MOST_LINES}


def test_a_function_is_read_in_one_look() -> None:
    sizes = {
        f"{name_of(path)}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path, text in modules()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert not {name: size for name, size in sizes.items() if size > MOST_FUNCTION_LINES}


def test_one_class_name_has_one_meaning() -> None:
    places = defaultdict(list)
    for path in project_files():
        if path.suffix == ".py":
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(name_of(path))
    shared = {name: paths for name, paths in places.items() if len(paths) > 1}

    assert not {name: paths for name, paths in shared.items() if name not in SHARED_CLASS_NAMES}
    assert shared.keys() >= SHARED_CLASS_NAMES, "take these off the list"


def test_nothing_is_left_unfinished() -> None:
    places = [
        name_of(path) for path in project_files() if UNFINISHED.search(path.read_text("utf-8"))
    ]

    assert not places


def test_no_file_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    allowed = {"Makefile"}  # where `make pins` says what not to write down
    places = [
        f"{name_of(path)}: {match[0]}"
        for path in project_files()
        for pattern in (REGISTRY, HOMES)
        if name_of(path) not in allowed and (match := pattern.search(path.read_text("utf-8")))
    ]

    assert not places


def test_every_command_of_the_makefile_has_its_line_of_help() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    helped = set(re.findall(r"^([a-z]+):[^=\n]*## \S", makefile, re.MULTILINE))

    assert set(" ".join(phony).split()) == helped


def test_every_page_has_its_template_and_every_template_its_page() -> None:
    owned = {kind.template for kind in contexts.Page.__subclasses__()} | {feeds.Feed.template}
    folder = TEMPLATES / "pages"
    shared = {
        name
        for path in folder.iterdir()
        for name in re.findall(
            r"{%-? (?:extends|import|include|from) \"pages/([\w.]+)\"", path.read_text("utf-8")
        )
    }

    assert owned | shared == {path.name for path in folder.iterdir()}


def test_every_mail_has_its_folder_with_three_parts() -> None:
    names = {*messages.MESSAGES, *alert_messages.ALERTS}
    folder = TEMPLATES / "emails"

    assert {path.name for path in folder.iterdir() if path.is_dir()} == names
    assert all({path.name for path in (folder / name).iterdir()} == MAIL_PARTS for name in names)


def test_every_sentence_is_translated_into_every_language() -> None:
    lacking = catalogues.untranslated()

    assert lacking
    assert not any(lacking.values())
