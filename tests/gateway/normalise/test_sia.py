"""Event model 6.2: what an event of an N or O block means, with its address and modifiers."""

from __future__ import annotations

import pytest

from gateway.accounts import AreaEntry, UserEntry
from gateway.normalise import Meaning
from tests.support.meaning import all_sia, sia


def _where(found: Meaning) -> tuple[str | None, str | None, str | None]:
    """Area, zone, user."""
    return (
        found.area.id,
        found.zone.id if found.zone else None,
        found.user.id if found.user else None,
    )


class TestAddress:
    @pytest.mark.parametrize(
        ("data", "where"),
        [
            ("Nri2/BA07", ("2", "07", None)),
            ("Nri2BA07", ("2", "07", None)),
            ("NFA2", (None, "2", None)),
            ("NFA2/ri6", ("6", "2", None)),
            ("Nri01/id0019HA", ("01", None, "0019")),
            ("Nid5/CL", (None, None, "5")),
            ("NCL005", (None, None, "005")),
            ("Nid7/CL005", (None, None, "7")),
            ("Nri3/CG", ("3", None, None)),
            ("NCG4", ("4", None, None)),
            ("Nri3/CG4", ("3", None, None)),
            ("Nri1/BA000", ("1", None, None)),
            ("Nri0/BA001", (None, "001", None)),
            ("Nid0/BA001", (None, "001", None)),
            ("NRP0000", (None, None, None)),
            ("Nri1/BV", ("1", None, None)),
        ],
    )
    def test_area_zone_user(
        self, data: str, where: tuple[str | None, str | None, str | None]
    ) -> None:
        assert _where(sia(data)) == where

    @pytest.mark.parametrize(
        ("data", "kind", "number"),
        [
            ("NLT2", "line", "2"),
            ("NDF3", "door", "3"),
            ("NET5", "device", "5"),
            ("NOU1", "output", "1"),
            ("NRC7", "relay", "7"),
            ("NNT1", "network", "1"),
            ("NDU9", "dealer", "9"),
            ("Npi3/AT", "device", "3"),
        ],
    )
    def test_any_other_address_keeps_its_type(self, data: str, kind: str, number: str) -> None:
        found = sia(data)
        assert found.address is not None
        assert (found.address.type, found.address.id) == (kind, number)
        assert found.zone is None

    def test_zero_is_not_applicable(self) -> None:
        assert sia("NLT0").address is None
        assert sia("Npi0/AT").address is None

    def test_decimal_unless_the_account_says_otherwise(self) -> None:
        assert _where(sia("NBA10"))[1] == "10"
        assert _where(sia("NBA10", address_base=16))[1] == "16"

    def test_letters_force_base_16(self) -> None:
        assert _where(sia("NBA0A"))[1] == "10"

    def test_packed_events_share_the_modifiers(self) -> None:
        found = all_sia("Nri1/BA001/BA002/ri2/FA003")
        assert [_where(one) for one in found] == [
            ("1", "001", None),
            ("1", "002", None),
            ("2", "003", None),
        ]

    def test_modifiers_that_trail_by_account(self) -> None:
        packed = "NBA001/Ri1 BA003/Ri2"
        assert [_where(one)[0] for one in all_sia(packed, modifiers_trail=True)] == ["1", "2"]


class TestBlocks:
    def test_an_o_block_is_not_new(self) -> None:
        found = sia("Ori1/BA001")
        assert found.attributes.new is False
        assert found.code.qualifier == "previous"
        assert found.kind == "alarm"

    def test_a_text_joins_the_event_before_it(self) -> None:
        first, second = all_sia("NBA001|AFront door|NFA2")
        assert first.text == "Front door"
        assert second.text is None

    def test_two_texts_of_one_event(self) -> None:
        (found,) = all_sia("NBA001^Door^|AKicked in")
        assert found.text == "Door\nKicked in"

    def test_a_text_alone_is_an_info_event(self) -> None:
        (found,) = all_sia("AHello")
        assert (found.kind, found.text, found.code.known) == ("info", "Hello", True)

    @pytest.mark.parametrize(
        ("data", "kind", "seconds"),
        [
            ("L90", "audio", 90),
            ("L", "audio", None),
            ("V1", "video", None),
            ("Ixyz", "video", None),
        ],
    )
    def test_listen_in_and_video_follow(self, data: str, kind: str, seconds: int | None) -> None:
        alarm, session = all_sia(f"NBA001|{data}")
        assert alarm.follow_on is None
        assert session.follow_on == (kind, seconds)
        assert (session.category, session.kind) == ("listen_in", "info")

    @pytest.mark.parametrize(("code", "kind"), [("LF", "audio"), ("LB", None), ("LE", None)])
    def test_lf_is_listen_in_and_lb_is_not(self, code: str, kind: str | None) -> None:
        found = sia(f"N{code}").follow_on
        assert (found[0] if found else None) == kind

    def test_a_block_we_do_not_interpret_is_shown_with_its_content(self) -> None:
        _, other = all_sia("NBA001|C02")
        assert (other.code.value, other.code.known, other.text) == ("C", False, "02")

    def test_what_is_no_block_is_an_unknown_event_beside_the_others(self) -> None:
        alarm, broken = all_sia("NBA001|%%%")
        assert alarm.code.known
        assert not broken.code.known
        assert broken.code.value == "%%%"

    def test_modifiers_without_a_code(self) -> None:
        """Jablotron JA-100+ sends its plain movement so."""
        found = sia("Nri1")
        assert (found.kind, found.code.value, found.area.id) == ("info", "", "1")

    def test_a_door_identifier_belongs_to_the_next_event(self) -> None:
        _, granted = all_sia("NDS12/id5/JP")
        assert granted.address is not None
        assert (granted.address.type, granted.address.id) == ("door", "12")


def test_an_unknown_code_is_shown_and_nothing_is_guessed() -> None:
    found = sia("Nri1/QQ012")
    assert (found.category, found.kind) == ("information", "info")
    assert (found.code.value, found.code.known) == ("QQ", False)
    assert found.flags == ("review",)
    assert found.zone is None
    assert found.address is not None
    assert (found.address.type, found.address.id) == ("unspecified", "012")


class TestNamesFromThePanel:
    def test_they_fill_what_the_station_left_open(self) -> None:
        found = sia("Nri1^Hall  ^/id5^Ann^/CL")
        assert (found.area.name, found.user.name if found.user else None) == ("Hall", "Ann")

    def test_the_station_comes_first(self) -> None:
        found = sia(
            "Nri1^Hall^/id5^Ann^/CL",
            areas=(AreaEntry(id="1", name="Lobby"),),
            users=(UserEntry(id="5", name="Ben"),),
        )
        assert (found.area.name, found.user.name if found.user else None) == ("Lobby", "Ben")


class TestTime:
    def test_in_block_time_in_the_accounts_zone(self) -> None:
        found = sia("Nti10:14:59/ri1/BA001", time_zone="Europe/Amsterdam")
        assert found.occurred_at == "2026-11-20T09:14:59Z"

    def test_date_and_time(self) -> None:
        assert sia("Nda11-19-26/ti23:01/BA1").occurred_at == "2026-11-19T23:01:00Z"

    def test_a_time_that_is_none_is_flagged(self) -> None:
        found = sia("Nti99:99/BA1")
        assert found.occurred_at is None
        assert found.flags == ("time_unreadable",)


class TestAttributes:
    @pytest.mark.parametrize(
        ("code", "name", "value"),
        [
            ("BV", "verified", True), ("BM", "verified", True), ("FM", "verified", True),
            ("XM", "verified", True), ("HV", "verified", True), ("BG", "verified", False),
            ("FG", "verified", False), ("UG", "verified", False), ("EA", "exit_error", True),
            ("EE", "exit_error", True), ("CR", "recent_close", True), ("CM", "recent_close", True),
            ("OR", "after_alarm", True), ("OH", "after_alarm", True), ("OL", "after_alarm", True),
            ("CF", "forced", True), ("XW", "auto", True), ("NL", "mode", "perimeter"),
            ("NF", "mode", "perimeter"), ("NM", "mode", "perimeter"), ("CG", "mode", "partial"),
            ("RY", "off_normal", True), ("HA", "silent", True),
            ("BH", "restores", ("alarm",)), ("BJ", "restores", ("trouble",)),
            ("BR", "restores", ("alarm", "trouble")), ("FV", "restores", ("supervisory",)),
        ],
    )  # fmt: skip
    def test_attribute(self, code: str, name: str, value: object) -> None:
        assert getattr(sia(f"N{code}001").attributes, name) == value
