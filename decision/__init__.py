"""The decision core: what the station does about an alarm, by rules that explain themselves.

A process of its own behind MQTT. It knows the gateway's event contract and nothing else of it.
"""
