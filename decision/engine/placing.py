"""What one event of the gateway does: it opens an incident, joins or bears on some, or none.

Whatever it does, exactly one fact carries its id; that is what it is known by when it comes again.
"""

from __future__ import annotations

from decision.alarm_signal import Signal
from decision.engine.draft import Draft
from decision.facts import Actor, EventReceived
from decision.rules import arming
from decision.rules.grouping import route
from decision.store import codec


def place(draft: Draft, signal: Signal, actor: Actor) -> None:
    """Add the facts of one event to a draft."""
    site_id = signal.site
    armed = draft.armed(site_id)
    is_armed = armed.of(signal.area)
    site = draft.site(site_id)
    routes = route(
        signal,
        incidents=[case.state for case in draft.of_site(site_id)],
        context=draft.context(site),
        is_armed=is_armed,
    )
    event_id: str | None = signal.event_id
    for one in routes:
        if one.fact is not None:
            draft.add(codec.INCIDENT + one.incident, one.fact, actor, event_id=event_id)
            event_id = None
    after = arming.armed(armed, signal)
    if event_id is not None or after is not armed:
        # The site's own log tells what is armed, also of what an incident took.
        fact = EventReceived(signal=signal, is_armed=is_armed)
        draft.add(codec.SITE + site_id, fact, actor, event_id=event_id)
    if after is not armed:
        draft.put_armed(site_id, after)
