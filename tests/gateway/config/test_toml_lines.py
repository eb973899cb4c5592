"""The line of a key, as far as messages need it."""

from __future__ import annotations

from gateway.config.mistakes import line_of
from gateway.config.toml_lines import toml_lines

TEXT = """\
top = 1
[a.b]
c = {d = 1}
"quoted key" = 2
e.f = 3
# [x]
[[account]]
id = "1"
[account.zones]
15 = {name = "x"}
[[account]]
id = "2"
  [account.zones]
  16 = "y"
"""


def test_keys_have_the_line_they_stand_on():
    lines = toml_lines(TEXT)
    assert lines[("top",)] == 1
    assert lines["a", "b", "c"] == 3
    assert lines["a", "b", "quoted key"] == 4
    assert lines["a", "b", "e", "f"] == 5
    assert lines["account", "0", "zones", "15"] == 10
    assert lines["account", "1", "id"] == 12
    assert lines["account", "1", "zones", "16"] == 14
    assert ("x",) not in lines


def test_an_inner_key_has_the_line_of_what_is_around_it():
    lines = toml_lines(TEXT)
    assert line_of(lines, ("a", "b", "c", "d")) == 3
    assert line_of(lines, ("account", 1, "zones", "99")) == 13
    assert line_of(lines, ("nothing",)) == 0
