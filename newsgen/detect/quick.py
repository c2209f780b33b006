"""Ruling a condition out without its evidence, over floats where these are cheap; in: the tree of an expression, out: its quick form.

Of thousands of assets nearly all fail the first condition of nearly every rule. A figure that has a quick form (market) is asked for
that; what has none is open, and so is a comparison within a millionth. Only what is certain rules a rule out; everything else is worked out
with its evidence, as if this module were not there.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from jinja2 import nodes

from newsgen.market import Absent

if TYPE_CHECKING:
    from newsgen.detect.expression import Scope

__all__ = ["Quick", "compile_quick"]

Quick = Callable[["Scope"], Any]  # a float, a truth value, None where a figure is certainly absent, or OPEN
Split = Callable[[Sequence[str]], tuple[str, str]]  # a path to subject and figure

OPEN = object()
_NEAR = 1e-6  # floats of the same decimals differ by far less
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "lteq": operator.le, "gt": operator.gt, "gteq": operator.ge,
}  # fmt: skip


def compile_quick(node: nodes.Node, split: Split) -> Quick:
    """The quick form of an expression that has been compiled already, so that nothing in it is unknown."""
    kind = type(node)
    if kind in _OPERATIONS:
        return _arithmetic(compile_quick(node.left, split), compile_quick(node.right, split), _OPERATIONS[kind])  # type: ignore[attr-defined]
    if isinstance(node, nodes.Const):
        value = node.value if isinstance(node.value, bool | str) else float(node.value)
        return lambda scope: value
    if isinstance(node, nodes.Getattr):
        return _named(_path(node), split)
    if isinstance(node, nodes.And | nodes.Or):
        join = _and if isinstance(node, nodes.And) else _or
        left, right = compile_quick(node.left, split), compile_quick(node.right, split)
        return lambda scope: join(left(scope), lambda: right(scope))
    if isinstance(node, nodes.Not | nodes.Neg):
        inner, turn = compile_quick(node.node, split), operator.not_ if isinstance(node, nodes.Not) else operator.neg
        return lambda scope: v if (v := inner(scope)) is OPEN or v is None else turn(v)
    if isinstance(node, nodes.Compare):
        return _comparison(compile_quick(node.expr, split), [(o.op, compile_quick(o.expr, split)) for o in node.ops])
    if isinstance(node, nodes.Call):
        return _call(node, split)
    if isinstance(node, nodes.Test):
        inner, there = compile_quick(node.node, split), node.name == "there"
        return lambda scope: OPEN if (v := inner(scope)) is OPEN else v is not None if there else None if v is None else OPEN
    return lambda scope: OPEN


def _path(node: nodes.Node) -> list[str]:
    return [*_path(node.node), node.attr] if isinstance(node, nodes.Getattr) else [node.name] if isinstance(node, nodes.Name) else []


def _named(path: Sequence[str], split: Split) -> Quick:
    if path[0] == "limits":
        name = ".".join(path[1:])
        return lambda scope: scope.limits[name].quick
    subject, figure = split(path)

    def run(scope: Scope) -> Any:
        found = scope.book.quick(figure, subject or scope.subject)
        return OPEN if found is None else None if isinstance(found, Absent) else found

    return run


def _arithmetic(left: Quick, right: Quick, op: Callable[[float, float], float]) -> Quick:
    def run(scope: Scope) -> Any:
        a, b = left(scope), right(scope)
        if a is None or b is None:
            return None
        if a is OPEN or b is OPEN or (op is operator.truediv and b == 0):
            return OPEN
        return op(a, b)

    return run


_OPERATIONS: Mapping[type[nodes.Node], Callable[[float, float], float]] = {
    nodes.Add: operator.add, nodes.Sub: operator.sub, nodes.Mul: operator.mul, nodes.Div: operator.truediv,
}  # fmt: skip


def _call(node: nodes.Call, split: Split) -> Quick:
    name = node.node.name if isinstance(node.node, nodes.Name) else ""
    functions: Mapping[str, Callable[..., float]] = {"abs": abs, "max": max, "min": min}
    if name not in functions:
        return lambda scope: OPEN
    parts, pick = [compile_quick(a, split) for a in node.args], functions[name]

    def run(scope: Scope) -> Any:
        values = [part(scope) for part in parts]
        if None in values:
            return None
        return OPEN if OPEN in values else pick(*values)

    return run


def _comparison(left: Quick, steps: Sequence[tuple[str, Quick]]) -> Quick:
    def run(scope: Scope) -> Any:
        value: Any = left(scope)
        truth: Any = True
        for op, part in steps:
            other = part(scope)
            truth = _and(truth, lambda op=op, a=value, b=other: _compare(op, a, b))  # type: ignore[misc]
            value = other
        return truth

    return run


def _compare(op: str, a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    if a is OPEN or b is OPEN:
        return OPEN
    if isinstance(a, float) and isinstance(b, float):
        return OPEN if abs(a - b) <= _NEAR * max(abs(a), abs(b)) else _COMPARISONS[op](a, b)
    return _COMPARISONS[op](a, b) if type(a) is type(b) else OPEN


def _and(left: Any, right: Callable[[], Any]) -> Any:
    if left is False:
        return False
    other = right()
    if other is False:
        return False
    if left is None or other is None:
        return None  # whatever the open one is, the whole is not true
    return OPEN if left is OPEN or other is OPEN else True


def _or(left: Any, right: Callable[[], Any]) -> Any:
    if left is True:
        return True
    other = right()
    if other is True:
        return True
    if left is OPEN or other is OPEN:
        return OPEN
    return None if left is None or other is None else False
