"""Zips that strangers may have made: all of them together take no more room than one may."""

from chalicelib.rendering import zip_files
from chalicelib.rendering.zip_files import MAX_FILES


def zip_of(count: int, folder: str) -> bytes:
    return zip_files.packed({f"{folder}/{number}.md": b"text" for number in range(count)})


def test_the_files_of_several_zips_are_taken_out() -> None:
    zips = {"a.zip": zip_of(2, "a"), "b.ZIP": zip_of(1, "b")}

    assert set(zip_files.unpacked(zips)) == {"a/0.md", "a/1.md", "b/0.md"}


def test_a_zip_for_which_the_others_leave_no_room_stays_packed() -> None:
    first, second = zip_of(MAX_FILES - 1, "a"), zip_of(2, "b")

    found = zip_files.unpacked({"a.zip": first, "b.zip": second})

    assert len(found) == MAX_FILES
    assert found["b.zip"] == second
