"""Gateways and cores built wrong on purpose, to show that the harnesses see it (REL-60).

``python -m tests.support.broken_builds early_ack run --config ...`` is the gateway's own command
line with one thing broken.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable

from msgspec.structs import replace

from decision.engine import Engine
from decision.intake import Intake
from gateway.cli.main import main
from gateway.forward.follow import Follower
from gateway.ingest import Ingest
from gateway.journal import Journal, Reader, SqliteStore, StoreError
from gateway.journal.reader import DATABASE
from gateway.journal.verify import Verifier
from hardware.known_hosts import KnownHosts
from hardware.strangers import Strangers
from hardware.tcp import TcpListener
from protocols._core import Report

LATE_S = 0.03  # the commit comes so much after the ACK: what a lazy flush would do


def early_ack() -> None:
    """Acknowledges before the commit."""
    append = Journal.append

    def lazy(self, entries, done):
        done(True)
        later = asyncio.get_running_loop().call_later
        later(LATE_S, append, self, entries, lambda _is_stored: None)

    Journal.append = lazy


def early_confirm() -> None:
    """A decision core that confirms an event before it is recorded."""
    received, take = Intake.received, Engine.take

    def eager(self, topic, payload):
        received(self, topic, payload)
        self.confirm([json.loads(payload)["id"]])

    def late(self, signals):
        time.sleep(LATE_S)
        return take(self, signals)

    Intake.received, Engine.take = eager, late


def no_flush() -> None:
    """Commits without waiting for the disk, whatever the settings were found to be."""
    connected = SqliteStore._connected

    def careless(self):
        connection = connected(self)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    SqliteStore._connected = careless


def failure_ignored() -> None:
    """Takes a commit that failed for one that did not: the event will be there, mostly."""
    commit = SqliteStore.commit

    def hopeful(self, entries, confirms, again=()):
        try:
            return commit(self, entries, confirms, again)
        except StoreError:
            return []

    SqliteStore.commit = hopeful


def heartbeat_always() -> None:
    """Answers link tests whatever becomes of the commits."""
    Journal.commits_succeed = property(lambda _self: True)


def verify_first() -> None:
    """Verifies the whole journal and reads every event of it before it starts."""
    open_ = SqliteStore.open

    def thorough(self):
        if (self._directory / DATABASE).exists():
            verifier, reader = Verifier(self._directory), Reader(self._directory)
            verifier.run()
            reader.list(limit=1 << 40)
            verifier.close()
            reader.close()
        return open_(self)

    SqliteStore.open = thorough


def strangers_welcome() -> None:
    """Keeps no room for panels, and lets strangers say and hold what they like."""
    KnownHosts.is_known = lambda _self, _host: False
    Strangers.sent = lambda _self, _session, _size: None
    TcpListener._close_silent = lambda _self, _now: None


def merges_too_much() -> None:
    """Takes an account's report for a repeat when the last digit of its sequence is the same."""
    received = Ingest.received

    def lumping(self, incoming, origin, respond):
        own = {}

        def lumped(item):
            if type(item) is not Report or not item.sequence:
                return item
            other = replace(item, identity=item.sequence[-1:].encode())
            own[id(other)] = item
            return other

        received(
            self,
            [lumped(item) for item in incoming],
            origin,
            lambda item, verdict: respond(own.get(id(item), item), verdict),
        )

    Ingest.received = lumping


def everybody_queues() -> None:
    """Publishes strictly in the order of the journal, whatever is urgent or new."""

    def behind(self, event):
        self._backlog.add(event.seq, event.account)

    def committed(self, events):
        return take(self, [replace(event, is_priority=False) for event in events])

    take = Follower.committed
    Follower.committed, Follower._leave_behind = committed, behind


def leak() -> None:
    """Keeps something of every group that it commits: a descriptor and some memory."""
    append, kept = Journal.append, []

    def careless(self, entries, done):
        kept.append((os.open(os.devnull, os.O_RDONLY), bytes(2_000)))
        append(self, entries, done)

    Journal.append = careless


BUILDS: dict[str, Callable[[], None]] = {
    build.__name__: build
    for build in (
        early_ack, early_confirm, no_flush, failure_ignored, heartbeat_always, verify_first,
        strangers_welcome, merges_too_much,
        everybody_queues, leak,
    )
}  # fmt: skip


def plant(name: str) -> None:
    """Break this process; also by the name of a fault of the simulation ("confirm-on-puback")."""
    if name in BUILDS:
        BUILDS[name]()
    else:
        from tests.simulation.faults import FAULTS

        FAULTS[name]().start()  # a patch that is never stopped


def launch(name: str) -> tuple[str, ...]:
    """The command line of that build, as ``Station`` takes it."""
    return (sys.executable, "-m", "tests.support.broken_builds", name)


if __name__ == "__main__":
    plant(sys.argv.pop(1))
    main()
