"""Rules between settings, one broken at a time; each is told with the key that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigError, parse

DC09 = {"protocol": "dc09", "tcp": "0.0.0.0:12000"}
SURGARD = {"protocol": "surgard", "serial": "/dev/ttyS0"}
AUTO_LINE = {"protocol": "auto", "serial": "/dev/ttyS0"}
AUTO_TCP = {"protocol": "auto", "tcp": "0.0.0.0:12000"}
TLS = {"cert_file": "c", "key_file": "k"}
TWO = {"a": DC09, "b": {**DC09, "tcp": "127.0.0.1:12000"}}
LOCAL = {"broker": "mqtt://127.0.0.1"}
SPAN = {"receiver": "01", "lines": "1-4", "group": "north"}
SAME_LINE = {**SPAN, "receiver": "1", "lines": "4"}


def keys(inputs, **tables):
    try:
        parse({"site": "a", "inputs": inputs, **tables}, file=Path("/x/gateway.toml"))
    except ConfigError as error:
        return [one.key for one in error.mistakes]
    return []


def of(changes, base=DC09):
    return {"a": {**base, **changes}}


@pytest.mark.parametrize(
    ("broken", "inputs", "tables"),
    [
        ("inputs", {}, {}),
        ("inputs.a", {"a": {"protocol": "dc09"}}, {}),
        ("inputs.a", of({"tcp": "0.0.0.0:1"}, SURGARD), {}),
        ("inputs.a.baud", of({"baud": 1200}), {}),
        ("inputs.a.stop", of({"stop": 2}), {}),
        ("inputs.a.serial", {"a": {"protocol": "dc09", "serial": "/dev/ttyS0"}}, {}),
        ("inputs.a.connect", {"a": {"protocol": "dc09", "connect": "h:1"}}, {}),
        ("inputs.a.udp", {"a": {"protocol": "surgard", "udp": "h:1"}}, {}),
        ("inputs.a.heartbeat_s", of({"heartbeat_s": 3.0}), {}),
        ("inputs.a.unknown_account", of({"unknown_account": "ack"}, SURGARD), {}),
        ("inputs.a.unknown_account", of({"unknown_account": "learn"}), {}),
        ("inputs.a.options", of({"options": {"header": "R"}}, SURGARD), {}),
        ("inputs.a.options", of({"options": {"header": "RRL"}}), {}),
        ("inputs.a.link", of({"link": "panel"}), {}),
        ("inputs.a.options", of({"options": {"default": "dc09"}}, AUTO_LINE), {}),
        ("inputs.a.heartbeat_s", of({"heartbeat_s": 3.0}, AUTO_TCP), {}),
        ("inputs.a.unknown_account", of({"unknown_account": "ack"}, AUTO_LINE), {}),
        ("inputs.a.udp", {"a": {"protocol": "auto", "udp": "h:1"}}, {}),
        (
            "inputs.a.connect",
            {"a": {"protocol": "auto", "connect": "h:1", "link": "panel"}},
            {},
        ),
        ("inputs.a.ranges[2]", of({"ranges": [SPAN, SAME_LINE]}, SURGARD), {}),
        ("inputs.b.tcp", TWO, {}),
        ("inputs.a.tls", of({"tls": "0.0.0.0:12000", **TLS}), {}),
        ("inputs.a.tls", of({"tls": "0.0.0.0:1", "cert_file": "c"}), {}),
        ("inputs.a.tls", of({"tls": "0.0.0.0:1", "key_file": "k"}), {}),
        ("inputs.a.tls", of({"tls": "0.0.0.0:1", **TLS, "key_credential": "k"}), {}),
        ("inputs.a.cert_file", of({"cert_file": "c"}), {}),
        ("inputs.a.key_credential", of({"key_credential": "k"}), {}),
        ("inputs.a.client_ca_file", of({"client_ca_file": "c"}), {}),
        (
            "inputs.a.client_certificate",
            of({"tls": "0.0.0.0:1", **TLS, "client_certificate": "optional"}),
            {},
        ),
        ("inputs.a", of({"tls": "0.0.0.0:1", **TLS}, SURGARD), {}),
        ("inputs.b.serial", {"a": SURGARD, "b": SURGARD}, {}),
        ("metrics.listen", {"a": DC09}, {"metrics": {"listen": "127.0.0.1:12000"}}),
        ("mqtt.embedded_listen", of({"tcp": "127.0.0.1:1883"}), {}),
        ("mqtt.embedded_listen", {"a": DC09}, {"mqtt": {**LOCAL, "embedded_listen": "h:1"}}),
        ("mqtt.broker", {"a": DC09}, {"mqtt": {"broker": "mqtt://192.0.2.1"}}),
        ("mqtt.ca_file", {"a": DC09}, {"mqtt": {"broker": "mqtt://localhost", "ca_file": "x"}}),
        ("mqtt.cert_file", {"a": DC09}, {"mqtt": {"broker": "mqtts://b", "cert_file": "x"}}),
        ("mqtt.username", {"a": DC09}, {"mqtt": {"password_file": "x"}}),
        ("mqtt.confirm_by[2]", {"a": DC09}, {"mqtt": {"confirm_by": ["c", "c"]}}),
        ("mqtt.confirm_by[1]", {"a": DC09}, {"mqtt": {"confirm_by": ["c/+"]}}),
        ("inputs.a/b", {"a/b": DC09}, {}),
        ("inputs.a.group", of({"group": "no.dots"}), {}),
    ],
)  # fmt: skip
def test_a_broken_rule_names_the_key(broken, inputs, tables):
    assert keys(inputs, **tables) == [broken]


@pytest.mark.parametrize(
    ("inputs", "tables"),
    [
        ({"a": {**DC09, "udp": "0.0.0.0:12000"}}, {}),
        ({"a": {**DC09, "tcp": "h:0"}, "b": {**DC09, "tcp": "h:0"}}, {}),
        ({"a": {**DC09, "tcp": "127.0.0.1:1"}, "b": {**DC09, "tcp": "127.0.0.2:1"}}, {}),
        ({"a": {**SURGARD, "options": {"header": "RRLLL", "b32": True}}}, {}),
        ({"a": {**SURGARD, "ranges": [SPAN, {**SPAN, "lines": "5-9"}]}}, {}),
        ({"a": {"protocol": "surgard", "connect": "192.0.2.1:1025"}}, {}),
        ({"a": DC09}, {"mqtt": {"broker": "mqtt://192.0.2.1", "allow_plain": True}}),
        ({"a": DC09}, {"mqtt": {"broker": "mqtt://[::1]:1884"}}),
        ({"a": {**AUTO_TCP, "unknown_account": "ack"}}, {}),
        ({"a": {**AUTO_TCP, "link": "receiver", "heartbeat_s": 0.0}}, {}),
        ({"a": {**AUTO_LINE, "options": {"default": "bosch6500"}}}, {}),
        ({"a": {"protocol": "auto", "connect": "192.0.2.1:1025"}}, {}),
        ({"a": {**DC09, "unknown_account": "learn"}}, {"accounts": {"database": "a.db"}}),
    ],
)
def test_what_no_rule_forbids_is_allowed(inputs, tables):
    assert keys(inputs, **tables) == []


@pytest.mark.parametrize(
    ("changes", "link"),
    [
        (AUTO_TCP, "panel"),
        ({**AUTO_TCP, "link": "receiver"}, "receiver"),
        (AUTO_LINE, "receiver"),
        ({**AUTO_LINE, "link": "panel"}, "panel"),
        ({"protocol": "auto", "connect": "192.0.2.1:1025"}, "receiver"),
    ],
)
def test_strangers_who_call_an_auto_listener_are_panels_unless_told_otherwise(changes, link):
    config = parse({"site": "a", "inputs": {"a": changes}}, file=Path("/x/g.toml"))
    assert config.inputs["a"].spoken.link == link


@pytest.mark.parametrize(
    ("receiver", "line", "group"),
    [("01", "1", "north"), ("1", "4", "north"), ("001", "003", "north"), ("01", "5", "main"),
     ("02", "1", "main"), ("01", "A", "east"), ("01", "a", "east"), (None, None, "main"),
     ("01", None, "main"), ("7F", "9", "west"), ("7f", None, "west")],
)  # fmt: skip
def test_ranges_give_receiver_lines_a_group_of_their_own(receiver, line, group):
    ranges = [
        SPAN,
        {**SPAN, "lines": "A,C-D", "group": "East"},
        {"receiver": "7F", "group": "west"},
    ]
    config = parse({"site": "a", "inputs": of({"ranges": ranges}, SURGARD)}, file=Path("/x/g.toml"))
    assert config.inputs["a"].group_of(receiver, line) == group
