"""What the operator types to look after the service."""

import pytest

from chalicelib.store.integrity import tallies
from ops import compiling
from tests.ops.pseudo_terminal import zaklik
from tests.world import World


def test_a_count_that_drifted_is_repaired(operator: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chalicelib.usecases.integrity.tallying.SETTLING_SECONDS", 0.0)
    operator.sign_and_confirm()
    assert "Every count is right" in zaklik("tally", "reconcile").stdout
    seen = tallies.get(operator.services.petitions, "open-door")
    tallies.repair(operator.services.petitions, seen, count=8, countries={"": 8})

    repaired = zaklik("tally", "reconcile")

    assert "“open-door” was wrong and has been changed by -8" in repaired.stdout
    assert operator.count() == 1


def test_figures_of_countries_that_drifted_are_repaired(
    operator: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.usecases.integrity.tallying.SETTLING_SECONDS", 0.0)
    operator.sign_and_confirm(country="PL")
    seen = tallies.get(operator.services.petitions, "open-door")
    tallies.repair(operator.services.petitions, seen, count=0, countries={"LT": 8})

    repaired = zaklik("tally", "reconcile")

    assert "Figures of countries of “open-door” were wrong" in repaired.stdout
    assert "Every count is right" in zaklik("tally", "reconcile").stdout


def test_compiling_says_for_which_languages() -> None:
    everything = ", ".join(compiling.languages())

    assert zaklik("compile").stdout == f"✓ Compiled for {everything}.\n"
