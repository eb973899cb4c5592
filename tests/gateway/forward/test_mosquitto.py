"""The outbox against a real Mosquitto: killed, stopped, refusing, with TLS and access rules."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest

from gateway.contract.address import BrokerAddress
from gateway.contract.client import BrokerUnavailableError, MqttClient, Refusal
from gateway.contract.consumer import ConfirmingConsumer
from gateway.contract.status import Confirm, InputState
from gateway.forward.mqtt import MqttTransport
from tests.support.broker_forwarding import Gateway, core
from tests.support.forwarding import TOPICS, confirm, event, seq_of
from tests.support.hardware import until
from tests.support.mosquitto import Certificates, Mosquitto

pytestmark = pytest.mark.mosquitto


@contextlib.asynccontextmanager
async def client(
    address: BrokerAddress,
    *topics: str,
    on_puback: Callable[[int, Refusal | None], None] = lambda _m, _r: None,
    identifier: str | None = None,
    version: aiomqtt.ProtocolVersion = aiomqtt.ProtocolVersion.V5,
) -> AsyncIterator[tuple[MqttClient, list[tuple[str, bytes]]]]:
    got: list[tuple[str, bytes]] = []
    connection = MqttClient(
        address,
        identifier=identifier or os.urandom(8).hex(),
        version=version,
        on_message=lambda topic, payload: got.append((topic, payload)),
        on_puback=on_puback,
        on_lost=lambda _reason, _by_peer: None,
    )
    await connection.open()
    try:
        if topics:
            await connection.subscribe_to(topics)
        yield connection, got
    finally:
        await connection.shut()


class TestPath:
    async def test_events_arrive_and_are_confirmed(self, mosquitto: Mosquitto) -> None:
        events = [event(n, account=f"A{n % 20}") for n in range(1, 2001)]
        async with core(mosquitto.address) as c, Gateway(mosquitto.address, events=events) as g:
            await until(lambda: len(g.journal.done()) == 2000, "all done")
            assert c.effected_count == 2000
            assert g.state.unconfirmed == 0

    async def test_with_mqtt_3_1_1_too(self, mosquitto: Mosquitto) -> None:
        events = [event(n) for n in range(1, 101)]
        transport = MqttTransport(
            mosquitto.address, client_id="old", version=aiomqtt.ProtocolVersion.V311
        )
        g = Gateway(mosquitto.address, events=events)
        g.forwarder.uplink._transport = transport
        async with core(mosquitto.address, version=aiomqtt.ProtocolVersion.V311), g:
            await until(lambda: len(g.journal.done()) == 100, "all done")

    async def test_an_event_is_never_retained(self, mosquitto: Mosquitto) -> None:
        async with Gateway(mosquitto.address, events=[event(1)]) as g:
            await until(lambda: g.state.pubacked, "published")
            async with client(mosquitto.address, TOPICS.everything) as (_, got):
                await until(lambda: got, "retained state")
                assert not [topic for topic, _ in got if "/event/" in topic]

    async def test_the_puback_of_a_broker_that_forgets_is_no_delivery(
        self, mosquitto: Mosquitto
    ) -> None:
        """REL-4: published and PUBACKed while nobody listens: still outstanding, sent again."""
        async with Gateway(mosquitto.address, events=[event(1)], resend_s=0.5) as g:
            await until(lambda: g.state.pubacked, "published")
            async with core(mosquitto.address) as c:
                await until(g.journal.done, "resent and confirmed")
                assert c.effected_count == 1


class TestStates:
    async def test_retained_status_and_a_will_without_time(self, mosquitto: Mosquitto) -> None:
        g = Gateway(mosquitto.address)
        async with client(mosquitto.address, TOPICS.status) as (_, got):
            async with g:
                await until(lambda: got, "online")
                online = msgspec.json.decode(got[-1][1])
                assert online["state"] == "online"
                assert online["time"]
                g.forwarder.uplink._link.abort()  # no goodbye: the will speaks
                g.forwarder.uplink.lost("cut", is_by_peer=False)
                await until(lambda: len(got) >= 3, "offline, online again")
                assert msgspec.json.decode(got[1][1]) == {"state": "offline"}
                assert msgspec.json.decode(got[2][1])["state"] == "online"
            await until(lambda: len(got) >= 4, "offline")
            offline = msgspec.json.decode(got[-1][1])
            assert (offline["state"], offline["reason"]) == ("offline", "test is over")

    async def test_states_come_again_after_the_broker_forgot_them(
        self, mosquitto: Mosquitto
    ) -> None:
        async with Gateway(mosquitto.address) as g:
            g.forwarder.states.input_state(
                "ip-1", InputState(state="up", reason="", time="2026-11-20T09:15:02Z")
            )
            await until(lambda: g.is_up, "up")
            mosquitto.kill()
            await until(lambda: not g.is_up, "lost")
            await mosquitto.start()
            async with client(mosquitto.address, TOPICS.everything) as (_, got):
                topics = {TOPICS.status, TOPICS.input_status("ip-1")}
                await until(lambda: topics <= {t for t, _ in got}, "both retained again")


class TestBrokerTrouble:
    """REL-41, REL-42, REL-43: refuse, stop, kill, wipe state."""

    async def test_killed_and_restarted_empty_nothing_is_lost(self, mosquitto: Mosquitto) -> None:
        async with core(mosquitto.address) as c, Gateway(mosquitto.address) as g:
            await until(lambda: g.is_up, "up")
            for n in range(1, 3001):
                g.journal.commit(event(n, account=f"A{n % 7}"))
                if n % 1000 == 0:
                    await until(lambda n=n: len(g.journal.done()) > n - 990, "some done")
                    mosquitto.kill()
                    await until(lambda: not g.is_up, "lost")
                    await mosquitto.start()
            await until(lambda: len(g.journal.done()) == 3000, "all done")
            assert c.effected_count == 3000

    async def test_away_at_the_start_is_waited_for(self, mosquitto: Mosquitto) -> None:
        mosquitto.kill()
        async with Gateway(mosquitto.address, events=[event(1)]) as g:
            await until(lambda: "mqtt" in g.health.reasons, "told")
            await mosquitto.start()
            async with core(mosquitto.address):
                g.forwarder.outbox._resends._quiet_s = 0
                await until(lambda: g.state.pubacked, "published")

    async def test_a_stopped_broker_is_found_by_its_missing_puback(
        self, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("gateway.forward.uplink.PUBACK_S", 1.0)
        async with core(mosquitto.address), Gateway(mosquitto.address) as g:
            await until(lambda: g.is_up, "up")
            mosquitto.freeze()
            g.journal.commit(event(1))
            await until(lambda: g.counters["puback_missed"], "found")
            assert not g.is_up
            mosquitto.thaw()
            await until(g.journal.done, "done after it goes on")

    async def test_a_stopped_broker_without_traffic_is_found_by_keepalive(
        self, mosquitto: Mosquitto
    ) -> None:
        async with Gateway(mosquitto.address, keepalive_s=1) as g:
            await until(lambda: g.is_up and not g.forwarder.uplink.pending_count, "up and quiet")
            mosquitto.freeze()
            await until(lambda: not g.is_up, "found")
            assert "keepalive" in g.health.reasons["mqtt"]
            mosquitto.thaw()

    async def test_a_stop_next_to_a_hung_broker_takes_seconds_only(
        self, mosquitto: Mosquitto
    ) -> None:
        async with Gateway(mosquitto.address) as g:
            await until(lambda: g.is_up, "up")
            mosquitto.freeze()
            g.journal.commit(event(1))
            await asyncio.wait_for(g.forwarder.stop("ended"), 4)


class TestConsumers:
    async def test_a_silent_core_then_a_talking_one(self, mosquitto: Mosquitto) -> None:
        events = [event(n, account=f"A{n}") for n in range(1, 501)]
        async with Gateway(mosquitto.address, events=events, unconfirmed=100, resend_s=1.0) as g:
            await until(lambda: g.state.pubacked >= 100, "the limit is reached")
            assert g.state.unconfirmed == 100
            g.journal.commit(event(900, account="P", urgent=True))
            async with client(mosquitto.address, TOPICS.events):
                await until(lambda: g.state.unconfirmed == 101, "only the urgent one")
            async with core(mosquitto.address):
                await until(lambda: len(g.journal.done()) == 501, "all done")

    async def test_a_slow_core_is_not_sent_everything_again(self, mosquitto: Mosquitto) -> None:
        class Slow(ConfirmingConsumer):
            """Confirms twenty events every 20 ms, so that the last ones wait for a second."""

            behind: list[str] = []  # noqa: RUF012

            def confirm(self, ids: Any) -> None:
                if not self.behind:
                    asyncio.get_running_loop().call_later(0.02, self.go_on)
                self.behind += ids

            def go_on(self) -> None:
                super().confirm(self.behind[:20])
                del self.behind[:20]
                if self.behind:
                    asyncio.get_running_loop().call_later(0.02, self.go_on)

        events = [event(n, account=f"A{n}") for n in range(1, 1001)]
        async with (
            core(mosquitto.address, kind=Slow) as c,
            Gateway(mosquitto.address, events=events, resend_s=0.4) as g,
        ):
            await until(lambda: len(g.journal.done()) == 1000, "all done")
            assert c.received_count == 1000
            assert g.counters["event_resent"] == 0

    async def test_a_core_that_loses_some_gets_them_again(self, mosquitto: Mosquitto) -> None:
        class Forgetful(ConfirmingConsumer):
            dropped: set[str] = set()  # noqa: RUF012

            def confirm(self, ids: Any) -> None:
                lost = {i for i in ids if i.endswith("7") and i not in self.dropped}
                self.dropped |= lost
                kept = [i for i in ids if i not in lost]
                if kept:
                    super().confirm(kept)

        events = [event(n, account=f"A{n}") for n in range(1, 301)]
        async with (
            core(mosquitto.address, kind=Forgetful) as c,
            Gateway(mosquitto.address, events=events, resend_s=0.5, hold_up_s=1.0) as g,
        ):
            await until(lambda: len(g.journal.done()) == 300, "all done")
            assert c.effected_count == 300
            assert c.received_count > 300

    async def test_confirms_of_others_and_nonsense_change_nothing(
        self, mosquitto: Mosquitto
    ) -> None:
        events = [event(n) for n in range(1, 11)]
        async with (
            Gateway(mosquitto.address, events=events) as g,
            client(mosquitto.address) as (c, _),
        ):
            await until(lambda: g.state.pubacked == 10, "published")
            for topic, payload in (
                (TOPICS.confirm("core-2"), confirm("core-2", "id-1")),
                (TOPICS.confirm("core-1"), confirm("core-2", "id-1")),
                (TOPICS.confirm("core-1"), b"\x00\xff"),
                (TOPICS.confirm("core-1"), confirm("core-1", *["id-1"] * 1001)),
            ):
                c.publish_nowait(topic, payload)
            c.publish_nowait(TOPICS.confirm("core-1"), confirm("core-1", "id-10"))
            await until(g.journal.done, "the true one counts")
            assert g.journal.done() == {"id-10"}
            assert g.state.unconfirmed == 9
            ignored = {k: v for k, v in g.counters.snapshot().items() if "ignored" in k}
            assert sum(ignored.values()) == 4


class TestRefused:
    """REL-46, in the two ways in which a real broker refuses what is too long."""

    @pytest.mark.parametrize("line", ["message_size_limit 2000", "max_packet_size 2000"])
    async def test_one_too_long_is_dead_lettered_and_the_others_arrive(
        self, start_mosquitto: Any, line: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Mosquitto answers the first with a reason that MQTT 5 does not know in a PUBACK (149);
        # paho then ends the connection, so this is also how a broker of 3.1.1 refuses.
        monkeypatch.setattr("gateway.forward.uplink.BACKOFF_MOST_S", 0.05)
        broker = await start_mosquitto(line)
        events = [event(n) for n in range(1, 51)]
        long = b'{"id":"id-25","seq":25,"x":"' + b"x" * 4000 + b'"}'
        events[24] = msgspec.structs.replace(events[24], json=long)
        async with core(broker.address), Gateway(broker.address, events=events) as g:
            await until(lambda: g.told, "dead letter")
            await until(lambda: len(g.journal.done()) == 49, "the others")
            assert g.told[0][0] == "dead_letter"
            assert g.state.dead_lettered == 1


USERS = ("alarm-gateway", "core-1", "core-2", "technician", "stranger")


@pytest.fixture
async def station(start_mosquitto: Any) -> Mosquitto:
    """TLS, client certificates and the access rules that are shipped."""
    broker = await start_mosquitto(tls=USERS)
    assert isinstance(broker, Mosquitto)
    return broker


class TestTls:
    """SEC-20: TLS with the server's name verified and a certificate of one's own."""

    async def test_the_whole_path(self, station: Mosquitto) -> None:
        events = [event(n) for n in range(1, 201)]
        gateway = Gateway(station.address_for("alarm-gateway"), events=events)
        async with core(station.address_for("core-1")), gateway as g:
            await until(lambda: len(g.journal.done()) == 200, "all done")

    async def test_no_certificate_no_connection(self, station: Mosquitto) -> None:
        address = msgspec.structs.replace(
            station.address_for("core-1"), cert_file=None, key_file=None
        )
        with pytest.raises(BrokerUnavailableError):
            async with client(address):
                pass

    async def test_a_certificate_of_another_authority_is_refused(
        self, station: Mosquitto, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        foreign = Certificates(elsewhere, "core-1")
        address = msgspec.structs.replace(
            station.address_for("core-1"),
            cert_file=foreign.file("core-1", "crt"),
            key_file=foreign.file("core-1", "key"),
        )
        with pytest.raises(BrokerUnavailableError):
            async with client(address):
                pass

    async def test_a_broker_of_another_authority_is_refused(
        self, station: Mosquitto, tmp_path: Path
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        address = msgspec.structs.replace(
            station.address_for("core-1"), ca_file=Certificates(elsewhere).ca_file
        )
        with pytest.raises(BrokerUnavailableError, match="certificate verify failed"):
            async with client(address):
                pass

    async def test_a_broker_with_another_name_is_refused(self, start_mosquitto: Any) -> None:
        broker = await start_mosquitto(tls=USERS)
        broker.tls.issue("broker", "other.example")
        broker.kill()
        await broker.start()
        with pytest.raises(BrokerUnavailableError, match="certificate is not valid"):
            async with client(broker.address_for("core-1")):
                pass


class TestAccessRules:
    """SEC-21: every forbidden operation tried against a real broker with the shipped rules."""

    @pytest.mark.parametrize(
        ("user", "topic", "is_allowed"),
        [
            ("alarm-gateway", TOPICS.event("alarm", "1234"), True),
            ("alarm-gateway", TOPICS.status, True),
            ("alarm-gateway", TOPICS.info, True),
            ("alarm-gateway", TOPICS.health, True),
            ("alarm-gateway", TOPICS.input_status("ip-1"), True),
            ("alarm-gateway", TOPICS.supervision("1234"), True),
            ("alarm-gateway", TOPICS.unrecognised("ip-1"), True),
            ("alarm-gateway", TOPICS.confirm("core-1"), False),
            ("alarm-gateway", TOPICS.confirm("alarm-gateway"), False),
            ("alarm-gateway", "alarm-gateway/v1/other/status", False),
            ("core-1", TOPICS.confirm("core-1"), True),
            ("core-1", TOPICS.confirm("core-2"), False),
            ("core-2", TOPICS.confirm("core-1"), False),
            ("technician", TOPICS.confirm("core-1"), False),
            ("stranger", TOPICS.confirm("core-1"), False),
            ("core-1", TOPICS.event("alarm", "1234"), False),
            ("core-1", TOPICS.status, False),
            ("technician", TOPICS.event("alarm", "1234"), False),
            ("stranger", TOPICS.event("alarm", "1234"), False),
            ("stranger", "anything", False),
        ],
    )
    async def test_who_may_publish(
        self, station: Mosquitto, *, user: str, topic: str, is_allowed: bool
    ) -> None:
        answers: list[Refusal | None] = []
        async with client(
            station.address_for(user), on_puback=lambda _mid, refusal: answers.append(refusal)
        ) as (c, _):
            c.publish_nowait(topic, b"{}")
            await until(lambda: answers, "an answer")
        assert (answers[0] is None) is is_allowed

    @pytest.mark.parametrize(
        ("user", "topic", "is_allowed"),
        [
            ("alarm-gateway", TOPICS.confirm("core-1"), True),
            ("alarm-gateway", TOPICS.event("alarm", "1"), False),
            ("core-1", TOPICS.event("alarm", "1"), True),
            ("core-1", TOPICS.status, True),
            ("core-1", TOPICS.confirm("core-2"), False),
            ("technician", TOPICS.event("alarm", "1"), True),
            ("technician", TOPICS.confirm("core-1"), False),
            ("stranger", TOPICS.event("alarm", "1"), False),
            ("stranger", TOPICS.status, False),
        ],
    )
    async def test_who_hears(
        self, station: Mosquitto, *, user: str, topic: str, is_allowed: bool
    ) -> None:
        speaker = "core-1" if topic == TOPICS.confirm("core-1") else "alarm-gateway"
        speaker = "core-2" if topic == TOPICS.confirm("core-2") else speaker
        async with (
            client(station.address_for(user)) as (listener, got),
            client(station.address_for(speaker)) as (c, _),
        ):
            with contextlib.suppress(BrokerUnavailableError):  # Mosquitto may refuse it outright
                await listener.subscribe_to(["alarm-gateway/#"])
            with contextlib.suppress(BrokerUnavailableError):
                await listener.subscribe_to([topic])
            answers: list[object] = []
            c._on_puback_to = lambda _mid, refusal: answers.append(refusal)
            c.publish_nowait(topic, b"{}")
            await until(lambda: answers, "published")
            assert answers == [None]
            # A message to oneself that must arrive after anything that was allowed.
            probe: list[object] = []
            listener._on_puback_to = lambda _mid, refusal: probe.append(refusal)
            listener.publish_nowait("after", b"")
            await until(lambda: probe, "probe")
            if is_allowed:
                await until(lambda: got, "heard")
            assert bool(got) is is_allowed

    async def test_a_confirm_in_another_ones_name_is_refused_twice(
        self, station: Mosquitto
    ) -> None:
        """By the broker on the other one's topic, by the gateway in the payload."""
        gateway = Gateway(station.address_for("alarm-gateway"), events=[event(1)])
        async with gateway as g, client(station.address_for("core-2")) as (c, _):
            await until(lambda: g.state.pubacked, "published")
            c.publish_nowait(TOPICS.confirm("core-1"), confirm("core-1", "id-1"))
            c.publish_nowait(TOPICS.confirm("core-2"), confirm("core-1", "id-1"))
            await until(lambda: g.counters["confirm_ignored:consumer_not_named"], "ignored")
            assert g.journal.done() == set()


async def test_first_publications_follow_commit_order_in_each_account(
    mosquitto: Mosquitto,
) -> None:
    """REL-9, seen by the consumer, with urgent events and a killed broker in between."""
    seen: list[int] = []
    consumer = core(
        mosquitto.address, on_event=lambda received: seen.append(seq_of(received.payload))
    )
    async with consumer, Gateway(mosquitto.address, unconfirmed=200) as g:
        for n in range(1, 2001):
            g.journal.commit(event(n, account=f"A{n % 13}", urgent=n % 37 == 0))
            if n == 1000:
                await until(lambda: len(seen) > 100, "some arrived")
                mosquitto.kill()
                await mosquitto.start()
        await until(lambda: len(g.journal.done()) == 2000, "all done")
    for account in range(13):
        of_one = [n for n in seen if n % 13 == account]
        assert of_one == sorted(of_one)
    assert sorted(seen) == list(range(1, 2001))


def test_a_confirm_is_the_struct_of_the_contract() -> None:
    decoded = msgspec.json.decode(confirm("core-1", "id-1"), type=Confirm)
    assert (decoded.consumer, decoded.ids) == ("core-1", ("id-1",))


FORGED_COUNT = 10_000
FORGED_AT_ONCE = 50  # a client may have so many unanswered at a broker before it is held back


class TestForgedConfirms:
    """SEC-22: only the named consumer, on its own topic, in the right form, marks what is there."""

    async def test_ten_thousand_forged_confirms_change_nothing(self, station: Mosquitto) -> None:
        events = [event(n) for n in range(1, 51)]
        answered: list[Refusal | None] = []
        gateway = Gateway(station.address_for("alarm-gateway"), events=events)
        async with (
            gateway as g,
            client(
                station.address_for("core-2"),
                on_puback=lambda _mid, refusal: answered.append(refusal),
            ) as (forger, _),
            client(station.address_for("core-1")) as (true_core, _),
        ):
            await until(lambda: g.state.pubacked == 50, "published")
            for n in range(FORGED_COUNT):
                known, unknown = f"id-{n % 50 + 1}", f"id-{n + 1_000}"
                topic, payload = (
                    (TOPICS.confirm("core-1"), confirm("core-1", known)),  # another one's topic
                    (TOPICS.confirm("core-2"), confirm("core-1", known)),  # another one's name
                    (TOPICS.confirm("core-2"), confirm("core-2", known)),  # nobody asked him
                    (TOPICS.confirm("core-2"), confirm("core-2", unknown)),
                    (TOPICS.confirm("core-2"), b'{"consumer": "core-1", "ids": "id-1"}'),
                    (TOPICS.event("alarm", "1234"), confirm("core-1", known)),  # no confirm topic
                )[n % 6]
                forger.publish_nowait(topic, payload)
                if n % FORGED_AT_ONCE == 0:
                    await until(lambda n=n: len(answered) >= n - FORGED_AT_ONCE, "answered")
            # The named consumer itself, in a form that is none, and for what is not there.
            for payload in (
                b"[]",
                b"{}",
                b"\x00",
                confirm("core-2", "id-1"),
            ):
                true_core.publish_nowait(TOPICS.confirm("core-1"), payload)
            await until(lambda: len(answered) == FORGED_COUNT, "all answered")
            true_core.publish_nowait(TOPICS.confirm("core-1"), confirm("core-1", "id-50"))
            await until(g.journal.done, "the true one counts")
            assert g.journal.done() == {"id-50"}
            assert g.state.unconfirmed == 49
        # The broker itself turned away what was not on his own topic.
        assert sum(refusal is not None for refusal in answered) == sum(
            n % 6 in {0, 5} for n in range(FORGED_COUNT)
        )


class TestBrokerVersions:
    """SEC-20: the shipped listener speaks TLS 1.2 or newer."""

    @pytest.mark.parametrize("flag", ["-tls1", "-tls1_1"])
    async def test_older_ones_are_refused(self, station: Mosquitto, flag: str) -> None:
        process = await asyncio.create_subprocess_exec(
            "openssl", "s_client", flag, "-cipher", "ALL:@SECLEVEL=0",
            "-connect", f"127.0.0.1:{station.port}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(10):
            said, _ = await process.communicate()
        assert process.returncode != 0, said
        assert b"alert" in said
