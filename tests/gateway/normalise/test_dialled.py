"""Dialled formats: their own lists, channels, bare digits, who called (receivers 2.6, 9)."""

from __future__ import annotations

import pytest

from gateway.normalise import tables
from gateway.normalise.report import Normaliser
from gateway.normalise.tables import SiaRow
from protocols.receiver_link import CallerId, CallingName, Channels, Digits, Internal, PulseEvent
from protocols.sia_dc03 import SiaEvent
from protocols.surgard.dialled import SK_FSK2, TELENOT
from tests.support.meaning import RECEIVED, account, meanings_of, report


def pulse(event_format, code, zone="05", state=None):
    return PulseEvent(raw=b"", format=event_format, event_code=code, zone=zone, state=state)


def channels(states, status="7", event_format="ademco-high-speed"):
    return Channels(raw=b"", format=event_format, channels=tuple(states), status=status)


class TestTheFormatsOwnList:
    @pytest.mark.parametrize(
        ("event_format", "code", "category", "kind"),
        [
            ("telenot", "A", "untyped", "alarm"),
            ("telenot", "N", "panic", "alarm"),
            ("telenot", "R", "test", "test"),  # its list says R for test, not restoral
            ("telenot", "K", "untyped", "restoral"),
            ("telenot", "T", "open_close", "close"),
            ("telenot", "U", "open_close", "open"),
            ("sk-fsk2", "B6", "power", "trouble"),
            ("sk-fsk2", "F1", "open_close", "close"),
            ("sk-fsk2", "F5", "open_close", "open"),
            ("sk-fsk2", "FE", "communication", "trouble"),
        ],
    )
    def test_a_code_of_it_is_known(self, event_format, code, category, kind):
        (found,) = meanings_of(pulse(event_format, code))
        assert (found.category, found.kind, found.code.known) == (category, kind, True)

    def test_every_code_that_the_codec_names_is_in_the_table(self):
        keys = {*(f"telenot:{code}" for code in TELENOT), *(f"sk-fsk2:{pair}" for pair in SK_FSK2)}
        assert keys <= set(tables.formats())

    def test_the_same_letter_of_another_format_stays_unknown(self):
        (found,) = meanings_of(pulse("sk-fsk0", "A"))
        assert not found.code.known
        assert "review" in found.flags

    @pytest.mark.parametrize(("state", "qualifier"), [("alarm", "new"), ("restore", "restore")])
    def test_a_surtec_pair_is_unknown_and_says_which_way(self, state, qualifier):
        (found,) = meanings_of(pulse("surtec", "82", "", state))
        assert (found.kind, found.code.known, found.code.qualifier) == ("info", False, qualifier)

    def test_what_the_station_says_comes_before_the_list_and_after_the_profile(self):
        row = SiaRow(category="fire", name="Ours", kind="alarm", address_type="zone")
        said = {"main": {"A": row, "1": row}}
        normaliser = Normaliser(pulse_codes=said)

        def name(part, **record):
            (found,) = normaliser.meanings(report(part), account(**record), received=RECEIVED)
            return found.code.name

        assert name(pulse("telenot", "A")) == "Ours"
        assert name(pulse("telenot", "A"), group="north") == "Alarm"
        assert name(pulse("pulse-4/1", "1"), profile="sg43") == "Fire"


class TestChannels:
    @pytest.mark.parametrize(
        ("states", "kinds"),
        [
            ("15555555", [("alarm", "1")]),
            ("53555554", [("restoral", "2"), ("close", "8")]),
            ("65255555", [("alarm", "1"), ("open", "3")]),
        ],
    )
    @pytest.mark.parametrize("status", ["0", "7"])
    def test_one_event_for_each_channel_that_is_not_normal(self, states, kinds, status):
        found = meanings_of(channels(states, status))
        seen = [(each.kind, (each.zone or each.user).id) for each in found]
        assert seen == kinds
        assert all(states in (each.text or "") for each in found)

    @pytest.mark.parametrize(
        ("status", "category", "kind"),
        [
            ("1", "hold_up", "alarm"), ("2", "open_close", "open"), ("3", "bypass", "bypass"),
            ("4", "open_close", "close"), ("5", "trouble", "trouble"), ("6", "trouble", "trouble"),
            ("8", "power", "trouble"), ("9", "test", "test"),
        ],
    )  # fmt: skip
    def test_any_other_status_is_the_event(self, status, category, kind):
        (found,) = meanings_of(channels("55555555", status))
        assert (found.category, found.kind, found.code.known) == (category, kind, True)
        assert found.zone is None

    def test_with_the_one_channel_that_it_is_about(self):
        (found,) = meanings_of(channels("55155555", "3"))
        assert found.zone is not None
        assert found.zone.id == "3"

    @pytest.mark.parametrize(("states", "status"), [("A5555555", "7"), ("55555555", "F")])
    def test_a_state_that_nobody_named_stays_visible(self, states, status):
        (found,) = meanings_of(channels(states, status))
        assert not found.code.known

    @pytest.mark.parametrize("event_format", ["acron-super-fast", "vonk"])
    def test_states_without_a_source_are_one_unknown_event(self, event_format):
        (found,) = meanings_of(channels("55515555", None, event_format))
        assert (found.code.known, found.code.value, found.text) == (
            False, "55515555", "channels 55515555",
        )  # fmt: skip


def test_digits_that_nobody_divided_are_unknown_as_they_came():
    (found,) = meanings_of(Digits(raw=b"", format="adt-pulse-extended", digits="123456700"))
    assert (found.code.known, found.code.value) == (False, "123456700")


class TestWhoCalled:
    @pytest.mark.parametrize(
        ("area", "text"),
        [("416", "caller 416 5551234"), ("000", "caller 5551234"), (None, "caller 5551234")],
    )
    def test_in_a_frame_of_its_own_it_is_a_companion(self, area, text):
        (found,) = meanings_of(CallerId(raw=b"", number="5551234", area=area))
        assert (found.kind, found.text, found.is_companion) == ("info", text, True)
        (found,) = meanings_of(CallingName(raw=b"", name="SMITH"))
        assert (found.text, found.is_companion) == ("calling name SMITH", True)

    def test_in_the_calls_frame_it_stands_in_every_event(self):
        found = meanings_of(
            SiaEvent(raw=b"", block="N", code="BA", address="01"),
            SiaEvent(raw=b"", block="N", code="BA", address="02"),
            CallerId(raw=b"", number="5551234"),
            CallingName(raw=b"", name="SMITH"),
        )
        assert [each.text for each in found] == ["caller 5551234\ncalling name SMITH"] * 2
        assert not any(each.is_companion for each in found)


@pytest.mark.parametrize(
    ("code", "number", "category", "kind", "address"),
    [
        ("77", "", "power", "trouble", None),
        ("7D", "", "communication", "restoral", None),
        ("70", "02", "communication", "trouble", ("line_card", "02")),
        ("71", "03", "communication", "trouble", ("line", "03")),
        ("7A", "9000", "power", "restoral", ("receiver", "9000")),
        ("IT", "234A", "test", "test", ("receiver", "234A")),
    ],
)
def test_what_receivers_of_mx8000_and_iti_say_of_themselves(code, number, category, kind, address):
    (found,) = meanings_of(Internal(raw=b"", code=code, number=number))
    assert (found.category, found.kind, found.code.known) == (category, kind, True)
    seen = None if found.address is None else (found.address.type, found.address.id)
    assert seen == address


class TestChannelsWithAPurpose:
    """A channel means what it was wired to; the station says it, group by group."""

    FIRE = SiaRow(category="fire", name="Fire", kind="alarm", address_type="zone")
    FAULT = SiaRow(category="power", name="Mains", kind="trouble", address_type="none")
    TEST = SiaRow(category="test", name="Test", kind="test", address_type="none")

    def said(self, states, **record):
        normaliser = Normaliser(
            pulse_codes={"main": {"ch1": self.FIRE, "ch2": self.FAULT, "ch3": self.TEST}}
        )
        return normaliser.meanings(report(channels(states)), account(**record), received=RECEIVED)

    def test_an_alarm_on_it_is_what_the_station_says(self):
        fire, fault = self.said("16555555")
        assert (fire.category, fire.kind, fire.code.name) == ("fire", "alarm", "Fire")
        assert fire.is_priority
        assert fire.zone.id == "1"
        assert (fault.category, fault.kind) == ("power", "trouble")

    def test_its_restoral_restores_just_that(self):
        fire, fault, test = self.said("33355555")
        assert (fire.category, fire.kind, fire.attributes.restores) == (
            "fire", "restoral", ("alarm",),
        )  # fmt: skip
        assert fault.attributes.restores == ("trouble",)
        assert not test.attributes.restores

    def test_opening_and_closing_are_told_by_the_state(self):
        opened, closed = self.said("24555555")
        assert [(one.category, one.kind) for one in (opened, closed)] == [
            ("open_close", "open"), ("open_close", "close"),
        ]  # fmt: skip

    def test_another_channel_and_another_group_stay_untyped(self):
        (other,) = self.said("55515555")
        assert other.category == "untyped"
        (north,) = self.said("15555555", group="north")
        assert north.category == "untyped"
