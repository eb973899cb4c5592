"""The fact log of a core, opened to read past incidents; the core may be running meanwhile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from decision.cli.refusing import refuse
from decision.config import ConfigError, load
from decision.facts import Recorded
from decision.store import LogReader, StoreError, codec


@contextlib.contextmanager
def open_log(config: Path) -> Iterator[LogReader]:
    """The log of the core that this file configures; a user's mistake ends the command."""
    try:
        reader = LogReader(load(config).store.directory)
    except (ConfigError, StoreError) as error:
        refuse(error)
    try:
        yield reader
    except StoreError as error:
        refuse(error)
    finally:
        reader.close()


def incident_of(log: LogReader, name: str) -> list[Recorded]:
    """All facts of an incident, named by its id or a beginning that only one has."""
    if not name:
        refuse("name an incident: the id of the event that opened it")
    near = [one.removeprefix(codec.INCIDENT) for one in log.subjects(codec.INCIDENT + name)]
    if not near:
        refuse(f"there is no incident {name!r}; its id is that of the event that opened it")
    if name not in near and len(near) > 1:
        listed = ", ".join(near[:_SHOWN]) + (" ..." if len(near) > _SHOWN else "")
        refuse(f"{len(near)} incidents begin with {name!r}: {listed}")
    found = name if name in near else near[0]
    return [codec.decode(row) for row in log.facts(codec.INCIDENT + found)]


_SHOWN = 5  # ids listed where several would do
