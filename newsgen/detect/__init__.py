"""Detection: which angles fire and how newsworthy they are; in: a Book and rules, out: Pitches with roles and reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from newsgen.detect.cases import faults_of_cases
from newsgen.detect.evaluate import evaluate, first_failure, subjects_of
from newsgen.detect.expression import Scope
from newsgen.detect.lives import UNTOLD, before, step_of
from newsgen.detect.rank import rank
from newsgen.detect.rule import OVERRIDE, Rule, check_rules, load_rule, load_rules, rule_schema
from newsgen.detect.score import cooling, score
from newsgen.detect.surprise import direction_of, surprise_of
from newsgen.market import Book
from newsgen.story import Pitch, Published

__all__ = [
    "OVERRIDE", "Rule", "before", "check_rules", "detect", "direction_of", "evaluate", "faults_of_cases", "load_rule", "load_rules",
    "rule_schema", "subjects_of", "surprise_of",
]  # fmt: skip


def detect(
    book: Book, rules: Sequence[Rule], *, published: Sequence[Published] = (), angles: Sequence[str] | None = None, form: str = "",
    whole: bool = False,
) -> tuple[Pitch, ...]:  # fmt: skip
    """Evaluate every rule on each of its subjects and rank what fired.

    Args:
        book: The figures of one View.
        rules: The rules.
        published: What the site has told lately, for novelty, cooldown and the life of stories.
        angles: Only these angles; None means all.
        form: The form to be written; angles that are not for it do not fire.
        whole: Every condition of every rule, for a person who asks why; else a rule stops at its first condition that does not hold, and
            one that can be ruled out at a glance has no pitch.
    """
    due = [r for r in rules if r.file.leads and form in r.file.forms]
    wanted = [*due, *(r for r in rules if not r.file.leads and (angles is None or r.name in angles))]
    told = {r.name: () if due and not r.file.leads else published for r in wanted}  # a wrap says again what the day has told
    pitches = [
        _pitch(rule, book, subject, told[rule.name], form, whole)
        for rule in wanted
        for subject in subjects_of(rule, book)
        if whole or not _is_ruled_out(rule, book, subject)
    ]
    return rank(pitches, {rule.name: rule for rule in wanted})


def _is_ruled_out(rule: Rule, book: Book, subject: str) -> bool:
    """Whether a condition certainly does not hold: then the rule has no pitch, where nobody asks why."""
    scope = Scope(book, subject, rule.limits_of(subject))
    try:
        return any(expression.is_ruled_out(scope) for expression, _ in rule.conditions)
    except Exception:  # a figure that breaks is told by the pitch
        return False


def _pitch(rule: Rule, book: Book, subject: str, published: Sequence[Published], form: str, whole: bool) -> Pitch:
    """One rule on one subject; a figure that breaks while it is computed silences this rule only."""
    try:
        return _judge(rule, book, subject, published, form, whole)
    except Exception as error:
        reason = f"cannot be judged: {type(error).__name__}: {error}"
        return Pitch(rule.name, subject, rule.file.family, Decimal(0), {}, False, (), reason=reason)


def _judge(rule: Rule, book: Book, subject: str, published: Sequence[Published], form: str, whole: bool) -> Pitch:
    conditions = evaluate(rule, book, subject, whole=whole)
    reason = first_failure(conditions) or _other_form(rule, form)
    if reason:
        return Pitch(rule.name, subject, rule.file.family, Decimal(0), {}, False, conditions, reason=reason)
    value, parts = score(rule, book, subject, published)
    step = step_of(rule, book, subject, published, value)
    waits = cooling(rule, book, subject, published) if (step.kind, step.reason) == ("new", UNTOLD) else ""
    return Pitch(rule.name, subject, rule.file.family, value, parts, True, conditions, measure=rule.file.measure.figure,
                 step=replace(step, kind="silent", reason=waits) if waits else step)  # fmt: skip


def _other_form(rule: Rule, form: str) -> str:
    forms = rule.file.forms
    return f"only for {', '.join(forms)}, not for a {form}" if form and forms and form not in forms else ""
