"""Receivers 2.6 and 2.7: pulse events, the receiver's own affairs, companion frames."""

from __future__ import annotations

import pytest

from gateway.normalise import Meaning, tables
from protocols.surgard.message import Internal, Modifier, PulseEvent, TwoWayAudio
from tests.support.meaning import meanings_of


def one(part: PulseEvent | Internal | Modifier | TwoWayAudio, **record: object) -> Meaning:
    (found,) = meanings_of(part, **record)
    return found


def pulse(code: str, **record: object) -> Meaning:
    part = PulseEvent(raw=b"", format="surgard-4/3", event_code=code, group="1", zone="012")
    return one(part, **record)


class TestPulse:
    """The installer chose the meaning: nothing is guessed."""

    @pytest.mark.parametrize("code", ["1", "3", "A", "Z", " "])
    def test_unknown_unless_the_profile_says(self, code: str) -> None:
        found = pulse(code)
        assert (found.category, found.kind, found.flags) == ("information", "info", ("review",))
        assert (found.code.format, found.code.value, found.code.known) == (
            "surgard-4/3",
            code,
            False,
        )
        assert found.area.id == "1"
        assert found.zone is None
        assert found.address is not None
        assert (found.address.type, found.address.id) == ("unspecified", "012")

    @pytest.mark.parametrize(
        ("code", "category", "kind"),
        [
            ("0", "test", "test"), ("1", "fire", "alarm"), ("2", "panic", "alarm"),
            ("3", "burglary", "alarm"), ("4", "open_close", "close"), ("5", "open_close", "open"),
            ("6", "trouble", "trouble"), ("7", "medical", "alarm"), ("8", "information", "info"),
            ("9", "untyped", "restoral"), ("A", "untyped", "alarm"), ("B", "bypass", "bypass"),
            ("C", "open_close", "close"), ("F", "cancel", "cancel"), ("H", "bypass", "unbypass"),
            ("O", "open_close", "open"), ("R", "untyped", "restoral"), ("T", "trouble", "trouble"),
        ],
    )  # fmt: skip
    def test_the_suggested_set_by_profile(self, code: str, category: str, kind: str) -> None:
        found = pulse(code, profile="sg43")
        assert (found.category, found.kind, found.code.known) == (category, kind, True)

    @pytest.mark.parametrize("code", ["Z", " ", "Q"])
    def test_a_common_code_stays_unknown(self, code: str) -> None:
        assert not pulse(code, profile="sg43").code.known

    def test_users_and_zones(self) -> None:
        assert pulse("4", profile="sg43").user is not None
        assert pulse("1", profile="sg43").zone is not None


class TestInternal:
    @pytest.mark.parametrize(
        ("code", "number", "category", "kind"),
        [
            ("R", "08", "power", "restoral"),
            ("A", "11", "power", "trouble"),
            ("A", "13", "trouble", "trouble"),
            ("A", "15", "power", "trouble"),
            ("R", "16", "power", "restoral"),
            ("T", "19", "trouble", "trouble"),
            ("A", "D0", "information", "info"),
            ("A", "F2", "communication", "trouble"),
            ("A", "E2", "communication", "restoral"),
            ("A", "D3", "communication", "info"),
            ("T", "10", "communication", "trouble"),
            ("A", "20", "communication", "trouble"),
            ("R", "30", "communication", "restoral"),
            ("T", "40", "communication", "info"),
        ],
    )
    def test_the_lists_of_id_1(self, code: str, number: str, category: str, kind: str) -> None:
        found = one(Internal(raw=b"", code=code, number=number))
        assert (found.category, found.kind, found.code.known) == (category, kind, True)
        assert found.code.value == code + number

    def test_the_line_card_is_the_address(self) -> None:
        found = one(Internal(raw=b"", code="A", number="F2"))
        assert found.address is not None
        assert (found.address.type, found.address.id) == ("line_card", "2")

    def test_ru_is_the_host_time_and_not_remote_programming(self) -> None:
        part = Internal(raw=b"", code="RU", number="00", meaning="host time update failed")
        found = one(part)
        assert (found.category, found.kind) == ("trouble", "trouble")
        assert found.code.name == "host time update failed"

    def test_other_pairs_mean_what_they_mean_everywhere(self) -> None:
        found = one(Internal(raw=b"", code="AT", number="01"))
        assert (found.category, found.kind) == ("power", "trouble")
        assert found.address is not None
        assert found.address.type == "receiver"

    @pytest.mark.parametrize(("code", "number"), [("QQ", "01"), ("X", "77"), ("", ""), ("A", "F")])
    def test_the_rest_is_shown_as_unknown(self, code: str, number: str) -> None:
        found = one(Internal(raw=b"", code=code, number=number))
        assert found.kind == "info" or found.code.known
        assert found.area.id is None

    def test_the_table_reads(self) -> None:
        assert len(tables.internal()) == 44

    @pytest.mark.parametrize(
        ("code", "number", "category", "kind"),
        [
            ("TEXT", "", "information", "info"),
            ("MCDI", "01", "trouble", "trouble"),
            ("MCDI", "02", "trouble", "restoral"),
            ("MCDI", "05", "communication", "trouble"),
            ("MCDI", "08", "power", "trouble"),
            ("MCDI", "F2", "communication", "trouble"),
        ],
    )
    def test_bosch_words_and_mcdi_numbers(
        self, code: str, number: str, category: str, kind: str
    ) -> None:
        found = one(Internal(raw=b"", code=code, number=number, text="said"))
        assert (found.category, found.kind, found.code.known) == (category, kind, True)
        assert found.text == "said"


def test_two_way_audio_is_a_companion_that_announces_a_session() -> None:
    found = one(TwoWayAudio(raw=b"", event_code="P", audio_line="03"))
    assert (found.category, found.kind, found.follow_on) == ("listen_in", "info", ("audio", None))
    assert found.is_companion
    assert found.address is not None
    assert (found.address.type, found.address.id) == ("line", "03")


class TestModifierInAFrameOfItsOwn:
    def test_ri_is_an_area(self) -> None:
        found = one(Modifier(raw=b"", name="ri", value="2"))
        assert (found.kind, found.area.id, found.is_companion) == ("info", "2", True)

    def test_id_is_a_user(self) -> None:
        user = one(Modifier(raw=b"", name="id", value="7")).user
        assert user is not None
        assert user.id == "7"

    def test_pi_is_a_device(self) -> None:
        address = one(Modifier(raw=b"", name="pi", value="4")).address
        assert address is not None
        assert (address.type, address.id) == ("device", "4")

    def test_any_other_stands_in_the_text(self) -> None:
        assert one(Modifier(raw=b"", name="lv", value="4")).text == "lv 4"

    def test_zero_is_none(self) -> None:
        assert one(Modifier(raw=b"", name="ri", value="00")).area.id is None
