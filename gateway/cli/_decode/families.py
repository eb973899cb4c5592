"""The families of receiver links that ``decode`` can tell, and how each is recognised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from protocols import (
    ademco685,
    bosch6500,
    dc03_link,
    dc07,
    dtmf,
    fsk_router,
    iti,
    mcdi,
    mx8000,
    osborne_hoffman,
    pima,
    surgard,
)
from protocols.receiver_link import Explanation

UNSURE: Final = frozenset({
    "noise", "invalid", "other", "ack", "nak", "command", "link-test-request", "body",
})  # fmt: skip
"""Kinds by which a family is not recognised."""


class Family(msgspec.Struct, frozen=True, kw_only=True):
    """One family of links."""

    name: str
    """What a configuration calls it."""
    title: str
    clause: str
    explain_all: Callable[[bytes], list[Explanation]]


_ALL: Final = (
    Family(name="surgard", title="Sur-Gard", clause="Sur-Gard", explain_all=surgard.explain_all),
    Family(
        name="ademco685",
        title="Ademco 685",
        clause="Ademco 685",
        explain_all=ademco685.explain_all,
    ),
    Family(name="mx8000", title="MX8000", clause="MX8000", explain_all=mx8000.explain_all),
    Family(name="iti", title="ITI", clause="ITI", explain_all=iti.explain_all),
    Family(name="pima", title="PIMA", clause="PIMA", explain_all=pima.explain_all),
    Family(
        name="bosch6500",
        title="Bosch/Radionics",
        clause="Bosch D6600",
        explain_all=bosch6500.explain_all,
    ),
    Family(name="dc07", title="SIA DC-07", clause="DC-07", explain_all=dc07.explain_all),
    Family(
        name="osborne-hoffman",
        title="Osborne-Hoffman",
        clause="Osborne-Hoffman",
        explain_all=osborne_hoffman.explain_all,
    ),
    Family(name="fsk-router", title="FSK router", clause="FSK", explain_all=fsk_router.explain_all),
    Family(
        name="sia-dc03",
        title="SIA DC-03 block",
        clause="DC-03",
        explain_all=dc03_link.explain_all,
    ),
    Family(name="mcdi", title="MCDI", clause="MCDI", explain_all=mcdi.explain_all),
    Family(name="dtmf", title="Dialled digits", clause="DC-05", explain_all=dtmf.explain_all),
)

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType({each.name: each for each in _ALL})
"""By their names, in the order in which they are tried."""


def recognised(raw: bytes) -> str | None:
    """Name the first family in which every frame of these bytes is one that it reads."""
    for name, family in FAMILIES.items():
        if all(one.kind not in UNSURE for one in family.explain_all(raw)):
            return name
    return None
