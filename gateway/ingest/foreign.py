"""What to do about traffic that is no alarm protocol of this input: in words, by its name."""

from __future__ import annotations

from typing import Final

from protocols.registry import PROTOCOLS

TELL_EVERY_S: Final = 60.0
"""A line for each input and kind of traffic (ours): such senders come back every few seconds."""

_NO_PANEL: Final = "no panel: somebody scans the port; let the firewall admit the panels only"
_REMEDIES: Final = {
    "tls": "TLS on a plain port: give the input a tls address, or set the panel to plain TCP",
    "osborne-hoffman": "Osborne-Hoffman: give these panels an input of their own with "
    "protocol = 'osborne-hoffman'; it looks like DC-09 and gets no answer there",
    "osborne-hoffman-heartbeat": "an Osborne-Hoffman heartbeat: give these panels an input of "
    "their own with protocol = 'osborne-hoffman'",
    "galaxy-sia-blocks": "a Honeywell Galaxy that sends SIA blocks: give it an input with "
    "protocol = 'sia-dc03', or set the panel to DC-09",
    "galaxy-encrypted-handshake": "a Honeywell Galaxy with the maker's own encryption, which is "
    "not published: switch it off at the panel, or set it to DC-09",
    "vendor-ecoline": "Aritech's own text protocol: set the panel to DC-09",
    "dsc-itv2": "DSC ITv2, an integration session: set the communicator to DC-09",
    "modbus": "Modbus: a controller has the wrong address; it is no alarm panel",
    "mqtt": "an MQTT client: the broker listens on another port",
    "http": f"HTTP; {_NO_PANEL}",
    "rtsp": f"a camera's client; {_NO_PANEL}",
    "ssh": f"SSH; {_NO_PANEL}",
    "rdp": f"remote desktop; {_NO_PANEL}",
    "smb": f"Windows file sharing; {_NO_PANEL}",
    "socks": f"a proxy's client; {_NO_PANEL}",
    "telnet": "Telnet: a terminal server with its Telnet options on, or a scanner; set the server "
    "to raw TCP, or use rfc2217:// for it",
}


def remedy(name: str) -> str:
    """What this is, and what to do about it."""
    known = _REMEDIES.get(name)
    if known is not None:
        return known
    protocol = PROTOCOLS.get(name)
    if protocol is None:
        return f"{name}: nothing that this input can read"
    return (
        f"{name}, which {protocol.link}s speak: give it an input with protocol = '{name}'; where "
        f"this one has protocol = 'auto', link = '{protocol.link}' would trust whoever connects "
        "as such"
    )
