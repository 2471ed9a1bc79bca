"""A browser helps to write: it keeps what is not saved, shrinks photographs, draws, and frames."""

import base64
import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from chalicelib.rendering.pictures import uploads
from tests.browser import accessibility
from tests.browser.accessibility import Scheme
from tests.browser.desk import DeskVisitor
from tests.browser.visitors import SLUG

WRITE = f"/desk/petitions/{SLUG}/write"
PAGES = (
    "",
    "/settings",
    "/texts/be",
    "/picture",
    "/versions",
    "/versions/1",
    "/preview/be",
    "/open",
    "/folder",
)


@pytest.fixture
def olga(arrive_at_desk: Callable[..., DeskVisitor]) -> DeskVisitor:
    """A steward of the petition of this repository, signed in."""
    olga = arrive_at_desk()
    olga.sign_in_by_cookie()
    return olga


def photograph() -> bytes:
    """A photograph of 1800 by 1200 pixels, with a mark beside them and smooth shades in it."""
    drawn = Image.radial_gradient("L").resize((1800, 1200)).convert("RGB")
    exif = Image.Exif()
    exif[0x013B] = "Anna of Minsk"
    file = io.BytesIO()
    drawn.save(file, "JPEG", exif=exif, quality=95)
    return file.getvalue()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_every_page_of_writing_can_be_read_by_everybody(
    olga: DeskVisitor, width: int, scheme: Scheme
) -> None:
    faults = {}
    for path in (*(WRITE + part for part in PAGES), "/desk/new"):
        olga.page.goto(path)
        found = [
            *accessibility.violations_on(olga.page, width=width, scheme=scheme),
            *accessibility.structure_faults(olga.page),
        ]
        if found:
            faults[path] = found

    assert faults == {}


def test_text_that_was_not_saved_comes_back_and_is_forgotten_once_it_is(
    olga: DeskVisitor,
) -> None:
    page = olga.page
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{WRITE}/texts/pl")
    lead = page.get_by_label("Lead", exact=True)
    typed = f"{lead.input_value()} Ważne."
    lead.fill(typed)

    page.goto(f"{WRITE}/settings")
    page.goto(f"{WRITE}/texts/pl")
    expect(lead).not_to_have_value(typed)
    page.get_by_role("button", name="Bring it back").click()
    expect(lead).to_have_value(typed)
    olga.press("Save")

    expect(lead).to_have_value(typed)
    expect(page.get_by_role("button", name="Bring it back")).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


def test_what_the_service_writes_in_its_own_way_counts_as_saved(olga: DeskVisitor) -> None:
    page = olga.page
    alarm = page.get_by_text("This tab still has text that was not saved.")
    page.goto(f"{WRITE}/settings")
    page.get_by_label("Goals").fill("100;  500 , 1000")
    page.get_by_label("Email").fill("half@")
    olga.press("Save")
    expect(page.get_by_label("Goals")).to_have_value("100, 500, 1000")
    expect(page.get_by_label("Email")).to_have_value("half@")
    expect(page.get_by_text("Saved. Version")).to_be_visible()
    expect(alarm).to_have_count(0)

    page.goto(f"{WRITE}/texts/pl")
    page.get_by_label("Lead", exact=True).fill("Two  spaces \n and a line.  ")
    olga.press("Save")
    expect(page.get_by_label("Lead", exact=True)).to_have_value("Two spaces and a line.")
    expect(alarm).to_have_count(0)
    page.reload()
    expect(alarm).to_have_count(0)


def test_a_choice_between_two_texts_is_saved_without_a_false_alarm(olga: DeskVisitor) -> None:
    page, other = olga.page, olga.page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{WRITE}/texts/pl")
    other.get_by_label("Title", exact=True).fill("Drzwi")
    olga.press("Save", other)
    expect(other.get_by_label("Title", exact=True)).to_have_value("Drzwi")
    page.get_by_label("Title", exact=True).fill("Okno ")
    olga.press("Save")

    page.get_by_label("Keep what you saved").check()
    olga.press("Save my choice")

    expect(page.get_by_label("Title", exact=True)).to_have_value("Drzwi")
    expect(page.get_by_text("This tab still has text")).to_have_count(0)


def test_a_photograph_is_cut_and_made_small_before_it_is_sent(olga: DeskVisitor) -> None:
    page = olga.page
    page.goto(f"{WRITE}/picture")
    file = FilePayload(name="IMG_1.jpg", mimeType="image/jpeg", buffer=photograph())

    page.get_by_label("Another picture").set_input_files(file)
    expect(page.get_by_role("status")).to_contain_text("Cut and made small")
    olga.press("Take this picture")

    expect(page.get_by_text("It lies on light")).to_contain_text("1200 × 480 pixels")
    address = page.get_by_role("img").get_attribute("src") or ""
    content = base64.b64decode(address.partition(",")[2])
    assert Image.open(io.BytesIO(content)).size == (1200, 480)
    assert len(content) <= 25_000
    assert b"Anna" not in content
    page.goto(f"{WRITE}/versions")
    olga.follow("1", exact=True)
    olga.press("Bring this version back")


def test_a_browser_that_hides_drawings_from_scripts_sends_no_noise(olga: DeskVisitor) -> None:
    page = olga.page
    noise = "CanvasRenderingContext2D.prototype.getImageData = () => ({data: [217, 246, 137, 15]})"
    page.add_init_script(noise)
    file = FilePayload(name="IMG_1.jpg", mimeType="image/jpeg", buffer=photograph())

    page.goto(f"{WRITE}/picture")
    page.get_by_label("Another picture").set_input_files(file)
    expect(page.get_by_role("status")).to_contain_text("as Tor Browser does")
    olga.press("Take this picture")

    expect(page.get_by_text("it must be five wide to two high")).to_be_visible()


def test_previews_are_framed_and_show_the_petition(olga: DeskVisitor) -> None:
    page = olga.page
    page.goto(f"{WRITE}/preview/be")

    for title, words in (
        ("The page on a phone", "Падпісаць"),
        ("The card for other sites", "падпісаць петыцыю"),
        ("The mail as plain text", "1234 5678"),
    ):
        frame = page.frame_locator(f'iframe[title="{title}"]')
        expect(frame.locator("body")).to_contain_text(words)


def test_the_image_of_the_link_is_drawn_in_each_language_before_it_is_published(
    olga: DeskVisitor,
) -> None:
    page = olga.page
    page.goto(f"{WRITE}/settings")
    page.get_by_label("Day of weekly mails").select_option("tuesday")
    olga.press("Save")

    page.goto(f"{WRITE}/open")
    _wait_for_images(page)
    images = page.evaluate(
        "[...document.querySelectorAll('input[name^=image]')].map(each => each.value)"
    )

    assert len(images) == 7
    for image in images:
        content = uploads.preview_image_of(base64.b64decode(image))
        assert Image.open(io.BytesIO(content)).size == uploads.PREVIEW_SIZE
        assert len(content) <= 60_000


def _wait_for_images(page: Page) -> None:
    page.wait_for_function(
        "[...document.querySelectorAll('input[name^=image]')].every(each => each.value)"
    )
