"""The options of an input: a mistake says what was seen and what was expected."""

import pytest

from protocols.receiver_link.options import Options


def options(**given: object) -> Options:
    return Options("name", given)


def test_what_is_not_given_is_its_default():
    empty = options()
    assert empty.word("mode", ("a", "b")) == "a"
    assert empty.word("other", ("a", "b"), "b") == "b"
    assert empty.byte("end", b"\x14") == b"\x14"
    assert empty.number("width", 4, least=1, most=8) == 4
    assert empty.flag("is_on", default=True) is True
    assert empty.text("account", "0000") == "0000"
    empty.finish()


def test_what_is_given_counts_also_as_text():
    given = options(end="0d", width="6", is_on="false", account="1")
    assert given.byte("end", b"\x14") == b"\r"
    assert given.number("width", 4, least=1, most=8) == 6
    assert given.flag("is_on", default=True) is False
    assert given.text("account", "0000") == "1"


@pytest.mark.parametrize(
    ("ask", "value"),
    [
        (lambda one: one.word("x", ("a",)), "b"),
        (lambda one: one.byte("x", b"a"), "xyz"),
        (lambda one: one.number("x", 1, least=1, most=2), 3),
        (lambda one: one.flag("x", default=True), "perhaps"),
        (lambda one: one.text("x", "a"), 5),
    ],
)
def test_a_wrong_value(ask, value):
    with pytest.raises(ValueError, match=f"x {value!r} seen; expected"):
        ask(options(x=value))


def test_an_option_that_nobody_asked_for():
    with pytest.raises(ValueError, match=r"\['siren'\] seen; name has none"):
        options(siren=1).finish()
