"""Papers as print-ready HTML: one self-contained page each, nothing fetched from anywhere."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, TypeAlias

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from decision.notices.form import AppealForm
from decision.notices.invoice import InvoicePaper
from decision.notices.letter import Letter
from decision.notices.report import ReportPage

Document: TypeAlias = Letter | AppealForm | InvoicePaper | ReportPage

_TEMPLATES: Final[dict[type, str]] = {
    Letter: "letter.html",
    AppealForm: "form.html",
    InvoicePaper: "invoice.html",
    ReportPage: "report.html",
}
_TOGETHER: Final = re.compile(r"(?<![#\w])\d[\d.,/-]*\d\b|\b[A-Z]\d[A-Z] \d[A-Z]\d\b")
_CSS_UNSAFE: Final = re.compile(r"[^A-Za-z0-9 .,\-]")


def css_text(text: str) -> str:
    r"""Give text for a CSS string: everything unusual as an escape (``\000027 ``)."""
    return _CSS_UNSAFE.sub(lambda found: f"\\{ord(found.group()):06x}", text)


def keep(text: str) -> Markup:
    """Give text in which no date, number or postal code breaks over two lines."""
    escaped = str(escape(text))  # as str: Markup would escape the spans again
    return Markup(_TOGETHER.sub(r'<span class="keep">\g<0></span>', escaped))  # noqa: S704


@cache
def environment() -> Environment:
    """Make the template environment: autoescape on, an unknown name is an error."""
    made = Environment(
        loader=PackageLoader("decision.notices"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["css_text"] = css_text
    made.filters["keep"] = keep
    return made


def html(document: Document) -> str:
    """Give the page."""
    return environment().get_template(_TEMPLATES[type(document)]).render(paper=document)
