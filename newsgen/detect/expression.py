"""Conditions as expressions: Jinja parses, we walk the tree once and compile it to closures; in: text, out: a three-valued answer.

Allowed: figures (`price.change_24h`, of another subject `BTC.price.change_24h`), `limits.name`, numbers, + - * /, comparisons, and/or/not,
`abs(x)`, `max(a, b)`, `min(a, b)`, `days_since(x)` of a date, and the
tests `x is there`, `x is record`, `x is first_ever`. A comparison with an absent figure is
unknown; and/or/not are three-valued; the words of a rule never raise while it runs.

Units are checked at load: dollars compare with dollars and with limits in dollars; a bare number may stand beside anything but dollars.
"""

from __future__ import annotations

import difflib
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

from newsgen.detect.quick import Quick, compile_quick
from newsgen.market import Absent, Book, Figure, FigureSpec, Unit, plain

__all__ = ["Expression", "ExpressionFault", "Limit", "Scope", "compile_expression", "days_before"]

_SYNTAX = Environment()  # noqa: S701 - parses rule expressions, renders nothing
SUBJECTS = ("market", "Strategy", "SP500", "NDX")
MAX_LENGTH = 1000  # characters
MAX_DEPTH = 50  # the longest chain of `or` in a rule is three
_NO_NUMBER = (Unit.DATE, Unit.MOMENT, Unit.TEXT, Unit.FLAG)
_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "lteq": operator.le, "gt": operator.gt, "gteq": operator.ge,
}  # fmt: skip


class ExpressionFault(Exception):
    """An expression that cannot be used: what is wrong, and a hint."""

    def __init__(self, problem: str, hint: str = "") -> None:
        self.problem, self.hint = problem, hint
        super().__init__(problem)


@dataclass(frozen=True)
class Limit:
    """A named threshold of a rule."""

    value: Decimal
    unit: Unit

    @cached_property
    def quick(self) -> float:
        """As a float, for a look at a glance."""
        return float(self.value)


@dataclass(slots=True)
class Scope:
    """What an expression is evaluated in: a book, a subject, limits; keeps what was read, and tells it in words when asked."""

    book: Book
    subject: str
    limits: Mapping[str, Limit]
    seen: dict[str, Figure | Absent] = field(default_factory=dict)

    def figure(self, subject: str, name: str) -> Figure | Absent:
        found = self.seen[f"{subject}.{name}" if subject else name] = self.book.get(name, subject or self.subject)
        return found

    @property
    def saw(self) -> dict[str, str]:
        return {name: _told(found) for name, found in self.seen.items()}


def _told(found: Figure | Absent) -> str:
    return f"absent: {found.reason}" if isinstance(found, Absent) else plain(found.value) or "none before"


Run = Callable[[Scope], Any]  # a Decimal, date, bool, str; None is unknown


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled condition."""

    text: str
    run: Run
    figures: tuple[str, ...]
    quick: Quick

    def is_ruled_out(self, scope: Scope) -> bool:
        """Whether it certainly does not hold, as far as cheap floats can tell."""
        found = self.quick(scope)
        return found is False or found is None

    def holds(self, scope: Scope) -> bool | None:
        """True, False, or None when it is unknown."""
        value = self.run(scope)
        return None if value is None else bool(value)


@dataclass(frozen=True, slots=True)
class _Part:
    """A compiled node with its unit; None is a bare number or a truth value."""

    run: Run
    unit: Unit | None


def compile_expression(
    text: str, catalogue: Mapping[str, FigureSpec], limits: Mapping[str, Limit], assets: Sequence[str] = ()
) -> Expression:
    """Compile one condition.

    Raises:
        ExpressionFault: A name, a unit or the syntax is wrong.
    """
    compiler = _Compiler(catalogue, limits, assets)
    tree = _parse(text)
    part = compiler.truth(tree)
    return Expression(text, part.run, tuple(dict.fromkeys(compiler.figures)), compile_quick(tree, compiler.split))


@lru_cache(maxsize=1024)  # a reload of the rules has the same expressions but for one
def _parse(text: str) -> nodes.Node:
    """The tree of one expression; nothing in it is looked at yet."""
    if len(text) > MAX_LENGTH:
        raise ExpressionFault(f"is longer than {MAX_LENGTH} characters", "split it into several [[when]]")
    try:
        tree = _SYNTAX.parse("{{ " + text + " }}")
    except TemplateSyntaxError as error:
        raise ExpressionFault(f"cannot be read: {error.message}") from error
    except RecursionError:
        raise ExpressionFault("is nested too deeply") from None
    output = tree.body[0]
    if len(tree.body) != 1 or not isinstance(output, nodes.Output) or len(output.nodes) != 1:
        raise ExpressionFault("is no single expression")
    return output.nodes[0]


class _Compiler:
    """Walks the tree of one expression."""

    def __init__(self, catalogue: Mapping[str, FigureSpec], limits: Mapping[str, Limit], assets: Sequence[str]) -> None:
        self.catalogue, self.limits, self.assets = catalogue, limits, assets
        self.figures: list[str] = []
        self.depth = 0

    def truth(self, node: nodes.Node) -> _Part:
        """Compile something that holds or does not."""
        part = self.compile(node)
        if part.unit != Unit.FLAG:
            raise ExpressionFault("is neither true nor false", "compare it: price.change_24h >= limits.floor_pct")
        return part

    def compile(self, node: nodes.Node) -> _Part:
        kind = type(node).__name__.lower()
        method: Callable[[Any], _Part] | None = getattr(self, f"_{kind}", None)
        if method is None:
            raise ExpressionFault(f"may not hold {kind}", "allowed: figures, limits, numbers, and/or/not, comparisons, + - * /")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionFault("is nested too deeply", "split it into several [[when]]")
        part = method(node)
        self.depth -= 1
        return part

    def _const(self, node: nodes.Const) -> _Part:
        value = node.value
        if isinstance(value, bool):
            return _Part(lambda scope: value, Unit.FLAG)
        if isinstance(value, (int, float)):
            number = Decimal(str(value))
            return _Part(lambda scope: number, None)
        if isinstance(value, str):
            return _Part(lambda scope: value, Unit.TEXT)
        raise ExpressionFault("may not hold none", "to ask whether a figure is known: price.high_since is there")

    def _getattr(self, node: nodes.Getattr) -> _Part:
        path = _path(node)
        if path[0] == "limits":
            return self._limit(path)
        subject, name = self.split(path)
        self.figures.append(name)
        unit = self.catalogue[name].unit

        def run(scope: Scope) -> Any:
            found = scope.figure(subject, name)
            return None if isinstance(found, Absent) else found.value

        return _Part(run, unit)

    def _name(self, node: nodes.Name) -> _Part:
        raise ExpressionFault(f"{node.name!r} is no figure", _nearest(node.name, self.catalogue))

    def _limit(self, path: Sequence[str]) -> _Part:
        name = ".".join(path[1:])
        if name not in self.limits:
            raise ExpressionFault(f"limits.{name} is not defined", _nearest(name, self.limits))
        unit = self.limits[name].unit
        return _Part(lambda scope: scope.limits[name].value, unit)

    def split(self, path: Sequence[str]) -> tuple[str, str]:
        if ".".join(path) in self.catalogue:  # market.cap is a figure, market.price.last one of the subject market
            return "", ".".join(path)
        first = path[0]
        subject = first if first in SUBJECTS or first in self.assets or (first.isupper() and len(path) == 3) else ""
        name = ".".join(path[1:] if subject else path)
        if name not in self.catalogue:
            raise ExpressionFault(f"{name!r} is no figure", _nearest(name, self.catalogue))
        return subject, name

    def _and(self, node: nodes.And) -> _Part:
        left, right = self.truth(node.left).run, self.truth(node.right).run
        return _Part(lambda scope: _and(left(scope), lambda: right(scope)), Unit.FLAG)

    def _or(self, node: nodes.Or) -> _Part:
        left, right = self.truth(node.left).run, self.truth(node.right).run
        return _Part(lambda scope: _or(left(scope), lambda: right(scope)), Unit.FLAG)

    def _not(self, node: nodes.Not) -> _Part:
        inner = self.truth(node.node).run

        def run(scope: Scope) -> bool | None:
            value = inner(scope)
            return None if value is None else not value

        return _Part(run, Unit.FLAG)

    def _neg(self, node: nodes.Neg) -> _Part:
        inner = self.compile(node.node)
        _check_numbers(inner)
        return _Part(lambda scope: None if (v := inner.run(scope)) is None else -v, inner.unit)

    def _compare(self, node: nodes.Compare) -> _Part:
        left = self.compile(node.expr)
        steps: list[tuple[str, _Part]] = []
        previous = left
        for operand in node.ops:
            part = self.compile(operand.expr)
            if operand.op not in _COMPARISONS:
                raise ExpressionFault("may not hold in", "compare with each value: a == 1 or a == 2")
            _check_units(previous, part)
            steps.append((operand.op, part))
            previous = part

        def run(scope: Scope) -> bool | None:
            value: Any = left.run(scope)
            truth: bool | None = True
            for op, part in steps:
                other = part.run(scope)
                held = _compare(op, value, other)
                if held is False:
                    return False
                truth, value = (None if held is None else truth), other
            return truth

        return _Part(run, Unit.FLAG)

    def _arith(self, node: Any, op: Callable[[Any, Any], Any], *, same_unit: bool) -> _Part:
        left, right = self.compile(node.left), self.compile(node.right)
        _check_numbers(left, right)
        if same_unit:
            _check_units(left, right)
            unit = left.unit or right.unit
        else:
            unit = _scaled(left, right, isinstance(node, nodes.Mul))

        def run(scope: Scope) -> Any:
            a, b = left.run(scope), right.run(scope)
            if not isinstance(a, Decimal) or not isinstance(b, Decimal):
                return None
            try:
                return op(a, b)
            except ArithmeticError:
                return None

        return _Part(run, unit)

    def _add(self, node: nodes.Add) -> _Part:
        return self._arith(node, lambda a, b: a + b, same_unit=True)

    def _sub(self, node: nodes.Sub) -> _Part:
        return self._arith(node, lambda a, b: a - b, same_unit=True)

    def _mul(self, node: nodes.Mul) -> _Part:
        return self._arith(node, lambda a, b: a * b, same_unit=False)

    def _div(self, node: nodes.Div) -> _Part:
        return self._arith(node, lambda a, b: a / b, same_unit=False)

    def _call(self, node: nodes.Call) -> _Part:
        name = node.node.name if isinstance(node.node, nodes.Name) else ""
        more = node.kwargs or node.dyn_args or node.dyn_kwargs
        if name == "days_since" and not more and len(node.args) == 1 and isinstance(node.args[0], nodes.Getattr):
            return self._days_since(node.args[0])
        if name not in ("abs", "max", "min") or more or (len(node.args) == 1) != (name == "abs") or not node.args:
            raise ExpressionFault("may call only abs(x), max(a, b), min(a, b) and days_since(x)")
        parts = [self.compile(a) for a in node.args]
        _check_numbers(*parts)
        for left, right in combinations(parts, 2):
            _check_units(left, right)
        functions: dict[str, Callable[..., Any]] = {"abs": abs, "max": max, "min": min}
        pick = functions[name]

        def run(scope: Scope) -> Any:
            values = [p.run(scope) for p in parts]
            return None if any(v is None for v in values) else pick(*values)

        return _Part(run, next((p.unit for p in parts if p.unit), None))

    def _days_since(self, node: nodes.Getattr) -> _Part:
        """Whole days from a date to as_of; of a record, from where its archive begins: it is at least so long ago."""
        subject, name = self.split(_path(node))
        self.figures.append(name)
        if self.catalogue[name].unit not in (Unit.DATE, Unit.MOMENT):
            raise ExpressionFault(f"{name} is no date", "days_since(x) takes a date, as level.crossed_up_since")

        def run(scope: Scope) -> Decimal | None:
            days = days_before(scope.figure(subject, name), scope.book)
            return None if days is None else Decimal(days)

        return _Part(run, Unit.DAYS)

    def _test(self, node: nodes.Test) -> _Part:
        if node.name not in ("there", "record", "first_ever") or not isinstance(node.node, nodes.Getattr):
            raise ExpressionFault(f"the test {node.name!r} is not known", "there, record, first_ever")
        if node.args or node.kwargs:
            raise ExpressionFault(f"the test {node.name!r} takes nothing in brackets")
        subject, name = self.split(_path(node.node))
        self.figures.append(name)
        test = node.name

        def run(scope: Scope) -> bool | None:
            found = scope.figure(subject, name)
            if isinstance(found, Absent):
                return False if test == "there" else None
            return test == "there" or _record(found, test)

        return _Part(run, Unit.FLAG)


def days_before(figure: Figure | Absent, book: Book) -> int | None:
    """Whole days between the date that a figure is and as_of; None when there is no date."""
    if isinstance(figure, Absent):
        return None
    then = figure.value.date() if isinstance(figure.value, datetime) else figure.value
    if then is None and figure.record is not None and figure.record.is_record:
        then = figure.record.archive_start
    return (book.view.as_of.date() - then).days if isinstance(then, date) else None


def _record(figure: Figure, test: str) -> bool:
    record = figure.record
    return bool(record and record.is_record and (test == "record" or record.covers_life))


def _path(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Getattr):
        return [*_path(node.node), node.attr]
    if isinstance(node, nodes.Name):
        return [node.name]
    raise ExpressionFault("a figure's name is words joined by points")


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f"did you mean {found[0]}?" if found else ""


def _check_numbers(*parts: _Part) -> None:
    for part in parts:
        if part.unit in _NO_NUMBER:
            raise ExpressionFault(f"cannot calculate with a {part.unit}")


def _scaled(left: _Part, right: _Part, product: bool) -> Unit | None:
    """The unit of a product or quotient: dollars times a bare number are dollars, dollars by dollars a bare number."""
    if right.unit is None:
        return left.unit
    return right.unit if product and left.unit is None else None


def _check_units(left: _Part, right: _Part) -> None:
    a, b = left.unit, right.unit
    if Unit.USD in (a, b) and None in (a, b):
        raise ExpressionFault("a bare number cannot be compared with dollars", "put it under [limits] with unit usd")
    if a != b and (a in _NO_NUMBER or b in _NO_NUMBER or (a and b)) and {a, b} != {Unit.DATE, Unit.MOMENT}:
        raise ExpressionFault(f"{a or 'a bare number'} cannot be compared with {b or 'a bare number'}")


def _and(left: Any, right: Callable[[], Any]) -> bool | None:
    if left is not None and not left:
        return False
    other = right()
    if other is not None and not other:
        return False
    return None if left is None or other is None else True


def _or(left: Any, right: Callable[[], Any]) -> bool | None:
    if left:
        return True
    other = right()
    if other:
        return True
    return None if left is None or other is None else False


def _compare(op: str, a: Any, b: Any) -> bool | None:
    if a is None or b is None:
        return None
    if isinstance(a, datetime) != isinstance(b, datetime):  # a moment beside a date counts as its day
        a, b = (v.date() if isinstance(v, datetime) else v for v in (a, b))
    try:
        return bool(_COMPARISONS[op](a, b))
    except (TypeError, ArithmeticError):
        return None
