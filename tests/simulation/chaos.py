"""What goes wrong, and when: episodes drawn for each seed, all over before the end."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.broker import Mood
from tests.simulation.core import Habits
from tests.simulation.disk import Trouble
from tests.simulation.network import Weather

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

POINTS = ("commit", "committed", "write", "written", "publish")
EPISODES = (2, 14)
STRIKES = (0, 30)


class Chaos:
    """Everything bad of one seed."""

    def __init__(self, world: Simulation, dice: Random) -> None:
        self._world = world
        self._dice = dice
        self.was_poisoned = False
        self._is_over = False

    def plan(self, until: float) -> None:
        """Draw the episodes. Each seed knows only some kinds, so that none hides another."""
        dice, timeline = self._dice, self._world.timeline
        kinds = [kind for kind in self._kinds() if dice.random() < 0.4]
        if kinds:
            for _ in range(dice.randint(*EPISODES)):
                timeline.after(
                    dice.uniform(10.0, until - 200.0), self._unless_over, dice.choice(kinds)
                )
        for _ in range(dice.randint(*STRIKES)):
            timeline.after(dice.uniform(20.0, until), self._world.attackers.strike)
        if dice.random() < 0.5:
            self._world.cores[0].forger_hears = dice.choice((0.02, 0.2))
            for _ in range(dice.randint(1, 20)):
                timeline.after(dice.uniform(20.0, until), self._forge)

    def _kinds(self) -> list[Callable[[], None]]:
        return [
            self._dark, self._bad_weather, self._bad_weather, self._breaks, self._commits_fail,
            self._slow_disk, self._full_disk, self._reads_fail, self._kill, self._kill_at,
            self._kill_at, self._stop, self._broker_dies, self._broker_hangs, self._broker_cuts,
            self._broker_forgets, self._poison, self._broker_stumbles, self._core_silent,
            self._core_slow, self._core_loses, self._clock_step, self._unplug, self._noise,
            self._burst, self._backlog, self._backlog, self._panel_restart, self._panel_restart,
            self._panel_cut, self._slow_threads,
        ]  # fmt: skip

    def _unless_over(self, episode: Callable[[], None]) -> None:
        if not self._is_over:
            self._world.trace("chaos", episode.__name__.strip("_").replace("_", " "))
            episode()

    def _later(self, seconds: float, what: Callable[[], None]) -> None:
        def unless_over() -> None:
            if not self._is_over:
                self._world.trace("chaos", "better again")
                what()

        self._world.timeline.after(seconds, unless_over)

    def end(self) -> None:
        """Everything is well from now on; what was broken is mended."""
        world = self._world
        self._is_over = True
        world.trace("chaos", "over")
        world.network.weather = Weather()
        world.disk.trouble = Trouble()
        if not world.line.is_plugged:
            world.line.plug()
        world.broker.mood.is_down = False
        world.broker.wake()
        world.broker.mood = Mood()
        for core in world.cores:
            core.habits = Habits()
            core.forger_hears = 0.0
        if world.lives.process is not None:
            world.lives.process.disarm()
            world.lives.process.loop.slowness = 1.0
        if self.was_poisoned:  # dead letters are tried again after a start
            world.lives.stop(again_s=2.0)

    # -- network ---------------------------------------------------------------------------------

    def _weather(self, seconds: float, **said: object) -> None:
        self._world.network.weather = Weather(**said)
        self._later(seconds, self._fair)

    def _fair(self) -> None:
        self._world.network.weather = Weather()

    def _dark(self) -> None:
        self._weather(self._dice.uniform(2, 90), is_dark=True)
        self._world.network.break_all()

    def _bad_weather(self) -> None:
        dice = self._dice
        slowest = dice.choice((0.1, 1.0, 3.0))
        self._weather(
            dice.uniform(30, 600),
            delay_s=(0.005, slowest),
            loss=dice.choice((0.0, 0.1, 0.4)),
            duplicates=dice.choice((0.0, 0.1, 0.4)),
            splits=dice.choice((0.0, 0.5)),
            breaks=dice.choice((0.0, 0.1)),
            truncates=dice.choice((0.0, 0.0, 0.1)),
        )

    def _breaks(self) -> None:
        self._world.network.break_all()

    # -- disk ------------------------------------------------------------------------------------

    def _trouble(self, seconds: float, **said: object) -> None:
        self._world.disk.trouble = Trouble(**said)
        self._unsettle(seconds)
        self._later(seconds, self._mend)

    def _mend(self) -> None:
        self._world.disk.trouble = Trouble()

    def _unsettle(self, seconds: float) -> None:
        witness = self._world.witness
        witness.unsettled_at = max(witness.unsettled_at, self._world.timeline.now + seconds)

    def _commits_fail(self) -> None:
        dice = self._dice
        self._trouble(
            dice.uniform(1, 90),
            commit_fails=dice.choice((0.3, 1.0)),
            open_fails=dice.choice((0.0, 0.5, 1.0)),
            leaves_limbo=dice.choice((0.0, 0.5, 1.0)),
        )

    def _slow_disk(self) -> None:
        longest = self._dice.choice((0.5, 3.0, 12.0))
        self._trouble(self._dice.uniform(10, 120), flush_s=(longest / 3, longest))

    def _full_disk(self) -> None:
        self._trouble(self._dice.uniform(10, 150), is_full=True)

    def _reads_fail(self) -> None:
        self._trouble(self._dice.uniform(5, 60), read_fails=self._dice.choice((0.5, 1.0)))

    # -- process ---------------------------------------------------------------------------------

    def _again_s(self) -> float:
        return self._dice.choice((0.2, 2.0, 20.0, 100.0))

    def _kill(self) -> None:
        is_power_cut = self._dice.random() < 0.3
        self._world.lives.kill("somewhere", again_s=self._again_s(), is_power_cut=is_power_cut)

    def _kill_at(self) -> None:
        lives, process = self._world.lives, self._world.lives.process
        if process is None:
            return
        point, again_s = self._dice.choice(POINTS), self._again_s()
        is_power_cut = self._dice.random() < 0.3

        def kill() -> None:
            lives.kill(f"at {point}", again_s=again_s, is_power_cut=is_power_cut)

        process.arm(point, self._dice.randint(1, 4), kill)

    def _stop(self) -> None:
        self._world.lives.stop(again_s=self._again_s())

    def _slow_threads(self) -> None:
        process = self._world.lives.process
        if process is None:
            return
        process.loop.slowness = self._dice.choice((20.0, 100.0))
        seconds = self._dice.uniform(10, 60)
        self._unsettle(seconds)

        def fast() -> None:
            process.loop.slowness = 1.0

        self._later(seconds, fast)

    # -- broker and cores ------------------------------------------------------------------------

    def _broker_dies(self) -> None:
        broker = self._world.broker
        broker.kill()

        def up() -> None:
            broker.mood.is_down = False

        self._later(self._dice.uniform(1, 200), up)

    def _broker_hangs(self) -> None:
        broker = self._world.broker
        broker.hang()
        self._later(self._dice.uniform(1, 120), broker.wake)

    def _broker_cuts(self) -> None:
        self._world.broker.cut("the network is gone", is_by_peer=self._dice.random() < 0.5)

    def _broker_forgets(self) -> None:
        mood = self._world.broker.mood
        mood.forgets = self._dice.choice((0.1, 1.0))

        def remember() -> None:
            mood.forgets = 0.0

        self._later(self._dice.uniform(10, 200), remember)

    def _poison(self) -> None:
        mood = self._world.broker.mood
        self.was_poisoned = True
        mood.poison = b'"value":"13%d"' % self._dice.randrange(5)
        seconds = self._dice.uniform(10, 300)
        self._unsettle(seconds)

        def cure() -> None:
            mood.poison = None

        self._later(seconds, cure)

    def _broker_stumbles(self) -> None:
        mood = self._world.broker.mood
        mood.kills_itself = self._dice.choice((0.1, 0.5))
        self.was_poisoned = True
        seconds = self._dice.uniform(5, 60)
        self._unsettle(seconds)

        def steady() -> None:
            mood.kills_itself = 0.0

        self._later(seconds, steady)

    def _habits(self, seconds: float, **said: object) -> None:
        core = self._dice.choice(self._world.cores)
        core.habits = Habits(**said)

        def good() -> None:
            core.habits = Habits()

        self._later(seconds, good)

    def _core_silent(self) -> None:
        self._habits(self._dice.uniform(20, 500), is_silent=True)

    def _core_slow(self) -> None:
        longest = self._dice.choice((5.0, 60.0))
        self._habits(self._dice.uniform(20, 300), delay_s=(0.1, longest), twice=0.3)

    def _core_loses(self) -> None:
        self._habits(self._dice.uniform(20, 300), loses=self._dice.choice((0.1, 0.5)), twice=0.2)

    def _forge(self) -> None:
        core = self._world.cores[0]
        self._world.trace("forger", core.forge())

    # -- clock, line, panels ---------------------------------------------------------------------

    def _clock_step(self) -> None:
        dice = self._dice
        seconds = dice.choice((3.0, 15.0, 45.0, 3600.0)) * dice.choice((-1, 1))
        self._world.clock.step(seconds)
        if dice.random() < 0.7:
            self._later(dice.uniform(5, 300), lambda: self._world.clock.step(-seconds))

    def _unplug(self) -> None:
        self._world.line.unplug()
        self._later(self._dice.uniform(1, 60), self._world.line.plug)

    def _noise(self) -> None:
        junk = self._dice.randbytes(self._dice.randint(1, 60))
        self._world.line.far_write(junk.translate(None, b"\x14\x06\x15\r\n"))

    def _burst(self) -> None:
        callers, dice, timeline = self._world.callers, self._dice, self._world.timeline
        driver = dice.choice(callers.drivers)
        for _ in range(dice.randint(4, 12)):
            timeline.after(dice.uniform(0, 5), callers.something, driver)
        timeline.after(dice.uniform(1, 8), lambda: callers.something(driver, urgent=1.0))

    def _backlog(self) -> None:
        """The core is silent, much gathers, and then somebody presses the panic button."""
        callers, dice, timeline = self._world.callers, self._dice, self._world.timeline
        core = self._world.cores[0]
        core.habits = Habits(is_silent=True)

        def good() -> None:
            core.habits = Habits()

        self._later(dice.uniform(20, 120), good)
        for _ in range(dice.randint(5, 15)):
            timeline.after(dice.uniform(0, 8), callers.something)
        for _ in range(dice.randint(1, 2)):
            timeline.after(dice.uniform(8, 16), lambda: callers.something(urgent=1.0))

    def _panel_restart(self) -> None:
        self._world.callers.restart()

    def _panel_cut(self) -> None:
        self._world.callers.cut(self._dice.uniform(5, 900))
