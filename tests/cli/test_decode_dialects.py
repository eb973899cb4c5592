"""What a technician pastes of Bosch, digits, blocks, Osborne-Hoffman, radio: field by field."""

import json

import pytest
from typer.testing import CliRunner

from gateway.cli._decode import source
from gateway.cli.decode import app
from tests.support.dialects import DIALECTS

GUESSED = {
    "bosch6500": ("bosch-sia-mode",),
    "dtmf": ("dtmf-high-speed", "dtmf-super-fast", "dtmf-express"),
    "osborne-hoffman": ("osborne-hoffman-plain",),
    "fsk-router": ("fsk7", "fsk-extended"),
}
"""What the bytes alone tell; the others share their shape with a family that is tried before."""
NAMED = {
    each.name: each
    for each in DIALECTS
    if each.protocol in {"bosch6500", "dtmf", "sia-dc03", "osborne-hoffman", "fsk-router", "mcdi"}
}


@pytest.mark.parametrize(
    ("protocol", "name"),
    [(protocol, name) for protocol, names in GUESSED.items() for name in names],
)
def test_the_family_is_guessed_from_the_bytes(protocol, name):
    assert source.guess(NAMED[name].frame) == protocol


@pytest.mark.parametrize("dialect", NAMED.values(), ids=str)
def test_every_sample_is_told_when_its_family_is_named(dialect):
    told = CliRunner().invoke(
        app, ["--protocol", dialect.protocol, "--hex", "--json", dialect.frame.hex()]
    )
    frames = json.loads(told.stdout)
    first = frames[0] if isinstance(frames, list) else frames.get("frames", [frames])[0]
    assert told.exit_code == 0, told.stdout
    assert first["protocol"] == dialect.protocol
    assert first["account"] == dialect.account


@pytest.mark.parametrize("digits", ["12341739", "123455155555557C"])
def test_dialled_digits_are_no_hex(digits):
    told = CliRunner().invoke(app, ["--json", digits])
    assert told.exit_code == 0
    assert '"dtmf"' in told.stdout
