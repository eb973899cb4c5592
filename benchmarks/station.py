"""The gateway that is measured, with its files, its broker and its consumer; and its journal."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Self

from benchmarks import programs
from benchmarks.programs import BASE_ACCOUNT, HOST, Program, ProgramError, free_port
from gateway.control import ControlError, ask

SITE: Final = "bench"
CONSUMER: Final = "core-1"
PANELS: Final = "ip-1"

_CONFIG: Final = """site = "{site}"
[journal]
directory = "journal"
[accounts]
{accounts}
[inputs.{panels}]
protocol = "dc09"
tcp = "{host}:{port}"
udp = "{host}:{port}"
[mqtt]
broker = "{broker}"
confirm_by = ["{consumer}"]
{embedded}
[limits]
per_address = 100000
connections = 100000
[control]
socket = "{control}"
[log]
level = "warning"
"""

_ACCOUNT: Final = """[[account]]
id = "{}"
name = "Harbour Street 5"
area_class = "SECURED"
areas = {{1 = {{name = "Stockroom", class = "SECURED"}}}}
zones = {{1 = {{name = "Rear door", sensor = "door", area = "1"}}}}
"""

_FRAME: Final = re.compile(rb'"SIA-DCS"(\d{4})L0#(\d+)\[#\d+\|Nri1/BA(\d{3})\]')
"""What loadgen sends; its ledger names account, sequence and zone."""


_STORED: Final = """
SELECT id, raw FROM event WHERE input = :input
UNION ALL SELECT id, body FROM alike JOIN form ON number = form WHERE input = :input
"""
"""The frame as received stands in the row; of an event like others before it, in its body."""


class Gateway(Program):
    """The gateway as ``alarm-gateway run`` starts it, with files of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        accounts: int,
        broker_port: int | None = None,
        environment: Mapping[str, str] | None = None,
        database: Path | None = None,
    ) -> None:
        """Make one that finds a filled ``journal`` in ``folder`` if there is one.

        Without ``broker_port`` its broker cannot be reached; 0 takes the embedded one. A
        ``database`` of accounts stands in the place of ``accounts``.
        """
        # A socket's path has at most 108 bytes, and ``folder`` may lie deep.
        self._short = Path(tempfile.mkdtemp(prefix="ag-bench-"))
        self.control = self._short / "control.sock"
        self.journal = folder / "journal" / "journal.db"
        self.broker_port = broker_port or free_port()
        is_embedded = broker_port == 0
        port = free_port()
        config = folder / "gateway.toml"
        config.write_text(
            _CONFIG.format(
                site=SITE,
                panels=PANELS,
                host=HOST,
                port=port,
                broker="embedded" if is_embedded else f"mqtt://{HOST}:{self.broker_port}",
                embedded=f'embedded_listen = "{HOST}:{self.broker_port}"' if is_embedded else "",
                consumer=CONSUMER,
                control=self.control,
                accounts='files = ["accounts.toml"]'
                if database is None
                else f'database = "{database.resolve()}"',
            )
        )
        if database is None:
            (folder / "accounts.toml").write_text(
                "".join(_ACCOUNT.format(BASE_ACCOUNT + number) for number in range(accounts))
            )
        super().__init__(
            [sys.executable, "-m", "gateway.cli.main", "run", "--config", str(config)],
            output=folder / "gateway.out",
            port=port,
            ready=None,  # its port answers last of all
            environment=environment,
        )

    def __enter__(self) -> Self:
        try:
            return super().__enter__()
        except BaseException:
            shutil.rmtree(self._short, ignore_errors=True)
            raise

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        shutil.rmtree(self._short, ignore_errors=True)

    def outstanding(self) -> int:
        """How many events no consumer has confirmed yet."""
        return int(self._ask("health")["outstanding"])

    def connections(self) -> int:
        """How many panels hold a connection."""
        return int(self._ask("health")["connections"][PANELS])

    def answered(self) -> int:
        """How many link tests it acknowledged."""
        return int(self._ask("counters")["counters"].get("link_test_acknowledged", 0))

    def _ask(self, do: str) -> dict[str, Any]:
        try:
            return ask(self.control, {"do": do})
        except ControlError as error:
            raise ProgramError(f"the gateway does not answer: {error}") from error


@contextlib.contextmanager
def forwarding(folder: Path, *, accounts: int) -> Iterator[Gateway]:
    """Run a gateway with a broker and a consumer that confirms."""
    binary = programs.mosquitto_binary()
    with contextlib.ExitStack() as running:

        def confirm(port: int) -> None:
            running.enter_context(
                programs.consumer(folder, broker_port=port, site=SITE, name=CONSUMER)
            )

        port = 0
        if binary is not None:
            port = running.enter_context(programs.mosquitto(folder, binary)).port
            confirm(port)  # before the gateway, whose first events would pass it by
        gateway = running.enter_context(Gateway(folder, accounts=accounts, broker_port=port))
        if binary is None:
            confirm(gateway.broker_port)
        # The gateway's own start-up events are the first to be confirmed.
        gateway.until(lambda: gateway.outstanding() == 0, "have its first events confirmed")
        yield gateway


def missing(journal: Path, ledger: Path, acked: int) -> str | None:
    """Say what of the acknowledged reports the journal does not hold; None when all is there.

    Read from the file itself, after the gateway was killed.
    """
    with contextlib.closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection:
        rows = connection.execute(_STORED, {"input": PANELS}).fetchall()
    ids = len({row[0] for row in rows})
    if ids != len(rows):
        return f"{len(rows)} events have only {ids} different ids"
    if len(rows) < acked:
        return f"{acked} reports were acknowledged, the journal holds {len(rows)}"
    stored = set()
    for _, raw in rows:
        found = _FRAME.search(raw)
        if found is not None:
            stored.add(b"%b %b %b" % (found[2], found[1], found[3]))
    lost = set(ledger.read_bytes().splitlines()) - stored
    if lost:
        return f"{len(lost)} acknowledged reports are not in the journal, e.g. {min(lost).decode()}"
    return None
