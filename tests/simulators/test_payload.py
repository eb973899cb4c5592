"""Every happening in every dialect: the gateway's own tables know its code and agree on it."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import pytest

from gateway.accounts import Account
from gateway.normalise import Meaning as EventMeaning
from gateway.normalise import meanings as meanings_of
from protocols._core import Report
from simulators.evidence import address_of
from simulators.ledger import Ledger, Transmission, event_key
from simulators.panels import Panel, PanelPath, PanelSettings
from simulators.receivers import Receiver, ReceiverSettings
from simulators.scenarios import Happening, meanings
from tests.support.dc09_server import Station
from tests.support.simulated_time import Bench
from tests.support.surgard_host import Host

RECEIVED = datetime(2026, 11, 20, 9, 15, 2, tzinfo=UTC)


def happening(name: str) -> Happening:
    meaning = meanings()[name]
    address = 0 if meaning.address == "none" else 7
    return Happening(name=name, meaning=meaning, area=2, address=address)


def over_dc09(name: str, format_: str) -> tuple[Report, Transmission]:
    station = Station()
    path = PanelPath(host="192.0.2.1", port=1)
    settings = PanelSettings(account="1234", paths=(path,), format=format_)
    panel = Panel(settings, ledger=Ledger(), random=Random(1), now=0.0)
    codec = station.codec()
    told = panel.tell(happening(name), now=0.0)
    Bench(panel, lambda _, data: station.answer(codec, data)).settle()
    (report,) = station.reports()
    return report, told


def over_surgard(name: str, token: str) -> tuple[Report, Transmission]:
    host = Host()
    settings = ReceiverSettings(ids=(token,))
    receiver = Receiver(settings, ledger=Ledger(), random=Random(1), now=0.0)
    told = receiver.tell(happening(name), now=0.0)
    Bench(receiver, lambda _, data: host.answer(data)).settle()
    (report,) = host.reports()
    return report, told


def by(name: str, way: str) -> tuple[Report, Transmission]:
    return over_dc09(name, way) if way in {"cid", "sia"} else over_surgard(name, way)


def meaning_of(report: Report) -> EventMeaning:
    (meant,) = meanings_of(report, Account.unknown("main", "1234"), received=RECEIVED)
    return meant


@pytest.mark.parametrize("name", sorted(meanings()))
class TestEachMeaning:
    @pytest.mark.parametrize("way", ["cid", "sia", "5", "S", "3"])
    def test_its_code_is_known_and_of_the_same_kind_in_every_dialect(
        self, name: str, way: str
    ) -> None:
        meant = meaning_of(by(name, way)[0])
        assert meant.code.known, meant.code
        assert meant.kind == meaning_of(by(name, "cid")[0]).kind
        wanted = meanings()[name].address
        if wanted == "zone":
            assert meant.zone is not None
        if wanted == "user" and way != "3":  # id 3 has no room for the id modifier of a duress
            assert meant.user is not None

    @pytest.mark.parametrize("way", ["cid", "sia", "5", "S", "3", "1"])
    def test_its_event_can_be_told_to_be_this_transmission(self, name: str, way: str) -> None:
        report, told = by(name, way)
        meant = meaning_of(report)
        key = event_key(report.account or "", report.sequence, meant.code.value, address_of(meant))
        assert key == told.key
