"""Accounts are found by group and id, case ignored, from memory; a group never sees another's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.accounts import AccountRecord, Accounts
from gateway.accounts.ids import bare, canonical, packed_id
from gateway.contract.topics import account_level

OLD, NEW = bytes(range(3, 35, 2)), bytes(range(7, 39, 2))


def some() -> Accounts:
    return Accounts.of(
        [
            AccountRecord(id="8312", aliases=("008312", "a1"), keys=(NEW, OLD), supervision_s=90),
            AccountRecord(id="00ff", supervision_s=None),
            AccountRecord(id="8312", group="north", name="other", supervision_s=3600),
        ]
    )


def test_found_by_group_and_id_without_case():
    accounts = some()
    assert accounts.lookup("main", "00FF").key == ("main", "00FF")
    assert accounts.lookup("main", "00fF").contract.id == "00ff"
    assert accounts.lookup("north", "8312").contract.name == "other"
    assert accounts.lookup("south", "8312") is None
    assert accounts.lookup("north", "00ff") is None


def test_leading_zeros_count_unless_an_alias_says_so():
    accounts = some()
    assert accounts.lookup("main", "ff") is None
    assert accounts.lookup("main", "008312").key == ("main", "8312")
    assert accounts.lookup("main", "A1").key == ("main", "8312")
    assert accounts.lookup("north", "008312") is None


def test_keys_are_those_of_the_group_newest_first():
    accounts = some()
    keys = accounts.keys("main")
    assert keys("8312") == (NEW, OLD)
    assert keys("a1") == (NEW, OLD)
    assert keys("00ff") == keys("nobody") == ()
    assert accounts.keys("north")("8312") == ()
    assert accounts.keys("nowhere")("8312") == ()


def test_counting_and_supervision_need_no_reading():
    accounts = some()
    assert len(accounts) == 3
    assert accounts.groups() == {"main": 2, "north": 1}
    assert accounts.keyed() == 1
    assert list(accounts.supervised()) == [(("main", "8312"), 90), (("north", "8312"), 3600)]


def test_what_is_kept_readable_is_bounded():
    accounts = Accounts.of(AccountRecord(id=f"{number:05}") for number in range(30_000))
    for number in range(30_000):
        assert accounts.lookup("main", f"{number:05}").contract.id == f"{number:05}"
    assert len(accounts._recent) + len(accounts._older) <= 2 * 8_192
    assert accounts.lookup("main", "29999") is accounts.lookup("main", "29999")


def test_an_account_in_use_survives_the_forgetting_of_others():
    accounts = Accounts.of(AccountRecord(id=f"{number:05}") for number in range(20_000))
    first = accounts.lookup("main", "00000")
    for number in range(1, 20_000):
        accounts.lookup("main", f"{number:05}")
        if number % 4_000 == 0:
            assert accounts.lookup("main", "00000") is first


def test_learning_takes_a_stranger_up_as_not_known():
    accounts = some()
    learnt = accounts.learn("main", "77")
    assert not learnt.contract.known
    assert accounts.learn("main", "77") is accounts.lookup("main", "77")
    assert [record.id for record in accounts.learnt()] == ["77"]
    assert accounts.learnt() == []
    assert accounts.learn("main", "8312").contract.known


def test_learning_ends_at_its_limit():
    accounts = Accounts(learn_limit=2)
    for number in range(5):
        assert not accounts.learn("main", str(number)).contract.known
    assert len(accounts) == 2
    assert accounts.lookup("main", "4") is None


@given(st.text(max_size=12), st.text(max_size=12))
def test_two_ids_are_one_account_exactly_when_their_topics_are_one(left, right):
    same = packed_id(left) == packed_id(right)
    if left and right:
        assert same == (account_level("main", left) == account_level("main", right))
    assert (canonical(left) == canonical(right)) == same


def test_inner_ids_lose_their_zeros_but_not_all_of_them():
    assert [bare(one) for one in ("001", "1", "000", "", "0a", "10")] == [
        "1",
        "1",
        "0",
        "0",
        "A",
        "10",
    ]
