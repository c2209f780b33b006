"""Proofreading of templates before they are used: names, units, blocks, numerals, words; in: the text of a template, out: faults by line.

Looks at the tree that Jinja makes of the text and renders nothing. What only shows on data (a figure that is absent) it does not see.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from newsgen.market import FigureSpec, Unit
from newsgen.write.ledger import naked_numbers

__all__ = ["REQUIRED_BLOCKS", "TemplateFault", "proofread"]

# Of an angle: what any form may ask for. `flash`, `lede_more`, `point` and `kicker` are said where they are there.
REQUIRED_BLOCKS = ("headline", "dek", "lede", "nut_graf", "detail", "support", "background")
_DATES = frozenset({Unit.DATE, Unit.MOMENT})
_PRINTS: Mapping[str, frozenset[Unit]] = {
    "money": frozenset({Unit.USD}), "price": frozenset({Unit.USD}), "level": frozenset({Unit.USD}), "round_price": frozenset({Unit.USD}),
    "pct": frozenset({Unit.PCT}), "signed": frozenset({Unit.PCT}), "coins": frozenset({Unit.COINS}), "when": frozenset({Unit.MOMENT}),
    "day": _DATES, "day_month": _DATES, "month": _DATES, "ordinal": frozenset({Unit.COUNT, Unit.DAYS}),
    "count": frozenset({Unit.COUNT, Unit.DAYS, Unit.COINS}),
}  # fmt: skip
_OWN_NAMES = frozenset({"self", "loop", "language", "support", "caller", "varargs", "kwargs"})


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """One fault of a template."""

    line: int
    problem: str
    hint: str = ""


def proofread(
    text: str, environment: ImmutableSandboxedEnvironment, catalogue: Mapping[str, FigureSpec], subjects: Sequence[str], *,
    constants: Sequence[str], banned: Sequence[str], blocks: Sequence[str] = (),
) -> list[TemplateFault]:  # fmt: skip
    """Every fault of a template, in the order of its lines.

    Args:
        environment: With the tags and filters that templates may use.
        subjects: What a template may name beside its own subject: assets, indices, companies.
        constants: Phrases that hold a numeral and are no figure.
        banned: Words that the house style bans.
        blocks: The blocks that must be there.
    """
    try:
        tree = environment.parse(text)
    except TemplateSyntaxError as error:
        return [TemplateFault(error.lineno, str(error.message), "every {% block %}, {% if %} and {% vary %} has its end")]
    reader = _Reader(catalogue, frozenset(subjects), constants, banned)
    faults = [*reader.of_names(tree), *reader.of_filters(tree), *reader.of_text(tree), *_of_blocks(tree, blocks)]
    return sorted(dict.fromkeys(faults), key=lambda fault: fault.line)


def _of_blocks(tree: nodes.Template, blocks: Sequence[str]) -> Iterator[TemplateFault]:
    there = {block.name for block in tree.find_all(nodes.Block)}
    for name in blocks:
        if name not in there:
            yield TemplateFault(1, f"the block {name} is missing", f"{{% block {name} %}} ... {{% endblock %}}")


@dataclass(frozen=True)
class _Reader:
    """What a template is held against."""

    catalogue: Mapping[str, FigureSpec]
    subjects: frozenset[str]
    constants: Sequence[str]
    banned: Sequence[str]

    @cached_property
    def families(self) -> frozenset[str]:
        """What a template may give a short name: `{% set e = ETH.price %}`."""
        return frozenset(name.partition(".")[0] for name in self.catalogue)

    def of_names(self, tree: nodes.Template) -> Iterator[TemplateFault]:
        """Figures that there are not."""
        inner = {id(n.node) for n in tree.find_all(nodes.Getattr)}
        own = {n.name for n in tree.find_all(nodes.Name) if n.ctx in ("store", "param")}
        for node in tree.find_all(nodes.Getattr):
            path = _path(node)
            if id(node) in inner or not path or path[0] in _OWN_NAMES or path[0] in own:
                continue
            name = self._figure(path)
            if name and name not in self.catalogue and name not in self.families:
                near = difflib.get_close_matches(name, list(self.catalogue), n=1, cutoff=0.6)
                hint = f"did you mean {near[0]}?" if near else "newsgen figures --search WORDS"
                yield TemplateFault(node.lineno, f"{name!r} is no figure", hint)

    def _figure(self, path: Sequence[str]) -> str:
        """The figure that a path names, without `before` and without its subject."""
        rest = list(path)
        if rest[0] == "before":
            rest = rest[1:]
        if ".".join(rest) in self.catalogue:  # market.cap is a figure, and no `cap` of the market
            return ".".join(rest)
        if rest and (rest[0] in self.subjects or rest[0] == "asset"):
            rest = rest[1:]
        return ".".join(rest)

    def of_filters(self, tree: nodes.Template) -> Iterator[TemplateFault]:
        """Filters that print another unit than the figure has."""
        for node in tree.find_all(nodes.Filter):
            if not isinstance(node.node, nodes.Getattr) or node.name not in _PRINTS:
                continue
            spec = self.catalogue.get(self._figure(_path(node.node)))
            if spec is not None and spec.unit not in _PRINTS[node.name]:
                fits = ", ".join(sorted(f for f, units in _PRINTS.items() if spec.unit in units))
                yield TemplateFault(node.lineno, f"|{node.name} does not print {spec.name}, which is in {spec.unit}",
                                    f"|{fits}" if fits else "")  # fmt: skip

    def of_text(self, tree: nodes.Template) -> Iterator[TemplateFault]:
        """Numbers that are no figures, and words that the house does not print."""
        for data in tree.find_all(nodes.TemplateData):
            for offset, line in enumerate(data.data.split("\n")):
                for number in naked_numbers(line, [], self.constants):
                    hint = "print a figure through a filter, or register the phrase under `constants` of the house style"
                    yield TemplateFault(data.lineno + offset, f"the number {number} stands in the text and is no figure", hint)
                for word in self.banned:
                    if re.search(rf"(?<!\w){re.escape(word)}(?:s|ed|ing)?(?!\w)", line, re.IGNORECASE):
                        yield TemplateFault(data.lineno + offset, f"the house style bans {word!r}", "say what happened, in figures")


def _path(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return [*before, node.attr] if before else []
    return [node.name] if isinstance(node, nodes.Name) else []
