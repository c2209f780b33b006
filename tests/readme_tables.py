"""The tables of README.md, made from the code: python tests/readme_tables.py rewrites them, test_docs.py compares them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from newsgen.gather import sources
from newsgen.pipeline import load_newsroom
from newsgen.publish import publishers

README = Path(__file__).parent.parent / "README.md"
_FAMILIES = ("price", "derivatives", "flows")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _sources() -> str:
    rows = [
        [f"[{s.title}]({s.page})", ", ".join(f"`{x}`" for x in sorted({g for e in s.endpoints.values() for g in e.gives})),
         f"`{s.key_env}`" if s.key_env else "none", s.terms.note]
        for s in sources().values()
    ]  # fmt: skip
    return _table(["source", "gives", "key", "terms in short"], rows)


def _angles() -> str:
    rules = sorted(load_newsroom().rules, key=lambda r: (_FAMILIES.index(r.file.family), r.name))
    return _table(["angle", "what is news", "family"], [[f"`{r.name}`", r.file.title, r.file.family] for r in rules])


def _targets() -> str:
    return _table(["target", "what it does"], [[f"`{p.name}`", p.title] for p in publishers().values()])


def tables() -> dict[str, str]:
    """Marker name to the table's Markdown."""
    return {"sources": _sources(), "angles": _angles(), "targets": _targets()}


def with_tables(text: str) -> str:
    for name, table in tables().items():
        text = re.sub(rf"(<!-- {name} -->\n).*?(\n<!-- /{name} -->)", lambda m, t=table: m[1] + t + m[2], text, flags=re.DOTALL)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
