"""The check values against slow twins."""

from hypothesis import given
from hypothesis import strategies as st

from protocols._core.checksums import crc16_arc, xor_parity
from tests.support.dc09 import SLOW_TABLE, slow_crc


def test_the_check_value_of_123456789_is_bb3d():
    assert crc16_arc(b"123456789") == slow_crc(b"123456789") == 0xBB3D


def test_entry_100_of_the_table_is_eb01_and_not_the_misprint_be01():
    assert SLOW_TABLE[100] == 0xEB01
    assert crc16_arc(bytes([100])) == 0xEB01


@given(st.binary(max_size=300))
def test_the_fast_crc_agrees_with_its_slow_twin(data):
    assert crc16_arc(data) == slow_crc(data)


def test_the_parity_of_a_real_galaxy_block_closes_it():
    assert xor_parity(bytes.fromhex("46233132333435369d")) == 0
    assert xor_parity(bytes.fromhex("46233132333435369c")) != 0


@given(st.binary(max_size=80))
def test_the_folded_parity_agrees_with_its_slow_twin(data):
    slow = 0xFF
    for byte in data:
        slow ^= byte
    assert xor_parity(data) == slow
