"""Rules between settings, checked on what was read, so that they are told together with all else.

Each rule takes the plain tables of the file, which may hold anything, and yields
(key path, what was found, what is allowed, hint). What is wrong in itself is the model's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any, Final, TypeAlias

from pydantic_core import PydanticCustomError

from gateway.config.fields import Address, parse_address
from gateway.config.inputs import line_number, link_kind
from gateway.config.mistakes import did_you_mean
from protocols.recognition import AUTO, spoken
from protocols.registry import PROTOCOLS, ProtocolInfo

Broken: TypeAlias = tuple[tuple[object, ...], str, str, str]
Tables: TypeAlias = Mapping[str, Any]

_LINKS: Final = ("tcp", "udp", "tls", "serial", "connect")
_LISTENING: Final = frozenset({"tcp", "udp", "tls"})
_TLS_ONLY: Final = (
    "cert_file",
    "key_file",
    "key_credential",
    "client_ca_file",
    "client_certificate",
)
_SERIAL_ONLY: Final = ("baud", "bits", "parity", "stop")
_ONLY_FOR: Final = {
    "panel": ("unknown_account", "unknown_token"),
    "receiver": ("heartbeat_s", "ack_timeout_s", "ranges"),
}
_WHY: Final = {
    "panel": "only on inputs for receivers",
    "receiver": "only on inputs for panels; what a receiver reports is always taken and ACKed",
}
_ANY_HOST: Final = frozenset({"0.0.0.0", "::", "*"})  # noqa: S104  compared with, not bound to


def broken_rules(tables: Tables) -> list[Broken]:
    """All rules that the tables break."""
    return [broken for rule in _RULES for broken in rule(tables)]


def _table(tables: Tables, name: str) -> Tables:
    found = tables.get(name)
    return found if isinstance(found, dict) else {}


def _inputs(tables: Tables) -> Iterator[tuple[str, Tables]]:
    for name, one in _table(tables, "inputs").items():
        if isinstance(one, dict):
            yield name, one


def _has_inputs(tables: Tables) -> Iterator[Broken]:
    if not _table(tables, "inputs"):
        yield (
            ("inputs",),
            "no input",
            "at least one table [inputs.<name>]",
            "for example [inputs.ip-1] with protocol = 'dc09' and tcp = '0.0.0.0:12000'",
        )


def _protocols_are_known(tables: Tables) -> Iterator[Broken]:
    for name, one in _inputs(tables):
        protocol, options = one.get("protocol"), one.get("options", {})
        if not isinstance(protocol, str):
            continue
        info, known = _spoken(one), (*PROTOCOLS, AUTO)
        if info is None:
            yield (
                ("inputs", name, "protocol"),
                f"found {protocol!r}",
                ", ".join(known),
                did_you_mean(protocol, known),
            )
        elif isinstance(options, dict):
            yield from _options(("inputs", name, "options"), info, options)
        if "link" in one and protocol != AUTO:
            yield (
                ("inputs", name, "link"),
                f"not for {protocol}, which says by itself who is at the other end",
                "only with protocol = 'auto'",
                "",
            )


def _spoken(one: Tables) -> ProtocolInfo | None:
    protocol = one.get("protocol")
    if not isinstance(protocol, str) or protocol not in {AUTO, *PROTOCOLS}:
        return None
    link = link_kind(one.get("link"), is_listening=not _LISTENING.isdisjoint(one))
    return spoken(protocol, link)


def _options(path: tuple[str, ...], protocol: ProtocolInfo, options: Tables) -> Iterator[Broken]:
    try:
        protocol.connect(keys=lambda _account: (), pad=bytes, options=options)
    except ValueError as error:
        yield path, str(error), f"the options of {protocol.name}, see docs/configuration.md", ""


def _one_link_each(tables: Tables) -> Iterator[Broken]:
    for name, one in _inputs(tables):
        links = [key for key in _LINKS if key in one]
        if not links:
            yield ("inputs", name), "no link", "tcp, udp and/or tls, or serial, or connect", ""
        elif len(links) > 1 and not _LISTENING.issuperset(links):
            yield (
                ("inputs", name),
                f"more than one link: {', '.join(links)}",
                "exactly one: tcp, udp and/or tls, or serial, or connect",
                "give each link an input of its own",
            )


def _serial_keys_with_serial(tables: Tables) -> Iterator[Broken]:
    for name, one in _inputs(tables):
        for key in _SERIAL_ONLY:
            if key in one and "serial" not in one:
                yield ("inputs", name, key), "only a serial line has it", "beside serial", ""


def _tls_is_whole(tables: Tables) -> Iterator[Broken]:
    for name, one in _inputs(tables):
        path = ("inputs", name)
        if "tls" not in one:
            for key in _TLS_ONLY:
                if key in one:
                    yield (*path, key), "there is no tls", "beside tls", ""
            continue
        if "cert_file" not in one:
            yield (*path, "tls"), "cert_file is missing", "tls with cert_file and its key", ""
        keys = [key for key in ("key_file", "key_credential") if key in one]
        if len(keys) != 1:
            found = "both keys are given" if keys else "the certificate's key is missing"
            yield (*path, "tls"), found, "key_file or key_credential", ""
        if "client_certificate" in one and "client_ca_file" not in one:
            yield (
                (*path, "client_certificate"),
                "no authority is named whose certificates panels may show",
                "beside client_ca_file",
                "",
            )


def _links_fit_protocols(tables: Tables) -> Iterator[Broken]:
    for name, one in _inputs(tables):
        protocol = _spoken(one)
        if protocol is None:
            continue
        allowed = {*protocol.transports, *(["connect"] if protocol.link == "receiver" else [])}
        if "tcp" in allowed:
            allowed.add("tls")
        for key in _LINKS:
            if key in one and key not in allowed:
                links = ", ".join(link for link in _LINKS if link in allowed)
                yield ("inputs", name, key), f"not for {protocol.name}", links, ""
        for key in _ONLY_FOR["receiver" if protocol.link == "panel" else "panel"]:
            if key in one:
                yield ("inputs", name, key), f"not for {protocol.name}", _WHY[protocol.link], ""


def _learning_needs_a_database(tables: Tables) -> Iterator[Broken]:
    for name, one in _inputs(tables):
        if one.get("unknown_account") == "learn" and "database" not in _table(tables, "accounts"):
            yield (
                ("inputs", name, "unknown_account"),
                "found 'learn', but there is no accounts database to learn into",
                "silent, ack; or set accounts.database",
                "[accounts] database = 'accounts.db'",
            )


def _ranges_do_not_overlap(tables: Tables) -> Iterator[Broken]:
    for name, one in _inputs(tables):
        ranges = one.get("ranges")
        good = [
            (n, r)
            for n, r in enumerate(ranges if isinstance(ranges, list) else [])
            if isinstance(r, dict) and isinstance(r.get("receiver"), str)
        ]
        for (_, left), (number, right) in combinations(good, 2):
            if line_number(left["receiver"]) == line_number(right["receiver"]) and _overlap(
                left, right
            ):
                yield (
                    ("inputs", name, "ranges", number),
                    f"lines of receiver {right['receiver']} stand in two ranges",
                    "each line in one range",
                    "",
                )


def _overlap(left: Tables, right: Tables) -> bool:
    spans = [_spans(one.get("lines", "*")) for one in (left, right)]
    return any(a[0] <= b[1] and b[0] <= a[1] for a in spans[0] for b in spans[1])


def _spans(lines: object) -> list[tuple[int, int]]:
    if not isinstance(lines, str):
        return []
    if lines.strip() == "*":
        return [(0, 1 << 62)]
    pairs = (part.strip().partition("-") for part in lines.split(","))
    return [(line_number(first), line_number(last or first)) for first, _, last in pairs]


def _listening(tables: Tables) -> Iterator[tuple[tuple[str, ...], str, Address]]:
    """All addresses that we listen on, each with key path and transport."""
    places: list[tuple[tuple[str, ...], str, object]] = []
    for name, one in _inputs(tables):
        places += [
            (("inputs", name, link), "udp" if link == "udp" else "tcp", one[link])
            for link in ("tcp", "udp", "tls")
            if link in one
        ]
    metrics, mqtt = _table(tables, "metrics"), _table(tables, "mqtt")
    if "listen" in metrics:
        places.append((("metrics", "listen"), "tcp", metrics["listen"]))
    if mqtt.get("broker", "embedded") == "embedded":
        places.append(
            (("mqtt", "embedded_listen"), "tcp", mqtt.get("embedded_listen", "127.0.0.1:1883"))
        )
    for path, transport, text in places:
        try:
            yield path, transport, parse_address(text)
        except PydanticCustomError:
            continue


def _addresses_are_unique(tables: Tables) -> Iterator[Broken]:
    for (first, transport, left), (second, other, right) in combinations(_listening(tables), 2):
        same_host = left.host == right.host or {left.host, right.host} & _ANY_HOST
        if transport == other and left.port == right.port != 0 and same_host:
            yield (
                second,
                f"found {right}, which {'.'.join(first)} = {left} already takes",
                "another port",
                "",
            )
    seen: dict[str, str] = {}
    for name, one in _inputs(tables):
        for link in ("serial", "connect"):
            if isinstance(one.get(link), str):
                other_name = seen.setdefault(one[link], name)
                if other_name != name:
                    yield (
                        ("inputs", name, link),
                        f"found {one[link]!r}, which inputs.{other_name} already uses",
                        "each receiver on one input",
                        "",
                    )


def _mqtt_fits_together(tables: Tables) -> Iterator[Broken]:
    mqtt = _table(tables, "mqtt")
    broker = mqtt.get("broker", "embedded")
    if not isinstance(broker, str):
        return
    if broker != "embedded" and "embedded_listen" in mqtt:
        yield (
            ("mqtt", "embedded_listen"),
            "the broker is not the embedded one",
            "only with broker = 'embedded'",
            "",
        )
    if not broker.startswith("mqtts://"):
        for key in ("ca_file", "cert_file", "key_file"):
            if key in mqtt:
                yield (
                    ("mqtt", key),
                    f"broker = {broker!r} does not use TLS",
                    "only with mqtts://",
                    "write the broker as mqtts://host:8883",
                )
    if (
        broker.startswith("mqtt://")
        and mqtt.get("allow_plain") is not True
        and not _is_local(broker)
    ):
        yield (
            ("mqtt", "broker"),
            f"found {broker!r}: events would cross the network in clear",
            "mqtts://, or mqtt:// on 127.0.0.1",
            "allow_plain = true overrides this where the network is yours alone",
        )
    yield from _credentials_fit(mqtt)


def _is_local(broker: str) -> bool:
    try:
        return parse_address(
            broker.removeprefix("mqtt://").rstrip("/") + ("" if ":" in broker[7:] else ":1883")
        ).is_loopback
    except PydanticCustomError:
        return True  # wrong in itself, which the model says


def _credentials_fit(mqtt: Tables) -> Iterator[Broken]:
    if ("cert_file" in mqtt) != ("key_file" in mqtt):
        has, lacks = ("cert_file", "key_file") if "cert_file" in mqtt else ("key_file", "cert_file")
        yield ("mqtt", has), f"{lacks} is missing", "cert_file and key_file together", ""
    if "password_file" in mqtt and "password_credential" in mqtt:
        yield (
            ("mqtt", "password_credential"),
            "there is a password_file as well",
            "one of the two",
            "",
        )
    if ("password_file" in mqtt or "password_credential" in mqtt) and "username" not in mqtt:
        yield ("mqtt", "username"), "missing", "the user whose password it is", ""
    names = mqtt.get("confirm_by")
    names = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    for number, name in enumerate(names):
        if name in names[:number]:
            yield ("mqtt", "confirm_by", number), f"{name!r} stands twice", "each consumer once", ""


def _pulse_codes_stand_once(tables: Tables) -> Iterator[Broken]:
    rows = tables.get("pulse_codes")
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        if not isinstance(row, dict):
            continue
        key = (str(row.get("group", "main")), str(row.get("code")))
        if key in seen:
            yield (
                ("pulse_codes", number, "code"),
                f"{key[1]!r} stands twice for the group {key[0]}",
                "each code of a group once",
                "",
            )
        seen.add(key)


_RULES: Final[tuple[Callable[[Tables], Iterator[Broken]], ...]] = (
    _has_inputs,
    _protocols_are_known,
    _one_link_each,
    _serial_keys_with_serial,
    _tls_is_whole,
    _links_fit_protocols,
    _learning_needs_a_database,
    _ranges_do_not_overlap,
    _addresses_are_unique,
    _pulse_codes_stand_once,
    _mqtt_fits_together,
)
