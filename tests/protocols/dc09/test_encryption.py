"""AES: opened only by what makes sense (SEC-3), answered with the key that opened it."""

import os
import random
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from protocols._core import LinkTest, Rejected, Repeat, Report, Verdict
from protocols.dc09 import AesKey, Connection, Role, build_frame, explain
from protocols.dc09.crypto import is_pkcs7_tail, pad_length, pad_text
from tests.support.dc09 import KEY, NOON, answered, csr, no_keys, real, row, seal, zero_pad

OTHER_KEY = b"abcdefghijklmnop"
AT = datetime(2026, 11, 20, 9, 34, 28, tzinfo=UTC)
STAMP = b"_09:34:28,11-20-2026"


def key_of(*keys: bytes):
    return lambda _account: keys


def closed(plaintext: bytes, token: bytes = b"SIA-DCS", key: bytes = KEY, seq: bytes = b"0001"):
    """Encrypt by the library alone, independently of the codec."""
    encryptor = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    ciphertext = (encryptor.update(plaintext) + encryptor.finalize()).hex().upper().encode()
    return seal(b'"*%b"%bL0#1234[%b' % (token, seq, ciphertext))


def filled(body: bytes, minimum: int = 0, pad: bytes = b"p") -> bytes:
    """Put a pad in front that makes whole blocks."""
    count = -len(body) % 16
    while count < minimum:
        count += 16
    return pad * count + body


def read(frame: bytes, *keys: bytes):
    return csr(keys=key_of(*keys)).receive(frame, now=0.0)


class TestReal:
    def test_a_report(self):
        [report] = read(real("dc09spt-enc"), KEY)
        assert isinstance(report, Report)
        assert report.key_bits == 128
        assert report.timestamp == AT
        assert report.parts[0].text == "Hall"
        assert report.quirks == ()
        assert report.envelope.pad_len == 13

    def test_a_link_test_without_separator(self):
        [test] = read(real("pysia-null-enc"), b"A" * 16)
        assert isinstance(test, LinkTest)
        assert test.quirks == ("no_pad_separator",)

    def test_two_messages_in_a_row(self):
        """A cipher kept from the first would spoil the first block of the second (sia#21)."""
        first, second = read(real("dc09spt-enc") * 2, KEY)
        assert first == second


class TestKeys:
    @pytest.mark.parametrize("size", [16, 24, 32])
    def test_of_every_size(self, size):
        key = bytes(range(size))
        frame = build_frame(
            "ADM-CID", account="1234", sequence="0001", data=b"#1234|1130 01 015",
            timestamp=AT, key=key, pad=os.urandom,
        )  # fmt: skip
        [report] = read(frame, key)
        assert report.key_bits == 8 * size
        assert report.parts[0].zone == "015"

    @pytest.mark.parametrize("size", [0, 8, 15, 17, 33])
    def test_of_no_other_size(self, size):
        with pytest.raises(ValueError, match="16, 24 or 32"):
            AesKey(bytes(size))

    def test_the_one_that_opened_it_answers(self):
        connection = csr(keys=key_of(OTHER_KEY, KEY))
        said = answered(connection, real("dc09spt-enc"))
        assert explain(said, key_of(OTHER_KEY)).reason == "decrypt_failed"
        assert explain(said, key_of(KEY)).key_bits == 128

    def test_a_wrong_one_is_rejected_and_silent(self):
        frame = real("dc09spt-enc")
        wrong = bytes.fromhex(row("dc09spt-enc")["wrong_key_hex"])
        connection = csr(keys=key_of(wrong))
        [rejected] = connection.receive(frame, now=0.0)
        assert isinstance(rejected, Rejected)
        assert (rejected.reason, rejected.account) == ("decrypt_failed", "1234")
        assert rejected.envelope_sound
        connection.answer(rejected, Verdict.ACK, utc=NOON)
        assert connection.data_to_send() == b""
        assert explain(frame, key_of(wrong)).reason == "decrypt_failed"

    def test_none_is_another_reason(self):
        [rejected] = csr().receive(real("ajax-enc-nokey-472"), now=0.0)
        assert (rejected.reason, rejected.account) == ("key_missing", "AAA")

    def test_nothing_shows_them(self):
        [report] = read(real("dc09spt-enc"), KEY)
        shown = f"{report!r} {report.envelope!r} {report.envelope.key!r}"
        for spelling in (KEY.decode(), KEY.hex(), KEY.hex().upper()):
            assert spelling not in shown
        assert "Hall" not in repr(report.envelope)


class TestSoundness:
    """SEC-3: what decrypts is believed only when it makes sense."""

    BODY = b"|#1234|Nri1/BA3]" + STAMP

    @pytest.mark.parametrize("minimum", [0, 1, 16])
    def test_pads_of_every_age(self, minimum):
        plaintext = filled(self.BODY, minimum)
        [report] = read(closed(plaintext), KEY)
        assert isinstance(report, Report)
        assert report.envelope.pad_len == len(plaintext) - len(self.BODY)

    def test_a_pad_may_hold_any_byte_but_three(self):
        body = b"|#1234|Nri1/BA3      ]" + STAMP
        pad = (b'\r\n\0\xff_"' * 6)[: -len(body) % 16 + 16]
        [report] = read(closed(pad + body), KEY)
        assert isinstance(report, Report)
        assert report.quirks == ()

    @pytest.mark.parametrize(
        "plaintext",
        [
            b"p" * 32 + filled(BODY),  # a pad above 31
            filled(b"|#1234|Nri1/BA3]"),  # no timestamp
            filled(b"|#1234|Nri1/BA3]_09:34:28,13-20-2026"),  # no such month
            filled(b"|#1234|Nri1/BA3" + STAMP),  # no bracket
            filled(b"|#1234|Nri1\x07/BA3]" + STAMP),  # a control character
            filled(b"#1234Nri1/BA3]x" + STAMP, pad=b""),
            filled(BODY + b"xyz"),  # something behind the timestamp
            b"[" + filled(BODY)[1:],  # a bracket in the pad
        ],
    )
    def test_refused(self, plaintext):
        if len(plaintext) % 16:
            plaintext += b" " * (-len(plaintext) % 16)
        [rejected] = read(closed(plaintext), KEY)
        assert isinstance(rejected, Rejected)
        assert rejected.reason == "decrypt_failed"

    @pytest.mark.parametrize("digits", [b"", b"00" * 15, b"0" * 33, b"00" * 17])
    def test_no_whole_blocks(self, digits):
        [rejected] = read(seal(b'"*SIA-DCS"0001L0#1234[' + digits), KEY)
        assert rejected.reason == "decrypt_failed"

    def test_a_tail_of_pkcs7_is_tolerated(self):
        body = filled(self.BODY) + b"\x10" * 16
        [report] = read(closed(body), KEY)
        assert report.quirks == ("trailing_text",)

    def test_a_text_of_another_code_page_is_read(self):
        [report] = read(closed(filled("|#1234|Nri1/BA3^Küche^]".encode("cp1252") + STAMP)), KEY)
        assert report.parts[0].text == "Küche"
        assert report.quirks == ("non_ascii:cp1252",)

    def test_the_inner_account_is_told_and_not_judged(self):
        """Aliases are the gateway's to know."""
        [report] = read(closed(filled(b"|#9999|Nri1/BA3]" + STAMP)), KEY)
        assert report.inner_account == "9999"
        assert report.quirks == ("account_mismatch",)

    def test_hardly_a_flipped_bit_is_believed(self):
        """CBC garbles the block of the flip and flips the same bit of the next."""
        frame = closed(filled(self.BODY, 16))
        start = frame.index(b"[") + 1
        ciphertext = bytearray.fromhex(frame[start:-1].decode())
        believed = 0
        for position in range(len(ciphertext) * 8):
            ciphertext[position // 8] ^= 1 << position % 8
            region = frame[9:start] + bytes(ciphertext).hex().upper().encode()
            believed += isinstance(read(seal(region), KEY)[0], Report)
            ciphertext[position // 8] ^= 1 << position % 8
        # Flips in the first block touch its own pad and one bit of the next: those can stand.
        assert believed <= 16 * 8

    @given(st.binary(min_size=1, max_size=4))
    def test_random_ciphertext_is_never_believed(self, seed):
        random_bytes = random.Random(seed).randbytes(64)
        region = b'"*SIA-DCS"0001L0#1234[' + random_bytes.hex().encode()
        assert isinstance(read(seal(region), KEY, OTHER_KEY)[0], Rejected)


class TestIdentity:
    """SEC-2: sequence 0000 is a repeat only with the same data and the same timestamp."""

    def identity(self, seq, stamp=STAMP, pad=b"p"):
        frame = closed(filled(b"|#1234|Nri1/BA3]" + stamp, 1, pad), seq=seq)
        [report] = read(frame, KEY)
        return report.repeat, report.identity

    def test_the_pad_is_no_part_of_it(self):
        assert self.identity(b"0001") == self.identity(b"0001", pad=b"q")

    def test_a_refreshed_timestamp_makes_no_other_of_a_numbered_report(self):
        later = b"_09:34:39,11-20-2026"
        assert self.identity(b"0001") == self.identity(b"0001", later)

    def test_sequence_0000(self):
        later = b"_09:34:39,11-20-2026"
        assert self.identity(b"0000")[0] is Repeat.ACCOUNT
        assert self.identity(b"0000") == self.identity(b"0000", pad=b"q")
        assert self.identity(b"0000") != self.identity(b"0000", later)


class TestPads:
    @pytest.mark.parametrize("size", range(1, 40))
    def test_fill_whole_blocks(self, size):
        short, long = pad_length(size, is_long=False), pad_length(size, is_long=True)
        assert (short + size) % 16 == (long + size) % 16 == 0
        assert 0 <= short <= 15
        assert 16 <= long <= 31

    def test_hold_no_byte_that_ends_them(self):
        assert not set(pad_text(bytes(range(256)))) & set(b"[]|\r\n\0")

    @pytest.mark.parametrize("tail", [b"", b"\x02", b"\x11" * 17, b"\0"])
    def test_not_every_tail_is_pkcs7(self, tail):
        assert not is_pkcs7_tail(tail)


def test_a_frame_cannot_be_encrypted_without_its_timestamp():
    connection = Connection(Role.PE, keys=no_keys, pad=zero_pad)
    with pytest.raises(ValueError, match="timestamp"):
        connection.report("SIA-DCS", account="1234", key=KEY)
    with pytest.raises(ValueError, match="pad"):
        build_frame("SIA-DCS", account="1234", key=KEY, timestamp=AT)
