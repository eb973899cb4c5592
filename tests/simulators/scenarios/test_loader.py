"""The stories that travel with the program, and what is told about a story with mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulators.scenarios import Deed, Happening, StoryError, load, meanings, names, parse

ASKED_FOR = {
    "burglary", "exit-error", "open-close", "power", "hold-up", "fire", "path-loss", "swinger",
    "restart", "periodic-test", "backlog", "duress",
}  # fmt: skip


def test_every_story_asked_for_is_there() -> None:
    assert set(names()) >= ASKED_FOR


@pytest.mark.parametrize("name", names())
class TestEachStory:
    def test_it_loads_and_tells_something_in_order_of_time(self, name: str) -> None:
        moments = load(name).moments()
        assert any(isinstance(moment.what, Happening) for moment in moments)
        assert [m.at_s for m in moments] == sorted(m.at_s for m in moments)

    def test_its_file_explains_itself(self, name: str) -> None:
        text = Path("simulators/scenarios", f"{name}.toml").read_text()
        assert text.startswith("# ")

    def test_two_alarms_in_it_are_never_the_same_report(self, name: str) -> None:
        """Without a sequence number (Sur-Gard) only the content tells two reports apart."""
        previous: Happening | None = None
        for moment in load(name).moments():
            if isinstance(moment.what, Happening):
                assert moment.what != previous or moment.what.meaning.address == "none"
                previous = moment.what


def test_the_backlog_story_gathers_more_than_one_event_during_its_outage() -> None:
    moments = load("backlog").moments()
    outage = next(m for m in moments if isinstance(m.what, Deed))
    within = [m for m in moments if outage.at_s < m.at_s < outage.at_s + outage.what.lasts_s]
    assert len(within) > 20


def test_the_swinger_trips_and_restores_in_turn() -> None:
    names_ = [m.what.name for m in load("swinger").moments() if isinstance(m.what, Happening)]
    assert names_[:4] == ["perimeter_alarm", "perimeter_restored"] * 2


class TestMistakes:
    def test_all_are_told_at_once_each_with_its_place(self) -> None:
        text = """
            title = "x"
            colour = "red"
            [[steps]]
            after_s = -1
            event = "fire"
            [[steps]]
            after_s = 0
            event = "fier"
            [[steps]]
            after_s = 0
            event = "opened"
            zone = 1
            [[steps]]
            after_s = 0
            [[steps]]
            after_s = 0
            action = "outage"
        """
        with pytest.raises(StoryError) as caught:
            parse(text, where="my.toml")
        told = "\n".join(caught.value.mistakes)
        for expected in (
            "title:",
            "about: Field required",
            "colour:",
            "steps[1].after_s",
            "steps[2]: no event is called 'fier'",
            "steps[3]: the event 'opened' has no zone",
            "steps[4]: a step has either an event or an action",
            "steps[5]: lasts_s belongs to the action 'outage'",
        ):
            assert expected in told
        assert all(line.startswith("my.toml: ") for line in str(caught.value).splitlines())

    def test_text_that_is_no_toml(self) -> None:
        with pytest.raises(StoryError, match="is no TOML"):
            parse("title = ", where="my.toml")

    def test_a_story_without_steps(self) -> None:
        with pytest.raises(StoryError, match="at least one"):
            parse('title = "abc"\nabout = "abc"\nsteps = []', where="my.toml")

    def test_a_name_that_no_story_has(self) -> None:
        with pytest.raises(StoryError, match="burglary"):
            load("burglery")

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(StoryError, match="cannot be read"):
            load(str(tmp_path / "mine.toml"))


def test_a_technicians_own_story_is_read_from_its_file(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        'title = "Mine"\nabout = "One fire."\n[[steps]]\nafter_s = 1.5\nevent = "fire"\nzone = 3\n'
    )
    (moment,) = load(str(mine)).moments()
    assert moment.at_s == 1.5
    assert isinstance(moment.what, Happening)
    assert (moment.what.name, moment.what.address) == ("fire", 3)


@pytest.mark.parametrize("name", sorted(meanings()))
def test_a_meaning_that_names_an_address_has_it_in_both_dialects(name: str) -> None:
    meaning = meanings()[name]
    assert meaning.qualifier in {"1", "3"}
    assert len(meaning.event) == 3
