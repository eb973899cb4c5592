"""Event model 4 and receivers 1: which events belong together."""

from __future__ import annotations

import msgspec
import pytest

from gateway.accounts import Account, ZoneEntry
from gateway.contract.event import FollowOn
from gateway.normalise import Meaning, Neighbours
from protocols.sia_dc03 import SiaText
from protocols.surgard.message import Modifier, TwoWayAudio
from tests.support.meaning import account, all_sia, cid, meanings_of, sia

KEY = ("main", "1234")
OTHER = ("main", "9999")
LINK = "rx-1"


class Story:
    """Events one after the other, each with the id it was given."""

    def __init__(self) -> None:
        self.neighbours = Neighbours()

    def tell(
        self,
        event_id: str,
        meaning: Meaning,
        now: float,
        *,
        key: tuple[str, str] = KEY,
        link: str = LINK,
    ) -> tuple[FollowOn | None, str | None]:
        (joined,) = self.neighbours.join([meaning], key, link, [event_id], now)
        return joined


@pytest.fixture
def story() -> Story:
    return Story()


class TestRecentClose:
    """459 and CR name the zone alarm of the same area in the 60 s before them."""

    @pytest.mark.parametrize("closing", [cid("1459 01 004"), sia("Nri01/id4/CR")])
    def test_companion_of_the_zone_alarm(self, story: Story, closing: Meaning) -> None:
        story.tell("alarm", cid("1130 01 005"), 100.0)
        assert story.tell("recent", closing, 160.0) == (None, "alarm")

    def test_not_after_more_than_a_minute(self, story: Story) -> None:
        story.tell("alarm", cid("1130 01 005"), 100.0)
        assert story.tell("recent", cid("1459 01 004"), 160.1) == (None, None)

    def test_not_of_another_area(self, story: Story) -> None:
        story.tell("alarm", cid("1130 02 005"), 100.0)
        assert story.tell("recent", cid("1459 01 004"), 101.0) == (None, None)

    def test_the_alarm_of_this_area_behind_that_of_another(self, story: Story) -> None:
        story.tell("mine", cid("1130 01 005"), 100.0)
        story.tell("theirs", cid("1130 02 006"), 100.5)
        assert story.tell("recent", cid("1459 01 004"), 101.0) == (None, "mine")

    def test_not_of_another_account(self, story: Story) -> None:
        story.tell("alarm", cid("1130 01 005"), 100.0, key=OTHER)
        assert story.tell("recent", cid("1459 01 004"), 101.0) == (None, None)

    def test_not_of_an_alarm_without_a_zone(self, story: Story) -> None:
        story.tell("duress", cid("1121 01 005"), 100.0)
        assert story.tell("recent", cid("1459 01 004"), 101.0) == (None, None)

    def test_alone_it_is_the_alarm_itself(self, story: Story) -> None:
        assert story.tell("recent", cid("1459 01 004"), 101.0) == (None, None)


class TestFollowOn:
    @pytest.mark.parametrize("session", [cid("1606 00 000"), sia("NLF")])
    def test_listen_in_names_the_last_alarm_of_the_account(
        self, story: Story, session: Meaning
    ) -> None:
        story.tell("old", cid("1130 01 005"), 90.0)
        story.tell("alarm", cid("1122 01 005"), 100.0)
        story.tell("closing", cid("3401 01 005"), 101.0)
        story.tell("elsewhere", cid("1110 01 001"), 102.0, key=OTHER)
        expected = FollowOn(kind="audio", seconds=None, of="alarm")
        assert story.tell("session", session, 103.0) == (expected, None)

    def test_an_l_block_in_the_same_report(self) -> None:
        found = all_sia("NBA001|L90")
        _, (follow_on, _) = Neighbours().join(found, KEY, LINK, ["alarm", "session"], 5.0)
        assert follow_on == FollowOn(kind="audio", seconds=90, of="alarm")

    def test_video(self, story: Story) -> None:
        story.tell("alarm", cid("1130 01 005"), 100.0)
        follow_on, _ = story.tell("video", cid("1609 00 000"), 101.0)
        assert follow_on == FollowOn(kind="video", seconds=None, of="alarm")

    def test_without_an_alarm_before_it(self, story: Story) -> None:
        follow_on, _ = story.tell("session", cid("1606 00 000"), 101.0)
        assert follow_on == FollowOn(kind="audio", seconds=None, of=None)

    def test_an_alarm_long_ago_is_not_of_this_call(self, story: Story) -> None:
        story.tell("alarm", cid("1130 01 005"), 100.0)
        follow_on, _ = story.tell("session", cid("1606 00 000"), 701.0)
        assert follow_on is not None
        assert follow_on.of is None

    def test_two_way_audio_names_the_alarm_of_its_link(self, story: Story) -> None:
        """Its frame has account 0000 and comes at the end of the call."""
        (audio,) = meanings_of(TwoWayAudio(raw=b"", event_code="P", audio_line="03"))
        story.tell("alarm", cid("1130 01 005"), 100.0)
        story.tell("elsewhere", cid("1130 01 005"), 101.0, link="rx-2")
        follow_on, _ = story.tell("audio", audio, 110.0, key=("main", "0000"))
        assert follow_on == FollowOn(kind="audio", seconds=None, of="alarm")


def text_block(text: str) -> Meaning:
    """A DC-03 text block, sent once its event was acknowledged."""
    (found,) = meanings_of(SiaText(raw=b"", text=text))
    return msgspec.structs.replace(found, is_companion=True)


class TestTextBlock:
    """DC-03: a text belongs to the event before it."""

    def test_it_names_that_event(self, story: Story) -> None:
        story.tell("event", sia("Nri1/BA005"), 100.0)
        assert story.tell("text", text_block("HALL"), 102.0) == (None, "event")

    def test_it_waits_for_no_event_behind_it(self) -> None:
        neighbours = Neighbours()
        site = account()
        neighbours.enriched([text_block("HALL")], site, LINK, 100.0)
        event = sia("Nri1/BA005")
        assert neighbours.enriched([event], site, LINK, 101.0) == [event]


def test_928_names_the_event_whose_user_it_tells(story: Story) -> None:
    story.tell("bypass", cid("1570 01 005"), 100.0)
    assert story.tell("user", cid("1928 01 007"), 101.0) == (None, "bypass")
    assert story.tell("later", cid("1928 01 007"), 300.0) == (None, None)


class TestCompanionFrames:
    """A frame of its own adds to the account's next event on that link within 10 s."""

    @pytest.fixture
    def site(self) -> Account:
        return account(zones=(ZoneEntry(id="5", area="3", area_class="SECURED"), ZoneEntry(id="6")))

    def modifier(self, name: str, value: str) -> list[Meaning]:
        return meanings_of(Modifier(raw=b"", name=name, value=value))

    def test_ri_gives_the_area(self, site: Account) -> None:
        neighbours = Neighbours()
        companion = self.modifier("ri", "2")
        assert neighbours.enriched(companion, site, LINK, 100.0) is companion
        (found,) = neighbours.enriched([sia("NBA6")], site, LINK, 110.0)
        assert found.area.id == "2"
        assert found.zone is not None

    def test_the_zones_own_class_stands(self, site: Account) -> None:
        neighbours = Neighbours()
        neighbours.enriched(self.modifier("ri", "2"), site, LINK, 100.0)
        found = meanings_of(zones=(ZoneEntry(id="5", area_class="SECURED"),))
        (alarm,) = neighbours.enriched([sia("NBA5")], site, LINK, 101.0)
        assert found
        assert (alarm.area.id, alarm.area.class_) == ("2", "SECURED")

    def test_what_the_event_says_stands(self, site: Account) -> None:
        neighbours = Neighbours()
        neighbours.enriched(self.modifier("ri", "2"), site, LINK, 100.0)
        (found,) = neighbours.enriched([sia("Nri4/BA6")], site, LINK, 101.0)
        assert found.area.id == "4"

    def test_several_frames_add_up(self, site: Account) -> None:
        neighbours = Neighbours()
        neighbours.enriched(self.modifier("ri", "2"), site, LINK, 100.0)
        neighbours.enriched(self.modifier("id", "7"), site, LINK, 100.1)
        neighbours.enriched(self.modifier("lv", "1"), site, LINK, 100.2)
        neighbours.enriched(self.modifier("pi", "9"), site, LINK, 100.3)
        (found,) = neighbours.enriched([sia("NBA6")], site, LINK, 101.0)
        assert found.user is not None
        assert found.address is not None
        assert (found.area.id, found.user.id, found.address.id, found.text) == (
            "2",
            "7",
            "9",
            "lv 1",
        )

    def test_only_the_next_event(self, site: Account) -> None:
        neighbours = Neighbours()
        neighbours.enriched(self.modifier("ri", "2"), site, LINK, 100.0)
        neighbours.enriched([sia("NBA6")], site, LINK, 101.0)
        (second,) = neighbours.enriched([sia("NBA6")], site, LINK, 102.0)
        assert second.area.id is None

    @pytest.mark.parametrize(("link", "now"), [("rx-2", 101.0), (LINK, 110.1)])
    def test_neither_on_another_link_nor_later(self, site: Account, link: str, now: float) -> None:
        neighbours = Neighbours()
        neighbours.enriched(self.modifier("ri", "2"), site, LINK, 100.0)
        (found,) = neighbours.enriched([sia("NBA6")], site, link, now)
        assert found.area.id is None

    def test_nor_to_another_account(self, site: Account) -> None:
        neighbours = Neighbours()
        neighbours.enriched(self.modifier("ri", "2"), site, LINK, 100.0)
        (found,) = neighbours.enriched([sia("NBA6")], account(id="9999"), LINK, 101.0)
        assert found.area.id is None

    def test_a_companion_is_no_event_before_another(self, story: Story) -> None:
        story.tell("event", cid("1570 01 005"), 100.0)
        story.tell("companion", self.modifier("ri", "2")[0], 100.5)
        assert story.tell("user", cid("1928 01 007"), 101.0) == (None, "event")


def test_the_memory_is_bounded() -> None:
    neighbours = Neighbours(accounts=10, links=10)
    for number in range(1000):
        key = ("main", str(number))
        neighbours.join([cid("1130 01 005")], key, f"link-{number}", ["x"], 1.0)
        neighbours.join([cid("1130 01 005")], KEY, LINK, ["x"], 1.0)
    assert len(neighbours._past) <= 20
    assert len(neighbours._past.get(KEY).alarms) <= 8
    assert len(neighbours._on_link) + len(neighbours._on_link._old) <= 20
