"""May this account say this, here, now? Gateway policy; the codec decides nothing of it."""

from gateway.admission.admission import Admission
from gateway.admission.panel_clocks import PanelClocks
from gateway.admission.policy import Admitted, InputPolicy, Refused
from gateway.admission.skew import skew_ms, utc_ms
from gateway.admission.trust import Link, trust_of

__all__ = [
    "Admission",
    "Admitted",
    "InputPolicy",
    "Link",
    "PanelClocks",
    "Refused",
    "skew_ms",
    "trust_of",
    "utc_ms",
]
