"""docs/decision/scenarios.md: its example runs, and its tables name every key of the form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from decision.cli.check import lines
from decision.scenarios import parse, run
from decision.scenarios.form import Expect, Given, Scenario, Step
from decision.scenarios.look import _KEYS

PAGE = Path(__file__).parents[3] / "docs/decision/scenarios.md"


def test_the_example_of_the_page_comes_out_as_it_says() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    outcome = run(parse(example, file="scenarios.md"))
    assert outcome.is_as_expected, "\n".join(lines(outcome))


@pytest.mark.parametrize("table", [Scenario, Given, Step, Expect])
def test_the_page_names_every_key(table) -> None:
    text = PAGE.read_text()
    missing = [
        key
        for key in table.model_fields
        if f"| `{key}` |" not in text and f"| `[{key}]` |" not in text
        and f"| `[[{key}]]` |" not in text
    ]  # fmt: skip
    assert missing == []


def test_every_key_of_expect_can_be_found_in_the_world() -> None:
    assert set(_KEYS) == set(Expect.model_fields)
