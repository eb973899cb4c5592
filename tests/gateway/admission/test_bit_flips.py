"""SEC-3: which flipped bits of an encrypted frame are believed? None that a rule could refuse.

CBC garbles the block of the flip and flips the same bit of the next block. DC-09 has no MAC, so a
flip whose garbled block is all pad, or all text, cannot be told: that is the floor, and only TLS
or a VPN is below it. The judge here applies the rules of SEC-3 by hand, with a cipher of its own.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from gateway.accounts import AccountRecord
from protocols._core import Verdict
from tests.support.dc09 import frame_of, seal
from tests.support.panel_line import PanelLine
from tests.support.receiving import Bench

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
_REST = re.compile(
    rb"(?:\|(?P<data>[\x20-\x5c\x5e-\x7e\x80-\xff]*))?\]"
    rb"(?:\[(?:J\{.*?\](?=[\[_])|[A-Za-z][\x20-\x5c\x5e-\x7e\x80-\xff]*\]))*"
    rb"_(?P<stamp>\d\d:\d\d:\d\d,\d\d-\d\d-\d{4})(?P<tail>.*)",
    re.DOTALL,
)


def _rows() -> list[dict]:
    lines = [
        line
        for path in (CORPUS / "dc09.jsonl", CORPUS / "extra" / "dc09.jsonl")
        for line in path.read_text().splitlines()
    ]
    return [
        one
        for one in map(json.loads, lines)
        if one.get("key_hex") and one.get("crc_ok") and one["expect"].get("response") == "*ACK"
    ]


ROWS = _rows()


class Judge:
    """The rules of SEC-3, without the product."""

    def __init__(self, key: bytes, account: str, at: datetime) -> None:
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16)))
        self._account = account.upper()
        self._at = at

    def may_stand(self, ciphertext: bytes) -> bool:
        plain = self._cipher.decryptor().update(ciphertext)
        end = min((at for at in (plain.find(b"|"), plain.find(b"]")) if at >= 0), default=-1)
        if end < 0 or end > 31 or b"[" in plain[:end]:
            return False
        rest = _REST.fullmatch(plain[end:])
        if rest is None:
            return False
        tail = rest["tail"]
        if tail and not (1 <= len(tail) <= 16 and tail == bytes((len(tail),)) * len(tail)):
            return False
        try:
            stamp = datetime.strptime(rest["stamp"].decode() + "Z", "%H:%M:%S,%m-%d-%Y%z")
        except ValueError:
            return False
        if not -20 <= (self._at - stamp).total_seconds() <= 40:
            return False
        inner = re.match(rb"#([^|\[\]]*)\|", rest["data"] or b"")
        return inner is None or inner[1].decode("latin-1").upper() == self._account


def _parts(frame: bytes) -> tuple[bytes, bytes]:
    """The region up to its bracket, and the ciphertext."""
    start = frame.index(b"[") + 1
    digits = re.match(rb"[0-9A-Fa-f]*", frame[start:])
    assert digits is not None
    return frame[frame.index(b'"*') : start], bytes.fromhex(digits[0].decode())


def _bench(one: dict) -> Bench:
    at = datetime.fromisoformat(one["expect"]["timestamp"])
    bench = Bench(AccountRecord(id=one["expect"]["account"], keys=(bytes.fromhex(one["key_hex"]),)))
    bench.clock.now = at + timedelta(seconds=1)
    return bench


def _judge(one: dict) -> Judge:
    key, account = bytes.fromhex(one["key_hex"]), one["expect"]["account"]
    return Judge(key, account, _bench(one).clock.now)


def _is_believed(one: dict, frame: bytes) -> bool:
    line = PanelLine(_bench(one))
    line.send(frame)
    return Verdict.ACK in line.verdicts


@pytest.mark.parametrize("one", ROWS, ids=lambda one: one["id"])
def test_the_frame_itself_is_believed_by_both(one):
    head, ciphertext = _parts(frame_of(one))
    judge = _judge(one)
    assert judge.may_stand(ciphertext)
    assert _is_believed(one, frame_of(one))
    assert _is_believed(one, seal(head + ciphertext.hex().upper().encode()))


def test_no_flipped_bit_passes_the_check_value():
    for one in ROWS[::4]:
        frame = bytearray(frame_of(one))
        for bit in range(8 * len(frame)):
            frame[bit // 8] ^= 1 << bit % 8
            # The two letters of an id aside, case is not covered by anything: 'a' is 'A' in hex.
            if bytes(frame).upper() != frame_of(one).upper():
                assert not _is_believed(one, bytes(frame)), (one["id"], bit)
            frame[bit // 8] ^= 1 << bit % 8


def test_with_a_mended_check_value_only_the_floor_is_believed():
    flips = believed = floor = 0
    for one in ROWS:
        head, sound = _parts(frame_of(one))
        judge = Judge(
            bytes.fromhex(one["key_hex"]), one["expect"]["account"], _bench(one).clock.now
        )
        ciphertext = bytearray(sound)
        for bit in range(8 * len(ciphertext)):
            ciphertext[bit // 8] ^= 1 << bit % 8
            is_floor = judge.may_stand(bytes(ciphertext))
            region = head + bytes(ciphertext).hex().upper().encode()
            is_believed = _is_believed(one, seal(region))
            assert is_floor or not is_believed, (one["id"], bit)
            flips, believed, floor = flips + 1, believed + is_believed, floor + is_floor
            ciphertext[bit // 8] ^= 1 << bit % 8
    said = f"{flips} flips, {believed} believed ({believed / flips:.2%}), floor {floor}"
    assert believed <= floor, said
    assert believed / flips < 0.2, said
