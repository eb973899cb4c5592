"""Faults are drawn by share from a seed, and read from what a technician types."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.faults import PANEL_FAULTS, RECEIVER_FAULTS, Fault, Faults, noise, parse_faults


def test_shares_are_kept_and_the_seed_decides() -> None:
    faults = Faults({Fault.SPLIT: 0.25})
    drawn = [faults.draw(random) for random in [Random(1)] for _ in range(4000)]
    assert 800 < sum(Fault.SPLIT in each for each in drawn) < 1200
    again = Random(1)
    assert drawn == [faults.draw(again) for _ in range(4000)]


def test_words_are_read() -> None:
    faults = parse_faults(["lost-ack", "split=0.5"])
    assert faults.shares == {Fault.LOST_ACK: 1.0, Fault.SPLIT: 0.5}


@pytest.mark.parametrize("word", ["lost", "split=2", "split=x", "broken-body", "split=nan"])
def test_mistakes_are_told(word: str) -> None:
    with pytest.raises(ValueError, match=word.partition("=")[0]):
        parse_faults([word], allowed=PANEL_FAULTS)


def test_every_fault_belongs_to_a_panel_or_a_receiver() -> None:
    assert set(Fault) == PANEL_FAULTS | RECEIVER_FAULTS


@given(st.integers())
def test_noise_holds_nothing_that_begins_or_ends_a_frame(seed: int) -> None:
    assert not set(noise(Random(seed), length=200)) & set(b'\n\r\x14\x06\x15"[]#@0123456789')
