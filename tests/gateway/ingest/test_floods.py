"""SEC-14: more events of an account in a minute than anybody can mean are told, once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ingest import Floods
from tests.support.receiving import Bench, ManualClock, report


class Timers:
    def call_later(self, *_asked):
        return self

    def cancel(self) -> None:
        pass


class Story:
    def __init__(self, events_min: int = 60) -> None:
        self.clock = ManualClock()
        self.told: list[tuple[str, int]] = []
        self.floods = Floods(
            clock=self.clock, timers=Timers(), tell=lambda *said: self.told.append(said),
            events_min=events_min,
        )  # fmt: skip

    def second(self, *accounts: str) -> None:
        self.clock.go(1)
        self.floods.note([SimpleNamespace(account=account) for account in accounts])
        self.floods.sweep()


class TestSec14:
    def test_the_sixty_first_event_in_a_minute_is_a_flood_and_it_is_told_once(self):
        story = Story()
        for _ in range(30):
            story.second("1234", "1234", "5678")
        assert (story.told, story.floods.flooding) == ([], set())
        story.second("1234")
        assert story.told == [("1234", 61)]
        for _ in range(600):
            story.second("1234", "1234", "5678")
        assert story.floods.flooding == {"1234"}
        assert len(story.told) == 1

    def test_a_flood_ends_when_a_minute_is_quiet_enough(self):
        story = Story()
        for _ in range(40):
            story.second("1234", "1234")
        assert story.floods.flooding == {"1234"}
        for _ in range(70):
            story.second("5678")
        assert story.floods.flooding == set()
        for _ in range(40):
            story.second("1234", "1234")
        assert story.floods.flooding == {"1234"}
        assert len(story.told) == 1  # once an hour

    @pytest.mark.parametrize("each_s", [1.0, 2.0, 10.0])
    def test_up_to_sixty_a_minute_for_ever_is_none(self, each_s):
        story = Story()
        for second in range(1_000):
            story.second(*(["1234"] if second % each_s == 0 else []))
        assert story.told == []

    def test_reports_without_an_account_are_no_account(self):
        story = Story()
        for _ in range(100):
            story.second(*["_none"] * 10)
        assert story.told == []

    @settings(max_examples=50)
    @given(st.lists(st.integers(0, 8), min_size=1, max_size=300))
    def test_whoever_exceeds_it_within_fifty_seconds_floods_and_nobody_else(self, counts):
        story = Story(events_min=20)
        for second, count in enumerate(counts):
            story.second(*["1234"] * count)
            if count and sum(counts[max(0, second - 48) : second + 1]) > 20:
                assert story.floods.flooding == {"1234"}
            if sum(counts[max(0, second - 75) : second + 1]) <= 20:
                assert story.floods.flooding == set()
        assert all(total > 20 for _, total in story.told)

    def test_of_many_that_begin_at_once_all_are_known_and_twenty_a_second_are_told(self):
        story = Story()
        accounts = [str(number) for number in range(50)]
        story.second(*accounts * 100)
        assert story.floods.flooding == set(accounts)
        assert story.told == [(account, 100) for account in accounts[:20]]
        story.second()
        story.second()
        assert story.told == [(account, 100) for account in accounts]
        story.second(*accounts)
        assert len(story.told) == 50

    def test_every_event_of_a_flood_is_stored_and_acknowledged(self):
        bench, story = Bench(), Story()
        bench.restarted(stored=story.floods.note)
        for number in range(1, 1001):
            bench.receive(report(f"{number:04d}", data=b"1131 01 015"))
        story.floods.sweep()
        assert len(bench.entries) == 1000
        assert story.told == [("1234", 1000)]
