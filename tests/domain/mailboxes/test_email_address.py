"""Email addresses: which are valid, where mail goes, and which are one mailbox."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.mailboxes import mail_providers
from chalicelib.domain.mailboxes.email_address import BadAddress, EmailAddress, canonical, parse


@pytest.mark.parametrize(
    ("typed", "deliverable"),
    [
        ("hanna@example.org", "hanna@example.org"),
        ("  Hanna.Sh@Example.ORG ", "Hanna.Sh@example.org"),
        ("hanna@пошта.бел", "hanna@xn--80a1acn3a.xn--90ais"),
        ("hanna＠example.org", "hanna@example.org"),
        ("o'neil+door@example.co.uk", "o'neil+door@example.co.uk"),
    ],
)
def test_mail_goes_to_the_address_as_typed(typed: str, deliverable: str) -> None:
    address = parse(typed)

    assert address.deliverable == deliverable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hanna@example.org", "hanna@EXAMPLE.org"),
        ("ha.n.na+door@gmail.com", "hanna@googlemail.com"),
        ("han-na_1@proton.me", "hanna1@protonmail.com"),
        ("hanna@yandex.by", "hanna@ya.ru"),
        ("hanna+x@outlook.com", "hanna@outlook.com"),
    ],
)
def test_two_spellings_of_one_mailbox_have_one_canonical_form(one: str, other: str) -> None:
    assert parse(one).canonical == parse(other).canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ha.nna@example.org", "hanna@example.org"),
        ("hanna@outlook.com", "hanna@hotmail.com"),
    ],
)
def test_two_spellings_stay_two_where_the_provider_has_no_known_rules(one: str, other: str) -> None:
    assert parse(one).canonical != parse(other).canonical


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "hanna",
        "hanna@",
        "@example.org",
        "hanna@localhost",
        "ha nna@example.org",
        "hanna@example..org",
        '"hanna"@example.org',
        "hanna@[127.0.0.1]",
        "hanna@example.org\nbcc: x@example.org",
        "hanna@example.org, other@example.org",
        "ганна@example.org",
        "hanna\u202e@example.org",
        f"{'h' * 65}@example.org",
        f"hanna@{'d' * 250}.org",
        "hanna@-example.org",
    ],
)
def test_an_address_that_cannot_be_mailed_is_refused_with_a_reason(typed: str) -> None:
    with pytest.raises(BadAddress) as caught:
        parse(typed)

    assert caught.value.reason.text.endswith((".", "org"))


def test_a_local_part_that_ses_cannot_carry_gets_its_own_reason() -> None:
    with pytest.raises(BadAddress) as caught:
        parse("ганна@example.org")

    assert "before the @" in caught.value.reason.text


def test_a_cyrillic_letter_before_the_at_sign_is_named_as_such() -> None:
    with pytest.raises(BadAddress) as caught:
        parse("h\u0430nna@example.org")

    assert "Cyrillic" in caught.value.reason.text
    assert caught.value.reason.values == {"character": "\u0430"}


@pytest.mark.parametrize("domain", ["firmжa.org", "exampleλ.org", "xn--firma-8we.org"])
def test_a_label_of_two_alphabets_is_refused_if_no_latin_one_looks_like_it(domain: str) -> None:
    with pytest.raises(BadAddress) as caught:
        parse(f"hanna@{domain}")

    assert "After the @" in caught.value.reason.text


@pytest.mark.parametrize("domain", ["почта.рф", "пошта.бел", "пошта.example", "mail.рф"])
def test_a_label_of_one_alphabet_is_taken(domain: str) -> None:
    assert parse(f"hanna@{domain}").deliverable.isascii()


def test_an_address_does_not_show_in_a_traceback() -> None:
    assert "hanna" not in repr(parse("hanna@example.org"))


@given(st.text(max_size=300))
def test_any_text_is_either_an_address_or_refused(typed: str) -> None:
    try:
        address = parse(typed)
    except BadAddress:
        return

    assert isinstance(address, EmailAddress)
    assert address.deliverable.isascii()
    assert parse(address.deliverable).canonical == address.canonical


LOCAL = st.from_regex(
    r"[a-zA-Z0-9]([a-zA-Z0-9_+-]{0,12}[a-zA-Z0-9])?(\.[a-zA-Z0-9]{1,6})?", fullmatch=True
)
KNOWN_PROVIDERS = sorted(mail_providers.RULES.keys() - {"simulator.amazonses.com"})
OTHER_PROVIDERS = ("example.org", "posteo.de", "riseup.net", "mail.ru", "tut.by", "gmail.org")
LETTERS = "абвгдежзійклмнопрстуўфхцчшыьэюяäöüßéçñłø"
LABEL = st.text(LETTERS, min_size=2, max_size=10)


@given(LOCAL, st.sampled_from([*KNOWN_PROVIDERS, *OTHER_PROVIDERS]))
def test_the_canonical_form_of_a_canonical_form_is_itself(local: str, domain: str) -> None:
    once = parse(f"{local}@{domain}").canonical

    assert canonical(once) == once


@given(LOCAL, st.sampled_from([*KNOWN_PROVIDERS, *OTHER_PROVIDERS]))
def test_the_canonical_form_never_changes_where_mail_goes(local: str, domain: str) -> None:
    assert parse(f"{local}@{domain}").deliverable == f"{local}@{domain}"


@given(LOCAL, LOCAL, st.sampled_from(OTHER_PROVIDERS))
def test_two_local_parts_are_two_mailboxes_where_the_provider_has_no_known_rules(
    one: str, other: str, domain: str
) -> None:
    one, other = (local.replace("+", "x") for local in (one, other))
    same = parse(f"{one}@{domain}").canonical == parse(f"{other}@{domain}").canonical

    assert same == (one.lower() == other.lower())


@given(LOCAL, st.sampled_from([*KNOWN_PROVIDERS, *OTHER_PROVIDERS]), st.data())
def test_capitals_make_no_other_mailbox(local: str, domain: str, data: st.DataObject) -> None:
    spelt = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in local)

    assert parse(f"{spelt}@{domain.upper()}").canonical == parse(f"{local}@{domain}").canonical


@given(LOCAL, LOCAL, st.sampled_from([*KNOWN_PROVIDERS, *OTHER_PROVIDERS]))
def test_a_sub_address_is_the_same_mailbox_and_mail_still_goes_there(
    local: str, tag: str, domain: str
) -> None:
    local = local.replace("+", "")
    tagged, plain = parse(f"{local}+{tag}@{domain}"), parse(f"{local}@{domain}")

    assert tagged.canonical == plain.canonical
    assert tagged.deliverable != plain.deliverable


@given(LOCAL, st.sampled_from(KNOWN_PROVIDERS), st.data())
def test_dots_are_ignored_only_where_the_provider_ignores_them(
    local: str, domain: str, data: st.DataObject
) -> None:
    local = local.replace(".", "").replace("+", "") + "x"
    place = data.draw(st.integers(1, len(local) - 1))
    dotted = parse(f"{local[:place]}.{local[place:]}@{domain}").canonical

    dots_count = "." not in mail_providers.RULES[domain].ignored
    assert (dotted == parse(f"{local}@{domain}").canonical) != dots_count


@given(LOCAL, LABEL)
def test_a_domain_in_unicode_and_in_punycode_is_one_mailbox(local: str, label: str) -> None:
    try:
        written = parse(f"{local}@{label}.бел")
    except BadAddress:
        return
    domain = written.deliverable.rpartition("@")[2]

    assert domain.isascii()
    assert parse(f"{local}@{domain}") == written
    assert parse(f"{local}@{label.upper()}.БЕЛ").canonical == written.canonical or "ß" in label
