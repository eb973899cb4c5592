"""REL-47, SEC-22 on the real journal: shuffled, doubled, late, foreign and invented confirms."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from gateway.forward.forwarder import Forwarder, ForwardSettings
from gateway.health import Counters, Health
from gateway.journal import seq_of
from tests.support.forwarding import SITE, TOPICS, ManualTime, MemoryBroker, confirm, turns
from tests.support.hardware import until
from tests.support.journal import entry, started, stored

COUNT = 2000
FORGED = 10_000


@pytest.mark.parametrize("seed", range(3))
async def test_only_true_confirms_count_in_whatever_order_they_come(
    tmp_path: Path, seed: int
) -> None:
    dice = Random(seed)
    named = ("core-1", "core-2")
    journal = await started(tmp_path, confirm_by=named)
    broker, time = MemoryBroker(), ManualTime()
    counters = Counters()
    gateway = Forwarder(
        ForwardSettings(site=SITE, confirm_by=named, unconfirmed=COUNT),
        journal=journal, transport=broker, clock=time, timers=time, random=lambda: 1.0,
        health=Health(), count=counters.count, tell=lambda _code, _text: None, version="0.0.0",
    )  # fmt: skip
    events = [entry(seq, account=f"A{seq % 40}", json=b'{"seq":%d}' % seq)
              for seq in range(1, COUNT + 1)]  # fmt: skip
    ids = [one.event_id for one in events]
    await stored(journal, events)
    gateway.start()
    await until(lambda: len(set(broker.seqs())) == COUNT, "published")

    # Whatever a forger says, nothing is marked: he has no right topic, name, form or id.
    for number in range(FORGED):
        true = dice.choice(ids)
        topic, payload = dice.choice(
            (
                (TOPICS.confirm("core-3"), confirm("core-3", true)),
                (TOPICS.confirm("core-1"), confirm("core-2", true)),
                (TOPICS.confirm("core-2"), b'{"consumer":"core-2","ids":"%b"}' % true.encode()),
                (TOPICS.confirm("core-1") + "/x", confirm("core-1", true)),
                (TOPICS.event("alarm", "1"), confirm("core-1", true)),
                (TOPICS.confirm("core-1"), confirm("core-1", _changed(true, dice))),
                (TOPICS.confirm("core-1"), confirm("core-1", f"id-{number}")),
            )
        )
        broker.link.confirm(topic, payload)
        if number % 1000 == 0:
            await turns(5)
    await turns(50)
    assert len(await journal.outstanding(0, COUNT + 1)) == COUNT

    # The true ones: each of both consumers, in any order, some twice, none alone is enough.
    said = [(name, event_id) for name in named for event_id in ids]
    said += dice.sample(said, COUNT // 4)
    dice.shuffle(said)
    half = len(said) // 2
    done = {name: set[str]() for name in named}
    for name, event_id in said[:half]:
        broker.link.confirm(TOPICS.confirm(name), confirm(name, event_id))
        done[name].add(event_id)
    both = done["core-1"] & done["core-2"]
    await until(lambda: journal.outstanding_count == COUNT - len(both), "those of both")
    left = {one.event_id for one in await journal.outstanding(0, COUNT + 1)}
    assert left == set(ids) - both
    for name, event_id in said[half:]:
        broker.link.confirm(TOPICS.confirm(name), confirm(name, event_id))
    await until(lambda: journal.outstanding_count == 0, "all")
    assert await journal.outstanding(0, COUNT + 1) == []
    for name, event_id in said[:100]:  # late ones for what is done
        broker.link.confirm(TOPICS.confirm(name), confirm(name, event_id))
    await turns(50)
    assert journal.outstanding_count == 0
    assert (
        sum(count for name, count in counters.snapshot().items() if "confirm_ignored" in name)
        > FORGED // 2
    )
    await gateway.outbox.stop()
    await gateway.uplink.stop()
    await journal.stop()


def _changed(event_id: str, dice: Random) -> str:
    """An id that a forger who knows the form may guess: the number of an event, another rest."""
    at = dice.randrange(8)
    digit = dice.choice([each for each in "0123456789abcdef" if each != event_id[at]])
    changed = event_id[:at] + digit + event_id[at + 1 :]
    assert seq_of(changed) == seq_of(event_id)
    return changed
