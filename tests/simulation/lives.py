"""The gateway's lives: started, killed anywhere, stopped well, started again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

from gateway.config import Config
from gateway.daemon.daemon import Daemon, DaemonError
from gateway.daemon.world import World
from gateway.journal.quarantine import Quarantine
from tests.simulation.broker import SimulatedBroker, SimulatedTransport
from tests.simulation.clock import WallClock
from tests.simulation.disk import Disk
from tests.simulation.network import ProcessNetwork, SimulatedNetwork
from tests.simulation.process import Process
from tests.simulation.serial_line import SerialLine, SimulatedPorts
from tests.simulation.store import SimulatedWriter, opener
from tests.simulation.timeline import Timeline
from tests.simulation.trace import Trace
from tests.simulation.witness import Witness

START_AGAIN_S = 5.0  # the service manager's pause after a start that failed
STOP_MOST_S = 5.0  # REL-51
HANGS_S = 1.0  # a flush that takes longer holds up a stop: it cannot be called back
HANDLED = (
    "report_acknowledged", "report_repeated", "report_not_committed", "report_refused:",
    "link_test_acknowledged", "link_test_unanswered", "link_test_refused:", "frame_failed",
)  # fmt: skip


class MemoryQuarantine(Quarantine):
    """The real one without its thread and its file."""

    def start(self) -> None:
        self.kept = 0

    def stop(self) -> None:
        pass

    def keep(self, kept: Any) -> bool:
        is_kept = super().keep(kept)
        while not self._queue.empty():
            self._queue.get()
            self.kept += 1
        return is_kept


class NoSocket:
    """A control socket that nobody asks anything."""

    def __init__(self, path: Path, handle: Any, *, max_line_bytes: int) -> None:
        del path, handle, max_line_bytes

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass


class Lives:
    """One gateway after the other, on one disk."""

    def __init__(
        self,
        config: Config,
        *,
        seed: str,
        timeline: Timeline,
        trace: Trace,
        witness: Witness,
        disk: Disk,
        clock: WallClock,
        network: SimulatedNetwork,
        line: SerialLine,
        broker: SimulatedBroker,
    ) -> None:
        self.config = config
        self.timeline = timeline
        self.trace = trace
        self.witness = witness
        self.disk = disk
        self.clock = clock
        self.network = network
        self.line = line
        self.broker = broker
        self.process: Process | None = None
        self.daemon: Daemon | None = None
        self.is_ready = False
        self.count = 0
        self._seed = seed
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin a life, unless one is under way."""
        if self.process is not None:
            return
        self.count += 1
        dice = Random(f"{self._seed}/life {self.count}")
        process = Process(self.count, self.timeline, dice, self.trace, self.witness)
        self.process = self.witness.process = process
        self.witness.ground.reset()
        self.witness.unsettled_at = self.timeline.now
        self.witness.started_at.append(self.timeline.now)
        self.trace("gateway", f"starts, life {self.count}")
        process.loop.live()
        self.daemon = daemon = Daemon(self.config, self._world(process, dice))
        self._run(process, self._start(process, daemon))

    def _world(self, process: Process, dice: Random) -> World:
        transport = SimulatedTransport(self.broker, process)
        return World(
            clock=self.clock,
            timers=process.loop,
            network=ProcessNetwork(self.network, process),
            serial_ports=SimulatedPorts(self.line, process),
            random=Random(dice.random()),
            pad=Random(dice.random()).randbytes,
            open_store=opener(self.disk, process),
            open_transport=lambda _config, _address: transport,
            writer=SimulatedWriter,
            quarantine=MemoryQuarantine,
            open_control=NoSocket,
            disk_of=lambda _directory: (1 << 20, 1 << 40),
        )

    def _run(self, process: Process, what: Any) -> None:
        task = process.loop.create_task(what)
        self._tasks = [one for one in self._tasks if not one.done()]
        self._tasks.append(task)

    async def _start(self, process: Process, daemon: Daemon) -> None:
        try:
            await daemon.start()
        except DaemonError as error:
            self.trace("gateway", f"cannot start: {error}")
            self._over(process)
            self.timeline.after(START_AGAIN_S, self.start)
        except Exception as error:  # noqa: BLE001  told as a violation
            self.witness.broke(error)
            self._over(process)
        else:
            self.is_ready = True
            self.trace("gateway", "ready")

    def kill(self, why: str, *, again_s: float, is_power_cut: bool = False) -> None:
        """End the process where it is, or the machine; it starts again after a while."""
        process = self.process
        if process is None:
            return
        self.trace("gateway", f"killed {why}{', the power is gone' if is_power_cut else ''}")
        self._over(process, is_power_cut=is_power_cut)
        self.timeline.after(again_s, self.start)

    def _over(self, process: Process, *, is_power_cut: bool = False) -> None:
        process.loop.die()
        process.disarm()
        process.ended_at = self.timeline.now
        self.process = self.witness.process = None
        self.is_ready = False
        self.daemon = None
        self.witness.unsettled_at = self.timeline.now
        self.disk.crash()
        self.disk.flushing_since = None
        self.network.process_died(is_power_cut=is_power_cut)
        self.line.process_died()
        self.broker.cut("the gateway is gone")

    def stop(self, *, again_s: float | None) -> None:
        """Stop it well."""
        if self.process is not None and self.daemon is not None and self.is_ready:
            self.is_ready = False
            self.trace("gateway", "stops")
            self._run(self.process, self._stop(self.process, self.daemon, again_s))

    async def _stop(self, process: Process, daemon: Daemon, again_s: float | None) -> None:
        began, flush_s = self.timeline.now, self.disk.trouble.flush_s[1]
        self.witness.unsettled_at = began
        try:
            await daemon.stop("stopped")
        except Exception as error:  # noqa: BLE001  told as a violation
            self.witness.broke(error)
        took_s = self.timeline.now - began
        if took_s > STOP_MOST_S + (flush_s if flush_s > HANGS_S else 0.0):
            self.witness.breaks("clean stop", f"it took {took_s:.1f} s")
        self.trace("gateway", f"stopped in {took_s:.3f} s")
        if process.is_alive:
            self._over(process)
            if again_s is not None:
                self.timeline.after(again_s, self.start)

    def handled(self) -> int:
        """Frames of which this life's counters know what became of them."""
        if self.daemon is None:
            return 0
        counts = self.daemon.counters.snapshot()
        return sum(number for name, number in counts.items() if name.startswith(HANDLED))
