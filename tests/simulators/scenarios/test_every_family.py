"""Each story in each family, in memory: codec, gateway's end, normaliser; the meanings agree.

What a format has no place for it cannot tell; what it does tell must mean the same everywhere.
Codes that an installer chooses are told to the normaliser as ``simulate codes`` prints them.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from functools import cache
from random import Random

import pytest

from gateway.accounts import Account
from gateway.config import PulseCode
from gateway.normalise import Normaliser, site_codes
from protocols._core import Report, Verdict
from protocols.registry import PROTOCOLS
from simulators.ledger import Ledger, Outcome
from simulators.panels import Panel, PanelPath, PanelSettings
from simulators.receivers import DIALECTS, Receiver, ReceiverSettings
from simulators.receivers.carrying import carries, mistakes, mute, told_by
from simulators.receivers.dialect import UnsayableError
from simulators.scenarios import Happening, dialled_codes, load, meanings, names
from simulators.scenarios.dialled import as_toml, rows
from simulators.stage import play
from tests.support.dc09_server import Station
from tests.support.simulated_time import Bench
from tests.support.surgard_host import Host

RECEIVED = datetime(2026, 11, 20, 9, 15, 2, tzinfo=UTC)
ACCOUNTS = {
    "pima": "001234",
    "osborne-hoffman": "001234",
    "osborne-hoffman-plain": "001234",
    "fsk-router": "01234",
}
SIX_PLACES = {"5", "cid", "sia", "S", "18", "C"}
"""Ids whose format says everything: area, zone, user, and a category of its own for each."""
WAYS = [(name, token) for name, dialect in DIALECTS.items() for token in dialect.ids]
NO_SOURCE = ("dtmf", "56")
"""Super fast: no source says what its channels mean, so the gateway keeps them for review."""
UNTYPED = {"untyped", "trouble", "information"}
"""What a code for many things says of its category."""


class GatewayEnd(Host):
    """The gateway's side as the registry makes it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        dialect = DIALECTS[name]
        self.codec = PROTOCOLS[dialect.protocol].connect(
            keys=lambda _: (), pad=bytes, options=dialect.options
        )

    def hear(self, _path: int, data: bytes) -> bytes:
        return self.codec.data_to_send() + self.answer(data)


@cache
def normaliser(spelling: str) -> Normaliser:
    """One that was told the codes, by way of the configuration's own text."""
    told = tomllib.loads(as_toml(rows(spelling)))["pulse_codes"]
    return Normaliser(pulse_codes=site_codes(PulseCode.model_validate(row) for row in told))


def happenings(story: str) -> list[Happening]:
    return [each.what for each in load(story).moments() if isinstance(each.what, Happening)]


def heard_over(name: str, token: str, story: str) -> list[Report]:
    host = GatewayEnd(name)
    receiver = Receiver(
        ReceiverSettings(protocol=name, ids=(token,)),
        ledger=Ledger(),
        random=Random(1),
        account=ACCOUNTS.get(name, "1234"),
        now=0.0,
    )
    bench = Bench(receiver, host.hear)
    for each in happenings(story):
        assert receiver.tell(each, now=0.0).outcome is not Outcome.FORGOTTEN
        bench.settle()
    assert {each.outcome for each in receiver.ledger.transmissions} == {Outcome.ACKNOWLEDGED}
    return host.reports()


def told_in(reports: list[Report], spelling: str) -> list[tuple[str, str]]:
    said = normaliser(spelling)
    found = []
    for report in reports:
        account = Account.unknown("main", report.account or "")
        found += [
            (one.kind, one.category) for one in said.meanings(report, account, received=RECEIVED)
        ]
    return found


def over_dc09(story: str, format_: str) -> list[tuple[str, str]]:
    station = Station()
    path = PanelPath(host="192.0.2.1", port=1)
    settings = PanelSettings(account="1234", paths=(path,), format=format_)
    panel = Panel(settings, ledger=Ledger(), random=Random(1), now=0.0)
    codec = station.codec()
    bench = Bench(panel, lambda _, data: station.answer(codec, data))
    for each in happenings(story):
        panel.tell(each, now=0.0)
        bench.settle()
    return told_in(station.reports(), "character")


@pytest.mark.parametrize("story", names())
class TestEachStory:
    def test_it_means_the_same_in_contact_id_and_in_sia(self, story: str) -> None:
        assert over_dc09(story, "cid") == over_dc09(story, "sia")

    @pytest.mark.parametrize(("name", "token"), WAYS)
    def test_it_means_the_same_in_every_family(self, story: str, name: str, token: str) -> None:
        dialect = DIALECTS[name]
        if token not in told_by(dialect, load(story)):
            with pytest.raises(UnsayableError, match="has no word"):
                heard_over(name, token, story)
            return
        if (name, token) == NO_SOURCE:
            found = told_in(heard_over(name, token, story), dialect.spelling)
            assert set(found) == {("info", "information")}
            return
        expected = over_dc09(story, "cid")
        found = told_in(heard_over(name, token, story), dialect.spelling)
        assert [kind for kind, _ in found] == [kind for kind, _ in expected]
        for (_, category), (_, wanted) in zip(found, expected, strict=True):
            if token in SIX_PLACES:
                assert category == wanted
            else:
                assert category == wanted or category in UNTYPED or wanted in NEAR.get(category, ())


NEAR = {"panic": {"hold_up"}, "hold_up": {"panic"}, "burglary": {"tamper"}}
"""One code of a dialled format for both."""


class TestWhatAFormatHasNoWordFor:
    def test_a_channel_cannot_say_a_cancel(self) -> None:
        dialect = DIALECTS["dtmf"]
        assert mute(dialect, "55", load("exit-error")) == ["exit_error_user", "alarm_cancelled"]
        assert told_by(dialect, load("exit-error")) == ["18", "17", "27"]

    def test_it_is_told_in_words_with_what_to_take_instead(self) -> None:
        (said,) = mistakes("dtmf", DIALECTS["dtmf"], ["18", "55"], {"mine": load("exit-error")})
        assert "dtmf as 55 has no word for exit_error_user, alarm_cancelled" in said
        assert said.endswith("18, 17, 27")

    @pytest.mark.parametrize(("name", "token"), WAYS)
    def test_a_story_that_is_carried_is_carried_word_by_word(self, name: str, token: str) -> None:
        story = load("burglary")
        happened = [each.what for each in story.moments()]
        assert all(carries(DIALECTS[name], token, each) for each in happened)


class TestCodesThatTheInstallerChooses:
    def test_every_meaning_has_one(self) -> None:
        assert {each.pulse for each in meanings().values()} <= set(dialled_codes())

    def test_no_two_share_a_digit(self) -> None:
        digits = [each.digit for each in dialled_codes().values()]
        assert len(digits) == len(set(digits))

    @pytest.mark.parametrize("name", sorted(meanings()))
    def test_the_code_says_the_same_kind_as_contact_id_does(self, name: str) -> None:
        meaning = meanings()[name]
        address = 0 if meaning.address == "none" else 7
        what = Happening(name=name, meaning=meaning, area=2, address=address)
        host = GatewayEnd("dtmf")
        receiver = Receiver(
            ReceiverSettings(protocol="dtmf", ids=("18",)),
            ledger=Ledger(),
            random=Random(1),
            now=0.0,
        )
        receiver.tell(what, now=0.0)
        Bench(receiver, host.hear).settle()
        ((kind, _),) = told_in(host.reports(), "character")
        assert kind == dialled_codes()[meaning.pulse].kind

    @pytest.mark.parametrize("spelling", ["character", "three", "pair"])
    def test_no_code_stands_twice(self, spelling: str) -> None:
        codes = [row.code for row in rows(spelling)]
        assert len(codes) == len(set(codes))


def test_a_message_of_several_blocks_is_one_try_and_each_answer_is_within_it() -> None:
    ledger = Ledger()
    receiver = Receiver(
        ReceiverSettings(protocol="sia-dc03"), ledger=ledger, random=Random(1), now=0.0
    )
    host = GatewayEnd("sia-dc03")
    host.judge = lambda _: Verdict.ACK
    for each in happenings("low-battery"):
        receiver.tell(each, now=0.0)
    Bench(receiver, host.hear).settle()
    summary = ledger.summary()
    assert (summary.retries, summary.answers_ignored) == (0, 0)
    assert summary.frames == 3 * summary.told
    assert [line.gist for line in ledger.lines[:6:2]] == [
        "block: account 1234",
        "",
        "block: end-of-data",
    ]
    assert ledger.lines[1].gist == "block: acknowledge"


def test_the_key_of_a_connection_is_crossed_out_in_the_ledger() -> None:
    ledger = Ledger()
    receiver = Receiver(
        ReceiverSettings(protocol="osborne-hoffman"),
        ledger=ledger,
        random=Random(1),
        account="001234",
        now=0.0,
    )
    host = GatewayEnd("osborne-hoffman")
    heard: list[bytes] = []

    def hear(path: int, data: bytes) -> bytes:
        back = host.hear(path, data)
        heard.append(back)
        return back

    receiver.tell(happenings("fire")[0], now=0.0)
    Bench(receiver, hear).settle()
    (line,) = [each for each in ledger.lines if each.gist == "the key of this connection"]
    assert len(line.data) == 24
    assert line.data not in b"".join(heard)
    assert ledger.answers_ignored == 0


async def test_a_storm_strikes_all_accounts_at_once_and_another_story_one_after_the_other() -> None:
    class Agenda:
        """In the place of a runner: notes when each story begins."""

        def __init__(self) -> None:
            self.begun: list[float] = []

        async def start(self) -> None: ...

        async def close(self) -> None: ...

        async def done(self) -> None: ...

        def now(self) -> float:
            return 0.0

        def play(self, story, *, speed, start, tell):
            del tell
            self.begun.append(start)
            return start + story.moments()[-1].at_s / speed

    for name, together in (("storm", True), ("fire", False)):
        agenda = Agenda()
        await play(agenda, [load(name)], times=2, speed=1.0, stay_s=0.0, tells=[None, None, None])
        assert len(set(agenda.begun)) == (2 if together else 6)
        assert agenda.begun == sorted(agenda.begun)
