"""The topics of the contract, and that no two accounts share one (SEC-16)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contract.topics import NO_ACCOUNT, Parsed, Topics, account_level, account_of, level

GROUPS = st.text(min_size=1, max_size=8)
IDS = st.text(min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("group", "account", "expected"),
    [
        ("main", "1234", "1234"),
        ("main", "12ab", "12AB"),
        ("north", "1234", "north.1234"),
        ("main", "", "_none"),
        ("main", None, "_none"),
        ("north", None, "_none"),
        ("main", "_none", "_5FNONE"),
        ("main", "a/b", "A_2FB"),
        ("main", "+", "_2B"),
        ("main", "#", "_23"),
        ("main", "north.1234", "NORTH_2E1234"),
        ("no.rth", "1", "no_2Erth.1"),
        ("main", "$SYS", "_24SYS"),
        ("main", "\x00", "_00"),
        ("main", "\xe9", "_C3_A9"),
    ],
)
def test_account_level(group: str, account: str | None, expected: str) -> None:
    assert account_level(group, account) == expected


def ascii_upper(text: str) -> str:
    return "".join(c.upper() if c.isascii() else c for c in text)


@given(GROUPS, IDS, GROUPS, IDS)
def test_two_accounts_never_share_a_level(g1: str, a1: str, g2: str, a2: str) -> None:
    same = (g1, ascii_upper(a1)) == (g2, ascii_upper(a2))
    assert (account_level(g1, a1) == account_level(g2, a2)) is same


@given(GROUPS, IDS)
def test_a_level_gives_group_and_id_back(group: str, account: str) -> None:
    encoded = account_level(group, account)
    assert account_of(encoded) == (group, ascii_upper(account))
    assert encoded != NO_ACCOUNT
    assert not set(encoded) & set("/+#\x00$")


@given(st.integers(0, 255))
def test_every_byte_makes_one_sound_level(byte: int) -> None:
    encoded = level(chr(byte))
    assert encoded
    assert set(encoded) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize("encoded", ["", "_none", "_", "_2", "_2e", "a.b.c", ".1", "1.", "_FF"])
def test_what_is_no_account_level_decodes_to_none(encoded: str) -> None:
    assert account_of(encoded) is None


def test_every_topic_reads_back() -> None:
    t = Topics("site-a")
    assert t.root == "alarm-gateway/v1/site-a"
    assert t.event("alarm", "1234") == "alarm-gateway/v1/site-a/event/alarm/1234"
    assert t.parse(t.status) == Parsed("status")
    assert t.parse(t.info) == Parsed("info")
    assert t.parse(t.health) == Parsed("health")
    assert t.parse(t.event("alarm", "north.1")) == Parsed("event", "north.1", "alarm")
    assert t.parse(t.input_status("ip-1")) == Parsed("input", "ip-1")
    assert t.parse(t.supervision("1234")) == Parsed("supervision", "1234")
    assert t.parse(t.unrecognised("ip-1")) == Parsed("unrecognised", "ip-1")
    assert t.parse(t.confirm("core-1")) == Parsed("confirm", "core-1")


@pytest.mark.parametrize(
    "topic",
    [
        "alarm-gateway/v1/site-b/status",
        "alarm-gateway/v1/site-a",
        "alarm-gateway/v1/site-a/event/alarm",
        "alarm-gateway/v1/site-a/event//1234",
        "alarm-gateway/v1/site-a/confirm/",
        "alarm-gateway/v1/site-a/confirm/a/b",
        "",
    ],
)
def test_a_foreign_topic_is_none(topic: str) -> None:
    assert Topics("site-a").parse(topic) is None


@pytest.mark.parametrize("name", ["", "a/b", "+", "#", "a\x00", "a\n"])
def test_a_name_that_is_no_level_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be a topic level"):
        Topics(name)
    with pytest.raises(ValueError, match="cannot be a topic level"):
        Topics("site-a").confirm(name)
