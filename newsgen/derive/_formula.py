"""Formulas: an expression over i1, i2 ... from a closed list of operations; in: text and inputs, out: a Decimal.

Grammar of scalar formulas: numbers, i1 i2 ..., + - * /, parentheses, and the functions

    sum(a, b, ...)   max(a, b, ...)   min(a, b, ...)   abs(a)
    pct_change(now, base) = (now / base - 1) * 100
    share(part, whole)    = part / whole * 100

evaluated exactly in Decimal with 28 digits, rounded half even. History formulas have one of these names around the whole; their
first inputs are series (SeriesRef), the scalars follow in the order of the signature:

    last_at_or_above(series, value)   the newest observation before value's window that is >= value
    last_at_or_below(series, value)   the same for <=
    highest(series)  lowest(series)   extreme of a series
    percentile(series..., value)      percent of the past values below value
    zscore(series, change)            change over the standard deviation of the last 30 daily changes
    deviation(series)                 that standard deviation, percent
    streak(series)  streak_sum(series)  run of one sign at the end of a series: its length, its sum
    mean_ratio(series, value)         value over the mean of the last 30 windows

`check/` evaluates the same grammar on its own; neither imports the other.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from decimal import Context, Decimal, localcontext
from functools import cache

__all__ = ["evaluate"]

_CONTEXT = Context(prec=28)


@cache
def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def evaluate(formula: str, inputs: Sequence[Decimal]) -> Decimal:
    """Evaluate a scalar formula.

    Raises:
        ZeroDivisionError: A base or a whole is zero.
        ValueError: The formula uses an operation outside the list.
    """
    with localcontext(_CONTEXT):
        return _value(_parsed(formula), inputs)


def _value(node: ast.expr, inputs: Sequence[Decimal]) -> Decimal:
    match node:
        case ast.Constant(value=int() | float() as number):
            return Decimal(str(number))
        case ast.Name(id=name) if name[0] == "i" and name[1:].isdigit():
            return inputs[int(name[1:]) - 1]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, inputs)
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, _value(left, inputs), _value(right, inputs))
        case ast.Call(func=ast.Name(id=name), args=args):
            return _call(name, [_value(a, inputs) for a in args])
    raise ValueError(f"a formula cannot hold {ast.unparse(node)}")


def _binary(op: ast.operator, a: Decimal, b: Decimal) -> Decimal:
    if isinstance(op, ast.Add):
        return a + b
    if isinstance(op, ast.Sub):
        return a - b
    if isinstance(op, ast.Mult):
        return a * b
    if isinstance(op, ast.Div):
        if b == 0:
            raise ZeroDivisionError("division by zero in a formula")
        return a / b
    raise ValueError(f"a formula cannot hold {type(op).__name__}")


def _call(name: str, args: Sequence[Decimal]) -> Decimal:
    match name, args:
        case "sum", _:
            return sum(args, Decimal(0))
        case "max", _:
            return max(args)
        case "min", _:
            return min(args)
        case "abs", [a]:
            return abs(a)
        case "pct_change", [now, base]:
            return (_binary(ast.Div(), now, base) - 1) * 100
        case "share", [part, whole]:
            return _binary(ast.Div(), part, whole) * 100
    raise ValueError(f"a formula cannot call {name} with {len(args)} values")
