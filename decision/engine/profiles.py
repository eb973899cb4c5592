"""What is configured and may be exchanged while running: sites, packs, the station's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from decision.context import Context, context_for
from decision.engine.jurisdiction import requirements_of
from decision.ledger.facts import SystemRegistered
from decision.ledger.state import Registration, SystemState
from decision.packs.model import Pack
from decision.requirements import Requirements, standing_of
from decision.settings import Settings
from decision.site import Site, unknown_site


class Profiles:
    """One immutable set of them; a reload makes another."""

    def __init__(
        self,
        *,
        sites: Mapping[str, Site] | None = None,
        packs: Mapping[str, Pack] | None = None,
        settings: Settings = Settings(),  # noqa: B008  frozen
    ) -> None:
        """``sites`` by ``<group>.<account>``, ``packs`` by id."""
        self.sites: Final[Mapping[str, Site]] = sites or {}
        self.packs: Final[Mapping[str, Pack]] = packs or {}
        self.settings: Final = settings
        self._of_system: dict[str, Site] = {}
        for site in self.sites.values():
            # Several accounts may belong to one system; the first of the file speaks for it.
            self._of_system.setdefault(site.system, site)
        self._requirements: Final[dict[str, Requirements]] = {
            name: requirements_of(pack) for name, pack in self.packs.items()
        }

    @property
    def systems(self) -> Mapping[str, Site]:
        """The alarm systems of the site file, each with the site that speaks for it."""
        return self._of_system

    def site(self, site_id: str, name: str = "") -> Site:
        """The profile of a site; a stand-in that asks the operator when there is none."""
        found = self.sites.get(site_id)
        if found is not None:
            return found
        group, _, account = site_id.partition(".")
        return unknown_site(group, account, name)

    def pack(self, jurisdiction: str) -> Pack | None:
        """The pack of a jurisdiction; None: unknown."""
        return self.packs.get(jurisdiction)

    def ledger_key(self) -> object:
        """What ledgers are folded by: while it is the same, they are."""
        return self.packs, {name: site.jurisdiction for name, site in self._of_system.items()}

    def context(self, site: Site, system: SystemState | None) -> Context:
        """What a decision about this site looks at now."""
        return context_for(
            site,
            station=self.settings,
            requirements=self._requirements.get(site.jurisdiction),
            standing=None if system is None else standing_of(site.system, system),
        )


def registration_of(site: Site, known: Registration | None) -> SystemRegistered | None:
    """What the ledger is to be told of a system (SJ-R9); None when it knows it all."""
    told: dict[str, str] = {
        "address": site.registered_address or site.address,
        "premise_type": site.premise_type.value,
        "company_name": site.name,
        "business_name": site.alarm_business,
        "business_address": site.alarm_business_address,
        "user_name": site.owner_name,
        "user_address": site.owner_address,
        "user_contact": site.owner_contact,
        "permit": site.permit.number if site.permit else "",
    }
    if known is not None and all(
        getattr(known, name) == value for name, value in told.items() if value
    ):
        return None
    return msgspec.convert(
        {name: value for name, value in told.items() if value}
        | {"fact": "SystemRegistered", "jurisdiction": site.jurisdiction or None},
        SystemRegistered,
    )
