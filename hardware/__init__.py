"""Bytes to the world and back: ports, sockets, time. Knows connections, nothing of alarms."""

from hardware.address import Address, ListenError
from hardware.clock import Clock, LoopTimers, SystemClock, Timer, Timers
from hardware.intake import Intake
from hardware.link_tools import LinkTools
from hardware.network import Network, RealNetwork
from hardware.nullmodem import NullModem, Trouble
from hardware.serial_link import SerialLink
from hardware.serial_port import PortError, RealSerialPorts, SerialPorts, SerialSettings
from hardware.sink import Origin, PortFact, PortState, Respond, Sink
from hardware.tcp import TcpLimits, TcpListener
from hardware.tcp_client import TcpClientLink
from hardware.udp import UdpLimits, UdpListener

__all__ = [
    "Address",
    "Clock",
    "Intake",
    "LinkTools",
    "ListenError",
    "LoopTimers",
    "Network",
    "NullModem",
    "Origin",
    "PortError",
    "PortFact",
    "PortState",
    "RealNetwork",
    "RealSerialPorts",
    "Respond",
    "SerialLink",
    "SerialPorts",
    "SerialSettings",
    "Sink",
    "SystemClock",
    "TcpClientLink",
    "TcpLimits",
    "TcpListener",
    "Timer",
    "Timers",
    "Trouble",
    "UdpLimits",
    "UdpListener",
]
