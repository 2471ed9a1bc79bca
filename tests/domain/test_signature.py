"""The sign form: what it accepts and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import InvalidForm
from chalicelib.domain.signature import MAX_NAME_CHARACTERS, SignatureRequest, read_sign_form
from tests.builders import NOW, sign_form


def read(**changes: str) -> SignatureRequest:
    return read_sign_form(sign_form(**changes), slug="open-door", language="be", now=NOW)


def test_a_filled_in_form_becomes_a_request() -> None:
    request = read(alerts="yes")

    assert request.name == "Ганна Ш."
    assert request.address.deliverable == "hanna@example.org"
    assert request.country == "PL"
    assert request.alerts
    assert request.requested_at == NOW


def test_country_and_alerts_may_be_left_empty() -> None:
    request = read(country="", alerts="")

    assert request.country == ""
    assert not request.alerts


@pytest.mark.parametrize(
    "name", ["Ян", "María-José O’Connor", "李小龍", "محمد", "Мікалай Аляксандравіч", "मीरा‍ देवी"]
)
def test_names_in_any_script_are_accepted(name: str) -> None:
    assert read(name=f"  {name} ").name == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " \t ",
        "12345",
        "...",
        "Hanna\x00",
        "Hanna\u202eanna",
        "Hanna\u2066x",
        "Ha\ufeffnna",
        "Ha\x1b[2Jnna",
        "Hanna\ud800",
        "x" * (MAX_NAME_CHARACTERS + 1),
    ],
)
def test_text_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidForm) as caught:
        read(name=name)

    assert list(caught.value.errors) == ["name"]


def test_line_breaks_in_a_name_become_spaces() -> None:
    assert read(name="Hanna\r\nSh").name == "Hanna Sh"


@pytest.mark.parametrize("country", ["XX", "pol", "P", "🇵🇱", "<b>"])
def test_a_country_that_does_not_exist_is_refused(country: str) -> None:
    with pytest.raises(InvalidForm) as caught:
        read(country=country)

    assert list(caught.value.errors) == ["country"]


def test_a_box_that_is_neither_ticked_nor_empty_is_refused() -> None:
    with pytest.raises(InvalidForm) as caught:
        read(alerts="on, and more")

    assert list(caught.value.errors) == ["alerts"]


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(InvalidForm) as caught:
        read_sign_form({"country": "??"}, slug="open-door", language="en", now=NOW)

    assert list(caught.value.errors) == ["name", "email", "country"]


@given(st.dictionaries(st.sampled_from(["name", "email", "country", "alerts"]), st.text()))
def test_any_form_is_either_a_request_or_refused(form: dict[str, str]) -> None:
    try:
        request = read_sign_form(form, slug="open-door", language="en", now=NOW)
    except InvalidForm:
        return

    assert 1 <= len(request.name) <= MAX_NAME_CHARACTERS


def test_a_request_does_not_show_in_a_traceback() -> None:
    shown = repr(read())

    assert "Ганна" not in shown
    assert "hanna" not in shown
