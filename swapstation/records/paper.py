"""Paper for people: what the product's PDF documents have in common.

Set in STSong-Light, a font that PDF readers bring along (Adobe-GB1), so that no font file is shipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table, TableStyle

FONT = "STSong-Light"
LANGUAGES = ("zh", "en")
GREY = colors.HexColor("#eef1f4")
_MARGIN, _LINE = 18 * mm, colors.HexColor("#b8c0c8")


def document(parts: Sequence[Flowable], title: str, author: str) -> bytes:
    """A PDF on A4. The same parts give the same bytes."""
    paper = BytesIO()
    SimpleDocTemplate(
        paper,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=title,
        author=author,
        invariant=1,
    ).build(list(parts))
    return paper.getvalue()


def line(text: str, size: float = 9) -> Paragraph:
    """A paragraph whose signs are no markup."""
    _register()
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    style = ParagraphStyle(f"text-{size}", fontName=FONT, fontSize=size, leading=size * 1.35, wordWrap="CJK")
    return Paragraph(plain, style)


def grid(rows: Sequence[Sequence[str]], widths: Sequence[float], *styles: tuple[Any, ...], head: int = 0) -> Table:
    """A table with lines; its first `head` rows stand on every page."""
    table = Table([[line(text) for text in row] for row in rows], colWidths=widths, repeatRows=head)
    lines = [("GRID", (0, 0), (-1, -1), 0.4, _LINE), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    table.setStyle(TableStyle([*lines, *styles]))
    return table


@cache
def _register() -> None:
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
