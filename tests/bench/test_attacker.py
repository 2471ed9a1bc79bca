"""What the limits allow one attacker, beyond what the script tries."""

from hypothesis import given
from hypothesis import strategies as st

from bench.attacker import Tactic, allowed

LIMITS = st.fixed_dictionaries(
    {
        "posts_per_network": st.integers(1, 1000),
        "proof_posts_per_network": st.integers(1, 1000),
        "slow_posts_per_network": st.integers(1, 1000),
    }
)


@given(
    limits=LIMITS,
    tactic=st.sampled_from(Tactic),
    networks=st.integers(1, 1000),
    mailboxes=st.integers(1, 100_000),
)
def test_nobody_signs_more_often_than_mailboxes_and_limits_allow(
    limits: dict[str, int], tactic: Tactic, networks: int, mailboxes: int
) -> None:
    hour = allowed(limits, tactic, networks=networks, mailboxes=mailboxes)

    assert hour.forms <= networks * limits["posts_per_network"]
    assert hour.held >= 0
    assert hour.counted >= 0
    assert hour.counted + hour.held == min(mailboxes, hour.forms)
    assert hour.proofs <= hour.forms
