"""What one attacker achieves: the law, beyond what is tried on moto."""

from hypothesis import given
from hypothesis import strategies as st

from bench.attacker import Way, law
from ops.deploying.limits import DEFAULTS

LIMITS = st.fixed_dictionaries(
    {
        "posts_per_network": st.integers(1, 1000),
        "proof_posts_per_network": st.integers(1, 1000),
        "slow_posts_per_network": st.integers(1, 1000),
    }
)


@given(
    limits=LIMITS,
    way=st.sampled_from(Way),
    networks=st.integers(1, 1000),
    mailboxes=st.integers(1, 100_000),
)
def test_nobody_signs_more_often_than_mailboxes_and_shares_of_networks_allow(
    limits: dict[str, int], way: Way, networks: int, mailboxes: int
) -> None:
    hour = law(limits, way, networks=networks, mailboxes=mailboxes)

    assert hour.forms <= networks * limits["posts_per_network"]
    assert hour.held >= 0
    assert hour.counted >= 0
    assert hour.counted + hour.held == min(mailboxes, hour.forms)
    assert hour.proofs <= hour.forms


def test_with_the_defaults_a_network_gives_six_hundred_to_who_works_and_sixty_to_who_does_not() -> (
    None
):
    hours = {way: law(DEFAULTS, way, networks=1, mailboxes=10_000) for way in Way}

    assert [hours[way].forms for way in Way] == [60, 80, 600, 20]
    assert hours[Way.WORKING].proofs == 540
