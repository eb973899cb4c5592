"""Reads scenario files; every mistake is told with file, key and reason, all of them at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from decision import packs as jurisdictions
from decision.packs.load import of_data
from decision.packs.mistakes import PackError, PackMistake, of_validation
from decision.packs.model import Pack
from decision.requirements import Standing
from decision.rules import ids
from decision.scenarios import words
from decision.scenarios.form import Scenario, Step
from decision.scenarios.prepared import Moment, Prepared
from decision.settings import SettingError, Settings, merged
from decision.site import Site

SHIPPED: Final = "shipped"
"""Folder of the scenarios that come with the product, below this package."""
EXAMPLES: Final = frozenset(f"WE-{number}" for number in range(1, 10))
"""Worked examples, which ``proves`` may name beside rule ids."""


class ScenarioError(PackError):
    """A scenario file cannot be run as it is.

    Example situations: no TOML, an unknown key, a fact that does not exist, a step that goes back
    in time, a rule id that no source has, a pack that is not there.
    """


@cache
def _shipped_packs() -> Mapping[str, Pack]:
    return jurisdictions.shipped()


def shipped() -> Iterator[Path]:
    """The files that come with the product, by folder and name."""
    with as_file(files("decision.scenarios").joinpath(SHIPPED)) as folder:
        yield from sorted(folder.rglob("*.toml"))


def load_file(path: Path, *, packs: Mapping[str, Pack] | None = None) -> Prepared:
    """Read one file.

    Raises:
        ScenarioError: with all mistakes; also where the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScenarioError([PackMistake(file=str(path), reason="there is no such file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = f"cannot be read: {error}"
        raise ScenarioError([PackMistake(file=str(path), reason=reason)]) from error
    return parse(text, file=str(path), packs=packs)


def parse(text: str, *, file: str, packs: Mapping[str, Pack] | None = None) -> Prepared:
    """Make a scenario of the text of a file; ``packs``: those that it may name.

    Raises:
        ScenarioError: with all mistakes.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError([PackMistake(file=file, reason=f"no valid TOML: {error}")]) from None
    try:
        scenario = Scenario.model_validate(data)
    except ValidationError as error:
        raise ScenarioError(of_validation(error, Scenario, data, file)) from None
    mistakes = words.Mistakes(file)
    known = _shipped_packs() if packs is None else packs
    prepared = _prepare(scenario, known, mistakes)
    if mistakes.found or prepared is None:
        raise ScenarioError(mistakes.found)
    return prepared


def _prepare(
    scenario: Scenario, known: Mapping[str, Pack], mistakes: words.Mistakes
) -> Prepared | None:
    for index, rule in enumerate(scenario.proves):
        if rule not in EXAMPLES:
            mistakes.known(rule, ids.meanings(), ("proves", index), "rule")
    packs = _packs(scenario, known, mistakes)
    pack = packs.get(scenario.given.pack)
    name = scenario.given.time_zone or (pack.time_zone if pack else "UTC")
    try:
        zone = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mistakes.tell(("given", "time_zone"), f"there is no IANA time zone {name!r}")
        return None
    site = words.site_of(scenario.given.site, scenario.given.pack, name, mistakes)
    settings = _settings(scenario, mistakes)
    if site is None or settings is None:
        return None
    return Prepared(
        file=mistakes.file,
        scenario=scenario,
        zone=zone,
        site=site,
        settings=settings,
        pack=pack,
        packs=packs,
        standing=_standing(scenario, site, mistakes),
        moments=tuple(_moments(scenario, site, pack, zone, mistakes)),
    )


def _packs(
    scenario: Scenario, known: Mapping[str, Pack], mistakes: words.Mistakes
) -> Mapping[str, Pack]:
    """All packs, the scenario's own with the changes that it gives."""
    name, changes = scenario.given.pack, scenario.given.pack_changes
    if not name:
        if changes:
            mistakes.tell(("given", "pack_changes"), "there is no pack to change: give 'pack'")
        return known
    if not mistakes.known(name, known, ("given", "pack"), "pack") or not changes:
        return known
    data: dict[str, Any] = known[name].model_dump(exclude={"example"})
    for key, value in changes.items():
        *above, last = key.split(".")
        table: Any = data
        for part in above:
            table = table.get(part) if isinstance(table, dict) else None
        if not isinstance(table, dict) or last not in table:
            path = ("given", "pack_changes", f'"{key}"')
            mistakes.tell(path, f"the pack {name} has no such setting")
            return known
        table[last] = value
    try:
        return {**known, name: of_data(data, file=mistakes.file)}
    except PackError as error:
        mistakes.found.extend(
            PackMistake(file=one.file, key=f"given.pack_changes: {one.key}", reason=one.reason)
            for one in error.mistakes
        )
        return known


def _settings(scenario: Scenario, mistakes: words.Mistakes) -> Settings | None:
    try:
        return merged(Settings(), scenario.given.settings)
    except SettingError as error:
        mistakes.tell(("given",), str(error))
        return None


def _standing(scenario: Scenario, site: Site, mistakes: words.Mistakes) -> Standing | None:
    told = scenario.given.system
    if not told:
        return None
    return mistakes.convert({"system": site.system, **told}, Standing, ("given", "system"))


def _moments(
    scenario: Scenario, site: Site, pack: Pack | None, zone: ZoneInfo, mistakes: words.Mistakes
) -> Iterator[Moment]:
    before: datetime | None = None
    for index, step in enumerate(scenario.step):
        path: words.Path = ("step", index)
        told = step.at if step.at is not None else step.on
        at = None if told is None else words.moment_of(told, before, zone)
        if at is None:
            mistakes.tell((*path, "at"), "the first step needs a date with its time")
            return
        if before is not None and at < before:
            mistakes.tell((*path, "at"), f"goes back in time: the step before is at {before}")
            continue
        before = at
        if pack is None and step.ledger is not None:
            mistakes.tell((*path, "ledger"), "needs 'given.pack': a ledger has a jurisdiction")
        yield _moment(step, index, at, scenario, site, zone, mistakes)


def _moment(  # noqa: PLR0913, PLR0917  what a step stands in
    step: Step,
    index: int,
    at: datetime,
    scenario: Scenario,
    site: Site,
    zone: ZoneInfo,
    mistakes: words.Mistakes,
) -> Moment:
    path: words.Path = ("step", index)
    at = at.astimezone(UTC)
    signal = fact = ledger = person = None
    operator = step.handles
    if step.event is not None:
        told = {**scenario.given.alarm, **step.event}
        signal = words.signal_of(told, site, at, (*path, "event"), mistakes)
    if step.fact is not None:
        fact = words.incident_fact(words.utc(step.fact, zone), (*path, "fact"), mistakes)
    if step.ledger is not None:
        told = dict(step.ledger)
        if told.get("fact") == "PoliceCall":
            told = {**scenario.given.call, **told}
        ledger = words.ledger_fact(words.utc(told, zone), (*path, "ledger"), mistakes)
    if step.person is not None:
        told = dict(step.person)
        operator = str(told.pop("operator", ""))
        if not operator:
            mistakes.tell((*path, "person", "operator"), "must be given: the operator's id")
        person = words.person_fact(words.utc(told, zone), (*path, "person"), mistakes)
    return Moment(
        number=index + 1,
        at=at,
        says=step.says,
        actor=words.actor_of(step.by, fact, path, mistakes),
        expect=step.expect,
        signal=signal,
        fact=fact,
        incident=step.incident,
        ledger=ledger,
        system=step.system or site.system,
        person=person,
        operator=operator,
        asks_competence=bool(step.handles),
    )
