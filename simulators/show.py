"""What a technician sees of a run: the conversation as it happens, then the sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulators.ledger import Direction, Ledger, Line, Outcome, Summary, Transmission
from simulators.scenarios import meanings

_NAMES: Final = {
    0x00: "<NUL>", 0x06: "<ACK>", 0x0A: "<LF>", 0x0D: "<CR>", 0x14: "<DC4>", 0x15: "<NAK>",
}  # fmt: skip
_SHOWN_BYTES: Final = 200
_CONTACT_ID: Final = {"1": "E", "3": "R", "6": "P"}


def spell(data: bytes) -> str:
    """Write bytes so that every one of them can be read: ``<LF>1A2B...<CR>``, ``<x80>``."""
    shown = "".join(
        chr(byte) if 0x20 <= byte < 0x7F else _NAMES.get(byte, f"<x{byte:02X}>")  # noqa: PLR2004  ASCII
        for byte in data[:_SHOWN_BYTES]
    )
    return shown if len(data) <= _SHOWN_BYTES else f"{shown}... ({len(data)} bytes)"


def words(transmission: Transmission) -> str:
    """Say what a transmission tells: ``1234 E131 perimeter, area 01, zone 015``."""
    if transmission.is_link_test:
        return "heartbeat" if transmission.meaning == "heartbeat" else "link test"
    code = _CONTACT_ID.get(transmission.qualifier, "") + transmission.code
    said = [f"{transmission.account} {code}"]
    meaning = meanings().get(transmission.meaning)
    if meaning is not None:
        said[0] += f" {meaning.words}"
    if transmission.area.strip("0"):
        said.append(f"area {transmission.area}")
    if transmission.address.strip("0"):
        kind = "user" if meaning is not None and meaning.address == "user" else "zone"
        said.append(f"{kind} {transmission.address}")
    return ", ".join(said)


class Conversation:
    """Prints every line of the ledger as it happens: ``>`` to the gateway, ``<`` back."""

    def __init__(self, console: Console, *, begin: float) -> None:
        self._console = console
        self._begin = begin
        self._trouble = ""

    def __call__(self, line: Line, transmission: Transmission | None) -> None:
        """Take a line from the ledger."""
        self._trouble = ""
        is_sent = line.direction is Direction.SENT
        style = "cyan" if is_sent else "green"
        if line.note:
            style = "yellow"
        self._console.print(
            f"{line.at - self._begin:9.3f} {line.direction.value} [{style}]"
            f"{escape(spell(line.data))}[/]",
            highlight=False,
            soft_wrap=True,
        )
        said = []
        if line.gist:
            said.append(line.gist)
        elif is_sent and transmission is not None:
            said.append(words(transmission))
        if not is_sent and not line.note and transmission is not None:
            said += _ending(transmission)
        if line.note and line.note not in said:
            said.append(line.note)
        if said:
            self._console.print(
                f"            [dim]{escape('; '.join(said))}[/]", highlight=False, soft_wrap=True
            )

    def deed(self, text: str, *, at: float) -> None:
        """Say what the story does to the line or the device: ``the line is cut for 60 s``."""
        self._console.print(
            f"{at - self._begin:9.3f} [magenta]-- {escape(text)}[/]",
            highlight=False,
            soft_wrap=True,
        )

    def trouble(self, reason: str) -> None:
        """Say why a link cannot be opened; the same again only after something else happened."""
        if reason == self._trouble:
            return
        self._trouble = reason
        self._console.print(
            f"            [red]{escape(reason)}[/]", highlight=False, soft_wrap=True
        )


def _ending(transmission: Transmission) -> list[str]:
    latency_s = transmission.latency_s
    if latency_s is not None:
        return [f"acknowledged after {latency_s * 1000:.1f} ms"]
    if transmission.outcome is Outcome.WAITING:
        return []
    return [transmission.outcome.value.replace("_", " ")]


def table(summary: Summary, figures: Mapping[str, float]) -> Table:
    """Put the sums of a ledger, and what else was measured, into a table."""
    rows: dict[str, object] = {
        "reports to tell": summary.told,
        "sent": summary.sent,
        "acknowledged": summary.acknowledged,
        "refused": summary.refused,
        "given up": summary.given_up,
        "abandoned": summary.abandoned + summary.waiting,
        "forgotten by the story": summary.forgotten,
        "frames written": summary.frames,
        "retries": summary.retries,
        "NAKs": summary.naks,
        "answers ignored": summary.answers_ignored,
        "link tests answered": f"{summary.link_tests_answered} of {summary.link_tests}",
        "latency p50 / p99 / max": (
            f"{summary.latency.p50_ms:.1f} / {summary.latency.p99_ms:.1f} / "
            f"{summary.latency.max_ms:.1f} ms"
        ),
    }
    shown = Table(show_header=False, box=None, pad_edge=False)
    rows |= {name.replace("_", " "): value for name, value in figures.items()}
    for name, value in rows.items():
        shown.add_row(name, str(value))
    return shown


def unacknowledged(ledger: Ledger, *, limit: int = 10) -> list[str]:
    """Name the reports that were not acknowledged, the first few of them in words."""
    missed = [
        t
        for t in ledger.transmissions
        if not t.is_link_test and t.outcome not in (Outcome.ACKNOWLEDGED, Outcome.FORGOTTEN)
    ]
    lines = [
        f"{words(t)}: {t.outcome.value.replace('_', ' ')}, frames sent: {t.tries}"
        for t in missed[:limit]
    ]
    if len(missed) > limit:
        lines.append(f"and {len(missed) - limit} more")
    return lines
