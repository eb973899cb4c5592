"""``alarm-gateway demo --station``: gateway, decision core and a simulated station, on one machine.

Here the parts meet that know nothing of each other: the simulators speak HTTP with the core, the
gateway MQTT, and this package is the only one that holds them all.
"""
