"""Reads ``sites.toml``: one ``[[site]]`` for each account that has a profile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import msgspec

from decision.config.mistakes import ConfigError, Mistake
from decision.config.toml_file import read_toml
from decision.packs.mistakes import near
from decision.rules.grouping import PROCEDURES
from decision.settings import SettingError, Settings, merged
from decision.site import Site
from decision.vocabulary import Procedure


def load_sites(path: Path) -> Mapping[str, Site]:
    """The sites by ``<group>.<account>``; raises ``ConfigError`` with all mistakes of the file."""
    data = read_toml(path)
    sites: dict[str, Site] = {}
    mistakes: list[Mistake] = []

    def mistake(key: str, reason: str) -> None:
        mistakes.append(Mistake(file=str(path), key=key, reason=reason))

    for key in data:
        if key != "site":
            mistake(key, f"there is no such key{near(key, ['site'])}; known: [[site]]")
    rows = data.get("site", [])
    if not isinstance(rows, list):
        mistake("site", "each site is a table of its own: [[site]]")
        rows = []
    for number, row in enumerate(rows, 1):
        where = _where(number, row)
        try:
            site = msgspec.convert(row, Site)
            merged(Settings(), site.settings)
        except (msgspec.ValidationError, SettingError) as error:
            mistake(where, str(error))
            continue
        for reason in _broken(site):
            mistake(where, reason)
        if site.id in sites:
            mistake(where, f"{site.id} is there already")
        sites[site.id] = site
    if mistakes:
        raise ConfigError(mistakes)
    return sites


def _where(number: int, row: Any) -> str:
    account = row.get("account") if isinstance(row, dict) else None
    return f"site[{number}]" + (f" (account {account})" if account else "")


def _broken(site: Site) -> list[str]:
    """What the types do not show: names that lead nowhere, or to two things."""
    found = []
    for what, ids in (
        ("contacts", [one.id for one in site.contacts]),
        ("zones", [one.id for one in site.zones]),
        ("areas", [one.id for one in site.areas]),
        ("microphones", [one.id for one in site.microphones]),
        ("cameras", [one.id for one in site.cameras]),
        ("instructions", [one.id for one in site.instructions]),
    ):
        twice = sorted({one for one in ids if ids.count(one) > 1})
        found += [f"{what}: {one!r} stands there twice" for one in twice]
    if site.time_zone not in available_timezones():
        found.append(f"time_zone: {site.time_zone!r} is no IANA time zone, as America/Moncton is")
    written = site.written_verification
    for category in written.categories if written is not None else ():
        if PROCEDURES[category] is not Procedure.LIFE_SAFETY:
            # A hold-up waits for nothing (XS-8).
            found.append(f"written_verification: {category!r} is none of fire, gas, medical")
    for zone in site.zones:
        if zone.microphone and site.microphone(zone.microphone) is None:
            found.append(f"zones: zone {zone.id} names microphone {zone.microphone!r}, not listed")
        if zone.camera and site.camera(zone.camera) is None:
            found.append(f"zones: zone {zone.id} names camera {zone.camera!r}, which is not listed")
        if zone.area and site.area(zone.area) is None:
            found.append(f"zones: zone {zone.id} names area {zone.area!r}, which is not listed")
    return found
