"""The settings of publication: which broker, how we prove who we are, who confirms."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Strict
from pydantic_core import PydanticCustomError

from gateway.config.fields import Address, AddressSetting, Name, PathSetting, Settings, setting
from gateway.config.secret_files import read_credential, read_secret

EMBEDDED: Final = "embedded"
_PORTS: Final = {"mqtt": 1883, "mqtts": 8883}


def _broker(text: str) -> str:
    if text == EMBEDDED:
        return text
    try:
        parts = urlsplit(text)
        fits = (
            parts.scheme in _PORTS
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        fits = False
    if not fits or parts.path.strip("/") or parts.query or parts.username:
        raise PydanticCustomError(
            "broker", "mqtt://host:port, mqtts://host:port (no user, no path), or 'embedded'"
        )
    return text


class MqttConfig(Settings):
    """The broker, our identity there, and how the backlog is paced."""

    broker: Annotated[str, AfterValidator(_broker)] = setting(
        EMBEDDED,
        "Broker",
        "mqtts://host:port (TLS), mqtt://host:port (plain), or 'embedded': a broker inside the "
        "gateway for demonstration, which keeps nothing.",
        examples=["mqtts://broker.example:8883", "mqtt://127.0.0.1:1883", "embedded"],
    )
    embedded_listen: AddressSetting | None = setting(
        None,
        "Embedded broker's address",
        "Where the embedded broker listens; port 0 takes a free one. Only with broker = "
        "'embedded'; 127.0.0.1:1883 when not given.",
        examples=["127.0.0.1:1883", "127.0.0.1:0"],
    )
    confirm_by: Annotated[tuple[Name, ...], Strict(strict=False)] = setting(
        (),
        "Confirming consumers",
        "An event is done when all of these confirmed it. Empty: the broker's PUBACK counts, "
        "although a broker may lose what it acknowledged.",
        examples=[["core-1"], []],
    )
    client_id: Name | None = setting(
        None,
        "Client id",
        "MQTT client id; 'alarm-gateway-<site>' when not given.",
        examples=["alarm-gateway-site-a"],
    )
    username: str | None = setting(
        None, "User name", "User name at the broker.", examples=["gateway"], min_length=1
    )
    password_file: PathSetting | None = setting(
        None,
        "Password file",
        "File (mode 0600 or 0400) whose first line is the password.",
        examples=["mqtt.password"],
    )
    password_credential: Name | None = setting(
        None,
        "Password credential",
        "Name of the systemd credential that is the password.",
        examples=["mqtt-password"],
    )
    ca_file: PathSetting | None = setting(
        None,
        "Authorities",
        "PEM file of the authorities that the broker's certificate must come from; the system's "
        "when not given.",
        examples=["tls/ca.crt"],
    )
    cert_file: PathSetting | None = setting(
        None, "Client certificate", "PEM file of our certificate.", examples=["tls/gateway.crt"]
    )
    key_file: PathSetting | None = setting(
        None,
        "Client key",
        "PEM file (mode 0600 or 0400) of the certificate's key.",
        examples=["tls/gateway.key"],
    )
    allow_plain: bool = setting(
        default=False,
        title="Allow plain MQTT",
        description="Allow mqtt:// to another machine: everybody on the way can read, change and "
        "forge events.",
        examples=[False],
    )
    in_flight: int = setting(
        100,
        "In flight",
        "Publications that may wait for the broker's PUBACK.",
        ge=1,
        le=10_000,
        unit="events",
    )
    unconfirmed: int = setting(
        1_000,
        "Unconfirmed",
        "Published events that may wait for a confirm; beyond it only priority events are "
        "published.",
        ge=1,
        le=1_000_000,
        unit="events",
    )
    resend_s: float = setting(
        30.0,
        "Resend after",
        "An event without confirm is published again this long after its PUBACK.",
        unit="s",
        gt=0,
        le=86_400,
    )
    suspend_max_s: float = setting(
        300.0,
        "Longest suspension",
        "While confirms arrive at all, resending waits, but never longer than this.",
        unit="s",
        gt=0,
        le=86_400,
    )
    keepalive_s: int = setting(
        20,
        "Keepalive",
        "MQTT keepalive; a hung broker is found after one and a half of them.",
        unit="s",
        ge=5,
        le=600,
    )

    @property
    def is_embedded(self) -> bool:
        """Whether the broker lives inside the gateway (and keeps nothing)."""
        return self.broker == EMBEDDED

    @property
    def uses_tls(self) -> bool:
        """Whether the connection to the broker is encrypted and the broker is verified."""
        return self.broker.startswith("mqtts://")

    @property
    def address(self) -> Address:
        """Host and port of the broker; of the embedded one, where it shall listen."""
        if self.is_embedded:
            return self.embedded_listen or Address("127.0.0.1", _PORTS["mqtt"])
        parts = urlsplit(self.broker)
        return Address(parts.hostname or "", parts.port or _PORTS[parts.scheme])

    def password(self) -> str | None:
        """The password, read now from its file or credential; None when there is none.

        Raises:
            SecretError: when it cannot be read, or others could read it as well.
        """
        if self.password_file is not None:
            raw = read_secret(self.password_file)
        elif self.password_credential is not None:
            raw = read_credential(self.password_credential)
        else:
            return None
        return raw.decode("utf-8", "replace").split("\n", 1)[0].rstrip("\r")
