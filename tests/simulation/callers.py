"""Everybody who calls the gateway: panels, a receiver, attackers; and what they have to tell."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from simulators.device import Write
from simulators.faults import Fault, Faults
from simulators.ledger import Direction, Ledger, Line, Outcome, SentKind, Transmission
from simulators.panels import Panel
from simulators.panels.settings import PanelPath, PanelSettings
from simulators.panels.wire import PanelWire
from simulators.payload import content
from simulators.receivers import Receiver, ReceiverSettings
from simulators.scenarios import Happening
from tests.simulation import station
from tests.simulation.clock import true_utc
from tests.simulation.devices import Driver, SerialPath, TcpPath, UdpPath
from tests.simulation.ground import Telling
from tests.simulation.network import SimulatedNetwork
from tests.simulation.serial_line import SerialLine
from tests.simulation.station import PanelPlan
from tests.simulation.timeline import Timeline
from tests.simulation.witness import Witness

UDP_PORT = 40_000
APART_S = 60.0  # so much later than any repeat could be, the same words are another alarm
SPOILT = frozenset({"bad CRC", "wrong key", "broken body"})


class Callers:
    """Panels and a receiver that tell what happens, in the middle of whatever else does."""

    def __init__(
        self,
        dice: Random,
        *,
        timeline: Timeline,
        witness: Witness,
        network: SimulatedNetwork,
        line: SerialLine,
        window_s: float,
    ) -> None:
        """``window_s``: how long the same words with the same number are a repeat."""
        self.dice = dice
        self._window_s = window_s
        self.timeline = timeline
        self.witness = witness
        self.network = network
        self.ledger = Ledger(keeps_bytes=False, on_line=self._on_line)
        self.urgent, self.unknown = dice.choice((0.05, 0.3)), dice.choice((0.0, 0.1))
        faults = station.panel_faults(dice)
        self.plans = station.panels(dice, faults=faults)
        self._plan_of: dict[int, PanelPlan] = {}
        self._last: dict[int, Any] = {}
        self._shows: dict[bytes, datetime] = {}
        self._last_call: tuple[str, Happening, Transmission] | None = None
        self._first_words: dict[int, tuple[Happening, Transmission]] = {}
        """What a panel said first after a restart."""
        self.panels = [self._panel(plan) for plan in self.plans]
        self.receiver = self._receiver(line)
        self.drivers = [*self.panels, self.receiver]
        self._count = 0

    def _panel(self, plan: PanelPlan) -> Driver:
        dice = Random(self.dice.random())
        panel = Panel(
            plan.settings, ledger=self.ledger, random=dice, clock=plan.clock, now=self.timeline.now
        )
        driver = Driver(panel, self.timeline, made=self._made, wrote=self._wrote)
        self._plan_of[id(panel)] = plan
        for index, path in enumerate(plan.settings.paths):
            if path.transport == "tcp":
                link: TcpPath | UdpPath = TcpPath(driver, index, self.network, path)
                link.host = plan.host
            else:
                link = UdpPath(driver, index, self.network, path)
                link.strange = self.witness.astray
                link.bind(plan.host, UDP_PORT + index)
            driver.links.append(link)
        return driver

    def _receiver(self, line: SerialLine) -> Driver:
        shares = {Fault.LOST_ACK: 0.1} if self.dice.random() < 0.5 else {}
        receiver = Receiver(
            ReceiverSettings(
                ids=("5",),
                lines=self.dice.choice((("1",), ("1", "2"))),
                faults=Faults(shares),
                heartbeat_s=30.0,
            ),
            ledger=self.ledger,
            random=Random(self.dice.random()),
            account=str(station.RECEIVER_ACCOUNT),
            now=self.timeline.now,
        )
        driver = Driver(receiver, self.timeline, made=self._made, wrote=self._wrote)
        driver.links.append(SerialPath(driver, line))
        return driver

    def begin(self) -> None:
        """Set all timers."""
        for driver in self.drivers:
            driver.stir()

    # -- what happens at the premises ------------------------------------------------------------

    def something(self, driver: Driver | None = None, *, urgent: float | None = None) -> None:
        """Something happens somewhere."""
        dice = self.dice
        driver = driver or dice.choice(self.drivers)
        self._count += 1
        urgent = self.urgent if urgent is None else urgent
        what = station.happening(dice, self._count, urgent=urgent, unknown=self.unknown)
        now = self.timeline.now
        device: Any = driver.device
        if isinstance(device, Receiver):
            self._call(device, what, now)
        else:
            plan = self._plan_of[id(device)]
            before = self._last.get(id(device))
            if before is not None and not plan.restarts and dice.random() < 0.1:
                what = before  # the same once more is another alarm: its sequence differs
            self._last[id(device)] = what
            device.tell(what, now=now)
        driver.stir()

    def _call(self, receiver: Receiver, what: Happening, now: float) -> None:
        """A panel calls the receiver; now and then the last one again, with the same words."""
        account = str(station.RECEIVER_ACCOUNT + self.dice.randrange(30))
        last = self._last_call
        is_heard = last is not None and _was_heard_by(last[2], now - APART_S)
        if last is not None and is_heard and self.dice.random() < 0.2:
            account, what = last[:2]
        self._last_call = (account, what, receiver.take_call(account, what, now=now))

    def restart(self) -> None:
        """A panel loses power: its sequence numbers begin again, perhaps with the same words."""
        ready = [one for one in self.panels if self._plan_of[id(one.device)].restarts]
        if not ready:
            return
        driver, now = self.dice.choice(ready), self.timeline.now
        device: Any = driver.device
        device.restart(now=now)
        self._count += 1
        what = station.happening(self.dice, self._count, urgent=0.0, unknown=0.0)
        before = self._first_words.get(id(device))
        if before is not None and _was_heard_by(before[1], now - self._window_s - APART_S):
            what = before[0]
        self._first_words[id(device)] = (what, device.tell(what, now=now))
        driver.stir()

    def cut(self, seconds: float) -> None:
        """A panel is cut off on all its paths."""
        driver = self.dice.choice(self.panels)
        driver.device.cut(until=self.timeline.now + seconds)
        driver.stir()

    @property
    def are_done(self) -> bool:
        """Everybody was heard."""
        return not any(
            one.outcome is Outcome.WAITING and not one.is_link_test
            for one in self.ledger.transmissions
        )

    # -- the truth about it ----------------------------------------------------------------------

    def _made(self, device: Any, write: Write) -> None:
        plan = self._plan_of.get(id(device))
        if plan is None or not (plan.settings.key or plan.settings.is_stamped):
            return
        shows = plan.clock.read(true_utc(self.timeline)).replace(microsecond=0)
        for piece in write.pieces:
            self._shows[piece.data] = shows

    def _wrote(self, device: Any, write: Write) -> None:
        ground, plan = self.witness.ground, self._plan_of.get(id(device))
        for piece in write.pieces:
            transmission = piece.transmission
            if piece.kind is SentKind.NOISE or transmission is None:
                continue
            telling = ground.tellings.get(transmission.id)
            if telling is None:
                telling = Telling(
                    transmission=transmission,
                    host="serial" if plan is None else plan.host,
                    is_encrypted=plan is not None and plan.settings.key is not None,
                    is_receiver=plan is None,
                    is_known_code=transmission.meaning != "unknown",
                    group="dialled" if plan is None else plan.group,
                )
                ground.told(telling)
            if piece.note in SPOILT:
                ground.spoilt.add(piece.data)
                continue
            ground.sent(telling, piece.data, self._shows.get(piece.data))

    def _on_line(self, line: Line, transmission: Any) -> None:
        if line.direction is Direction.HEARD and transmission is not None:
            self.witness.heard(transmission)


def _was_heard_by(transmission: Transmission, at: float) -> bool:
    """Whether it was acknowledged by then."""
    ended_at = transmission.ended_at
    is_heard = transmission.outcome is Outcome.ACKNOWLEDGED
    return is_heard and ended_at is not None and ended_at < at


class Attackers:
    """They hear everything, keep it, and say it again; and they say what nobody said."""

    def __init__(
        self, dice: Random, timeline: Timeline, witness: Witness, network: SimulatedNetwork
    ) -> None:
        self._dice = dice
        self._timeline = timeline
        self._witness = witness
        self._network = network
        self._port = 50_000
        self._host = "10.9.0.1"
        witness.attackers.add(self._host)

    def strike(self) -> None:
        """Replay a frame, or forge one."""
        dice = self._dice
        recorded = self._witness.ground.recorded
        if recorded and dice.random() < 0.7:
            # The latest are within the window of timestamps, and so the most dangerous.
            newest = recorded[-3:] if dice.random() < 0.5 else recorded
            raw, telling = dice.choice(newest)
            group = telling.group
        else:
            raw, group = self._forged()
        self._send(raw, station.PORTS[group])

    def _forged(self) -> tuple[bytes, str]:
        dice = self._dice
        account = dice.choice(station.ACCOUNTS[1::2])
        key = dice.randbytes(16)
        way = dice.choice(("plain", "wrong key", "stranger"))
        path = PanelPath(host=station.HOSTS[0], port=1)
        settings = PanelSettings(
            account="9999" if way == "stranger" else account,
            paths=(path,),
            key=key if way == "wrong key" else None,
        )
        what = station.happening(dice, dice.randrange(9000), urgent=0.5, unknown=0.0)
        raw = PanelWire(path, settings, pad=dice.randbytes).frame(
            content(what, "cid", account=settings.account),
            sequence=f"{dice.randrange(1, 9999):04d}",
            shown=true_utc(self._timeline),
        )
        self._witness.ground.forge(raw, is_read=way != "wrong key")
        return raw, dice.choice(tuple(station.PORTS))

    def _send(self, raw: bytes, port: int) -> None:
        self._port += 1
        peer = (self._host, self._port)
        if self._dice.random() < 0.5:
            self._network.datagram(raw, peer, self._dice.choice(station.HOSTS), port)
            return
        caller = _Caller(raw)
        caller.connection = self._network.dial(port, peer, caller)


class _Caller:
    """Says one thing over TCP and hangs up once it is answered."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.connection: Any = None

    def opened(self) -> None:
        self.connection.send(self._raw)

    def heard(self, data: bytes) -> None:
        del data
        self.connection.hang_up()

    def closed(self) -> None:
        pass
