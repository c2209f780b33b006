"""What README.md shows of the code, made from it: python tests/readme_tables.py writes it anew, test_docs.py compares it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from newsgen import preview
from newsgen.discover import samples_root
from newsgen.gather import sources
from newsgen.pipeline import load_newsroom
from newsgen.publish import publishers, to_markdown

README = Path(__file__).parent.parent / "README.md"
_FAMILIES = ("price", "derivatives", "flows", "structure", "macro")


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
    return _table(["target", "what it does"], [[f"`{name}`", _what(f"newsgen.publish.{name}")] for name in publishers()])


def _what(module: str) -> str:
    """The first clause of a module's docstring."""
    return (importlib.import_module(module).__doc__ or "").split(";")[0].rstrip(".")


def _article() -> str:
    """The squeeze as a quotation, its headline in bold: a heading would be one of the README's."""
    article = preview(samples_root() / "2025-07-14-squeeze").article
    assert article is not None
    lines = to_markdown(article).rstrip("\n").split("\n")
    return "\n".join(f"> {line}".rstrip() for line in [f"**{lines[0].removeprefix('# ')}**", *lines[1:]])


@cache
def tables() -> dict[str, str]:
    """Marker name to its Markdown."""
    return {"article": _article(), "sources": _sources(), "angles": _angles(), "targets": _targets()}


def with_tables(text: str) -> str:
    for name, table in tables().items():
        text = re.sub(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", lambda m, t=table: f"{m[1]}{t}\n{m[2]}", text, flags=re.DOTALL)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
