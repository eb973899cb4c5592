"""What the station sees of the gateway's condition: inputs, disk, backlog, as MQTT messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from gateway.contract import status
from hardware.sink import PortFact, PortState

if TYPE_CHECKING:  # vitals speak of the daemon that owns them
    from gateway.daemon.daemon import Daemon

Word: TypeAlias = Literal["up", "down", "degraded"]
_WORDS: dict[PortState, Word] = {
    PortState.UP: "up",
    PortState.DOWN: "down",
    PortState.DEGRADED: "degraded",
    PortState.UNREADABLE: "degraded",
    PortState.HEARS: "up",
}


class Vitals:
    """Keeps the state of every input and puts the health message together."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._inputs: dict[str, Word] = dict.fromkeys(daemon.config.inputs, "down")
        self._heard: dict[str, str] = {}  # by an input that finds out for itself

    def port_fact(self, fact: PortFact) -> None:
        """A port went up, went down or cannot be read."""
        if fact.state is PortState.HEARS:
            if self._heard.get(fact.input) == fact.reason:
                return  # as on another of its connections
            self._heard[fact.input] = fact.reason
        self._set(fact.input, _WORDS[fact.state], fact.reason)

    def link_supervised(self, name: str, *, is_lost: bool, words: str) -> None:
        """A receiver link fell silent, or spoke again."""
        self._set(
            name,
            "degraded" if is_lost else "up",
            f"no heartbeat: {words}" if is_lost else self._heard.get(name, ""),
        )

    def _set(self, name: str, state: Word, reason: str) -> None:
        self._inputs[name] = state
        part = f"input:{name}"
        if state == "up":
            self._daemon.health.restore(part)
        else:
            self._daemon.health.degrade(part, reason or state)
        message = status.InputState(state=state, reason=reason, time=self._daemon.now_iso())
        self._daemon.forwarder.states.input_state(name, message)

    def input_infos(self) -> Iterator[status.InputInfo]:
        """The inputs as configured."""
        for name, one in self._daemon.config.inputs.items():
            listens = [word for word in ("tcp", "udp", "tls") if getattr(one, word) is not None]
            transport = "+".join(listens) or ("serial" if one.serial else "tcp")
            yield status.InputInfo(name=name, protocol=one.protocol, transport=transport)

    def message(self) -> status.Health:
        """The health message of this moment."""
        daemon = self._daemon
        outbox, journal = daemon.forwarder.outbox.state(), daemon.journal
        used_bytes, free_bytes = daemon.disk_bytes()
        last = journal.last_commit_ms
        upkeep = daemon.storage.upkeep
        days = None if upkeep is None else upkeep.days_kept
        return status.Health(
            time=daemon.now_iso(),
            state="degraded" if daemon.health.is_degraded else "ok",
            degraded=dict(daemon.health.reasons),
            outstanding=journal.outstanding_count,
            oldest_age_s=round(outbox.oldest_age_s, 1),
            unconfirmed=outbox.unconfirmed,
            dead_lettered=outbox.dead_lettered,
            last_commit=None if last is None else _iso(last),
            inputs=dict(self._inputs),
            disk_used_bytes=used_bytes,
            disk_free_bytes=free_bytes,
            days_kept=None if days is None else round(days, 2),
            clock_trusted=not daemon.time_trust.watch.is_untrusted,
            counters=daemon.counters.snapshot(),
        )


def _iso(ms: int) -> str:
    when = datetime.fromtimestamp(ms / 1000, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
