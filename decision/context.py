"""What a decision looks at besides the incident's own facts."""

from __future__ import annotations

import msgspec

from decision.facts import ContextTaken
from decision.requirements import Requirements, Standing
from decision.settings import Settings, merged
from decision.site import Site


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """Site, settings, jurisdiction and ledger, as they are now or were then."""

    site: Site
    settings: Settings = Settings()
    """The station's, with the site's overrides laid over them (``context_for``)."""
    requirements: Requirements | None = None
    """None: unknown jurisdiction (warns, AMB-D9)."""
    standing: Standing | None = None
    """None: no ledger knows the system."""

    def taken(self) -> ContextTaken:
        """Give the fact that keeps this context."""
        return ContextTaken(
            site=self.site,
            settings=self.settings,
            requirements=self.requirements,
            standing=self.standing,
        )


def context_for(
    site: Site,
    *,
    station: Settings,
    requirements: Requirements | None,
    standing: Standing | None,
) -> Context:
    """Compose a context. Raises SettingError for an override of the site that is none."""
    return Context(
        site=site,
        settings=merged(station, site.settings),
        requirements=requirements,
        standing=standing,
    )


def context_of(fact: ContextTaken) -> Context:
    """Give the context that a fact kept."""
    return Context(
        site=fact.site,
        settings=fact.settings,
        requirements=fact.requirements,
        standing=fact.standing,
    )
