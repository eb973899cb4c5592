"""A damaged frame of a panel is refused in words where its family has one, and never stored."""

import pytest

from gateway.admission import InputPolicy
from protocols._core import Verdict
from tests.support.receiving import PANEL, Bench, rejected


@pytest.mark.parametrize(
    ("refuses", "is_sound", "verdict"),
    [
        (True, True, Verdict.DUH),
        (True, False, Verdict.SILENCE),
        (False, True, Verdict.SILENCE),
    ],
)
def test_a_panel_hears_of_it_only_where_its_family_has_a_word(refuses, is_sound, verdict):
    bench = Bench(ip_1=InputPolicy(is_receiver=False, refuses=refuses))
    bad = rejected(b"damaged", sound=is_sound)
    for _ in range(5):  # a panel's link is not believed on its third copy
        assert bench.receive(bad, origin=PANEL) == [verdict]
    assert bench.entries == []
