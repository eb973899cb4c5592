"""A real Mosquitto of one's own: on a free port, plain or with TLS and the shipped access rules."""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.contract.address import BrokerAddress

STATION = Path(__file__).parents[2] / "configs" / "station"
START_S = 10.0


def find_mosquitto() -> str | None:
    """The binary; Debian puts it where a plain user's PATH does not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")


class Mosquitto:
    """One broker process. Its state is empty after every start."""

    def __init__(self, directory: Path, *lines: str, tls: Certificates | None = None) -> None:
        self._directory = directory
        self._lines = lines
        self.tls = tls
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> BrokerAddress:
        """Where it listens; without credentials."""
        return BrokerAddress(host="127.0.0.1", port=self.port)

    def address_for(self, user: str) -> BrokerAddress:
        """Where it listens, with the certificate of ``user``."""
        assert self.tls is not None
        return BrokerAddress(
            host="localhost",
            port=self.port,
            is_tls=True,
            ca_file=self.tls.ca_file,
            cert_file=self.tls.file(user, "crt"),
            key_file=self.tls.file(user, "key"),
        )

    async def start(self) -> None:
        """Start, on the port of the last time if there was one, and wait until it answers."""
        for _ in range(5):
            port = self.port or free_port()
            if await self._try_start(port):
                self.port = port
                return
        raise AssertionError(f"mosquitto did not start: {self.log()}")

    async def _try_start(self, port: int) -> bool:
        process = self._process = self._spawn(port)
        async with asyncio.timeout(START_S):
            while process.poll() is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.01)
                    continue
                writer.close()
                await writer.wait_closed()
                # Somebody else on the port would have made our child end.
                return process.poll() is None
        return False

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        config = self._directory / "mosquitto.conf"
        config.write_text(self._config(port))
        with (self._directory / "mosquitto.log").open("ab") as log:
            return subprocess.Popen(
                [str(find_mosquitto()), "-c", str(config)], stdout=log, stderr=log
            )

    def _config(self, port: int) -> str:
        if self.tls is None:
            own = [
                f"listener {port} 127.0.0.1",
                "allow_anonymous true",
                "max_inflight_messages 100",
            ]
        else:
            # The shipped configuration, with the paths and the port of this test.
            acl = self._directory / "mosquitto.acl"
            shutil.copy(STATION / "mosquitto.acl", acl)
            changed = {
                "listener": f"listener {port} 127.0.0.1",
                "cafile": f"cafile {self.tls.ca_file}",
                "certfile": f"certfile {self.tls.file('broker', 'crt')}",
                "keyfile": f"keyfile {self.tls.file('broker', 'key')}",
                "acl_file": f"acl_file {acl}",
                "persistence": "persistence false",
                "persistence_location": "",
            }
            shipped = (STATION / "mosquitto.conf").read_text().splitlines()
            own = [changed.get(line.split(" ")[0], line) for line in shipped]
        user = "user root" if Path("/root").stat().st_uid == 0 else ""
        return "\n".join([*own, user, *self._lines, "log_type all", ""])

    def log(self) -> str:
        """What it wrote."""
        return (self._directory / "mosquitto.log").read_text(errors="replace")

    def kill(self) -> None:
        """kill -9: nothing of its state is left."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self._process is not None and self._process.poll() is None:
            self.kill()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Certificates:
    """A certificate authority in a folder, and what it signed."""

    def __init__(self, directory: Path, *users: str) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.ca_file = directory / "ca.crt"
        certificate = self._builder(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        signed = certificate.sign(self._key, hashes.SHA256())
        self.ca_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        self.issue("broker", "localhost")
        for user in users:
            self.issue(user)

    def file(self, name: str, suffix: str) -> Path:
        """The certificate (``crt``) or key (``key``) of ``name``."""
        return self._directory / f"{name}.{suffix}"

    def issue(self, name: str, host: str | None = None) -> None:
        """Sign a certificate for a user, or for a server on ``host``."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host or name)])
        usage = ExtendedKeyUsageOID.SERVER_AUTH if host else ExtendedKeyUsageOID.CLIENT_AUTH
        builder = self._builder(subject, key).add_extension(
            x509.ExtendedKeyUsage([usage]), critical=False
        )
        if host:
            names = [x509.DNSName(host)]
            if host == "localhost":
                names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        signed = builder.sign(self._key, hashes.SHA256())
        self.file(name, "crt").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        self.file(name, "key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=5))
            .not_valid_after(now + dt.timedelta(days=1))
        )
