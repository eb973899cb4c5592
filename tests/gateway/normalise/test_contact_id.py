"""Event model 1 and 2: what a Contact ID event means is a function of qualifier and code."""

from __future__ import annotations

import pytest

from gateway.accounts import AreaEntry, UserEntry, ZoneEntry
from tests.support.meaning import cid


def test_an_alarm_with_zone_and_area_of_the_site() -> None:
    """The example of the contract: rear door, stockroom."""
    found = cid(
        "1131 01 015",
        areas=(AreaEntry(id="1", name="Stockroom", area_class="SECURED"),),
        zones=(ZoneEntry(id="15", name="Rear door", sensor="door", location="north wall"),),
        premise_type="COMPANY",
    )
    assert (found.category, found.kind, found.class_) == ("burglary", "alarm", "alarm")
    assert (found.alarm_type, found.severity) == ("BURGLAR", 7)
    assert (found.area.id, found.area.name, found.area.class_) == ("1", "Stockroom", "SECURED")
    assert found.zone is not None
    assert (found.zone.id, found.zone.name) == ("015", "Rear door")
    assert found.user is None
    assert found.address is None
    assert (found.code.value, found.code.qualifier, found.code.name) == (
        "131",
        "new",
        "Perimeter burglary",
    )
    assert not found.is_priority


class TestZeroIsNotApplicable:
    def test_zone_000_is_no_zone(self) -> None:
        assert cid("1301 01 000").zone is None

    def test_group_00_is_no_area(self) -> None:
        found = cid("1130 00 005")
        assert found.area.id is None
        assert found.area.class_ == "UNKNOWN"

    def test_user_000_is_no_user(self) -> None:
        assert cid("3401 01 000").user is None


class TestUserOrZone:
    def test_opening_names_the_user(self) -> None:
        found = cid("1401 01 005", users=(UserEntry(id="5", name="Ann"),))
        assert found.user is not None
        assert (found.user.id, found.user.name) == ("005", "Ann")
        assert found.zone is None

    def test_duress_names_the_user(self) -> None:
        found = cid("1121 01 001")
        assert found.user is not None
        assert found.attributes.silent is True

    def test_573_is_a_zone_and_574_a_user(self) -> None:
        assert cid("1573 01 009").zone is not None
        assert cid("1574 01 009").user is not None


class TestDirection:
    """Event model 2: Q1 opens, Q3 closes, also where the name says "armed"."""

    @pytest.mark.parametrize("code", ["400", "401", "402", "403", "407", "408", "409", "441",
                                      "442", "443", "450", "451", "452"])  # fmt: skip
    def test_q1_opens_and_q3_closes(self, code: str) -> None:
        assert cid(f"1{code} 01 001").kind == "open"
        assert cid(f"3{code} 01 001").kind == "close"

    @pytest.mark.parametrize(
        "code", ["404", "405", "406", "453", "454", "456", "910", "911", "920"]
    )
    def test_here_the_code_alone_has_the_direction(self, code: str) -> None:
        assert cid(f"1{code} 01 001").kind == cid(f"3{code} 01 001").kind

    def test_failed_to_open_is_the_failure_whatever_the_qualifier(self) -> None:
        assert cid("1453 01 001").kind == cid("3453 01 001").kind == "trouble"
        assert cid("1454 01 001").kind == cid("3454 01 001").kind == "trouble"

    @pytest.mark.parametrize("data", ["1477 01 001", "3477 01 001", "1499 01 001"])
    def test_an_unknown_4xx_never_changes_the_arming_state(self, data: str) -> None:
        assert cid(data).class_ == "info"


class TestUnknownCodes:
    """Event model 1 rule 1 and section 2: visible, by the class of the first digit."""

    @pytest.mark.parametrize(
        ("data", "category", "kind"),
        [
            ("1199 01 002", "untyped", "alarm"),
            ("3199 01 002", "untyped", "restoral"),
            ("1299 01 002", "fire", "supervisory"),
            ("1399 01 002", "trouble", "trouble"),
            ("3399 01 002", "trouble", "restoral"),
            ("1599 01 002", "bypass", "bypass"),
            ("3599 01 002", "bypass", "unbypass"),
            ("1699 01 002", "test", "info"),
            ("1799 01 002", "user_defined", "info"),
            ("1899 01 002", "user_defined", "info"),
            ("1998 01 002", "user_defined", "info"),
            ("1BCD 01 002", "information", "info"),
        ],
    )
    def test_kind_from_class_and_qualifier(self, data: str, category: str, kind: str) -> None:
        found = cid(data)
        assert (found.category, found.kind) == (category, kind)
        assert not found.code.known
        assert found.code.value == data[1:4]
        assert found.flags == ("review",)

    def test_an_unknown_alarm_is_still_an_alarm_in_its_place(self) -> None:
        found = cid("1199 02 007")
        assert found.zone is not None
        assert (found.severity, found.area.id, found.zone.id) == (7, "02", "007")

    def test_the_site_defined_range_is_known_and_wants_a_look(self) -> None:
        found = cid("1760 01 001")
        assert found.code.known
        assert found.flags == ("review",)


def test_a_direction_that_the_table_has_not_is_kept_and_flagged() -> None:
    found = cid("3601 01 001")
    assert (found.kind, found.category) == ("info", "test")
    assert found.flags == ("qualifier_unexpected",)


def test_an_a_in_the_code_reads_as_0() -> None:
    found = cid("14A1 01 001")
    assert (found.kind, found.code.value, found.code.known) == ("open", "4A1", True)


class TestQualifier6:
    def test_same_kind_not_new(self) -> None:
        found = cid("6301 00 000")
        assert (found.kind, found.category) == ("trouble", "power")
        assert found.attributes.new is False
        assert found.code.qualifier == "previous"


class TestAttributes:
    @pytest.mark.parametrize(
        ("data", "name", "value"),
        [
            ("1139 01 001", "verified", True),
            ("1129 01 001", "verified", True),
            ("1378 01 001", "verified", False),
            ("1146 01 001", "silent", True),
            ("1122 01 001", "silent", True),
            ("1374 01 001", "exit_error", True),
            ("1457 01 001", "exit_error", True),
            ("1459 01 001", "recent_close", True),
            ("1458 01 001", "after_alarm", True),
            ("3443 01 001", "forced", True),
            ("1443 01 001", "forced", None),
            ("1910 01 001", "forced", True),
            ("1911 01 001", "forced", True),
            ("1575 01 001", "auto", True),
            ("3403 01 001", "auto", True),
            ("3441 01 001", "mode", "stay"),
            ("3456 01 001", "mode", "partial"),
            ("1608 01 001", "off_normal", True),
            ("3139 01 001", "verified", None),
        ],
    )
    def test_attribute(self, data: str, name: str, value: object) -> None:
        assert getattr(cid(data).attributes, name) == value

    @pytest.mark.parametrize(
        ("data", "restores"),
        [
            ("3110 01 001", ("alarm",)),
            ("3301 01 000", ("trouble",)),
            ("3200 01 001", ("supervisory",)),
            ("1110 01 001", None),
        ],
    )
    def test_what_a_restoral_may_clear(self, data: str, restores: object) -> None:
        assert cid(data).attributes.restores == restores


class TestAlarmType:
    @pytest.mark.parametrize(
        ("data", "premise", "alarm_type"),
        [
            ("1130 01 001", "COMPANY", "BURGLAR"),
            ("1110 01 001", "COMPANY", "FIRE"),
            ("1100 01 001", None, "MEDICAL"),
            ("1122 01 001", "RESIDENTIAL", "HOLD_UP"),
            ("1120 01 001", "COMPANY", "HOLD_UP"),
            ("1120 01 001", None, "HOLD_UP"),
            ("1120 01 001", "RESIDENTIAL", "OTHER"),
            ("1301 01 000", "COMPANY", "OTHER"),
        ],
    )
    def test_by_category_and_premises(
        self, data: str, premise: str | None, alarm_type: str
    ) -> None:
        assert cid(data, premise_type=premise).alarm_type == alarm_type


class TestPriority:
    """REL-44: panic, fire, gas, medical and hold-up alarms go before a backlog."""

    @pytest.mark.parametrize("code", ["110", "113", "120", "121", "122", "100", "151", "162"])
    def test_alarms_of_life_safety_and_hold_up(self, code: str) -> None:
        assert cid(f"1{code} 01 001").is_priority
        assert not cid(f"3{code} 01 001").is_priority

    @pytest.mark.parametrize("code", ["130", "200", "373", "301", "154"])
    def test_nothing_else(self, code: str) -> None:
        assert not cid(f"1{code} 01 001").is_priority


class TestFollowOn:
    @pytest.mark.parametrize(
        ("code", "kind"), [("606", "audio"), ("609", "video"), ("607", None), ("608", None)]
    )
    def test_only_these_announce_a_session(self, code: str, kind: str | None) -> None:
        found = cid(f"1{code} 00 000").follow_on
        assert (found[0] if found else None) == kind
