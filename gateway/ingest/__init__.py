"""What is the verdict? Report in, event on disk, ACK out; in this order and no other."""

from gateway.ingest.copies import UnreadableCopies
from gateway.ingest.events import OwnEvent
from gateway.ingest.ingest import Ingest, Journal, Normalise

__all__ = ["Ingest", "Journal", "Normalise", "OwnEvent", "UnreadableCopies"]
