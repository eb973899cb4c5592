"""A simulated alarm station: contacts, police, operators and offices, for one night and one year.

Everybody here is outside of the decision core and speaks with it as people do: over its HTTP API.
"""
