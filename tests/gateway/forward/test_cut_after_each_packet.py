"""REL-41: the connection is cut at every kind of MQTT packet, which arrives or is lost with it."""

from __future__ import annotations

import pytest

from gateway.contract.address import BrokerAddress
from tests.support.broker_forwarding import Gateway, core
from tests.support.forwarding import event, seq_of
from tests.support.hardware import until
from tests.support.mosquitto import Mosquitto
from tests.support.mqtt_proxy import DOWN, UP, CuttingProxy

pytestmark = pytest.mark.mosquitto
CUTS = [
    *(("up", kind, nth) for kind in UP.values() for nth in (1, 7) if nth == 1 or kind == "PUBLISH"),
    *(("down", kind, nth) for kind in DOWN.values() for nth in (1, 7) if nth == 1 or "PUB" in kind),
]
COUNT = 60


@pytest.mark.parametrize("is_passed", [True, False], ids=["arrives", "is lost"])
@pytest.mark.parametrize(("way", "kind", "nth"), CUTS)
async def test_nothing_is_lost_and_first_publications_keep_their_order(
    mosquitto: Mosquitto,
    monkeypatch: pytest.MonkeyPatch,
    way: str,
    kind: str,
    nth: int,
    *,
    is_passed: bool,
) -> None:
    monkeypatch.setattr("gateway.forward.uplink.BACKOFF_MOST_S", 0.05)
    monkeypatch.setattr("gateway.forward.uplink.PUBACK_S", 2.0)
    seen: list[int] = []
    keepalive_s = 1 if kind.startswith("PING") else 12
    async with (
        CuttingProxy(mosquitto.port, way, kind, is_passed=is_passed, nth=nth) as proxy,
        core(mosquitto.address, on_event=lambda one: seen.append(seq_of(one.payload))),
        Gateway(
            BrokerAddress(host="127.0.0.1", port=proxy.port), keepalive_s=keepalive_s, resend_s=0.5,
            in_flight=10,
        ) as gateway,
    ):  # fmt: skip
        if keepalive_s == 1:  # it pings only while it is quiet
            await until(lambda: proxy.cuts)
        for number in range(1, COUNT + 1):
            gateway.journal.commit(event(number, account=f"A{number % 5}", urgent=number % 9 == 0))
        await until(lambda: len(gateway.journal.done()) == COUNT, "all confirmed")
        assert proxy.cuts > 0
        assert gateway.state.unconfirmed == 0
    assert sorted(seen) == list(range(1, COUNT + 1))
    for account in range(5):
        of_one = [number for number in seen if number % 5 == account]
        assert of_one == sorted(of_one)
