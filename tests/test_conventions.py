"""Project conventions that no linter checks."""

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
SHARED_CLASS_NAMES: Final[set[str]] = set()
MAIL_PARTS: Final = {"subject.txt", "body.txt", "body.html"}
# The brackets keep this file from matching its own patterns.
UNFINISHED: Final = re.compile("T[O]DO|F[I]XME|X[X]X")
REGISTRY: Final = re.compile(
    r"p[y]pi\.org|p[y]thonhosted|-[-](extra-)?index-url|-[-]find-links|-[-]trusted-host"
)
HOMES: Final = re.compile(r"(?<![\w.])/(home|root|Users|tmp|work)/")


def text_files() -> list[Path]:
    """Every text file that is committed or could be."""
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


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules() -> list[tuple[Path, str]]:
    """Every module but tests, with its text."""
    paths = [ROOT / "app.py"]
    for folder in ("chalicelib", "ops", "bench"):
        paths += sorted((ROOT / folder).rglob("*.py"))
    return [(path, path.read_text("utf-8")) for path in paths if "compiled" not in path.parts]


def test_every_module_has_a_docstring_and_a_specific_name() -> None:
    undocumented = [
        relative(path) for path, text in modules() if not ast.get_docstring(ast.parse(text))
    ]
    vague = [relative(path) for path, _ in modules() if path.stem in BANNED_NAMES]

    assert not undocumented
    assert not vague


def test_a_module_is_short() -> None:
    sizes = {relative(path): len(text.splitlines()) for path, text in modules()}

    assert not {name: size for name, size in sizes.items() if size > MOST_LINES}


def test_a_function_is_short() -> None:
    sizes = {
        f"{relative(path)}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path, text in modules()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert not {name: size for name, size in sizes.items() if size > MOST_FUNCTION_LINES}


def test_one_class_name_has_one_meaning() -> None:
    places = defaultdict(list)
    for path in text_files():
        if path.suffix == ".py":
            for node in ast.parse(path.read_text("utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(relative(path))
    shared = {name: paths for name, paths in places.items() if len(paths) > 1}

    assert not {name: paths for name, paths in shared.items() if name not in SHARED_CLASS_NAMES}
    assert shared.keys() >= SHARED_CLASS_NAMES, "take these off the list"


def test_no_file_has_a_note_of_unfinished_work() -> None:
    matches = [
        relative(path) for path in text_files() if UNFINISHED.search(path.read_text("utf-8"))
    ]

    assert not matches


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    allowed = {"Makefile"}  # `make pins` names what must not be written
    matches = [
        f"{relative(path)}: {match[0]}"
        for path in text_files()
        for pattern in (REGISTRY, HOMES)
        if relative(path) not in allowed and (match := pattern.search(path.read_text("utf-8")))
    ]

    assert not matches


def test_every_make_command_has_a_help_line() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    described = set(re.findall(r"^([a-z]+):[^=\n]*## \S", makefile, re.MULTILINE))

    assert set(" ".join(phony).split()) == described


def test_pages_and_templates_match() -> None:
    page_templates = {kind.template for kind in contexts.Page.__subclasses__()} | {
        feeds.Feed.template
    }
    folder = TEMPLATES / "pages"
    shared = {
        matches
        for path in folder.iterdir()
        for matches in re.findall(
            r"{%-? (?:extends|import|include|from) \"pages/([\w.]+)\"", path.read_text("utf-8")
        )
    }

    assert page_templates | shared == {path.name for path in folder.iterdir()}


def test_every_mail_has_a_folder_with_three_parts() -> None:
    names = {*messages.MESSAGES, *alert_messages.ALERTS}
    folder = TEMPLATES / "emails"

    assert {path.name for path in folder.iterdir() if path.is_dir()} == names
    assert all({path.name for path in (folder / name).iterdir()} == MAIL_PARTS for name in names)


def test_every_sentence_is_translated_into_every_language() -> None:
    untranslated = catalogues.untranslated()

    assert untranslated
    assert not any(untranslated.values())
