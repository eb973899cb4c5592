"""Every scenario that ships comes out as it says; together they span all three sources."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from decision.cli.check import lines
from decision.packs import shipped as shipped_packs
from decision.scenarios import load_file, run, shipped

FILES = {f"{path.parent.name}/{path.stem}": path for path in shipped()}


@cache
def packs():
    return shipped_packs()


@pytest.mark.parametrize("name", FILES)
def test_a_shipped_scenario_comes_out_as_it_says(name: str) -> None:
    outcome = run(load_file(FILES[name], packs=packs()))
    assert outcome.is_as_expected, "\n" + "\n".join(lines(outcome))


def test_at_least_sixty_ship_and_span_all_sources() -> None:
    folders = Counter(path.parent.name for path in FILES.values())
    assert folders.total() >= 60
    assert set(folders) == {"disp", "ppvar", "sj", "xs"}
    assert min(folders.values()) >= 10


def test_every_worked_example_ships_as_a_scenario() -> None:
    proved = {
        rule for path in FILES.values() for rule in load_file(path, packs=packs()).scenario.proves
    }
    assert {f"WE-{number}" for number in range(1, 10)} <= proved


def test_every_step_of_every_scenario_asks_something_in_the_end() -> None:
    """A scenario that asks nothing proves nothing."""
    for path in FILES.values():
        asked = [m for m in load_file(path, packs=packs()).moments if m.expect.model_fields_set]
        assert asked, path


def test_titles_tell_the_scenarios_apart() -> None:
    titles = Counter(load_file(path, packs=packs()).scenario.title for path in FILES.values())
    assert [title for title, count in titles.items() if count > 1] == []


def test_running_a_scenario_twice_gives_the_same() -> None:
    prepared = load_file(FILES["xs/whole-chain"], packs=packs())
    assert run(prepared) == run(prepared)
