"""How well the gateway is: counters, reasons for being degraded, and the metrics page.

Nothing in here decides anything; the parts tell it what they see, the daemon publishes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric


class Counters:
    """Everything that happened, by name. Names are ``noun_participle``, a detail after a colon.

    Example: ``report_acknowledged``, ``frame_rejected:crc_wrong``. Never an account or an
    address: a counter must not grow with what strangers send.
    """

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def count(self, name: str, n: int = 1) -> None:
        """Add ``n`` to the counter ``name``."""
        self._counts[name] = self._counts.get(name, 0) + n

    def __getitem__(self, name: str) -> int:
        return self._counts.get(name, 0)

    def snapshot(self) -> dict[str, int]:
        """All counters, by name in alphabetical order."""
        return dict(sorted(self._counts.copy().items()))


class Health:
    """The reasons why the gateway is less than well, each in words for the operator."""

    __slots__ = ("_reasons",)

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def degrade(self, what: str, reason: str) -> None:
        """Say that ``what`` (``journal``, ``mqtt``, ``input:rx-1``) is not well, and why."""
        self._reasons[what] = reason

    def restore(self, what: str) -> None:
        """Say that ``what`` is well again."""
        self._reasons.pop(what, None)

    @property
    def reasons(self) -> Mapping[str, str]:
        """What is not well -> why."""
        return self._reasons

    @property
    def is_degraded(self) -> bool:
        """Whether anything at all is not well."""
        return bool(self._reasons)


class MetricsPage:
    """Counters and gauges in the text form that Prometheus reads; no label per account."""

    def __init__(self, counters: Counters, health: Health) -> None:
        self._counters = counters
        self._health = health
        self._gauges: dict[str, tuple[str, float]] = {}
        self.registry = CollectorRegistry(auto_describe=False)
        self.registry.register(self)

    def gauge(self, name: str, meaning: str, value: float) -> None:
        """Set a gauge, e.g. ``outstanding_events``."""
        self._gauges[name] = (meaning, value)

    def collect(self) -> Iterator[Metric]:
        """Hand the present values to the Prometheus client."""
        happened = CounterMetricFamily(
            "alarm_gateway_happened", "What happened since the start, by kind.", labels=["what"]
        )
        for name, number in self._counters.snapshot().items():
            happened.add_metric([name], number)
        yield happened
        degraded = GaugeMetricFamily(
            "alarm_gateway_degraded", "1 for each part that is not well.", labels=["part"]
        )
        for part in self._health.reasons:
            degraded.add_metric([part], 1)
        yield degraded
        for name, (meaning, value) in self._gauges.items():
            yield GaugeMetricFamily(f"alarm_gateway_{name}", meaning, value=value)

    def render(self) -> bytes:
        """The page, in the Prometheus text format."""
        return generate_latest(self.registry)
