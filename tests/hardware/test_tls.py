"""SEC-10: the TLS listener over real sockets, on both event loops."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import ssl
import subprocess
import threading
import tracemalloc
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from hardware.clock import LoopTimers, SystemClock
from hardware.crowd import Crowd, CrowdLimits
from hardware.network import RealNetwork
from hardware.tcp import TcpListener
from hardware.tls import (
    HANDSHAKE_S,
    HandshakeThreads,
    TlsError,
    TlsFiles,
    TlsServer,
    read_identity,
)
from hardware.tls_wire import HANDSHAKE_BYTES
from tests.support.certificates import Authority, panel_context
from tests.support.hardware import Counts, HandTime, RecordingSink, ack, link_tools, until

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ours"))


@pytest.fixture(scope="module")
def own(authority):
    return authority.issue("gateway", server=True)


@pytest.fixture(scope="module")
def panel_1234(authority):
    return authority.issue("panel-1234")


class Bench:
    def __init__(
        self, own, *, client_ca=None, required=True, sink=None, time=None, limits=None
    ) -> None:
        self.sink = sink or RecordingSink(ack)
        self.count = Counts()
        loop = asyncio.get_running_loop()
        self.threads = HandshakeThreads(loop.call_soon_threadsafe)
        self.files = TlsFiles(
            cert_file=own[0],
            key_file=own[1],
            client_ca_file=client_ca,
            is_client_required=required,
        )
        self.tls = TlsServer(read_identity(self.files), self.threads)
        self.time = time
        tools = link_tools(
            "ip-1",
            sink=self.sink,
            clock=time or SystemClock(),
            timers=time or LoopTimers(),
            count=self.count,
        )
        self.listener = TcpListener(
            ("127.0.0.1", 0),
            tools,
            network=RealNetwork(loop),
            crowd=Crowd(limits or CrowdLimits(per_address=1000), tools.clock),
            tls=self.tls,
        )

    async def dial(self, context):
        host, port = self.listener.address
        return await asyncio.open_connection(host, port, ssl=context, server_hostname="localhost")

    async def plain(self):
        return await asyncio.open_connection(*self.listener.address)


@asynccontextmanager
async def listening(*args, **settings):
    bench = Bench(*args, **settings)
    await bench.listener.start()
    try:
        yield bench
    finally:
        await bench.listener.stop(grace_s=0.2)
        bench.threads.close()


async def ask(panel, frame: bytes) -> bytes:
    panel[1].write(frame)
    async with asyncio.timeout(5):
        return await panel[0].readline()


async def hang_up(*panels) -> None:
    for _, writer in panels:
        writer.close()
    for _, writer in panels:
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


async def outcome(bench, context) -> str:
    """How the call of a panel ends that should not come through."""
    try:
        panel = await bench.dial(context)
    except (OSError, ssl.SSLError) as error:
        return str(error)
    try:
        # With TLS 1.3 a client believes that it is through before its certificate was looked at.
        return repr(await ask(panel, b"1\n"))
    except (OSError, ssl.SSLError) as error:
        return str(error)
    finally:
        await hang_up(panel)


class TestAnswers:
    async def test_a_report_is_answered_and_its_origin_says_tls(self, authority, own):
        async with listening(own) as bench:
            panel = await bench.dial(panel_context(authority))
            assert await ask(panel, b"fire\n") == b"ACK fire\n"
            origin = bench.sink.origins[0]
            assert (origin.transport, origin.host, origin.certificate) == ("tls", "127.0.0.1", ())
            assert bench.count["tls_established"] == 1
            await hang_up(panel)
            await until(lambda: bench.listener.connections == 0)

    async def test_the_certificate_of_the_panel_is_named(self, authority, own, panel_1234):
        async with listening(own, client_ca=authority.ca_file) as bench:
            panel = await bench.dial(panel_context(authority, panel_1234))
            assert await ask(panel, b"fire\n") == b"ACK fire\n"
            der = ssl.PEM_cert_to_DER_cert(panel_1234[0].read_text())
            assert bench.sink.origins[0].certificate == (
                "cn:panel-1234",
                "dns:panel-1234",
                f"sha256:{hashlib.sha256(der).hexdigest()}",
            )
            await hang_up(panel)

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    async def test_byte_by_byte_and_in_one_piece(self, authority, own, version):
        context = panel_context(authority)
        context.minimum_version = context.maximum_version = version
        async with listening(own) as bench:
            panel = await bench.dial(context)
            assert panel[1].get_extra_info("ssl_object").version() == version.name.replace("_", ".")
            for byte in b"burglary\n":
                panel[1].write(bytes((byte,)))
                await panel[1].drain()
            assert await panel[0].readline() == b"ACK burglary\n"
            panel[1].write(b"1\n2\n" + b"?" * 8_000 + b"\n3\n")
            assert [await panel[0].readline() for _ in range(3)] == [
                b"ACK 1\n",
                b"ACK 2\n",
                b"ACK 3\n",
            ]
            await hang_up(panel)

    async def test_an_answer_that_comes_late_reaches_a_panel_that_said_goodbye(self, own):
        """The raw stream half closed: what was read is answered all the same."""
        async with listening(own, sink=RecordingSink()) as bench:
            client = RawClient(bench.listener.address)
            await client.shake()
            await client.say(b"1\n")
            await until(lambda: bench.sink.open)
            client.sock.shutdown(socket.SHUT_WR)
            await asyncio.sleep(0)
            bench.sink.answer_all()
            assert await client.hear() == b"ACK 1\n"
            client.close()

    async def test_500_panels_that_call_at_once_are_all_answered(self, authority, own):
        context = panel_context(authority)
        async with listening(own) as bench:

            async def call(number: int) -> bytes:
                panel = await bench.dial(context)
                answer = await ask(panel, b"%d\n" % number)
                await hang_up(panel)
                return answer

            async with asyncio.timeout(30):
                answers = await asyncio.gather(*(call(number) for number in range(500)))
            assert answers == [b"ACK %d\n" % number for number in range(500)]
            await until(lambda: bench.listener.connections == 0)
            assert bench.count["tls_established"] == 500


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class RawClient:
    """A panel's TLS made by hand, so that a test decides which bytes leave when."""

    def __init__(self, address, context=None) -> None:
        self.loop = asyncio.get_running_loop()
        self.sock = socket.create_connection(address)
        self.sock.setblocking(False)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.wire = (context or trusting()).wrap_bio(
            self.incoming, self.outgoing, server_hostname="localhost"
        )

    def hello(self) -> bytes:
        with contextlib.suppress(ssl.SSLWantReadError):
            self.wire.do_handshake()
        return self.outgoing.read()

    async def shake(self) -> None:
        while True:
            try:
                self.wire.do_handshake()
            except ssl.SSLWantReadError:
                await self._send()
                self.incoming.write(await self._receive())
            else:
                await self._send()
                return

    async def say(self, data: bytes) -> None:
        self.wire.write(data)
        await self._send()

    async def hear(self) -> bytes:
        while True:
            try:
                return self.wire.read(4096)
            except ssl.SSLWantReadError:
                self.incoming.write(await self._receive())

    async def _send(self) -> None:
        await self.loop.sock_sendall(self.sock, self.outgoing.read())

    async def _receive(self) -> bytes:
        async with asyncio.timeout(5):
            return await self.loop.sock_recv(self.sock, 65_536)

    def close(self) -> None:
        self.sock.close()


class TestRefusals:
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
    async def test_protocol_scan_versions_before_1_2_are_refused(self, own, version):
        # By openssl's own client where it is there: Python's may be built without them.
        flag = "-tls1" if version is ssl.TLSVersion.TLSv1 else "-tls1_1"
        async with listening(own) as bench:
            host, port = bench.listener.address
            process = await asyncio.create_subprocess_exec(
                "openssl", "s_client", flag, "-cipher", "ALL:@SECLEVEL=0",
                "-connect", f"{host}:{port}",
                stdin=asyncio.subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            async with asyncio.timeout(10):
                said, _ = await process.communicate()
            assert process.returncode != 0, said
            assert b"protocol version" in said or b"alert" in said
            assert bench.count["tls_refused:version_too_old"] == 1
            assert bench.sink.items[0].reason == "tls_version_too_old"

    @pytest.mark.parametrize(
        "cipher",
        ["AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA256", "DHE-RSA-AES128-SHA"],
    )
    async def test_protocol_scan_old_suites_are_refused(self, own, cipher):
        context = trusting()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(f"{cipher}:@SECLEVEL=0")
        async with listening(own) as bench:
            client = RawClient(bench.listener.address, context)
            with pytest.raises((ssl.SSLError, OSError)):
                await client.shake()
            await until(lambda: bench.count["tls_refused:no_shared_cipher"] == 1)
            client.close()

    async def test_a_panel_without_a_certificate(self, authority, own):
        async with listening(own, client_ca=authority.ca_file) as bench:
            assert "ACK" not in await outcome(bench, panel_context(authority))
            await until(lambda: bench.count["tls_refused:certificate_missing"] == 1)
            assert bench.listener.connections == 0

    async def test_is_taken_where_it_is_optional(self, authority, own):
        async with listening(own, client_ca=authority.ca_file, required=False) as bench:
            panel = await bench.dial(panel_context(authority))
            assert await ask(panel, b"1\n") == b"ACK 1\n"
            assert bench.sink.origins[0].certificate == ()
            await hang_up(panel)

    @pytest.mark.parametrize("required", [True, False])
    async def test_a_foreign_certificate(self, authority, own, tmp_path, required):
        foreign = Authority(tmp_path, "authority").issue("panel-1234")
        async with listening(own, client_ca=authority.ca_file, required=required) as bench:
            assert "ACK" not in await outcome(bench, panel_context(authority, foreign))
            await until(lambda: bench.count["tls_refused:certificate_untrusted"] == 1)

    async def test_an_expired_certificate(self, authority, own):
        old = authority.issue("panel-old", days=-1, since_days=30)
        async with listening(own, client_ca=authority.ca_file) as bench:
            assert "ACK" not in await outcome(bench, panel_context(authority, old))
            await until(lambda: bench.count["tls_refused:certificate_expired"] == 1)
            assert "expired" in str(bench.sink.items[0].error)

    async def test_a_certificate_of_a_server_is_no_panels(self, authority, own):
        server = authority.issue("some-server", server=True)
        async with listening(own, client_ca=authority.ca_file) as bench:
            assert "ACK" not in await outcome(bench, panel_context(authority, server))
            await until(lambda: bench.count["tls_refused:certificate_untrusted"] == 1)

    async def test_a_panel_that_does_not_trust_us_is_told_apart(self, own, tmp_path):
        async with listening(own) as bench:
            client = RawClient(
                bench.listener.address, panel_context(Authority(tmp_path, "another"))
            )
            with pytest.raises(ssl.SSLCertVerificationError):
                await client.shake()
            client.sock.send(client.outgoing.read())  # the alert that says why
            await until(lambda: bench.count["tls_refused:own_certificate_refused"] == 1)
            client.close()

    @pytest.mark.parametrize(
        "data", [b'\n0000001A"NULL"0000L0#1234[]\r', b"GET / HTTP/1.1\r\n\r\n"]
    )
    async def test_plain_bytes_on_the_tls_port(self, own, data):
        async with listening(own) as bench:
            reader, writer = await bench.plain()
            writer.write(data)
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
            assert bench.count["tls_refused:plain_text"] == 1
            (item,) = bench.sink.items
            assert (item.reason, item.raw) == ("tls_plain_text", data)
            await until(lambda: bench.listener.connections == 0)
            await hang_up((reader, writer))

    async def test_junk_that_begins_like_a_handshake(self, own):
        async with listening(own) as bench:
            for junk in (
                b"\x16" + b"\xff" * 2000,
                b"\x16\x03\x01\x00\x05hello",
                b"\x16\x03\x03\0\0",
            ):
                reader, writer = await bench.plain()
                writer.write(junk)
                writer.write_eof()
                with contextlib.suppress(ConnectionResetError):
                    await reader.read()
                await hang_up((reader, writer))
            await until(lambda: bench.listener.connections == 0)
            assert "tls_established" not in dict(bench.count)

    async def test_more_than_a_handshake_takes(self, own):
        async with listening(own) as bench:
            reader, writer = await bench.plain()
            # A record that says it is 16 KiB long, again and again: never a whole message.
            client = RawClient(bench.listener.address)
            hello = client.hello()
            client.close()
            writer.write(hello[:5] + b"\x01\x00\xff\xff" + b"\0" * (HANDSHAKE_BYTES + 70_000))
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                await writer.drain()
                await reader.read()
            await until(lambda: bench.listener.connections == 0)
            await hang_up((reader, writer))
            assert "tls_established" not in dict(bench.count)


class TestHalfOpen:
    async def test_a_handshake_that_is_not_through_in_10_s_is_cut(self, authority, own):
        time = HandTime()
        async with listening(own, time=time) as bench:
            silent = await bench.plain()
            half = RawClient(bench.listener.address)
            half.sock.send(half.hello()[:40])
            good = await bench.dial(panel_context(authority))
            assert await ask(good, b"1\n") == b"ACK 1\n"
            await until(lambda: bench.listener.connections == 3)
            time.pass_s(HANDSHAKE_S - 2)
            assert bench.listener.connections == 3
            time.pass_s(2)
            await until(lambda: bench.listener.connections == 1)
            assert bench.count["tls_refused:handshake_late"] == 2
            assert await ask(good, b"2\n") == b"ACK 2\n"
            half.close()
            await hang_up(silent, good)

    async def test_handshakes_count_as_connections(self, own):
        async with listening(own, limits=CrowdLimits(connections=3, reserve_share=0)) as bench:
            silent = [await bench.plain() for _ in range(3)]
            await until(lambda: bench.listener.connections == 3)
            with contextlib.suppress(ConnectionResetError):
                reader, writer = await bench.plain()
                silent.append((reader, writer))
                assert await reader.read(1) == b""
            assert bench.count["connections_refused"] == 1
            await hang_up(*silent)

    async def test_a_stop_waits_for_no_handshake(self, own):
        async with listening(own) as bench:
            silent = await bench.plain()
            await until(lambda: bench.listener.connections == 1)
            async with asyncio.timeout(1):
                await bench.listener.stop(grace_s=30)
            assert bench.listener.connections == 0
            await hang_up(silent)

    async def test_the_loop_computes_no_handshake(self, authority, own):
        """A slow handshake leaves the loop free: here it hangs until the loop lets it go."""
        async with listening(own) as bench:
            loop_thread, names, gate = threading.get_ident(), [], threading.Event()
            real = bench.tls.offload

            def slow(work, done):
                def held():
                    names.append(threading.get_ident())
                    assert gate.wait(10)
                    work()

                real(held, done)

            bench.tls.offload = slow
            calling = asyncio.create_task(bench.dial(panel_context(authority)))
            await until(lambda: names)
            assert loop_thread not in names
            gate.set()
            panel = await calling
            assert await ask(panel, b"1\n") == b"ACK 1\n"
            await hang_up(panel)

    async def test_a_thousand_silent_ones_cost_little(self, own):
        async with listening(own) as bench:
            clients = []
            tracemalloc.start()
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(200):
                sock = socket.socket()
                sock.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    sock.connect(bench.listener.address)
                clients.append(sock)
            await until(lambda: bench.listener.connections == 200)
            per_connection = (tracemalloc.get_traced_memory()[0] - before) / 200
            tracemalloc.stop()
            for sock in clients:
                sock.close()
            await until(lambda: bench.listener.connections == 0)
            assert per_connection < 8_192


class TestIdentity:
    async def test_new_connections_show_the_certificate_that_was_put_in_its_place(
        self, authority, own, tmp_path
    ):
        async with listening(own) as bench:
            old = await bench.dial(panel_context(authority))
            other = Authority(tmp_path, "other")
            cert_file, key_file = other.issue("gateway-2", server=True)
            bench.tls.identity = read_identity(TlsFiles(cert_file=cert_file, key_file=key_file))
            new = await bench.dial(panel_context(other))
            assert await ask(new, b"2\n") == b"ACK 2\n"
            assert await ask(old, b"1\n") == b"ACK 1\n"
            await hang_up(old, new)

    def test_what_is_wrong_with_files_is_said_in_words(self, authority, own, tmp_path):
        other = authority.issue("other", server=True)
        junk = tmp_path / "junk.crt"
        junk.write_text("no certificate")
        for files, words in [
            (TlsFiles(cert_file=own[0], key_file=other[1]), "KEY_VALUES_MISMATCH"),
            (TlsFiles(cert_file=junk, key_file=own[1]), "junk.crt"),
            (TlsFiles(cert_file=tmp_path / "none", key_file=own[1]), "No such file"),
            (TlsFiles(cert_file=own[0], key_file=own[1], client_ca_file=junk), "client_ca_file"),
        ]:
            with pytest.raises(TlsError, match=words):
                read_identity(files)

    def test_an_encrypted_key_is_refused_and_asks_nobody_for_a_passphrase(self, own, tmp_path):
        locked = tmp_path / "locked.key"
        subprocess.run(
            ["openssl", "pkey", "-in", own[1], "-aes128", "-passout", "pass:x", "-out", locked],
            check=True,
        )
        with pytest.raises(TlsError, match="the key is encrypted"):
            read_identity(TlsFiles(cert_file=own[0], key_file=locked))


class TestFailure:
    """REL-29: what goes wrong with one connection is its own affair."""

    async def test_an_exception_at_the_first_step_costs_that_connection_only(self, authority, own):
        class Broken:
            def wrap_bio(self, *_args, **_said):
                raise RuntimeError("boom")

        async with listening(own) as bench:
            good = await bench.dial(panel_context(authority))
            identity = bench.tls.identity
            bench.tls.identity = replace(identity, context=Broken())
            assert "ACK" not in await outcome(bench, panel_context(authority))
            bench.tls.identity = identity
            assert bench.count["links_failed"] == 1
            assert await ask(good, b"1\n") == b"ACK 1\n"
            await until(lambda: bench.listener.connections == 1)
            await hang_up(good)

    async def test_an_exception_after_the_handshake_too(self, authority, own, monkeypatch):
        def boom(_wire):
            raise ValueError("a certificate that nobody can read")

        async with listening(own) as bench:
            good = await bench.dial(panel_context(authority))
            assert await ask(good, b"1\n") == b"ACK 1\n"
            with monkeypatch.context() as patched:
                patched.setattr("hardware.tls_wire.peer_names", boom)
                assert "ACK" not in await outcome(bench, panel_context(authority))
            assert bench.count["links_failed"] == 1
            assert await ask(good, b"2\n") == b"ACK 2\n"
            await until(lambda: bench.listener.connections == 1)
            await hang_up(good)

    async def test_a_sink_that_raises_closes_that_connection_only(self, authority, own):
        async with listening(own) as bench:
            good, bad = [await bench.dial(panel_context(authority)) for _ in range(2)]
            assert await ask(good, b"1\n") == b"ACK 1\n"
            bench.sink.error = RuntimeError("boom")
            bad[1].write(b"2\n")
            await until(lambda: bench.listener.connections == 1)
            bench.sink.error = None
            assert await ask(good, b"3\n") == b"ACK 3\n"
            await hang_up(good, bad)

    async def test_sealed_text_that_was_changed_on_the_way_breaks_the_connection(self, own):
        async with listening(own) as bench:
            client = RawClient(bench.listener.address)
            await client.shake()
            client.wire.write(b"fire\n")
            sealed = bytearray(client.outgoing.read())
            sealed[-1] ^= 1
            await client.loop.sock_sendall(client.sock, sealed)
            await until(lambda: bench.listener.connections == 0)
            assert bench.sink.items == []
            assert bench.count["tls_broken"] == 1
            client.close()
