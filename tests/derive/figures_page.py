"""docs/figures.md from the catalogue: `python -m tests.derive.figures_page > docs/figures.md`."""

from __future__ import annotations

import sys

from newsgen import derive
from newsgen.market import FigureSpec

HEAD = """# Figures: the catalogue

What rules and templates can name. This page is made from the code (`newsgen/derive/`); a test compares them. In a rule or template a
figure of the current subject is `price.last`, of another subject `ETH.price.last` or `market.liquidations.total_24h`. A figure that cannot
be made is absent with its reason, never zero. Every figure carries window, source, formula and inputs; the language of formulas is
described in `newsgen/derive/_formula.py`. `ranked` figures keep a trail of their past values, for percentile and rarity.

A *since* figure is a date; when nothing in the archive was as large it has no value and its record says so (`is record` in a template, and
`is first_ever` where the archive covers the metric's whole life, see `newsgen/derive/coverage.toml`).
"""


def row(spec: FigureSpec) -> str:
    ranked = "yes" if spec.trail else ""
    cells = [
        f"`{spec.name}`",
        ", ".join(sorted(spec.of)),
        str(spec.unit),
        spec.window,
        spec.meaning,
        spec.absent_when,
        spec.example,
        ranked,
    ]
    return f"| {' | '.join(cells)} |"


def page() -> str:
    families: dict[str, list[FigureSpec]] = {}
    for spec in derive.catalogue().values():
        families.setdefault(spec.name.split(".", 1)[0], []).append(spec)
    parts = [HEAD]
    for family in sorted(families):
        rows = "\n".join(row(s) for s in families[family])
        head = "| name | of | unit | window | meaning | absent when | example | ranked |\n|---|---|---|---|---|---|---|---|"
        parts.append(f"## {family}\n\n{head}\n{rows}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
