"""Mistyped domains: each is asked about, and no real one."""

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import MistypedDomain
from chalicelib.domain.mailboxes import domain_typos, mail_providers
from chalicelib.domain.mailboxes.email_address import parse
from chalicelib.rendering import build_output

MISTYPED = [
    *[("gmial.com", "gmail.com"), ("gmai.com", "gmail.com"), ("gmal.com", "gmail.com")],
    *[("gmaill.com", "gmail.com"), ("gamil.com", "gmail.com"), ("gnail.com", "gmail.com")],
    *[("mgail.com", "gmail.com"), ("gmail.con", "gmail.com"), ("gmail.co", "gmail.com")],
    *[("gmail.cm", "gmail.com"), ("gmail.om", "gmail.com"), ("gmail.comm", "gmail.com")],
    *[("gmail.c", "gmail.com"), ("gmial.con", "gmail.com"), ("gmаil.com", "gmail.com")],
    *[("gmail.соm", "gmail.com"), ("googlmail.com", "googlemail.com")],
    *[("hotmial.com", "hotmail.com"), ("hotmail.co", "hotmail.com"), ("hotmai.fr", "hotmail.fr")],
    *[("outlok.com", "outlook.com"), ("outlook.cmo", "outlook.com"), ("yahooo.com", "yahoo.com")],
    *[("yaho.co.uk", "yahoo.co.uk"), ("iclould.com", "icloud.com"), ("icloud.con", "icloud.com")],
    *[("proton.m", "proton.me"), ("porton.me", "proton.me"), ("protonmial.com", "protonmail.com")],
    *[("tutanota.con", "tutanota.com"), ("tutonota.com", "tutanota.com")],
    *[("yandex.r", "yandex.ru"), ("yandex.rn", "yandex.ru"), ("yandx.ru", "yandex.ru")],
    *[("yandex.b", "yandex.by"), ("yadnex.by", "yandex.by"), ("mail.r", "mail.ru")],
    *[("mail.рy", "mail.ru"), ("mail.ру", "mail.ru"), ("mail.rru", "mail.ru")],
    *[("tut.b", "tut.by"), ("tut.bу", "tut.by"), ("wp.p", "wp.pl"), ("ukr.ner", "ukr.net")],
    *[("firma.con", "firma.com"), ("firma.соm", "firma.com"), ("ngo.ogr", "ngo.org")],
    *[("exаmple.org", "example.org"), ("exаmple.соm", "example.com"), ("fοrm.org", "form.org")],
]
REAL = """
    mail.com email.com ymail.com gmx.com gmx.net gmx.at gmx.ch gmx.de ya.ru gmail.ru live.ru
    hotmail.ru hotmail.co.uk hotmail.com.br outlook.de outlook.co.id yahoo.fr yahoo.co.jp aol.com
    aim.com cloud.com me.com mac.com icloud.com.cn proton.eu proton.de photon.me protonvpn.com
    tuta.com tuta.io tutamail.com yandex.net yandex.eu yandex-team.ru rambler.ru ro.ru inbox.ru
    inbox.lv inbox.lt list.ru bk.ru mail.ua mail.by mail.de mail.ch mail.bg mail.ee tut.by bsu.by
    bntu.by belta.by nn.by reform.news zerkalo.io gazeta.pl onet.pl onet.eu o2.pl wp.pl op.pl
    interia.eu web.de freenet.de posteo.net posteo.org post.cz seznam.cz centrum.cz volny.cz
    orange.fr free.fr sfr.fr laposte.net libero.it liberi.it libera.it tiscali.it abv.bg ukr.net
    i.ua meta.ua bigmir.net riseup.net disroot.org autistici.org systemli.org mailbox.org
    fastmail.com fastmail.de hey.com zoho.com zoho.eu qq.com 163.com naver.com comcast.net
    viasna.org spring96.org amnesty.org hrw.org un.org ohchr.org osce.org coe.int europa.eu
    ox.ac.uk uw.edu.pl vu.lt ehu.lt bbc.co.uk dw.com svoboda.org belsat.eu google.com apple.com
    microsoft.com amazon.com example.org firma.co t.co x.com g.co kom.lt com.by grail.com
    gmail.de gotmail.com homemail.com snailmail.com yahoo.net yale.edu outback.com
"""


@pytest.mark.parametrize(("typed", "meant"), MISTYPED)
def test_a_mistyped_domain_has_a_suggestion(typed: str, meant: str) -> None:
    assert domain_typos.suggestion(parse(f"hanna@{typed}").domain) == meant


@pytest.mark.parametrize("domain", REAL.split())
def test_a_real_domain_has_none(domain: str) -> None:
    assert domain_typos.suggestion(domain) == ""


def test_many_real_domains_were_tried() -> None:
    assert len(set(REAL.split())) >= 100


def test_no_large_provider_is_taken_for_another() -> None:
    assert [d for d in mail_providers.LARGE if domain_typos.suggestion(d)] == []


def test_of_ten_thousand_real_domains_only_typos_of_providers_are_asked_about() -> None:
    domains = build_output.text("disposable.txt").splitlines()

    asked = {domain: meant for domain in domains if (meant := domain_typos.suggestion(domain))}

    assert len(domains) > 10_000
    assert asked == {
        "gmial.com": "gmail.com",
        "hotmai.com": "hotmail.com",
        "hotmial.com": "hotmail.com",
    }


def test_an_ending_is_only_called_wrong_if_it_does_not_exist() -> None:
    # The list of IANA, as hypothesis brings it.
    listed = (files("hypothesis.vendor") / "tlds-alpha-by-domain.txt").read_text("utf-8")
    existing = {line.lower() for line in listed.splitlines() if not line.startswith("#")}
    existing |= {
        ending.removeprefix("xn--").encode().decode("punycode")
        for ending in existing
        if ending.startswith("xn--")
    }

    assert len(existing) > 1000
    assert existing.isdisjoint(domain_typos._MEANT_ENDINGS)


@pytest.mark.parametrize("domain", ["пошта.бел", "почта.рф", "хор.бел", "сайт.ком", "оса.орг"])
def test_a_domain_in_cyrillic_letters_is_not_mistyped(domain: str) -> None:
    assert domain_typos.suggestion(parse(f"hanna@{domain}").domain) == ""


@given(st.sampled_from(sorted(mail_providers.LARGE)), st.data())
def test_a_suggestion_is_never_mistyped_itself(domain: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(domain) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    try:
        mistyped = parse(f"hanna@{domain[:place]}{letter}{domain[place + 1 :]}").domain
    except ValueError:
        return

    assert domain_typos.suggestion(domain_typos.suggestion(mistyped) or "example.org") == ""


def test_the_sender_of_a_form_says_which_address_is_meant() -> None:
    typed = parse("Hanna@gmial.com")

    with pytest.raises(MistypedDomain) as question:
        domain_typos.settle(typed, {})

    assert (question.value.domain, question.value.meant) == ("gmial.com", "gmail.com")
    assert "anna" not in str(question.value)
    assert domain_typos.settle(typed, {"instead": "gmail.com"}) == parse("Hanna@gmail.com")
    assert domain_typos.settle(typed, {"as_typed": "gmial.com"}) == typed


@pytest.mark.parametrize(
    "fields",
    [{"instead": "example.org"}, {"as_typed": "gmail.com"}, {"instead": "", "as_typed": ""}],
)
def test_an_answer_about_another_domain_is_no_answer(fields: dict[str, str]) -> None:
    with pytest.raises(MistypedDomain):
        domain_typos.settle(parse("hanna@gmial.com"), fields)


def test_an_answer_changes_no_other_address() -> None:
    address = parse("hanna@proton.me")

    assert domain_typos.settle(address, {"instead": "gmail.com"}) == address
