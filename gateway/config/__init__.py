"""The configuration: a typed model of one TOML file, with all mistakes told at once."""

from gateway.config.fields import Address
from gateway.config.inputs import InputConfig, LineRange
from gateway.config.load import examine, load, parse, read_toml
from gateway.config.mistakes import ConfigError, Mistake
from gateway.config.model import Config
from gateway.config.mqtt import MqttConfig
from gateway.config.pulse_codes import PulseCode
from gateway.config.restart import changes_needing_restart
from gateway.config.secret_files import SecretError, read_credential, read_secret
from gateway.config.sections import (
    AccountsConfig,
    ControlConfig,
    IngestConfig,
    JournalConfig,
    LimitsConfig,
    LogConfig,
    MetricsConfig,
    QuarantineConfig,
)

__all__ = [
    "AccountsConfig",
    "Address",
    "Config",
    "ConfigError",
    "ControlConfig",
    "IngestConfig",
    "InputConfig",
    "JournalConfig",
    "LimitsConfig",
    "LineRange",
    "LogConfig",
    "MetricsConfig",
    "Mistake",
    "MqttConfig",
    "PulseCode",
    "QuarantineConfig",
    "SecretError",
    "changes_needing_restart",
    "examine",
    "load",
    "parse",
    "read_credential",
    "read_secret",
    "read_toml",
]
