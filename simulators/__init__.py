"""The other ends of the wire: panels and receivers, in the opposite role of the same codec."""
