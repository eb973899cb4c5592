"""Where a broker is and how one proves oneself to it; nothing in here opens a socket."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlsplit

import msgspec

PLAIN_PORT: Final = 1883  # registered for MQTT over TCP
TLS_PORT: Final = 8883  # registered for MQTT over TLS


class BrokerAddress(msgspec.Struct, frozen=True, kw_only=True):
    """One MQTT broker with the credentials for it.

    The server name is always verified with TLS; there is no switch to turn that off (SEC-20).
    """

    host: str
    port: int
    is_tls: bool = False
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    """Certificate authority of the broker; None: those of the system."""
    cert_file: Path | None = None
    key_file: Path | None = None

    def __repr__(self) -> str:
        """Name the broker and nothing secret."""
        return f"BrokerAddress({self.url})"

    @classmethod
    def parse(  # noqa: PLR0913  each is one setting, all by name
        cls,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        ca_file: Path | None = None,
        cert_file: Path | None = None,
        key_file: Path | None = None,
    ) -> Self:
        """Read ``mqtt://host[:port]`` or ``mqtts://host[:port]``; raises ValueError in words."""
        wanted = "expected mqtt://host[:port] or mqtts://host[:port]"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"broker {url!r}: {error}; {wanted}") from None
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError(f"broker {url!r}: {wanted}")
        if parts.password is not None:
            raise ValueError(
                f"broker with host {parts.hostname!r}: a password may not stand in the URL, where "
                "process lists and logs would show it; put it into a file (password_file)"
            )
        if parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValueError(f"broker {url!r}: nothing may follow the port; {wanted}")
        is_tls = parts.scheme == "mqtts"
        if not is_tls and (ca_file or cert_file or key_file):
            raise ValueError(f"broker {url!r}: certificates need mqtts://, not mqtt://")
        return cls(
            host=parts.hostname,
            port=port if port is not None else TLS_PORT if is_tls else PLAIN_PORT,
            is_tls=is_tls,
            username=username or parts.username,
            password=password,
            ca_file=ca_file,
            cert_file=cert_file,
            key_file=key_file,
        )

    @property
    def url(self) -> str:
        """The address as it may be shown."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"mqtt{'s' if self.is_tls else ''}://{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Whether what is sent there never leaves this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def require_privacy(self, *, allow_plain: bool) -> None:
        """Raise ValueError for plain TCP to another machine that nobody allowed (SEC-20)."""
        if not (self.is_tls or self.is_loopback or allow_plain):
            raise ValueError(
                f"broker {self.url} is on another machine and not encrypted: use mqtts://, "
                "or set allow_plain = true if that network is trusted"
            )

    def tls_context(self) -> ssl.SSLContext | None:
        """Make the TLS settings; None for plain TCP. Raises ValueError that names the bad file."""
        if not self.is_tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"ca_file {self.ca_file}: {error}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self.cert_file is not None:
            try:
                context.load_cert_chain(self.cert_file, self.key_file)
            except (OSError, ssl.SSLError) as error:
                raise ValueError(
                    f"cert_file {self.cert_file}, key_file {self.key_file}: {error}"
                ) from error
        return context
