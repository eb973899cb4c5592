"""What one Contact ID event costs from ``received`` to the return of ``journal.append``.

``python -m benchmarks.ingest_cost`` prints microseconds. No disk is touched.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence

from gateway.accounts import AccountRecord, Accounts, AreaEntry, ZoneEntry
from gateway.admission import Admission, InputPolicy
from gateway.health import Counters
from gateway.ingest import Ingest
from gateway.journal import Entry, EventIds
from gateway.normalise import meanings
from hardware.clock import SystemClock
from hardware.sink import Origin
from protocols._core import Incoming, Repeat, Report, Verdict
from protocols.contact_id.adm_cid import parse_adm_cid

EVENTS = 20_000
ROUNDS = 5
TOKEN = "ADM-CID"  # noqa: S105  a word of the wire


class Nowhere:
    """A journal that takes everything and tells nothing."""

    commits_succeed = True

    def __init__(self) -> None:
        self.seq = 0
        self.taken: Sequence[Entry] = ()

    def next_seq(self) -> int:
        """See ``Journal``."""
        self.seq += 1
        return self.seq

    def came_again(self, link: str, digest: bytes, received_ms: int) -> None:
        """See ``Journal``."""
        del link, digest, received_ms

    def append(self, entries: Sequence[Entry], done: Callable[[bool], None]) -> None:
        """See ``Journal``."""
        self.taken = entries
        del done


def reports(count: int) -> list[Report]:
    """Make reports that differ in their sequence number and account."""
    made = []
    for number in range(count):
        account = f"{number % 500:04d}"
        data = b"#%b|1131 01 015" % account.encode()
        _, parts = parse_adm_cid(data)
        raw = b'\n5B2A0029"ADM-CID"%04dR1L0#%b[%b]\r' % (number % 10_000, account.encode(), data)
        made.append(
            Report(
                protocol="dc09", raw=raw, token=TOKEN, account=account, parts=parts,
                envelope=None, repeat=Repeat.ACCOUNT, identity=b"%d" % number + data,
                receiver="1", line="0", sequence=f"{number % 10_000:04d}",
                data=data,
            )
        )  # fmt: skip
    return made


def ingest_of(journal: Nowhere) -> Ingest:
    """Make an ingest with 500 accounts."""
    zones = (ZoneEntry(id="015", name="Rear door", sensor="door", area="1"),)
    areas = (AreaEntry(id="1", name="Stockroom", area_class="SECURED"),)
    records = [
        AccountRecord(id=f"{number:04d}", name="Harbour Street 5", zones=zones, areas=areas)
        for number in range(500)
    ]
    accounts = Accounts.of(records)
    return Ingest(
        site="bench",
        clock=SystemClock(),
        journal=journal,
        accounts=lambda: accounts,
        inputs={"ip-1": InputPolicy(is_receiver=False)},
        admission=Admission(learn=accounts.learn),
        normalise=meanings,
        ids=EventIds(lambda count: bytes(range(count))),
        alive=lambda _key, _origin: None,
        count=Counters().count,
    )


def respond(item: Incoming, verdict: Verdict) -> None:
    """Take an answer."""
    del item, verdict


def main() -> None:
    """Measure and print the best of some rounds."""
    origin = Origin(
        input="ip-1", protocol="dc09", transport="tcp", peer="192.0.2.7:51823", host="192.0.2.7"
    )
    incoming = [[report] for report in reports(EVENTS)]
    best = float("inf")
    for _ in range(ROUNDS):
        journal = Nowhere()
        ingest = ingest_of(journal)
        ingest.received(incoming[0], origin, respond)
        gc.collect()
        gc.freeze()  # as the gateway does once its accounts are loaded
        began = time.perf_counter()
        for read in incoming[1:]:
            ingest.received(read, origin, respond)
        best = min(best, (time.perf_counter() - began) / (EVENTS - 1) * 1e6)
    print(
        f"ingest   one Contact ID event  {best:6.2f} us, JSON of {len(journal.taken[0].json)} bytes"
    )


if __name__ == "__main__":
    main()
