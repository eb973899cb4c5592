"""What is the verdict? Report in, event on disk, ACK out; in this order and no other."""

from gateway.ingest.copies import UnreadableCopies
from gateway.ingest.events import OwnEvent
from gateway.ingest.floods import Floods
from gateway.ingest.ingest import Ingest
from gateway.ingest.ports import Journal, Normalise

__all__ = ["Floods", "Ingest", "Journal", "Normalise", "OwnEvent", "UnreadableCopies"]
