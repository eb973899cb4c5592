"""The form of a scenario file: what is given, what happens when, and what must be so afterwards.

Facts are written as the fact log holds them (``decision.facts``, ``decision.ledger.facts``); the
words are those of ``decision.vocabulary``. docs/decision/scenarios.md explains it with examples.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from decision.packs.examples import Expect as LedgerExpect
from decision.packs.fields import AsTuple, Table, setting

Tokens = Annotated[tuple[str, ...], AsTuple]
"""A list of words."""


class Expect(LedgerExpect):
    """What is asked after a step, of incidents and of the ledger; what is left out is not asked."""

    alarm_state: str | None = setting(None, "OPEN, DISPATCHED, RESOLVED, EXPIRED or CLOSED.")
    incidents: int | None = setting(None, "How many incidents there are by now.")
    actions: Tokens | None = setting(
        None, "All actions of the step in their order: DISPATCH/TL3, CALL_CONTACT/anna ..."
    )
    has_actions: Tokens | None = setting(None, "Actions of the step, in this order among others.")
    no_actions: Tokens | None = setting(None, "Actions that the step must not have.")
    rules: Tokens | None = setting(None, "Rule ids that the step's actions and reasons cite.")
    ppvar: str | None = setting(
        None, "State of audio verification: LISTEN_INITIAL, VERIFY_SITE ..."
    )
    response: str | None = setting(None, "State of the configured response: CALLING, DONE ...")
    next: str | None = setting(None, "What the console asks next.")
    attempts: dict[str, int] | None = setting(None, "Attempts so far, by contact.")
    asks: Tokens | None = setting(None, "What waits for an operator: CLASSIFY_AREA ...")
    gate: str | None = setting(None, "Result of the gate in the step's dispatch or warning.")
    findings: Tokens | None = setting(None, "What the gate found: permit, suspended ...")
    threat_level: str | None = setting(None, "TL1, TL2 or TL3.")
    area_class: str | None = setting(None, "Class of the area where the human was heard.")
    audio_reference: bool | None = setting(None, "Whether the dispatch may speak of audio.")
    is_post_suspension: bool | None = setting(None, "Whether the dispatch is such a request.")
    request: str | None = setting(None, "Status of the request to responders.")
    call_off: str | None = setting(None, "requested, confirmed, refused or unknown.")
    window_ends: datetime | time | None = setting(None, "End of the active window, local.")
    wakes: datetime | time | None = setting(None, "When the incident wakes by itself next, local.")
    faults: Tokens | None = setting(None, "Keys of the configuration faults of the step.")
    says: Tokens | None = setting(None, "Words that the step's reasons or refusal contain.")
    message_says: Tokens | None = setting(None, "Words in the message to responders.")
    message_omits: Tokens | None = setting(None, "Words that must not be in that message.")
    configured: str | None = setting(None, "Input (a) of DISP-3 in the step's actions.")
    customer: str | None = setting(None, "Input (b): words in the customer's answer.")
    local: str | None = setting(None, "Input (c): words in the local requirement.")
    competence: str | None = setting(None, "ALLOWED, SUPERVISED or REFUSED.")


class Given(Table):
    """What stands before the first step."""

    pack: str = setting("", "Jurisdiction of the site; empty: unknown.")
    pack_changes: dict[str, Any] = setting(
        {}, "Settings of the pack, by key path, changed for this."
    )
    time_zone: str = setting("", "Of all times without offset; default: of the pack, else UTC.")
    settings: dict[str, str | int | float | bool] = setting({}, "Settings of the station, by name.")
    site: dict[str, Any] = setting({}, "Profile of the site, as in sites.toml.")
    alarm: dict[str, Any] = setting({}, "Keys that every event has unless it says otherwise.")
    call: dict[str, Any] = setting({}, "Keys that every police call of the ledger has.")
    system: dict[str, Any] = setting(
        {}, "Standing of the alarm system without a history: state, is_discontinued, is_cautioned."
    )


class Step(Table):
    """One moment; without a fact it only lets time pass."""

    at: datetime | time | None = setting(None, "Local moment; a time alone is of the same day.")
    on: date | None = setting(None, "Local day, noon of it.")
    says: str = setting("", "What happens, in words.")
    by: str = setting("", "Who: operator, supervisor, contact:anna ...; default fits the fact.")
    event: dict[str, Any] | None = setting(None, "An event of the gateway.")
    fact: dict[str, Any] | None = setting(None, "A fact of the incident.")
    ledger: dict[str, Any] | None = setting(None, "A fact of the ledger.")
    person: dict[str, Any] | None = setting(None, "A fact about an operator, with 'operator'.")
    handles: str = setting("", "An operator who wants to handle audio alarms.")
    incident: str = setting("", "Event id of the incident's first event; default: the last opened.")
    system: str = setting("", "Alarm system of a ledger step; default: the site's.")
    expect: Expect = setting(Expect(), "What must be so.")

    @model_validator(mode="after")
    def _one_thing_at_one_time(self) -> Step:
        if (self.at is None) == (self.on is None):
            raise PydanticCustomError("moment", "needs either 'at' or 'on'")
        told = [one for one in (self.event, self.fact, self.ledger, self.person) if one is not None]
        if len(told) > 1:
            raise PydanticCustomError(
                "one_fact", "tells more than one of 'event', 'fact', 'ledger', 'person': make steps"
            )
        return self


class Scenario(Table):
    """A story with its outcome."""

    title: str = setting(..., "What it shows, in one line.", min_length=1)
    says: str = setting("", "More of it, for people.")
    proves: Tokens = setting(..., "Ids of the rules that it proves, WE-n of a worked example too.")
    given: Given = setting(Given(), "What stands before.")
    step: Annotated[tuple[Step, ...], AsTuple] = setting(..., "In the order of time.", min_length=1)
