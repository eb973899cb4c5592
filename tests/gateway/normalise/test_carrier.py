"""DC-09 6: what the extended data adds to an event."""

from __future__ import annotations

import pytest

from gateway.accounts import ZoneEntry
from gateway.normalise import Meaning, meanings
from protocols.contact_id.adm_cid import parse_adm_cid
from protocols.sia_dc03.data import parse_sia_dcs
from tests.support.meaning import RECEIVED, account, report

XData = tuple[tuple[str, str], ...]


def cid_with(*xdata: tuple[str, str], data: str = "1131 01 015", **record: object) -> Meaning:
    _, parts = parse_adm_cid(f"#1234|{data}".encode())
    (found,) = meanings(report(*parts, xdata=xdata), account(**record), received=RECEIVED)
    return found


def sia_with(data: str, *xdata: tuple[str, str]) -> list[Meaning]:
    _, parts = parse_sia_dcs(f"#1234|{data}".encode())
    return meanings(report(*parts, xdata=xdata), account(), received=RECEIVED)


class TestTime:
    def test_h_is_when_it_happened(self) -> None:
        assert cid_with(("H", "09:15:01,11-20-2026")).occurred_at == "2026-11-20T09:15:01Z"

    def test_an_h_that_is_no_time_is_flagged(self) -> None:
        found = cid_with(("H", "yesterday"))
        assert found.occurred_at is None
        assert found.flags == ("time_unreadable",)

    def test_h_wins_for_a_single_event_since_it_has_a_date(self) -> None:
        (found,) = sia_with("Nti09:14/BA1", ("H", "09:14:30,11-19-2026"))
        assert found.occurred_at == "2026-11-19T09:14:30Z"

    def test_several_events_keep_their_own_times(self) -> None:
        first, second = sia_with("Nti09:14/BA1|NBA2", ("H", "09:14:30,11-20-2026"))
        assert first.occurred_at == "2026-11-20T09:14:00Z"
        assert second.occurred_at == "2026-11-20T09:14:30Z"


class TestText:
    def test_i_is_the_text(self) -> None:
        assert cid_with(("I", "Glass broken")).text == "Glass broken"

    def test_it_joins_the_text_in_the_block(self) -> None:
        (found,) = sia_with("NBA1|ADoor", ("I", "Glass broken"), ("I", "Door"))
        assert found.text == "Door\nGlass broken\nDoor"

    def test_the_same_text_twice_is_told_once(self) -> None:
        (found,) = sia_with("NBA1|ADoor", ("I", "Door"))
        assert found.text == "Door"


class TestMedia:
    def test_v_links(self) -> None:
        found = cid_with(
            ("V", "https://a.example/1, http://b.example/2"), ("V", "HTTPS://c.example")
        )
        assert [link.url for link in found.media] == [
            "https://a.example/1",
            "http://b.example/2",
            "HTTPS://c.example",
        ]
        assert found.flags == ()

    @pytest.mark.parametrize(
        "link", ["javascript:alert(1)", "file:///etc/passwd", "ftp://x", "https://a\x00b"]
    )
    def test_only_http_and_https(self, link: str) -> None:
        found = cid_with(("V", link))
        assert found.media == ()
        assert found.flags == ("media_refused",)


class TestWhere:
    def test_position(self) -> None:
        found = cid_with(("X", "093W23.456"), ("Y", "45N23.456"), ("Z", "123.2M"))
        assert found.position is not None
        assert (found.position.x, found.position.y, found.position.z) == (
            "093W23.456",
            "45N23.456",
            "123.2M",
        )

    def test_no_position_without_one(self) -> None:
        assert cid_with(("I", "x")).position is None

    def test_the_panels_place_and_sensor_fill_the_zone(self) -> None:
        zone = cid_with(("L", "Roof"), ("R", "Plant"), ("T", "F")).zone
        assert zone is not None
        assert (zone.location, zone.sensor) == ("Plant, Roof", "fire or smoke detector")

    def test_the_station_knows_better(self) -> None:
        entry = ZoneEntry(id="15", sensor="door", location="north wall")
        zone = cid_with(("L", "Roof"), ("T", "F"), zones=(entry,)).zone
        assert zone is not None
        assert (zone.location, zone.sensor) == ("north wall", "door")

    def test_without_a_zone_they_stand_in_the_text(self) -> None:
        found = cid_with(("S", "Mill"), ("T", "M"), data="1401 01 005")
        assert found.text == "location: Mill\ntrigger: manual"


def test_letters_about_the_line_change_nothing() -> None:
    assert cid_with(("M", "001122334455"), ("K", ""), ("C", "CDP"), ("q", "?")) == cid_with()
