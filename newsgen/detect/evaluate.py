"""Does a rule hold: runs its conditions on one subject; in: a Rule and a Book, out: Conditions with everything they saw."""

from __future__ import annotations

from newsgen.detect.expression import Expression, Scope
from newsgen.detect.rule import Rule
from newsgen.market import Book
from newsgen.story import Condition

__all__ = ["evaluate", "first_failure", "held", "subjects_of"]


def subjects_of(rule: Rule, book: Book) -> tuple[str, ...]:
    """The subjects a rule is evaluated on, once for each."""
    if rule.file.each == "market":
        return ("market",)
    return tuple(a for a in book.view.assets if not rule.file.assets or a in rule.file.assets)


def evaluate(rule: Rule, book: Book, subject: str, *, whole: bool = True) -> tuple[Condition, ...]:
    """The conditions of a rule with what each saw: all of them, or up to the first that does not hold."""
    limits = rule.limits_of(subject)
    found = []
    for expression, why in rule.conditions:
        scope = Scope(book, subject, limits)
        found.append(Condition(expression.text, why, expression.holds(scope), scope.saw))
        if not (whole or found[-1].held):
            break
    return tuple(found)


def held(expression: Expression, rule: Rule, book: Book, subject: str) -> bool | None:
    """Whether one expression of a rule holds."""
    return expression.holds(Scope(book, subject, rule.limits_of(subject)))


def first_failure(conditions: tuple[Condition, ...]) -> str:
    """Why a rule did not fire: its first condition that does not hold; "" when all do."""
    for condition in conditions:
        if condition.held is None:
            seen = [f"{name} is {value}" for name, value in condition.saw.items()]
            absent = [text for text in seen if " is absent: " in text]
            return f"unknown whether {condition.why}: {'; '.join(absent or seen)}"
        if not condition.held:
            return f"not the case: {condition.why}"
    return ""
