"""The grammar of scalar formulas, evaluated independently of derive; in: a formula and its inputs, out: a Decimal.

The grammar is stated in the documentation of figures: numbers, i1 i2 ..., + - * /, parentheses, sum, max, min, abs,
pct_change(now, base) and share(part, whole), exact with 28 digits. History formulas are not scalar: `recompute.py` checks them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from operator import add, mul, neg, sub, truediv

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
    """Evaluate a scalar formula.

    Raises:
        ValueError: The formula is outside the grammar or names an input that is not there.
        ArithmeticError: It divides by zero.
    """
    with localcontext(_EXACT):
        return _compiled(formula)(inputs)


_EXACT = Context(prec=28)
Term = Callable[[Sequence[Decimal]], Decimal]


@lru_cache(maxsize=256)  # a catalogue has some dozen formulas
def _compiled(formula: str) -> Term:
    tokens = [m.group().strip() for m in _TOKEN.finditer(formula)]
    if "".join(tokens) != formula.replace(" ", ""):
        raise ValueError(f"a formula cannot hold what stands in {formula!r}")
    parser = _Parser(tokens)
    term = parser.sum_of_terms()
    if parser.tokens:
        raise ValueError(f"a formula cannot hold {parser.tokens[0]!r}")
    return term


def _combined(operation: Callable[..., Decimal], terms: Sequence[Term]) -> Term:
    return lambda inputs: operation(*[term(inputs) for term in terms])


def _input(number: int) -> Term:
    def value(inputs: Sequence[Decimal]) -> Decimal:
        if not 0 < number <= len(inputs):
            raise ValueError(f"a formula cannot hold 'i{number}'")
        return inputs[number - 1]

    return value


def _constant(token: str) -> Term:
    value = Decimal(token)
    return lambda inputs: value


class _Parser:
    """Recursive descent: reads tokens from the left; each method consumes one level of the grammar."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def take(self, *wanted: str) -> str:
        """Consume and return the next token if it is one of these; "" otherwise."""
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else ""

    def sum_of_terms(self) -> Term:
        term = self.product()
        while sign := self.take("+", "-"):
            term = _combined(add if sign == "+" else sub, (term, self.product()))
        return term

    def product(self) -> Term:
        term = self.atom()
        while sign := self.take("*", "/"):
            term = _combined(mul if sign == "*" else truediv, (term, self.atom()))
        return term

    def atom(self) -> Term:
        if self.take("-"):
            return _combined(neg, (self.atom(),))
        if self.take("("):
            term = self.sum_of_terms()
            self.close()
            return term
        token = self.tokens.pop(0) if self.tokens else ""
        if token in _CALLS:
            return _combined(_CALLS[token], self.arguments())
        if re.fullmatch(r"i\d+", token):
            return _input(int(token[1:]))
        if token[:1].isdigit():
            return _constant(token)
        raise ValueError(f"a formula cannot hold {token!r}")

    def arguments(self) -> list[Term]:
        if not self.take("("):
            raise ValueError("a function wants its arguments in parentheses")
        terms = [self.sum_of_terms()]
        while self.take(","):
            terms.append(self.sum_of_terms())
        self.close()
        return terms

    def close(self) -> None:
        if not self.take(")"):
            raise ValueError("a parenthesis is not closed")
