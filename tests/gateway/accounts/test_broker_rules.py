"""SEC-20, SEC-21: who may say and hear what on a real Mosquitto with the shipped configuration."""

from __future__ import annotations

import asyncio
import ssl

import aiomqtt
import pytest

from tests.support.mosquitto import Certificates, Mosquitto, find_mosquitto

pytestmark = [
    pytest.mark.mosquitto,
    pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
]

ROOT = "alarm-gateway/v1/site-a"
SAID = (
    "status", "info", "health", "input/ip-1/status", "account/1/supervision", "event/alarm/1",
    "unrecognised/ip-1",
)  # fmt: skip
CONFIRMS = ("confirm/core-1", "confirm/core-2", "confirm/alarm-gateway", "confirm/technician")
USERS = ("alarm-gateway", "core-1", "technician")
WAIT_S = 10.0


@pytest.fixture
async def broker(tmp_path):
    one = Mosquitto(tmp_path, tls=Certificates(tmp_path, *USERS))
    await one.start()
    yield one
    one.stop()


def client(broker, user):
    address = broker.address_for(user)
    context = ssl.create_default_context(cafile=address.ca_file)
    context.load_cert_chain(address.cert_file, address.key_file)
    return aiomqtt.Client("localhost", broker.port, identifier=user, tls_context=context)


async def heard_until(listener, end):
    heard = []
    async with asyncio.timeout(WAIT_S):
        async for message in listener.messages:
            text = message.payload.decode()
            if text == end:
                return heard
            user, topic = text.split()
            assert message.topic.value == f"{ROOT}/{topic}"
            heard.append((user, topic))
    raise AssertionError("the end was not heard")


async def test_everybody_says_and_hears_his_own_part_only(broker):
    clients = {user: client(broker, user) for user in USERS}
    async with clients["alarm-gateway"], clients["core-1"], clients["technician"]:
        for one in clients.values():
            await one.subscribe("#", qos=1)
        for user, one in clients.items():
            for topic in (*SAID, *CONFIRMS, "other"):
                await one.publish(f"{ROOT}/{topic}", f"{user} {topic}", qos=1)
            await one.publish(f"alarm-gateway/v1/site-b/{SAID[0]}", f"{user} other-site", qos=1)
        await clients["alarm-gateway"].publish(f"{ROOT}/event/info/1", "end", qos=1)
        await clients["core-1"].publish(f"{ROOT}/confirm/core-1", "end", qos=1)
        by_core = await heard_until(clients["core-1"], "end")
        by_technician = await heard_until(clients["technician"], "end")
        by_gateway = await heard_until(clients["alarm-gateway"], "end")
    assert by_core == by_technician == [("alarm-gateway", topic) for topic in SAID]
    assert by_gateway == [("core-1", "confirm/core-1"), ("technician", "confirm/technician")]


async def is_refused(broker, context):
    """With TLS 1.3 the refusal of our certificate comes after our half of the handshake."""
    async with asyncio.timeout(WAIT_S):
        try:
            reader, writer = await asyncio.open_connection(
                "localhost", broker.port, ssl=context, server_hostname="localhost"
            )
            try:
                return await reader.read(1) == b""
            finally:
                writer.transport.abort()
        except (ssl.SSLError, ConnectionError):
            return True


async def test_nobody_comes_in_without_a_certificate_of_our_authority(broker, tmp_path):
    (tmp_path / "other").mkdir()
    other = Certificates(tmp_path / "other", "core-1")
    bare = ssl.create_default_context(cafile=broker.tls.ca_file)
    foreign = ssl.create_default_context(cafile=broker.tls.ca_file)
    foreign.load_cert_chain(other.file("core-1", "crt"), other.file("core-1", "key"))
    assert await is_refused(broker, bare)
    assert await is_refused(broker, foreign)
