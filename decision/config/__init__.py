"""What the core is told by files: configuration, sites, packs, settings; mistakes told at once."""

from __future__ import annotations

from decision.config.load import load, load_profiles, role_table, warnings
from decision.config.mistakes import ConfigError, Mistake
from decision.config.model import Config, DeskConfig
from decision.config.secret_files import SecretError, read_secret
from decision.config.sites import load_sites

__all__ = [
    "Config", "ConfigError", "DeskConfig", "Mistake", "SecretError", "load", "load_profiles",
    "load_sites", "read_secret", "role_table", "warnings",
]  # fmt: skip
