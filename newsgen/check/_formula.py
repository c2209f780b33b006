"""The grammar of scalar formulas, evaluated independently of derive; in: a formula and its inputs, out: a Decimal.

The grammar is stated in the documentation of figures: numbers, i1 i2 ..., + - * /, parentheses, sum, max, min, abs,
pct_change(now, base) and share(part, whole), exact with 28 digits. History formulas are not scalar: `recompute.py` checks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, localcontext
from functools import lru_cache

__all__ = ["is_scalar", "scalar"]

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|i(\d+)|([a-z_]+)|([-+*/(),]))")
_HUNDRED = Decimal(100)


def _pct_change(now: Decimal, base: Decimal) -> Decimal:
    return (now / base - 1) * _HUNDRED


def _share(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole * _HUNDRED


def _sum(*values: Decimal) -> Decimal:
    return sum(values, Decimal(0))


def _max(*values: Decimal) -> Decimal:
    return max(values)


def _min(*values: Decimal) -> Decimal:
    return min(values)


_CALLS: dict[str, Callable[..., Decimal]] = {
    "sum": _sum, "max": _max, "min": _min, "abs": abs, "pct_change": _pct_change, "share": _share,
}  # fmt: skip


def is_scalar(formula: str) -> bool:
    """Whether every name in a formula is one of the scalar operations."""
    return all(name in _CALLS for name in re.findall(r"[a-z_]+(?=\()", formula))


def scalar(formula: str, inputs: Sequence[Decimal]) -> Decimal:
    """Evaluate a scalar formula by recursive descent.

    Raises:
        ValueError: The formula is outside the grammar or names an input that is not there.
        ArithmeticError: It divides by zero.
    """
    parser = _Parser(formula, inputs)
    with localcontext(Context(prec=28)):
        value = parser.sum_of_terms()
    if parser.tokens:
        raise ValueError(f"a formula cannot hold {parser.tokens[0]!r}")
    return value


@lru_cache(maxsize=256)
def _tokens(formula: str) -> tuple[str, ...]:
    found = tuple(m.group().strip() for m in _TOKEN.finditer(formula))
    if "".join(found) != formula.replace(" ", ""):
        raise ValueError(f"a formula cannot hold what stands in {formula!r}")
    return found


class _Parser:
    """Reads tokens from the left; each method consumes one level of the grammar."""

    def __init__(self, formula: str, inputs: Sequence[Decimal]) -> None:
        self.inputs = inputs
        self.tokens = [*_tokens(formula)]

    def take(self, *wanted: str) -> str:
        """Consume and return the next token if it is one of these; "" otherwise."""
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else ""

    def sum_of_terms(self) -> Decimal:
        value = self.product()
        while sign := self.take("+", "-"):
            other = self.product()
            value = value + other if sign == "+" else value - other
        return value

    def product(self) -> Decimal:
        value = self.atom()
        while sign := self.take("*", "/"):
            other = self.atom()
            value = value * other if sign == "*" else value / other
        return value

    def atom(self) -> Decimal:
        if self.take("-"):
            return -self.atom()
        if self.take("("):
            value = self.sum_of_terms()
            self.close()
            return value
        token = self.tokens.pop(0) if self.tokens else ""
        if token in _CALLS:
            return _CALLS[token](*self.arguments())
        if re.fullmatch(r"i\d+", token) and 0 < int(token[1:]) <= len(self.inputs):
            return self.inputs[int(token[1:]) - 1]
        if token[:1].isdigit():
            return Decimal(token)
        raise ValueError(f"a formula cannot hold {token!r}")

    def arguments(self) -> list[Decimal]:
        if not self.take("("):
            raise ValueError("a function wants its arguments in parentheses")
        values = [self.sum_of_terms()]
        while self.take(","):
            values.append(self.sum_of_terms())
        self.close()
        return values

    def close(self) -> None:
        if not self.take(")"):
            raise ValueError("a parenthesis is not closed")
