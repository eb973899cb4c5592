"""What event codes of dialled formats mean, set for a group of accounts."""

from __future__ import annotations

import tomllib
from typing import get_args

import pytest

from gateway.config import ConfigError, parse
from gateway.config.pulse_codes import PulseAddress, PulseCategory, PulseKind
from gateway.contract.event import Category, Kind
from gateway.normalise import Normaliser
from gateway.normalise.tables import AddressType, SiaRow
from protocols.receiver_link import PulseEvent
from tests.support.meaning import RECEIVED, account, report

CONFIG = """
site = "test"
[inputs.rx]
protocol = "dtmf"
serial = "/dev/ttyUSB0"
[mqtt]
broker = "mqtt://127.0.0.1"
"""
CODE = """
[[pulse_codes]]
group = "north"
code = "3"
kind = "alarm"
category = "burglary"
name = "Burglary, as installed in the north"
"""


def test_they_are_read(tmp_path):
    config = parse(tomllib.loads(CONFIG + CODE), file=tmp_path / "gateway.toml")
    (one,) = config.pulse_codes
    assert (one.group, one.code, one.address) == ("north", "3", "zone")


def test_a_code_stands_once_in_a_group(tmp_path):
    with pytest.raises(ConfigError, match="twice for the group north"):
        parse(tomllib.loads(CONFIG + CODE + CODE), file=tmp_path / "gateway.toml")


def test_a_word_that_no_event_has_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="category"):
        parse(
            tomllib.loads(CONFIG + CODE.replace("burglary", "thieves")),
            file=tmp_path / "gateway.toml",
        )


def test_its_words_are_those_of_the_event():
    assert set(get_args(PulseCategory)) == set(get_args(Category))
    assert set(get_args(PulseKind)) < set(get_args(Kind))
    assert set(get_args(PulseAddress)) < set(get_args(AddressType))


def test_they_give_the_group_its_meaning_and_no_other():
    row = SiaRow(category="burglary", name="As installed", kind="alarm", address_type="zone")
    normaliser = Normaliser(pulse_codes={"main": {"3": row}})
    said = report(PulseEvent(raw=b"", format="express-4+2", event_code="3", zone="7"))
    (found,) = normaliser.meanings(said, account(), received=RECEIVED)
    assert (found.category, found.kind, found.zone.id) == ("burglary", "alarm", "7")
    (other,) = Normaliser(pulse_codes={"north": {"3": row}}).meanings(
        said, account(), received=RECEIVED
    )
    assert not other.code.known
