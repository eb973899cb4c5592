"""Zone to area to class (design, section 3): never guessed, ids compared without leading zeros."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts import Account, AccountRecord, AreaEntry, UserEntry, ZoneEntry
from gateway.accounts.packed import pack, record_of, unpack
from gateway.contract.event import Area, Zone

RECORD = AccountRecord(
    id="1a34",
    name="Harbour Street 5",
    premise_type="COMPANY",
    areas=(
        AreaEntry(id="1", name="Stockroom", area_class="SECURED"),
        AreaEntry(id="02", name="Lobby", area_class="COMMON"),
        AreaEntry(id="3", name="Office"),
    ),
    zones=(
        ZoneEntry(id="15", name="Rear door", area="1", sensor="door", location="north wall"),
        ZoneEntry(id="016", name="Yard", area="1", area_class="UNSECURED"),
        ZoneEntry(id="17", area="3"),
        ZoneEntry(id="18"),
    ),
    users=(UserEntry(id="2", name="Anna"),),
)
DEFAULTED = AccountRecord(id="1", area_class="SECURED", zones=(ZoneEntry(id="1"),))


@pytest.mark.parametrize(
    ("zone", "area", "id_", "name", "class_"),
    [
        ("15", None, "1", "Stockroom", "SECURED"),  # through the zone's own area
        ("015", "01", "1", "Stockroom", "SECURED"),
        ("16", None, "1", "Stockroom", "UNSECURED"),  # the zone's own class comes first
        ("15", "2", "02", "Lobby", "SECURED"),  # the panel named another area; the map decides
        ("17", "2", "02", "Lobby", "COMMON"),  # the zone's area has no class, the named one has
        ("17", None, "3", "Office", "UNKNOWN"),
        ("18", "1", "1", "Stockroom", "SECURED"),
        ("18", None, None, None, "UNKNOWN"),
        ("99", "2", "02", "Lobby", "COMMON"),  # an unknown zone of a known area
        ("99", "9", "9", None, "UNKNOWN"),
        (None, "1", "1", "Stockroom", "SECURED"),
        (None, None, None, None, "UNKNOWN"),
    ],
)
def test_the_class_comes_from_the_map(zone, area, id_, name, class_):
    found, _ = Account.of_record(RECORD).place(zone, area)
    assert found == Area(id=id_, name=name, class_=class_)


@pytest.mark.parametrize("where", [("1", None), ("7", None), (None, "3"), (None, None)])
def test_the_accounts_default_is_the_last_word_before_unknown(where):
    assert Account.of_record(DEFAULTED).place(*where)[0].class_ == "SECURED"


def test_a_zone_is_shown_as_sent_with_what_the_site_told():
    account = Account.of_record(RECORD)
    assert account.place("0015", None)[1] == Zone(
        id="0015", name="Rear door", sensor="door", location="north wall"
    )
    assert account.place("99", None)[1] == Zone(id="99")
    assert account.place(None, "1")[1] is None


def test_places_are_remembered_but_not_without_end():
    account = Account.of_record(RECORD)
    assert account.place("15", "1") is account.place("15", "1")
    for zone in range(5_000):
        account.place(str(zone), None)
    assert len(account._places) <= 512


def test_users_by_number():
    account = Account.of_record(RECORD)
    assert (account.user("002").id, account.user("002").name) == ("002", "Anna")
    assert account.user("3").name is None


def test_who_it_is():
    account = Account.of_record(RECORD)
    assert account.key == ("main", "1A34")
    assert account.topic == "1A34"
    assert (account.contract.id, account.contract.known) == ("1a34", True)
    assert (account.contract.name, account.contract.premise_type) == ("Harbour Street 5", "COMPANY")


def test_a_stranger_is_not_known_and_nowhere():
    stranger = Account.unknown("north", "77x")
    assert not stranger.contract.known
    assert (stranger.key, stranger.topic) == (("north", "77X"), "north.77X")
    assert stranger.place("1", "2") == (Area(id="2", name=None, class_="UNKNOWN"), Zone(id="1"))
    assert stranger.encryption == "forbidden"
    assert stranger is Account.unknown("north", "77x")


@pytest.mark.parametrize(
    ("keys", "said", "holds"),
    [((), None, "forbidden"), ((b"k",), None, "required"), ((b"k",), "optional", "optional")],
)
def test_encryption_is_required_with_a_key_unless_said_otherwise(keys, said, holds):
    record = AccountRecord(id="1", keys=keys, encryption=said)
    assert Account.of_record(record).encryption == holds


def test_no_key_shows_in_any_spelling_of_an_account():
    key = b"\x8f\x1d\xa0\x3c\x77\x42\x9b\xe6\x11\xd8\x5a\xf3\x06\xce\x94\x2b"
    account = Account.of_record(AccountRecord(id="1", keys=(key,)))
    shown = repr(account) + repr(account.record) + str(account.contract)
    assert key.hex() not in shown
    assert repr(key) not in shown


ids = st.from_regex(r"[0-9A-Z]{1,4}", fullmatch=True)
texts = st.none() | st.text(max_size=8)
classes = st.sampled_from([None, "SECURED", "UNSECURED", "COMMON", "UNKNOWN"])
records = st.builds(
    AccountRecord,
    id=ids,
    group=st.sampled_from(["main", "north"]),
    name=texts,
    aliases=st.lists(ids, max_size=2).map(tuple),
    supervision_s=st.none() | st.integers(5, 10**6),
    past_s=st.floats(1, 100),
    area_class=classes,
    areas=st.lists(
        st.builds(AreaEntry, id=ids, name=texts, area_class=classes),
        max_size=3, unique_by=lambda one: one.id.lstrip("0") or "0",
    ).map(tuple),
    zones=st.lists(
        st.builds(ZoneEntry, id=ids, name=texts, area=st.none() | ids, sensor=texts),
        max_size=4, unique_by=lambda one: one.id.lstrip("0") or "0",
    ).map(tuple),
    users=st.lists(
        st.builds(UserEntry, id=ids, name=texts),
        max_size=3, unique_by=lambda one: one.id.lstrip("0") or "0",
    ).map(tuple),
)  # fmt: skip


@given(records)
def test_packing_forgets_nothing(record):
    assert record_of(record.group, unpack(pack(record))) == record
