"""What the tests of DC-09 share: real frames, a slow check value, two ends of a line."""

import json
from datetime import UTC, datetime
from pathlib import Path

from protocols._core import Incoming, Verdict
from protocols.dc09 import Connection, Role

CORPUS = Path(__file__).parents[1] / "corpus" / "dc09.jsonl"
NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
KEY = b"ABCDEFGHIJKLMNOP"


def no_keys(account: str) -> tuple[bytes, ...]:
    del account
    return ()


def zero_pad(count: int) -> bytes:
    return bytes(count)


def rows() -> list[dict]:
    return [json.loads(line) for line in CORPUS.read_text().splitlines()]


def frame_of(row: dict) -> bytes:
    if "frame_hex" in row:
        return bytes.fromhex(row["frame_hex"])
    return row["frame"].encode("latin-1")


def row(name: str) -> dict:
    return next(each for each in rows() if each["id"] == name)


def real(name: str) -> bytes:
    """Return the frame of one row of the corpus."""
    return frame_of(row(name))


def sound_rows() -> list[dict]:
    """Return the rows that hold one plain, sound frame of a panel."""
    return [
        each
        for each in rows()
        if each["crc_ok"]
        and each["length_ok"]
        and not each["expect"].get("encrypted")
        and each["expect"].get("response") in {"ACK", "DUH"}
    ]


def csr(*, keys=no_keys, datagram: bool = False) -> Connection[Incoming]:
    return Connection(Role.CSR, keys=keys, pad=zero_pad, datagram=datagram)


def answered(connection: Connection, data: bytes, verdict: Verdict = Verdict.ACK) -> bytes:
    """Return what a receiver says to these bytes when it gives every frame this verdict."""
    for incoming in connection.receive(data, now=0.0):
        connection.answer(incoming, verdict, utc=NOON)
    return connection.data_to_send()


def _slow_table() -> list[int]:
    table = []
    for index in range(256):
        value = index
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
        table.append(value)
    return table


SLOW_TABLE = _slow_table()


def slow_crc(data: bytes) -> int:
    """CRC-16/ARC by its definition: 0x8005 reflected, start 0, table-driven."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ SLOW_TABLE[(crc ^ byte) & 0xFF]
    return crc


def seal(region: bytes) -> bytes:
    """Close a region by hand, independently of the declarations."""
    return b"\n%04X%04X%b\r" % (slow_crc(region), len(region), region)


def seal_binary(region: bytes) -> bytes:
    return b"\n%b%04X%b\r" % (slow_crc(region).to_bytes(2, "big"), len(region), region)
