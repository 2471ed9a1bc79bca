"""A petition's folder is read whole, and all that is wrong with it is said at once."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from chalicelib.crypto import petition_key_files
from chalicelib.domain.petitions.petition import BackgroundPart, Demand
from ops.content.petition_loader import check_petition, read_petition
from ops.errors import NotReady
from tests import builders
from tests.ops import folders
from tests.ops.folders import PETITION_TEXT as TEXT
from tests.ops.folders import PETITION_TOML as TOML

TODAY = date(2026, 3, 1)
FIRST = Path(__file__).parents[3] / "petitions" / "belarus-mothers"
README = FIRST.parent / "README.md"


def problems(folder: Path, *, live_on: date | None = None) -> list[tuple[str, int, str]]:
    """File name, line and words of each problem."""
    _, found = check_petition(folder, live_on=live_on)
    assert all(problem.remedy for problem in found)
    return [(problem.file.name, problem.line, problem.what) for problem in found]


def test_a_folder_becomes_a_petition(tmp_path: Path) -> None:
    read = read_petition(folders.petition(tmp_path), live_on=TODAY)

    assert (read.slug, read.version, read.goals) == ("open-door", 0, (10, 100))
    assert (read.opens_on, read.closes_on) == (date(2026, 1, 1), date(2099, 12, 31))
    assert (read.public_key, read.key_proven) == (builders.ORGANISER_KEY.public_bytes, True)
    assert read.languages == ("en", "be")
    text = read.text("be")
    assert (text.title, text.target) == ("Open the door", "The keeper of the door")
    assert text.introduction_html == "<p>Please open the door.</p>\n"
    assert text.demands == (
        Demand(number=1, heading="Now", html="<p>Open it now.</p>\n"),
        Demand(number=2, heading="For good", html="<p>Leave it <strong>open</strong>.</p>\n"),
    )
    assert text.background_heading == "Why"
    assert text.background_html == ""
    assert text.background_parts == (
        BackgroundPart(heading="Since when", html="<p>It has been shut for long.</p>\n"),
    )


def test_the_first_petition_is_ready_to_try_but_not_for_real_signatures() -> None:
    assert problems(FIRST) == []

    found = problems(FIRST, live_on=TODAY)

    lines = (FIRST / "petition.toml").read_text("utf-8").split("\n")
    (key, *settings) = found
    assert key[:2] == ("key.json", 1)
    assert [lines[line - 1].partition(" ")[0] for _, line, _ in settings] == [
        "name",
        "email",
        "website",
        "placeholder",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("closes_on = 2099-12-31", "closes_on = 2026-02-28", 4, "has passed"),
        ("desk@door-watch.org", "desk@Example.com", 9, "is an example"),
        ("desk@door-watch.org", "desk@mail.example.net", 9, "is an example"),
        ("https://door-watch.org", "https://www.example.org/us", 10, "is an example"),
    ],
)
def test_what_was_left_unfinished_is_a_problem_only_for_real_signatures(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    folder = folders.petition(tmp_path, toml=TOML.replace(old, new))

    assert problems(folder) == []
    [(file, at, what)] = problems(folder, live_on=TODAY)
    assert (file, at) == ("petition.toml", line)
    assert words in what


def test_an_address_that_only_looks_like_an_example_is_taken(tmp_path: Path) -> None:
    toml = TOML.replace("door-watch.org", "example.org.by").replace("desk@", "desk@my-")

    assert problems(folders.petition(tmp_path, toml=toml), live_on=TODAY) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "remedy"),
    [
        ("closes_on = 2099-12-31", "closes_on = 31.12.2099", 4, "A date is written 2027-03-31"),
        ("closes_on = 2099-12-31", "closes_on = 2099-12-31 9:00", 4, "2027-03-31T09:00:00Z"),
        ('name = "Door Watch"', "name = “Door Watch”", 8, "straight quotation marks"),
        ('languages = ["en",', "languages = [„en”,", 2, "straight quotation marks"),
    ],
)
def test_a_line_that_is_not_toml_is_explained(
    tmp_path: Path, old: str, new: str, line: int, remedy: str
) -> None:
    assert old in TOML
    folder = folders.petition(tmp_path, toml=TOML.replace(old, new))

    _, [problem] = check_petition(folder, live_on=None)

    assert problem.line == line
    assert remedy in problem.remedy


@pytest.mark.parametrize("name", ["en.md", "petition.toml"])
def test_a_name_that_an_editor_made_longer_is_found(tmp_path: Path, name: str) -> None:
    folder = folders.petition(tmp_path)
    (folder / name).rename(folder / f"{name}.txt")

    _, [problem] = check_petition(folder, live_on=None)

    assert problem.file.name == name
    assert problem.remedy == f"There is {name}.txt: rename it to {name}."


def test_a_petition_that_lies_in_the_usual_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "petitions").mkdir()
    folders.petition(tmp_path / "petitions")
    monkeypatch.chdir(tmp_path)

    _, [problem] = check_petition(Path("open-door"), live_on=None)

    assert problem.remedy == "There is petitions/open-door: name that."


@pytest.mark.parametrize(
    "typed",
    ["## 2) For good", "##2. For good", "### 2. For good", "#2. For good", "## 2 For good",
     "## 2.For good", "## 2 - For good"],
)  # fmt: skip
def test_a_mistyped_demand_is_told_its_form(tmp_path: Path, typed: str) -> None:
    folder = folders.petition(tmp_path, be=TEXT.replace("## 2. For good", typed))

    _, found = check_petition(folder, live_on=None)

    [problem] = [each for each in found if "is not how a demand" in each.what]
    assert (problem.file.name, problem.line) == ("be.md", 12)
    assert problem.remedy.startswith("Write this heading as: ## 2. ")
    assert problem.remedy.endswith("For good")


@pytest.mark.parametrize("typed", ["### 1. Since when", "### 2020", "#2020 was the year."])
def test_numbers_within_the_background_are_no_demands(tmp_path: Path, typed: str) -> None:
    folder = folders.petition(tmp_path, be=TEXT.replace("### Since when", typed))

    assert problems(folder) == []


def test_a_background_may_begin_with_a_year(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, be=TEXT.replace("## Why", "## 2020 and since"))

    assert problems(folder) == []


def test_the_development_key_stands_in_for_the_petitions_own(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, keys=None)

    read = read_petition(folder, development_key=bytes(1216))

    assert (read.public_key, read.key_proven) == (bytes(1216), True)
    with pytest.raises(NotReady, match=r"key\.json:1: .*no key.*keys petition"):
        read_petition(folder)


def _with_false_proof() -> str:
    values = json.loads(petition_key_files.to_text(folders.KEYS))
    values["canary"]["proofs"][0]["value"] = "AAAA"
    return json.dumps(values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "damaged"),
        ("\x00", "damaged"),
        (
            petition_key_files.to_text(folders.unproven("shut-door")),
            "“shut-door”, not of “open-door”",
        ),
        (petition_key_files.to_text(folders.UNPROVEN), "Nobody has proven"),
        (_with_false_proof(), "proof in this file is wrong"),
    ],
)
@pytest.mark.parametrize("live_on", [None, TODAY])
def test_a_key_that_nobody_has_proven_is_a_problem(
    tmp_path: Path, text: str, words: str, live_on: date | None
) -> None:
    folder = folders.petition(tmp_path)
    (folder / "key.json").write_text(text, "utf-8")

    petition, _ = check_petition(folder, live_on=live_on)
    [(file, line, what)] = problems(folder, live_on=live_on)

    assert (file, line) == ("key.json", 1)
    assert words in what
    assert petition is not None
    assert not petition.key_proven


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = folders.petition(tmp_path / "a")
    windows = folders.petition(tmp_path / "b")
    for file in windows.glob("[!k]*"):
        text = "\ufeff" + file.read_text("utf-8")
        file.write_bytes(text.replace("\n", "\r\n").encode())

    assert read_petition(windows) == read_petition(plain)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('languages = ["en", "be"]', 'languages = ["en", "be", "xx"]', 2, "do not speak “xx”"),
        ('languages = ["en", "be"]', 'languages = ["en", "be", "en"]', 2, "named twice"),
        ('languages = ["en", "be"]', "languages = []", 2, "must be a list"),
        ('languages = ["en", "be"]', 'languages = "en"', 2, "must be a list"),
        ('languages = ["en", "be"]\n', "", 1, "“languages” is missing"),
        ("opens_on = 2026-01-01", 'opens_on = "2026-01-01"', 3, "must be a date"),
        ("opens_on = 2026-01-01", "opens_on = 2026-01-01T00:00:00Z", 3, "must be a date"),
        ("closes_on = 2099-12-31", "closes_on = 2025-12-31", 4, "before it opens"),
        ("closes_on = 2099-12-31", "closes_on = 2026-13-31", 4, "date cannot be read"),
        ("goals = [10, 100]", "goals = [10, 10]", 5, "do not rise"),
        ("goals = [10, 100]", "goals = [0, 10]", 5, "a number from 1 to 1,000,000,000"),
        ("goals = [10, 100]", "goals = [true]", 5, "must be a list"),
        ("goals = [10, 100]", "goals = [10_000_000_000]", 5, "a number from 1 to"),
        ("goals = [10, 100]", f"goals = [1{'0' * 5000}]", 1, "No program can read"),
        ("goals = [10, 100]", f"goals = [0x1{'0' * 5000}]", 5, "a number from 1 to"),
        ("goals = [10, 100]", f"goals = {'[' * 5000}", 1, "No program can read"),
        ("goals = [10, 100]", f"goals = {list(range(1, 30))}", 5, "at most 20 fit"),
        ("opens_on = 2026-01-01", "opens_on = 1026-01-01", 3, "no day before 2000-01-01"),
        ("closes_on = 2099-12-31", "closes_on = 9999-12-31", 4, "or after 2099-12-31 fits"),
        ('"Door Watch"', '"\\u00a0\\u200d"', 8, "neither letters nor digits"),
        ('"Door Watch"', '"Door\\u00adWatch"', 8, "invisible character (U+00AD)"),
        ('"Door Watch"', '"Door\\u202eWatch"', 8, "invisible character (U+202E)"),
        ('"Door Watch"', '"\\u3164"', 8, "invisible character (U+3164)"),
        ("goals = [10, 100]", "goal = [10, 100]", 5, "“goal” is not known"),
        ("[organiser]", "[organizer]", 7, "“organizer” is not known"),
        ('name = "Door Watch"', 'name = ""', 8, "“name” is empty"),
        ('name = "Door Watch"\n', "", 7, "“name” is missing"),
        ("desk@door-watch.org", "desk", 9, "not a usable email"),
        ("https://door-watch.org", "door-watch.org", 10, "not a web address"),
    ],
)
def test_a_problem_of_the_settings_names_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in TOML
    folder = folders.petition(tmp_path, toml=TOML.replace(old, new))

    found = problems(folder)

    assert any(
        (file, at) == ("petition.toml", line) and words in what for file, at, what in found
    ), found


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("title: Open the door", "title:", 2, "“title” is empty"),
        ("title: Open the door", "title: " + "x" * 121, 2, "has 121 characters"),
        ("title: Open the door", "title: Open \u202ethe door", 2, "invisible character"),
        ("summary: A petition about a door.", "summary: " + "x" * 301, 4, "301 characters"),
        ("target: The keeper of the door\n", "", 1, "“target” is missing"),
        ("target: The", "target: A\ntarget: The", 4, "twice"),
        ("target: The", "colour: red\ntarget: The", 3, "“colour” is not known"),
        ("---\ntitle", "title", 1, "must begin with lines"),
        ("Please open the door.\n", "", 7, "no beginning"),
        ("## 1. Now", "# Now\n## 1. Now", 9, "title's level"),
        ("## 2. For good", "## 3. For good", 12, "has the number 3; 2 is next"),
        ("## 2. For good", "## 1. For good", 12, "has the number 1; 2 is next"),
        ("## 2. For good", "## 2.", 12, "has no heading"),
        ("## 2. For good", "## For good", 15, "second heading without a number"),
        ("Open it now.\n", "", 9, "Nothing stands under"),
        ("## Why", "## 3. Why", 7, "no background"),
        (
            "It has been shut for long.",
            "Shut.\n\n## 3. Late\nToo late.",
            19,
            "after the background",
        ),
        ("It has been shut", "See ![door](https://x.org/d.png)\n\nIt has", 17, "Images"),
        ("It has been shut", "It has\n<b>been</b> shut", 18, "HTML"),
        ("It has been shut", "<div>\n\nIt has", 17, "HTML"),
        ("It has been shut", "It [has](javascript:alert(1)) been", 17, "leads nowhere"),
        ("It has been shut", "It [has](/en/privacy) been", 17, "leads nowhere"),
    ],
)
def test_a_problem_of_a_text_names_its_line(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in TEXT
    folder = folders.petition(tmp_path, be=TEXT.replace(old, new, 1))

    found = problems(folder)

    assert any((file, at) == ("be.md", line) and words in what for file, at, what in found), found


def test_every_language_needs_the_same_demands(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, be=TEXT.replace("## 2. For good\nLeave it **open**.\n", ""))

    assert problems(folder) == [
        ("be.md", 1, "It has the demands 1, but “en” has 1, 2."),
    ]


def test_a_text_in_a_language_that_is_not_named_is_a_problem(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    (folder / "ru.md").write_text(TEXT, "utf-8")
    (folder / "README.md").write_text("Notes are welcome.", "utf-8")

    assert problems(folder) == [("ru.md", 1, "The petition does not name the language “ru”.")]


def test_a_numbered_line_in_code_is_no_demand(tmp_path: Path) -> None:
    quoted = TEXT.replace("It has been shut", "```\n## 3. Not a demand\n```\nIt has been shut")

    read = read_petition(folders.petition(tmp_path, en=quoted))

    assert len(read.text("en").demands) == 2
    assert "## 3. Not a demand" in read.text("en").background_parts[0].html


@pytest.mark.parametrize("name", ["api", "privacy", "Open-Door", "open door", "-door", "дзверы"])
def test_a_folder_whose_name_cannot_be_an_address_is_a_problem(tmp_path: Path, name: str) -> None:
    folder = folders.petition(tmp_path, keys=None).rename(tmp_path / name)

    [(file, line, _)] = problems(folder)

    assert (file, line) == (name, 1)


def test_missing_empty_and_undecodable_files_are_problems_of_their_lines(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    (folder / "en.md").unlink()
    (folder / "be.md").write_bytes(b"---\ntitle: caf\xe9\n")

    assert problems(folder) == [
        ("en.md", 1, "This file is missing."),
        ("be.md", 2, "This is not UTF-8 text."),
    ]

    (folder / "be.md").write_bytes(b" \n")
    (folder / "en.md").write_bytes(b"x" * 50_001)

    assert problems(folder) == [
        ("en.md", 1, "This file is larger than 50,000 bytes."),
        ("be.md", 1, "This file is empty."),
    ]


def test_no_folder_and_no_settings_are_problems_too(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path)
    (folder / "petition.toml").unlink()

    assert problems(folder) == [("petition.toml", 1, "This file is missing.")]
    assert problems(tmp_path / "nowhere") == [("nowhere", 1, "There is no such folder.")]
    assert problems(folder / "en.md") == [("en.md", 1, "There is no such folder.")]


def test_all_problems_are_found_at_once(tmp_path: Path) -> None:
    folder = folders.petition(
        tmp_path,
        toml=TOML.replace("[10, 100]", "[100, 10]").replace("desk@", ""),
        en=TEXT.replace("title: Open the door", "title:"),
        be=TEXT.replace("## 2.", "## 7."),
    )

    with pytest.raises(NotReady) as caught:
        read_petition(folder)

    assert {problem.file.name for problem in caught.value.problems} == {
        "petition.toml",
        "en.md",
        "be.md",
    }
    assert len(caught.value.problems) >= 4
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("Please\x10 open.", 7, "invisible character that no text may hold (U+0010)"),
        ("Please.\n\nOpen\u202e it.", 9, "(U+202E)"),
        ("Please.\n\nOpen &#8238; it.", 9, "(U+202E)"),
        ("Please `a&#12;` [it](https://a.org '&#12;').", 7, "(U+000C)"),
        ("Please\ufdd0.", 7, "(U+FDD0)"),
        ("Please\U0001ffff.", 7, "(U+1FFFF)"),
        ("Please\x85.", 7, "(U+0085)"),
        ("Please.\n\n## 1. Now\nOp\u200ben it.", 10, "(U+200B)"),
        ("Please.\n\n## 1. Now\nOp\u00aden it.", 10, "(U+00AD)"),
        ("Please.\n\n## 1. No\ufeffw\nOpen it.", 9, "(U+FEFF)"),
        ("Please.\n\n## 1. Now\nOpen\u2028it.", 10, "(U+2028)"),
        ("Please.\n\n## 1. Now\nOpen&shy;it.", 10, "(U+00AD)"),
        ("Please [](https://a.org).", 7, "A link has no words"),
        ("[\u200b\u200b](https://a.org)", 7, "A link has no words"),
        ("\u200b", 7, "The text has no beginning"),
        ("&nbsp; \u3164", 7, "The text has no beginning"),
        ("> \n\n---\n", 7, "The text has no beginning"),
        ("*a **b " * 1000 + "b** a* " * 1000, 7, "Marks stand within marks"),
        (f"Please.\n\n## 1. {'Now' * 70}\nIt.", 9, "at most 200 fit"),
        ("".join(f"## {n}. Open\nIt.\n" for n in range(1, 53)), 119, "at most 50 demands fit"),
    ],
)
def test_a_text_that_could_not_be_shown_to_everybody_is_refused(
    tmp_path: Path, body: str, line: int, words: str
) -> None:
    text = folders.PETITION_TEXT.replace("Please open the door.", body)

    found = problems(folders.petition(tmp_path, en=text))

    assert any((file, at) == ("en.md", line) and words in what for file, at, what in found), found


def test_a_petition_that_has_closed_is_published_with_its_outcome(tmp_path: Path) -> None:
    text = TEXT.replace("---\n", "---\noutcome: It is open.\n", 1)
    toml = TOML.replace("2099-12-31", "2026-02-28")

    read = read_petition(folders.petition(tmp_path, toml=toml, en=text, be=text), live_on=TODAY)

    assert [each.outcome for each in read.texts.values()] == ["It is open."] * 2


def test_an_outcome_may_be_written_before_the_petition_closes(tmp_path: Path) -> None:
    text = TEXT.replace("---\n", "---\noutcome: It is open.\n", 1)

    assert problems(folders.petition(tmp_path, en=text, be=text), live_on=TODAY) == []


def test_an_outcome_that_one_language_lacks_is_a_problem(tmp_path: Path) -> None:
    text = TEXT.replace("---\n", "---\noutcome: It is open.\n", 1)

    [(file, _, what)] = problems(folders.petition(tmp_path, en=text))

    assert file == "be.md"
    assert what == "It does not say what came of the petition, but “en” does."


def test_an_outcome_has_the_length_that_organisers_read_of(tmp_path: Path) -> None:
    assert "outcome: What came of the petition, at most 300 characters" in README.read_text("utf-8")
    text = TEXT.replace("---\n", f"---\noutcome: {'x' * 301}\n", 1)

    found = problems(folders.petition(tmp_path, en=text, be=text))

    assert [what.partition("; ")[2] for _, _, what in found] == ["at most 300 fit."] * 2


@pytest.mark.parametrize("name", ["title", "target", "lead", "summary", "risk", "risk_question"])
def test_the_lengths_that_organisers_read_of_are_those_that_fit(tmp_path: Path, name: str) -> None:
    told = re.search(rf"^{name}: .*at most (\d+)", README.read_text("utf-8"), re.MULTILINE)
    assert told
    line = f"{name}: {'x' * (int(told[1]) + 1)}"
    others = "risk: Some.\nrisk_question: You?\noutcome: It is open.\n"
    whole = folders.PETITION_TEXT.replace("---\n", f"---\n{others}", 1)
    text = re.sub(rf"^{name}: .*\n", f"{line}\n", whole, flags=re.MULTILINE)

    found = problems(folders.petition(tmp_path, en=text, be=whole))

    assert found[0][2].endswith(f"; at most {told[1]} fit.")


def test_what_words_are_spelt_with_is_no_mistake_although_nobody_sees_it(tmp_path: Path) -> None:
    text = folders.PETITION_TEXT.replace(
        "Please", "می\u200cخواهم \u2764\ufe0f\u200d\U0001f525\tPlease"
    )

    assert problems(folders.petition(tmp_path, en=text)) == []


@pytest.mark.parametrize("heading", ["## 1.", "## 1. &nbsp;", "## 1. \u200b", "## &#8203;", "##"])
def test_a_heading_that_shows_nothing_is_refused(tmp_path: Path, heading: str) -> None:
    old = "## 1. Now" if "1" in heading.partition("&#")[0] else "## Why"
    text = folders.PETITION_TEXT.replace(old, heading)

    assert problems(folders.petition(tmp_path, en=text))


def test_texts_that_together_are_too_large_to_be_stored_are_refused(tmp_path: Path) -> None:
    long = folders.PETITION_TEXT.replace("Leave it", "<" * 45_000 + " Leave it")
    longer = folders.PETITION_TEXT.replace("Leave it", "<" * 49_000 + " Leave it")

    [(file, line, what)] = problems(folders.petition(tmp_path, en=long, be=longer))

    assert (file, line) == ("be.md", 1)
    assert "take 379," in what
    assert "309,600 fit. This one takes the most: 196," in what


@pytest.mark.parametrize(("line", "discreet"), [("", True), ("discreet = false\n", False)])
def test_mails_reveal_nothing_unless_the_petition_says_otherwise(
    tmp_path: Path, line: str, discreet: bool
) -> None:
    folder = folders.petition(tmp_path, toml=line + folders.PETITION_TOML)

    assert read_petition(folder, live_on=TODAY).discreet is discreet


def test_whether_mails_are_discreet_is_yes_or_no(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, toml='discreet = "no"\n' + folders.PETITION_TOML)

    assert problems(folder) == [
        ("petition.toml", 1, "This says neither yes (true) nor no (false).")
    ]


def test_mails_of_the_first_petition_reveal_nothing() -> None:
    key = builders.ORGANISER_KEY.public_bytes

    assert read_petition(FIRST, development_key=key).discreet


def test_a_setting_offers_withdrawal_with_amendments(tmp_path: Path) -> None:
    toml = f"amendments_offer_withdrawal = true\n{folders.PETITION_TOML}"

    read = read_petition(folders.petition(tmp_path, toml=toml), live_on=TODAY)

    assert read.amendments_offer_withdrawal


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (TEXT.replace("shut for a year", "shut" + " for a year" * 9), 5, "has 32 words"),
        (TEXT.replace("Open it now.", "Open" + " it" * 30), 9, "first paragraph"),
        (TEXT.replace("lead:", "risk: Some.\nlead:"), 1, "“risk_question” is missing"),
        (TEXT.replace("lead:", "risk_question: You?\nlead:"), 1, "“risk” is missing"),
        (TEXT.replace("It has been", "### Whose\n\n### Why\nIt has been"), 17, "Nothing stands"),
    ],
)
def test_what_is_read_at_one_look_is_short_and_complete(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    found = problems(folders.petition(tmp_path, en=text))

    assert any((file, at) == ("en.md", line) and words in what for file, at, what in found), found


def test_what_follows_the_first_paragraph_of_a_demand_is_unfolded(tmp_path: Path) -> None:
    text = TEXT.replace("Open it now.", "Open it *now*.\n\nIt is late.\n\n- And cold.")

    demand, other = read_petition(folders.petition(tmp_path, en=text)).text("en").demands

    assert demand.html == "<p>Open it <em>now</em>.</p>\n"
    assert demand.details_html == "<p>It is late.</p>\n<ul>\n<li>And cold.</li>\n</ul>\n"
    assert other.details_html == ""


def test_the_advice_on_the_risk_opens_for_languages_of_the_petition_only(tmp_path: Path) -> None:
    folder = folders.petition(tmp_path, toml=f'risk_languages = ["be"]\n{folders.PETITION_TOML}')
    read = read_petition(folder)
    (folder / "petition.toml").write_text(
        f'risk_languages = ["pl"]\n{folders.PETITION_TOML}', "utf-8"
    )

    found = problems(folder)

    assert read.risk_languages == ("be",)
    assert [what for _, _, what in found] == ["“pl” is no language of this petition."]
