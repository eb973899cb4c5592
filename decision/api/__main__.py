"""``python -m decision.api``: print the OpenAPI document (kept as docs/decision/openapi.json)."""

from __future__ import annotations

import sys

from decision.api.resources import document

sys.stdout.write(document())
