"""Detection: which angles fire and how newsworthy they are; in: a Book and rules, out: Pitches with roles and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from newsgen.detect.evaluate import evaluate, first_failure, subjects_of
from newsgen.detect.rank import rank
from newsgen.detect.rule import Rule, check_rules, load_rule, load_rules
from newsgen.detect.score import cooling, score
from newsgen.market import Book
from newsgen.story import Pitch, Published

__all__ = ["Rule", "check_rules", "detect", "load_rule", "load_rules"]


def detect(
    book: Book, rules: Sequence[Rule], *, published: Sequence[Published] = (), angles: Sequence[str] | None = None, form: str = ""
) -> tuple[Pitch, ...]:
    """Evaluate every rule on each of its subjects and rank what fired.

    Args:
        book: The figures of one View.
        rules: The rules.
        published: What the site has published lately, for novelty and cooldown.
        angles: Only these angles; None means all.
        form: The form to be written; angles that are not for it do not fire.
    """
    wanted = [r for r in rules if angles is None or r.name in angles]
    pitches = [_pitch(rule, book, subject, published, form) for rule in wanted for subject in subjects_of(rule, book)]
    return rank(pitches, {rule.name: rule for rule in wanted})


def _pitch(rule: Rule, book: Book, subject: str, published: Sequence[Published], form: str) -> Pitch:
    """One rule on one subject; a figure that breaks while it is computed silences this rule only."""
    try:
        return _judge(rule, book, subject, published, form)
    except Exception as error:
        reason = f"cannot be judged: {type(error).__name__}: {error}"
        return Pitch(rule.name, subject, rule.file.family, Decimal(0), {}, False, (), reason=reason)


def _judge(rule: Rule, book: Book, subject: str, published: Sequence[Published], form: str) -> Pitch:
    conditions = evaluate(rule, book, subject)
    reason = first_failure(conditions) or _other_form(rule, form) or cooling(rule, book, subject, published)
    if reason:
        return Pitch(rule.name, subject, rule.file.family, Decimal(0), {}, False, conditions, reason=reason)
    value, parts = score(rule, book, subject, published)
    return Pitch(rule.name, subject, rule.file.family, value, parts, True, conditions, measure=rule.file.measure.figure)


def _other_form(rule: Rule, form: str) -> str:
    forms = rule.file.forms
    return f"only for {', '.join(forms)}, not for a {form}" if form and forms and form not in forms else ""
