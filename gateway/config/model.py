"""The configuration as a whole: one frozen model; its attributes are named as in the file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Strict

from gateway.config.fields import Name, Settings, setting
from gateway.config.inputs import InputConfig
from gateway.config.mqtt import MqttConfig
from gateway.config.pulse_codes import PulseCode
from gateway.config.sections import (
    AccountsConfig,
    ClockConfig,
    ControlConfig,
    IngestConfig,
    JournalConfig,
    LimitsConfig,
    LogConfig,
    MetricsConfig,
    QuarantineConfig,
    SupervisionConfig,
)


class Config(Settings):
    """Everything that the gateway is told by its configuration file."""

    # A section that is not given is read as an empty table, not taken from a ready-made model, so
    # that the paths in it are counted from the file as well.

    site: Name = setting(
        ...,
        "Site",
        "Name of this gateway; a level of all its MQTT topics and the source of its events.",
        examples=["site-a"],
    )
    journal: JournalConfig = setting({}, "Journal", "Where events are stored.", examples=[])
    accounts: AccountsConfig = setting({}, "Accounts", "Where the accounts come from.", examples=[])
    inputs: dict[Name, InputConfig] = setting(
        {}, "Inputs", "The inputs by name; the name is a level of MQTT topics.", examples=[]
    )
    pulse_codes: Annotated[tuple[PulseCode, ...], Strict(strict=False)] = setting(
        (),
        "Pulse codes",
        "What event codes of pulse and other dialled formats mean for a group of accounts, one "
        "[[pulse_codes]] each.",
        examples=[[{"group": "main", "code": "3", "kind": "alarm", "category": "burglary"}]],
    )
    ingest: IngestConfig = setting(
        {}, "Ingest", "How repeats and wrong clocks are treated.", examples=[]
    )
    supervision: SupervisionConfig = setting(
        {}, "Supervision", "When silence is shown.", examples=[]
    )
    limits: LimitsConfig = setting({}, "Limits", "What strangers may take.", examples=[])
    quarantine: QuarantineConfig = setting(
        {},
        "Quarantine",
        "Room for raw bytes that were never acknowledged.",
        examples=[],
    )
    mqtt: MqttConfig = setting({}, "MQTT", "The broker and our identity there.", examples=[])
    clock: ClockConfig = setting({}, "Clock", "Whose word counts on our own clock.", examples=[])
    control: ControlConfig = setting(
        {}, "Control", "Where commands reach the running gateway.", examples=[]
    )
    log: LogConfig = setting({}, "Log", "How much is logged.", examples=[])
    metrics: MetricsConfig = setting({}, "Metrics", "Figures for Prometheus.", examples=[])

    @property
    def mqtt_client_id(self) -> str:
        """The client id at the broker."""
        return self.mqtt.client_id or f"alarm-gateway-{self.site}"
