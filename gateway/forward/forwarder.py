"""All of forwarding as one part: what the composition root starts, stops and asks."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

import msgspec

from gateway.contract import status
from gateway.contract.topics import Topics
from gateway.forward.outbox import Outbox
from gateway.forward.ports import Journal, Transport
from gateway.forward.retained import Retained
from gateway.forward.sent import HOLD_UP_S, RESEND_S
from gateway.forward.uplink import Uplink
from gateway.health import Health
from hardware.clock import Clock, Timers


class ForwardSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says about MQTT, without the broker's address."""

    site: str
    confirm_by: tuple[str, ...] = ()
    in_flight: int = 100
    unconfirmed: int = 1000
    resend_s: float = RESEND_S
    hold_up_s: float = HOLD_UP_S


class Forwarder:
    """Outbox, retained states and the connection that they share."""

    def __init__(  # noqa: PLR0913  the composition root names each
        self,
        settings: ForwardSettings,
        *,
        journal: Journal,
        transport: Transport,
        clock: Clock,
        timers: Timers,
        random: Callable[[], float],
        health: Health,
        count: Callable[..., None],
        tell: Callable[[str, str], None],
        version: str,
        health_message: Callable[[], status.Health | None] = lambda: None,
        flooding: AbstractSet[str] = frozenset(),
    ) -> None:
        """Nothing begins before ``start``.

        Args:
            settings: What the configuration says.
            journal: Source of the events.
            transport: Connects to the broker.
            clock: Both clocks.
            timers: For waiting.
            random: Number in [0, 1) for the jitter of reconnects.
            health: Is told what is not well: ``mqtt``, ``mqtt_refused``, ``outbox``,
                ``dead_letter``.
            count: Counts by name.
            tell: ``tell(code, text)`` makes a system event: ``dead_letter``, ``outstanding_old``.
            version: Of the product.
            health_message: Asked every ten seconds for what is published as health.
            flooding: Account levels whose events let those of others pass (SEC-14); a live set.
        """
        topics = Topics(settings.site)
        self.uplink = Uplink(
            transport,
            topics=topics,
            clock=clock,
            timers=timers,
            random=random,
            health=health,
            count=count,
            on_message=self._message,
            in_flight=settings.in_flight,
        )
        self.states = Retained(
            uplink=self.uplink,
            topics=topics,
            clock=clock,
            version=version,
            count=count,
            health=health_message,
        )
        self.outbox = Outbox(
            journal=journal,
            uplink=self.uplink,
            topics=topics,
            confirm_by=settings.confirm_by,
            clock=clock,
            timers=timers,
            health=health,
            count=count,
            tell=tell,
            unconfirmed=settings.unconfirmed,
            resend_s=settings.resend_s,
            hold_up_s=settings.hold_up_s,
            flooding=flooding,
        )

    def _message(self, topic: str, payload: bytes) -> None:
        self.outbox.message(topic, payload)

    def start(self) -> None:
        """Follow the journal and connect; the journal must have been started."""
        self.states.start()
        self.outbox.start()
        self.uplink.start()

    async def stop(self, reason: str) -> None:
        """Publish ``offline`` with the reason, say goodbye; takes two seconds at most."""
        await self.outbox.stop()
        self.states.stop(reason)
        await self.uplink.stop()
