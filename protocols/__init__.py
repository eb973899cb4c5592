"""Bytes to meaning and back, one package per wire protocol.

Nothing in here owns a socket, a clock, a random source or a log: ``now`` and the
key of an account come in as arguments, events and bytes to send go out.
"""
