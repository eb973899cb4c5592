"""Simulated devices over real wires: loopback TCP and UDP, a pty, a listening receiver."""

from __future__ import annotations

import asyncio
import os
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from protocols._core import LinkTest, Report
from simulators.faults import Fault, Faults
from simulators.ledger import Ledger, Outcome
from simulators.links import Link, PtyLink, SerialLink, TcpLink, TcpListenLink, UdpLink
from simulators.panels import Panel, PanelPath, PanelSettings
from simulators.receivers import Receiver, ReceiverSettings
from simulators.runner import Runner
from simulators.scenarios import load
from tests.support.dc09_server import Station, listening
from tests.support.surgard_host import Host

WITHIN_S = 10.0
FAST = 10_000.0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not condition():  # noqa: ASYNC110  nothing tells when it comes true
            await asyncio.sleep(0.001)


def a_panel(port: int, *, udp: bool = False, **settings: object) -> tuple[Runner, Ledger]:
    ledger = Ledger()
    path = PanelPath(host="127.0.0.1", port=port, transport="udp" if udp else "tcp")
    given = {"account": "1234", "paths": (path,), "answer_timeout_s": 0.2, **settings}
    panel = Panel(PanelSettings(**given), ledger=ledger, random=Random(3), now=time.monotonic())
    link: Link = (UdpLink if udp else TcpLink)("127.0.0.1", port)
    return Runner(panel, [link]), ledger


async def play(runner: Runner, story: str) -> None:
    await runner.start()
    try:
        runner.play(load(story), speed=FAST)
        async with asyncio.timeout(WITHIN_S):
            await runner.done()
    finally:
        await runner.close()


class TestPanel:
    @pytest.mark.parametrize("udp", [False, True])
    async def test_a_story_is_told_and_acknowledged(self, *, udp: bool) -> None:
        async with listening(Station()) as station:
            runner, ledger = a_panel(station.port, udp=udp)
            await play(runner, "burglary")
            assert len(station.reports()) == 6
            assert ledger.summary().is_clean
            assert station.connections == (0 if udp else 1)

    async def test_encrypted_over_udp(self) -> None:
        key = b"\x01" * 32
        async with listening(Station(keys=[key])) as station:
            runner, ledger = a_panel(station.port, udp=True, key=key)
            await play(runner, "fire")
            assert {report.key_bits for report in station.reports()} == {256}
            assert ledger.summary().is_clean

    async def test_faults_on_a_real_wire_end_well(self) -> None:
        faults = Faults(
            dict.fromkeys(
                (Fault.SPLIT, Fault.LOST_ACK, Fault.DUPLICATE, Fault.GARBAGE, Fault.BAD_CRC), 0.5
            )
        )
        async with listening(Station()) as station:
            runner, ledger = a_panel(
                station.port, faults=faults, rounds=None, answer_timeout_s=0.02
            )
            await play(runner, "swinger")
            assert ledger.summary().is_clean
            assert ledger.summary().retries > 0
            assert len({report.identity for report in station.reports()}) == 41

    async def test_one_connection_for_each_message(self) -> None:
        async with listening(Station()) as station:
            path = PanelPath(host="127.0.0.1", port=station.port, keeps_open=False)
            runner, ledger = a_panel(station.port, paths=(path,))
            await play(runner, "power")
            assert station.connections == 4
            assert ledger.summary().is_clean

    async def test_nobody_listening_ends_in_words_and_not_in_an_exception(self) -> None:
        async with listening(Station()) as station:
            port = station.port
        troubles: list[str] = []
        runner, ledger = a_panel(port, answer_timeout_s=0.01)
        runner._on_trouble = troubles.append
        await play(runner, "hold-up")
        assert all("nobody listens" in trouble for trouble in troubles)
        summary = ledger.summary()
        assert (summary.sent, summary.given_up) == (0, 4)
        assert not summary.is_clean

    async def test_a_receiver_that_goes_away_under_a_message_gets_it_again(self) -> None:
        async with listening(Station()) as station:
            runner, ledger = a_panel(station.port, rounds=None)
            await runner.start()
            runner.play(load("power"), speed=FAST)
            await until(lambda: bool(station.transports))
            station.transports[0].abort()
            async with asyncio.timeout(WITHIN_S):
                await runner.done()
            await runner.close()
            assert ledger.summary().is_clean

    async def test_what_is_unanswered_at_the_end_is_abandoned(self) -> None:
        async with listening(Station()) as station:
            runner, ledger = a_panel(station.port)
            runner.device.cut(until=float("inf"))
            await runner.start()
            runner.play(load("power"), speed=FAST)
            await until(lambda: len(ledger.transmissions) == 4)
            await runner.close()
        assert {t.outcome for t in ledger.transmissions} == {Outcome.ABANDONED}


class Listener:
    """The gateway's end of a serial line: reads a device and answers as an automation computer."""

    def __init__(self, device: str) -> None:
        self.host = Host()
        self._fd = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd, termios.TCSANOW)  # not FLUSH: what is there is read
        asyncio.get_running_loop().add_reader(self._fd, self._read)

    def _read(self) -> None:
        os.write(self._fd, self.host.answer(os.read(self._fd, 4096)))

    def close(self) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)


def a_receiver(link: Link, **settings: object) -> tuple[Runner, Receiver, Ledger]:
    ledger = Ledger()
    given = {"ack_timeout_s": 0.05, "heartbeat_s": 0.05, **settings}
    receiver = Receiver(
        ReceiverSettings(**given), ledger=ledger, random=Random(3), now=time.monotonic()
    )
    return Runner(receiver, [link]), receiver, ledger


class TestReceiver:
    async def test_over_a_pty_with_faults(self, tmp_path: Path) -> None:
        symlink = tmp_path / "receiver"
        faults = Faults(dict.fromkeys((Fault.SPLIT, Fault.GARBAGE, Fault.LOST_ACK), 0.3))
        runner, _, ledger = a_receiver(PtyLink(symlink), ids=("5", "S", "1"), faults=faults)
        await runner.start()
        listener = Listener(str(symlink))
        runner.play(load("swinger"), speed=FAST)
        async with asyncio.timeout(WITHIN_S):
            await runner.done()
        assert ledger.summary().is_clean
        assert len({report.raw for report in listener.host.reports()}) <= 41
        listener.close()
        await runner.close()
        assert not symlink.is_symlink()

    async def test_a_host_that_comes_late_gets_a_heartbeat_and_then_the_backlog(
        self, tmp_path: Path
    ) -> None:
        symlink = tmp_path / "receiver"
        runner, receiver, ledger = a_receiver(PtyLink(symlink))
        await runner.start()
        runner.play(load("hold-up"), speed=FAST)
        # Its four transmissions are over when the first heartbeat goes out.
        await until(lambda: any(t.is_link_test and t.tries for t in ledger.transmissions))
        assert receiver.backlog_count == 4
        listener = Listener(str(symlink))
        async with asyncio.timeout(WITHIN_S):
            await runner.done()
        # And none of the copies that were sent while nobody listened.
        assert isinstance(listener.host.heard[0], LinkTest)
        assert len(listener.host.reports()) == 4
        assert ledger.summary().is_clean
        listener.close()
        await runner.close()

    async def test_a_file_in_the_place_of_the_symlink_is_not_replaced(self, tmp_path: Path) -> None:
        taken = tmp_path / "receiver"
        taken.write_text("precious")
        runner, _, _ = a_receiver(PtyLink(taken))
        with pytest.raises(FileExistsError, match="no symlink"):
            await runner.start()
        await runner.close()
        assert taken.read_text() == "precious"

    async def test_a_serial_device(self, tmp_path: Path) -> None:
        far = PtyLink(tmp_path / "far")
        near, _, _ = a_receiver(far)
        await near.start()
        link = SerialLink(far.device, baud=9600, bits=8, parity="N", stop=2)
        runner, _, ledger = a_receiver(link)
        await runner.start()
        runner.play(load("power"), speed=FAST)
        await until(lambda: ledger.summary().frames > 0)
        await runner.close()
        await near.close()

    @pytest.mark.parametrize("b32", [False, True])
    async def test_listening_as_a_system_5_does(self, *, b32: bool) -> None:
        link = TcpListenLink("127.0.0.1", 0)
        runner, _, ledger = a_receiver(link, b32=b32, header="RRLLL", lines=("001",))
        await runner.start()
        runner.play(load("open-close"), speed=FAST)
        host = Host(b32=b32)
        reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
        async with asyncio.timeout(WITHIN_S):
            while not ledger.summary().is_clean or not ledger.transmissions:
                writer.write(host.answer(await reader.read(4096)))
                await asyncio.sleep(0)
            await runner.done()
        writer.close()
        await writer.wait_closed()
        await runner.close()
        assert len(host.reports()) == 5
        assert isinstance(host.reports()[0], Report)

    async def test_an_outage_closes_the_line_and_the_backlog_follows(self) -> None:
        link = TcpListenLink("127.0.0.1", 0)
        runner, _, ledger = a_receiver(link)
        await runner.start()
        host = Host()

        async def gateway() -> None:
            while True:
                reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
                try:
                    while data := await reader.read(4096):
                        writer.write(host.answer(data))
                finally:
                    host.codec.eof()
                    writer.close()
                    await writer.wait_closed()

        task = asyncio.create_task(gateway())
        runner.play(load("backlog"), speed=1000)
        async with asyncio.timeout(WITHIN_S):
            await runner.done()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await runner.close()
        assert ledger.summary().is_clean
        assert len(host.reports()) == 23
        assert ledger.summary().is_clean


class Recorder:
    """A link that is always open and keeps what is written to it."""

    def __init__(self) -> None:
        self.is_open = True
        self.written: list[bytes] = []

    async def start(self, owner: object, path: int) -> None: ...

    def open(self) -> None: ...

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def forget_unread(self) -> None: ...

    def hang_up(self) -> None: ...

    async def close(self) -> None: ...


async def test_a_split_frame_is_written_byte_by_byte() -> None:
    link = Recorder()
    panel = Panel(
        PanelSettings(
            account="1234",
            paths=(PanelPath(host="192.0.2.1", port=1),),
            faults=Faults({Fault.SPLIT: 1.0}),
        ),
        ledger=Ledger(),
        random=Random(1),
        now=time.monotonic(),
    )
    runner = Runner(panel, [link])
    await runner.start()
    runner.play(load("power"), speed=FAST)
    await until(lambda: bool(link.written))
    await runner.close()
    assert {len(data) for data in link.written} == {1}
    assert b"".join(link.written).endswith(b"]\r")
