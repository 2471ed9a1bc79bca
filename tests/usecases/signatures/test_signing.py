"""Signing, confirming and withdrawing, from the form to the count."""

import re

from tests.world import World


def test_a_person_signs_confirms_and_is_counted(world: World) -> None:
    requested = world.sign(email="hanna@example.org")
    world.deliver_all()
    confirmed = world.post(world.link(), {})
    world.deliver_all()

    assert requested.status_code == confirmed.status_code == 200
    assert world.count() == 1
    [record] = world.unsealed()
    assert record["name"] == "Ганна Ш."
    assert record["email"] == "hanna@example.org"
    assert record["country"] == "PL"
    assert record["confirmed_at"] == "2026-03-08T12:00:00+00:00"


def test_nothing_is_stored_before_the_confirmation(world: World) -> None:
    world.sign(email="hanna@example.org")
    world.deliver_all()

    assert world.signatures() == []
    assert world.subscriptions() == []


def test_reading_the_confirmation_page_confirms_nothing(world: World) -> None:
    world.sign()
    world.deliver_all()

    page = world.get(world.link())
    world.deliver_all()

    assert page.status_code == 200
    assert b"<button>" in page.body
    assert world.signatures() == []


def test_a_second_click_on_the_link_changes_nothing(world: World) -> None:
    world.sign()
    world.deliver_all()
    first = world.post(world.link(), {})
    before = world.signatures()

    second = world.post(world.link(), {})
    third = world.post(world.link(), {})
    world.deliver_all()

    assert first.status_code == second.status_code == 200
    assert "Your signature is sealed." in first.body.decode()
    assert "That signature stands" in second.body.decode()
    assert second.body == third.body
    assert world.signatures() == before
    assert world.count() == 1


def test_the_code_from_the_mail_confirms_as_well(world: World) -> None:
    page = world.sign().body.decode()
    world.deliver_all()
    pending = re.search(r'name="pending" value="([^"]+)"', page)
    code = re.search(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", world.mails()[-1].text, re.MULTILINE)
    assert pending
    assert code

    response = world.post("/en/open-door/code", {"pending": pending[1], "code": code[1].lower()})
    world.deliver_all()

    assert response.status_code == 200
    assert world.count() == 1


def test_a_wrong_code_comes_back_with_its_value(world: World) -> None:
    page = world.sign().body.decode()
    pending = re.search(r'name="pending" value="([^"]+)"', page)
    assert pending

    response = world.post("/en/open-door/code", {"pending": pending[1], "code": "AAAA AAAB"})

    assert response.status_code == 422
    assert pending[1] in response.body.decode()
    assert "AAAA AAAB" in response.body.decode()
    assert world.signatures() == []


def test_a_code_expires_long_before_the_link(world: World) -> None:
    page = world.sign().body.decode()
    world.deliver_all()
    pending = re.search(r'name="pending" value="([^"]+)"', page)
    code = re.search(r"^([A-Z0-9]{4} [A-Z0-9]{4})$", world.mails()[-1].text, re.MULTILINE)
    assert pending
    assert code
    world.clock.advance(hours=5)

    response = world.post("/en/open-door/code", {"pending": pending[1], "code": code[1]})
    link = world.post(world.link(), {})

    assert response.status_code == 422
    assert link.status_code == 200


def test_the_page_does_not_reveal_whether_an_address_has_signed(world: World) -> None:
    new = world.sign(email="hanna@example.org")
    pending = world.sign(email="hanna@example.org")
    world.deliver_all()
    world.post(world.link(), {})
    signed = world.sign(email="hanna@example.org")

    def without_token(body: bytes) -> str:
        return re.sub(r'name="pending" value="[^"]+"', "", body.decode())

    assert new.status_code == pending.status_code == signed.status_code
    assert without_token(new.body) == without_token(pending.body) == without_token(signed.body)


def test_a_signer_who_signs_again_gets_a_mail_with_the_own_page(world: World) -> None:
    world.sign_and_confirm(email="hanna@example.org")

    world.sign(email="Hanna@Example.org")
    world.deliver_all()

    mail = world.mails()[-1]
    assert "You have already signed" in mail.text
    assert "/en/manage/" in world.link(mail)
    assert world.count() == 1


def test_an_expired_link_confirms_nothing(world: World) -> None:
    world.sign()
    world.deliver_all()
    world.clock.advance(days=8)

    response = world.post(world.link(), {})

    assert response.status_code == 410
    assert "expired" in response.body.decode()
    assert world.signatures() == []


def test_a_withdrawn_signature_is_deleted_and_lowers_the_count(world: World) -> None:
    world.sign_and_confirm()
    link = world.ask_for_own_page()

    page = world.get(link)
    response = world.post(link, {"do": "withdraw"})
    world.deliver_all()

    assert page.status_code == response.status_code == 200
    assert world.count() == 0
    [tombstone] = world.signatures()
    assert not {"sealed", "country", "language", "confirmed_at"} & set(tombstone)


def test_a_second_withdrawal_changes_nothing(world: World) -> None:
    world.sign_and_confirm()
    world.withdraw()
    before = world.signatures()

    again = world.post(world.link(), {"do": "withdraw"})
    world.deliver_all()

    assert again.status_code == 200
    assert world.signatures() == before
    assert world.count() == 0


def test_an_old_link_does_not_restore_a_withdrawn_signature(world: World) -> None:
    world.sign()
    world.deliver_all()
    confirmation = world.link()
    world.post(confirmation, {})
    world.clock.advance(minutes=1)
    world.withdraw()

    world.post(confirmation, {})
    world.deliver_all()

    assert world.count() == 0
    assert world.unsealed() == []


def test_a_signer_may_sign_again_after_withdrawing(world: World) -> None:
    world.sign_and_confirm()
    world.withdraw()
    world.clock.advance(minutes=1)

    world.sign_and_confirm()

    assert world.count() == 1
    assert len(world.unsealed()) == 1


def test_asking_to_withdraw_does_not_reveal_whether_an_address_has_signed(world: World) -> None:
    world.sign_and_confirm(email="hanna@example.org")

    signed = world.post("/en/open-door/manage", {"email": "hanna@example.org"})
    unknown = world.post("/en/open-door/manage", {"email": "nobody@example.org"})
    world.deliver_all()

    assert signed.body == unknown.body
    assert "nothing under this address" in " ".join(
        world.mails("nobody@example.org")[-1].text.split()
    )


def test_a_closed_petition_takes_withdrawals_but_no_signatures(world: World) -> None:
    world.sign_and_confirm()
    world.clock.advance(days=365)

    refused = world.sign(email="late@example.org")
    world.withdraw()
    world.deliver_all()

    assert refused.status_code == 403
    assert world.count() == 0


def test_a_signature_requested_before_the_close_may_be_confirmed_after_it(world: World) -> None:
    closes_at = world.publish().closes_at
    world.clock.moment = closes_at
    world.clock.advance(minutes=-1)
    world.sign()
    world.deliver_all()
    world.clock.advance(hours=1)

    response = world.post(world.link(), {})
    world.deliver_all()

    assert response.status_code == 200
    assert world.count() == 1


def test_two_spellings_of_one_mailbox_are_one_signature(world: World) -> None:
    world.sign_and_confirm(email="han.na@gmail.com")

    world.sign(email="hanna+again@googlemail.com")
    world.deliver_all()

    assert "You have already signed" in world.mails("hanna+again@googlemail.com")[-1].text
    assert len(world.unsealed()) == 1


def test_alerts_need_their_own_consent(world: World) -> None:
    world.sign_and_confirm(email="one@example.org")
    world.sign_and_confirm(email="two@example.org", alerts="yes")

    assert world.count() == 2
    assert len(world.subscriptions()) == 1


def test_the_mails_of_an_address_are_capped_a_day(world: World) -> None:
    cap = world.services.settings.mails_per_network
    for _ in range(cap + 5):
        assert world.sign(email="hanna@example.org").status_code == 200
    world.deliver_all()

    assert len(world.mails("hanna@example.org")) == cap

    world.clock.advance(days=1)
    world.sign(email="hanna@example.org")
    world.deliver_all()

    assert len(world.mails("hanna@example.org")) == cap + 1


def test_a_form_over_the_limit_of_the_network_comes_back_with_its_values(world: World) -> None:
    world.environment["ZAKLIK_POSTS_PER_NETWORK"] = "2"
    world.restart()
    responses = [world.sign(email=f"p{number}@example.org") for number in range(3)]

    assert [response.status_code for response in responses] == [200, 200, 429]
    assert "p2@example.org" in responses[2].body.decode()

    world.clock.advance(hours=1)
    assert world.sign().status_code == 200
