"""The comparison of cold starts, once, with the tree itself in place of its package."""

import shutil
import sysconfig
from pathlib import Path

import pytest

from bench import cold_start, packaged_work
from bench.packages import BARE, EMPTY, Packages
from bench.stage import Refused
from ops.compiling import ROOT


@pytest.fixture
def packages(tmp_path: Path) -> Packages:
    """Packages that were not packed: their dependencies lie where Lambda's own part lies."""
    ours = tmp_path / "ours"
    shutil.copytree(ROOT / "chalicelib", ours / "chalicelib")
    shutil.copyfile(ROOT / "app.py", ours / "app.py")
    for name, file, text in (("bare", "app.py", BARE), ("empty", "empty.py", EMPTY)):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(text, "utf-8")
    return Packages(
        ours=ours,
        stock=tmp_path / "bare",
        compiled=tmp_path / "bare",
        empty=tmp_path / "empty",
        runtime=Path(sysconfig.get_paths()["purelib"]),
        sizes={},
    )


def test_functions_answer_as_the_first_thing_of_their_lives(
    packages: Packages, tmp_path: Path
) -> None:
    compared = (cold_start.EMPTY, cold_start.BARE, packaged_work.PAGE, packaged_work.TALLY)
    with packaged_work.surroundings(packages, tmp_path) as around:
        by_work = cold_start.start_all(around, lambda _: None, 1, compared)

    assert [(name, len(starts)) for name, starts in by_work.items()] == [
        (name, 1) for name in compared
    ]
    assert all(start.cpu > 0 for starts in by_work.values() for start in starts)
    assert by_work[cold_start.EMPTY][0].cpu < by_work[cold_start.BARE][0].cpu


def test_an_answer_that_is_no_page_is_not_measured() -> None:
    with pytest.raises(Refused, match="500"):
        packaged_work.refuse({"statusCode": 500})
