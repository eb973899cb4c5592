"""The core's configuration as a whole: one frozen model, its attributes named as in the file."""

from __future__ import annotations

from typing import Any, Literal

from decision.config.fields import AddressSetting, Broker, Name, PathSetting, Section, Url, Zone
from decision.config.secret_files import first_line, read_credential, read_secret
from decision.packs.fields import NO, YES, setting
from gateway.contract.address import BrokerAddress


class StoreConfig(Section):
    """Where facts are kept."""

    directory: PathSetting = setting("core", "Folder of the fact log; made when it is missing.")


class MqttConfig(Section):
    """The broker, and who we are there."""

    broker: Broker = setting(..., "mqtts://host:port (TLS) or mqtt://host:port (plain).")
    name: Name = setting("core-1", "Our name in the gateway's confirm_by.")
    client_id: Name | None = setting(None, "MQTT client id; 'alarm-core-<site>' when not given.")
    version: Literal["auto", "5", "3.1.1"] = setting(
        "auto", "MQTT version; auto tries 5 first. For brokers that fall silent when asked for 5."
    )
    username: str | None = setting(None, "User name at the broker.", min_length=1)
    password_file: PathSetting | None = setting(
        None, "File (mode 0600 or 0400) whose first line is the password."
    )
    password_credential: Name | None = setting(
        None, "Name of the systemd credential that is the password."
    )
    ca_file: PathSetting | None = setting(
        None, "PEM file of the broker's authorities; the system's when not given."
    )
    cert_file: PathSetting | None = setting(None, "PEM file of our certificate.")
    key_file: PathSetting | None = setting(None, "PEM file (mode 0600 or 0400) of its key.")
    allow_plain: bool = setting(
        NO,
        "Allow mqtt:// to another machine: everybody on the way can read and forge events.",
    )

    def password(self) -> str | None:
        """The password, read now; raises ``SecretError``."""
        if self.password_file is not None:
            return first_line(read_secret(self.password_file))
        if self.password_credential is not None:
            return first_line(read_credential(self.password_credential))
        return None

    def address(self) -> BrokerAddress:
        """The broker with the credentials for it; raises ValueError, ``SecretError``."""
        address = BrokerAddress.parse(
            self.broker,
            username=self.username,
            password=self.password(),
            ca_file=self.ca_file,
            cert_file=self.cert_file,
            key_file=self.key_file,
        )
        address.require_privacy(allow_plain=self.allow_plain)
        return address


class SitesConfig(Section):
    """What is known of the sites."""

    file: PathSetting | None = setting(
        None, "sites.toml; without it every alarm is put to the operator as of an unknown site."
    )


class PacksConfig(Section):
    """Jurisdictions."""

    directory: PathSetting | None = setting(
        None, "Folder of the station's own packs; one replaces a shipped pack of the same id."
    )


class HttpConfig(Section):
    """Console and API."""

    is_enabled: bool = setting(YES, "Whether they are served at all.")
    listen: AddressSetting = setting("127.0.0.1:8642", "Where they listen; port 0: a free one.")
    public_url: Url | None = setting(
        None, "Under which address customers reach the incident link; without it there are none."
    )
    cert_file: PathSetting | None = setting(None, "PEM file of the server's certificate (TLS).")
    key_file: PathSetting | None = setting(None, "PEM file of its key.")
    behind_tls_proxy: bool = setting(
        NO,
        "A proxy in front speaks TLS with browsers: cookies are marked as secure.",
    )

    @property
    def is_secure(self) -> bool:
        """Whether browsers speak TLS with us or our proxy."""
        return self.behind_tls_proxy or self.cert_file is not None


class UsersConfig(Section):
    """Who may sign in."""

    file: PathSetting = setting(
        "users.json", "Accounts and roles (mode 0600), kept by 'alarm-gateway decision user'."
    )


class StationConfig(Section):
    """Who we are, for people."""

    name: str = setting("Alarm station", "Name shown to operators, responders and customers.")
    callback: str = setting("", "Number at which responders and customers reach us.")
    time_zone: Zone = setting("UTC", "Of the clock on the wall.")


class DeskConfig(Section):
    """How one desk of responders is reached."""

    transport: Literal["phone", "http"] = setting(
        "phone", "phone: an operator reads the message; http: a machine takes it."
    )
    url: Url | None = setting(None, "With http: where the desk takes messages.")
    token_file: PathSetting | None = setting(
        None, "File (mode 0600 or 0400) with the desk's bearer token."
    )
    ca_file: PathSetting | None = setting(
        None, "PEM file of the desk's authorities; the system's when not given."
    )
    cert_file: PathSetting | None = setting(None, "PEM file of our certificate there.")
    key_file: PathSetting | None = setting(None, "PEM file of its key.")
    allow_plain: bool = setting(
        NO, "Allow http:// to another machine: alarms go over the wire in plain."
    )
    dial: str = setting("", "Number that the operator dials, also when the machine fails.")


class LinksConfig(Section):
    """The incident link for customers."""

    secret_file: PathSetting = setting(
        "link.key", "Key that signs links; made (mode 0600) when it is missing."
    )
    valid_s: int = setting(24 * 3600, "How long a link is good for.", ge=60, le=7 * 86_400)


class LogConfig(Section):
    """How much is logged."""

    level: Literal["debug", "info", "warning", "error"] = setting("info", "Least level shown.")
    format: Literal["auto", "json", "console"] = setting("auto", "auto: JSON off a terminal.")


class Config(Section):
    """Everything that the decision core is told by its configuration file."""

    site: Name = setting(..., "Name of the gateway whose events these are.")
    store: StoreConfig = setting({}, "Where facts are kept.")
    mqtt: MqttConfig = setting(..., "The broker, and who we are there.")
    sites: SitesConfig = setting({}, "What is known of the sites.")
    packs: PacksConfig = setting({}, "Jurisdictions.")
    http: HttpConfig = setting({}, "Console and API.")
    users: UsersConfig = setting({}, "Who may sign in.")
    station: StationConfig = setting({}, "Who we are, for people.")
    desks: dict[str, DeskConfig] = setting(
        {}, "Desks of responders by jurisdiction; 'default' for all others."
    )
    links: LinksConfig = setting({}, "The incident link for customers.")
    settings: dict[str, Any] = setting(
        {}, "Settings of the rules, by name (docs/decision/rules.md)."
    )
    log: LogConfig = setting({}, "How much is logged.")

    @property
    def client_id(self) -> str:
        """The client id at the broker."""
        return self.mqtt.client_id or f"alarm-core-{self.site}"

    def desk(self, jurisdiction: str) -> DeskConfig:
        """How the desk of a jurisdiction is reached."""
        return self.desks.get(jurisdiction) or self.desks.get("default") or DeskConfig()
