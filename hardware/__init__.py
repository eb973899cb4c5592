"""Bytes to the world and back: ports, sockets, time. Knows connections, nothing of alarms."""
