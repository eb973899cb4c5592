"""What the station knows of a site beyond its account: whom to call, what hears, who responds.

Pure data; ``decision.config.sites`` reads it from ``sites.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from decision.vocabulary import AreaClass, PremiseType, ResponseMode
from gateway.contract.event import Category

WRITTEN_VERIFICATION_MOST_S = 90
"""XS-9: a written verification before a life-safety dispatch lasts no longer."""


class _Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Common settings. A key nobody knows is a mistake in the file."""


class Contact(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person of the call list, in the order of the list (PPVAR-3.6)."""

    id: str
    name: str
    phone: str = ""
    """Empty: never called, skipped, and told as a data fault (AMB-D2)."""
    role: str = ""
    language: str = ""
    is_authorised: bool = True
    """May approve, cancel, and say who may be there; anybody else's word is ``UNDECIDED``."""
    is_key_holder: bool = False
    """Verified, with access, and told of the duties (DISP-J3, DISP-J4)."""
    is_on_premises: bool = False
    """The number rings at the premises: never called for a hold-up (XS-9)."""
    passcode_hint: str = ""
    """How to ask for the passcode; never the passcode."""
    email: str = ""
    """Where the incident link may go."""


class Instruction(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One special instruction (PPVAR-3.18, 6.1.1)."""

    id: str
    text: str


class Microphone(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What hears, where, and how far (PPVAR-5.6)."""

    id: str
    name: str
    location: str = ""
    coverage: str = ""
    live_url: str = ""


class Zone(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A zone as responders need to know it."""

    id: str
    name: str = ""
    area: str = ""
    area_class: AreaClass | None = None
    """None: as the gateway's event says."""
    location: str = ""
    microphone: str = ""
    """Id of the microphone that covers it."""
    camera: str = ""
    is_interior: bool = True
    is_exit_entry: bool = False
    is_layered: bool = False
    """DISP-J9: opens an incident only for sustained presence (a verified signal)."""


class Area(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named area with its class; the class of a zone goes before it."""

    id: str
    name: str = ""
    area_class: AreaClass = AreaClass.UNKNOWN


class Camera(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What sees."""

    id: str
    name: str
    location: str = ""
    url: str = ""
    is_public_view: bool = False
    """Looks at public or shared space (DISP-J8)."""


class Permit(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The alarm permit of the local authority (DISP-J2)."""

    number: str
    authority: str = ""
    valid_until: date | None = None
    """Last day on which it holds, in the site's time zone."""


class WrittenVerification(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The written setting; without it nothing is verified before a life-safety dispatch (XS-9)."""

    categories: tuple[Category, ...]
    """Of ``fire``, ``gas``, ``medical``; never hold-up or panic."""
    seconds: Annotated[int, Meta(ge=1, le=WRITTEN_VERIFICATION_MOST_S)]
    document: str
    """Where the written requirement is kept."""


class Site(_Profile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One site: an account of the gateway with all that decisions need."""

    group: str = "main"
    account: str
    name: str = ""
    address: str = ""
    directions: str = ""
    premise_type: PremiseType = PremiseType.COMPANY
    response_mode: str = ResponseMode.STANDARD
    """``IMMEDIATE`` or ``STANDARD``; anything else is an unknown mode (DISP-5)."""
    time_zone: str = "UTC"
    language: str = "en"
    phone: str = ""
    """Telephone on site, for VERIFY step 1; empty: nobody can be rung there."""
    has_audio: bool | None = None
    """None: when it has microphones (XS-11)."""
    has_two_way_audio: bool = False
    contacts: tuple[Contact, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    areas: tuple[Area, ...] = ()
    zones: tuple[Zone, ...] = ()
    microphones: tuple[Microphone, ...] = ()
    cameras: tuple[Camera, ...] = ()
    jurisdiction: str = ""
    """Id of a pack; empty or not loaded: unknown, which warns (DISP-J1)."""
    alarm_system: str = ""
    """Empty: ``<group>.<account>`` (AMB-S18)."""
    alarm_business: str = ""
    alarm_business_address: str = ""
    """Mandatory on every notice of a policy (domain rules 3.7)."""
    owner_name: str = ""
    owner_address: str = ""
    """Mailing address; empty: that of the premises."""
    owner_contact: str = ""
    registered_address: str = ""
    """Empty: the address."""
    permit: Permit | None = None
    requirements_met: tuple[str, ...] = ()
    """Ids of further requirements that were checked and hold (DISP-J1)."""
    written_verification: WrittenVerification | None = None
    alternate_response: str = ""
    """Guard or runner service for a suspended system (XS-5, SJ-E2)."""
    psap: str = ""
    settings: Mapping[str, str | int | float | bool] = {}
    """Overrides of the station's settings, by name."""

    @property
    def id(self) -> str:
        """``<group>.<account>``."""
        return f"{self.group}.{self.account}"

    @property
    def system(self) -> str:
        """The alarm system of the ledger (AMB-S18)."""
        return self.alarm_system or self.id

    @property
    def hears(self) -> bool:
        """Whether there is audio equipment (XS-11)."""
        return bool(self.microphones) if self.has_audio is None else self.has_audio

    def contact(self, contact_id: str) -> Contact | None:
        """Find a contact by id."""
        return next((c for c in self.contacts if c.id == contact_id), None)

    def zone(self, zone_id: str) -> Zone | None:
        """Find a zone by id; leading zeros do not count, as with the gateway."""
        wanted = _bare(zone_id)
        return next((z for z in self.zones if _bare(z.id) == wanted), None)

    def area(self, area_id: str) -> Area | None:
        """Find an area by id; leading zeros do not count."""
        wanted = _bare(area_id)
        return next((a for a in self.areas if _bare(a.id) == wanted), None)

    def microphone(self, microphone_id: str) -> Microphone | None:
        """Find a microphone by id."""
        return next((m for m in self.microphones if m.id == microphone_id), None)

    def camera(self, camera_id: str) -> Camera | None:
        """Find a camera by id."""
        return next((c for c in self.cameras if c.id == camera_id), None)


def _bare(number: str) -> str:
    return number.lstrip("0").upper() or "0"


def unknown_site(group: str, account: str, name: str = "") -> Site:
    """Stand in for a site without a profile: nothing is known, so everything asks the operator."""
    return Site(group=group, account=account, name=name, response_mode="NOT_CONFIGURED")
