"""From files to what the core runs on: configuration, sites, packs; all mistakes told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from pydantic import ValidationError

from decision import packs
from decision.config.mistakes import ConfigError, Mistake
from decision.config.model import Config
from decision.config.secret_files import SecretError, read_secret
from decision.config.sites import load_sites
from decision.config.toml_file import read_toml
from decision.engine import Profiles
from decision.packs.mistakes import PackError, PackMistake, near, of_validation
from decision.roles import RoleTable
from decision.settings import SettingError, Settings, merged
from decision.site import Site

SETTING_NAMES: Final = tuple(field.name for field in msgspec.structs.fields(Settings))


def load(path: Path) -> Config:
    """Read the configuration file; raises ``ConfigError`` with all of its mistakes."""
    data = read_toml(path)
    mistakes: list[Mistake] = []
    config: Config | None = None
    try:
        config = Config.model_validate(data, context={"directory": path.absolute().parent})
    except ValidationError as error:
        mistakes += map(_of_pack, of_validation(error, Config, data, str(path)))
    settings = data.get("settings", {})
    mistakes += [
        Mistake(file=str(path), key=key, reason=reason)
        for key, reason in (
            *(_broken_settings(settings) if isinstance(settings, dict) else ()),
            *(_broken_rules(config) if config is not None else ()),
        )
    ]
    if config is None or mistakes:
        raise ConfigError(mistakes)
    return config


def load_profiles(config: Config) -> Profiles:
    """Read what is named by it and may be exchanged while running: sites, packs, settings.

    Raises:
        ConfigError: with the mistakes of all files together.
    """
    mistakes: list[Mistake] = []
    found: Mapping[str, packs.Pack] = {}
    sites: Mapping[str, Site] = {}
    try:
        found = packs.load(config.packs.directory)
    except PackError as error:
        mistakes += map(_of_pack, error.mistakes)
    if config.sites.file is not None:
        try:
            sites = load_sites(config.sites.file)
        except ConfigError as error:
            mistakes += error.mistakes
    if mistakes:
        raise ConfigError(mistakes)
    return Profiles(sites=sites, packs=found, settings=merged(Settings(), config.settings))


def role_table(profiles: Profiles) -> RoleTable:
    """Who may do what: the station's roles and those that the packs name."""
    return RoleTable(
        {
            name: role.may
            for pack in profiles.packs.values()
            if not pack.metadata.is_example
            for name, role in pack.roles.who.items()
        }
    )


def warnings(config: Config, profiles: Profiles) -> list[str]:
    """What works and is worth a look: nothing here keeps the core from starting."""
    told = []
    if not profiles.sites:
        told.append("no sites are configured: every alarm is put to the operator")
    for site in profiles.sites.values():
        why = packs.unknown(site.jurisdiction, profiles.packs)
        if why:
            told.append(f"site {site.id}: {why}")
    if config.http.public_url is None:
        told.append("http.public_url is not set: customers get no incident link")
    return told


def _of_pack(mistake: PackMistake) -> Mistake:
    return Mistake(file=mistake.file, key=mistake.key, reason=mistake.reason)


def _broken_settings(settings: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for name, value in settings.items():
        if name not in SETTING_NAMES:
            yield f"settings.{name}", f"no setting has this name{near(name, SETTING_NAMES)}"
            continue
        try:
            merged(Settings(), {name: tuple(value) if isinstance(value, list) else value})
        except SettingError as error:
            yield f"settings.{name}", str(error).removeprefix("settings: ")


def _broken_rules(config: Config) -> Iterable[tuple[str, str]]:
    """What no single key shows."""
    mqtt, http = config.mqtt, config.http
    try:
        mqtt.address()
    except (ValueError, SecretError) as error:
        yield "mqtt.broker", str(error)
    if mqtt.password_file is not None and mqtt.password_credential is not None:
        yield "mqtt.password_credential", "password_file is given as well; one of them is enough"
    if (http.cert_file is None) != (http.key_file is None):
        yield "http.cert_file", "cert_file and key_file belong together"
    if not (http.listen.is_loopback or http.is_secure):
        plain = (
            f"{http.listen} can be reached by others and passwords would go over the wire in "
            "plain: give cert_file and key_file, or behind_tls_proxy = true, or listen on 127.0.0.1"
        )
        yield "http.listen", plain
    for name, desk in config.desks.items():
        if (desk.transport == "http") != (desk.url is not None):
            yield f"desks.{name}.url", "is given with transport = 'http', and only then"
        if desk.transport == "http" and desk.token_file is None:
            yield f"desks.{name}.token_file", "must be given: the desk's machine asks who speaks"
        if desk.token_file is not None:
            try:
                read_secret(desk.token_file)
            except SecretError as error:
                yield f"desks.{name}.token_file", str(error)
