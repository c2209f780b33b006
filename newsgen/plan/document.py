"""The document planner: which messages, in which order, within the form's length; in: pitches and a form, out: a DocumentPlan.

A message is taken when it can be said (its figures are there), is not yet said, and was not told in other stories of the day but for two.
When the article has more paragraphs than its form, short neighbours share one; when it is still too long the parts with the highest drop
number go first. What is left stands in the order of surprise (order.py). Does not make words: `say` tells how long a message is, what it
prints, and how unusual that is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, pairwise

from newsgen.plan.form import Form, Part
from newsgen.plan.order import Planned, by_surprise
from newsgen.story import DocumentPlan, Message, Pitch, Quiet, Relation

__all__ = ["Brief", "Saying", "plan"]

PARAGRAPH_FIGURES = 8  # six, and two for dates, which do not count (editorial.md section 4)
PARAGRAPH_MESSAGES = 3
SHARED_MESSAGES = 2  # that two stories of one day may have in common
UNUSUAL = 0.9  # what is larger than nine in ten of its past is told though the article before told it too
COUNTER_SURPRISE = 0.6  # a fact that speaks against the lead must be larger than three in five of its past
_REPEATED = 3  # a message is said already when one in three of its figures is
FIRST_MENTIONS = 6  # words that first mentions in full add once the article stands: one for each of four tickers, two for funds


@dataclass(frozen=True, slots=True)
class Saying:
    """How a message would be said: its length, the figures it prints (ids of Figure objects), and what they are worth."""

    words: int
    figures: frozenset[int]
    surprise: float = 0.5  # how unusual the most unusual of its figures is, 0 to 1; a half where there is no history
    sign: int = 0  # of its first change or flow


Say = Callable[[Message], Saying | str]  # a string is the reason why it cannot be said
Weigh = Callable[[str, str], tuple[int, float]]  # which way a figure of a subject points, and how unusual it is; 0 where it is not there


@dataclass(frozen=True, slots=True)
class Brief:
    """What the edition asks for."""

    site: str
    locale: str
    edition: str
    as_of: datetime
    seed: int
    assets: tuple[str, ...]
    lead_asset: str
    rising: int = 0  # the direction of the lead's event: 1 up, -1 down, 0 none
    told: frozenset[str] = frozenset()  # the messages of other stories of the day, by name
    lately: tuple[frozenset[str], ...] = ()  # the messages of the articles before, the newest first


def plan(
    pitches: Sequence[Pitch], form: Form, say: Say, brief: Brief, weigh: Weigh = lambda figure, subject: (0, 0.0)
) -> DocumentPlan | Quiet:
    """Plan one article, or say why there is none.

    Args:
        pitches: All pitches with their roles, strongest first.
        form: The story form.
        say: Measures a message.
        brief: What the edition asks for.
        weigh: Weighs a figure, for the fact that speaks against the lead.
    """
    lead = next((p for p in pitches if p.role == "lead"), None)
    if lead is None:
        return Quiet(_why_quiet(pitches), tuple(pitches))
    if lead.score < form.floor:
        return Quiet(f"{lead.angle} of {lead.subject} scores {lead.score}, a {form.name} needs {form.floor}", tuple(pitches))
    supports = tuple(p for p in pitches if p.role == "support")[: form.supports]
    headline = say(Message("headline", f"angles/{lead.angle}", "headline", lead.subject, lead.angle))
    if isinstance(headline, str):
        return Quiet(f"{lead.angle} of {lead.subject} has no headline: {headline}", tuple(pitches))
    for count in range(len(brief.lately), -1, -1):  # what was told lately comes back only where else there is too little to say
        chooser = _Chooser(say, brief, lead, supports, form, weigh, frozenset().union(*brief.lately[:count]))
        for part in form.part:
            missing = chooser.take(part)
            if missing and part.required:
                return Quiet(f"{lead.angle} of {lead.subject} has no {part.role}: {missing}", tuple(pitches))
        if sum(p.words for p in chooser.planned) >= form.words[0]:
            break
    chosen = _fit(chooser, form)
    chosen = by_surprise(chosen, {p.angle: p.family for p in supports}) if form.order == "surprise" else chosen
    return DocumentPlan(
        form=form.name, site=brief.site, locale=brief.locale, edition=brief.edition, as_of=brief.as_of, seed=brief.seed,
        lead=lead, supports=_told_ones(supports, chosen, form), pitches=tuple(pitches), messages=_numbered(chosen), assets=brief.assets,
        head=form.head, tables=form.tables, left_out=tuple(chooser.left_out),
        spare=max(form.words[1] - FIRST_MENTIONS - sum(p.words for p in chosen), 0),
    )  # fmt: skip


def _told_ones(supports: Sequence[Pitch], chosen: Sequence[Planned], form: Form) -> tuple[Pitch, ...]:
    """The supports that the body tells, a wrap's first at its head: a headline names no other."""
    told = {(m.angle, m.subject) for planned in chosen for m in planned.messages}
    return tuple(p for i, p in enumerate(supports) if (p.angle, p.subject) in told or (i == 0 and _has_top(form)))


def _has_top(form: Form) -> bool:
    return any(part.source == "top" for part in form.part)


def _why_quiet(pitches: Sequence[Pitch]) -> str:
    fired = [p for p in pitches if p.fired]
    if not fired:
        return "no angle fired"
    best = max(fired, key=lambda p: p.score)
    return f"the strongest angle, {best.angle} of {best.subject}, scores {best.score}: {best.reason}"


class _Chooser:
    """Takes the parts of a form one after the other and remembers what has been said."""

    def __init__(
        self, say: Say, brief: Brief, lead: Pitch, supports: Sequence[Pitch], form: Form, weigh: Weigh, lately: frozenset[str] = frozenset()
    ) -> None:  # fmt: skip
        self._lately = lately
        self._say, self._brief, self._lead, self._supports, self._weigh = say, brief, lead, supports, weigh
        self._said: set[int] = set()
        self._messages_said: set[tuple[str, str, str]] = set()
        self._others = supports[1:] if _has_top(form) else supports  # the first of a wrap is told at its head
        self._of_supports = self._support_figures()
        self._part_before_said = False
        self._told = 0  # messages that another story of the day has told
        self.planned: list[Planned] = []
        self.left_out: list[tuple[str, str]] = []

    def _joins(self, part: Part) -> bool:
        return bool(self.planned) and (part.join == "paragraph" or (part.join == "part" and self._part_before_said))

    def _room(self, joins: bool) -> int:
        """How many figures the paragraph may still hold; a joining part shares it with the one before."""
        taken = 0
        for planned in reversed(self.planned):
            if not joins:
                break
            taken, joins = taken + planned.figures, planned.joins
        return PARAGRAPH_FIGURES - taken

    def take(self, part: Part) -> str:
        """Plan a part; returns why nothing of it could be said, or ""."""
        taken, reason, joins = 0, "nothing to say", self._joins(part)
        for paragraph in self._paragraphs(part):
            kept: list[Message] = []
            words, figures, room, surprise = 0, 0, self._room(joins), 0.0
            for message in paragraph:
                measured = self._measure(message, part)
                if isinstance(measured, Saying) and part.source == "messages" and figures + len(measured.figures) > room:
                    measured = "the paragraph has its figures"
                if isinstance(measured, str):
                    reason = measured
                    self.left_out.append((f"{message.template} {message.block} of {message.subject}", measured))
                    if part.source in ("lead", "top") and not kept:
                        break  # what follows leans on the first block: "They made up 83% ..." has no lede of its own
                    continue
                kept.append(replace(message, relation=self._relation(part, bool(kept))))
                words, figures = words + measured.words, figures + len(measured.figures)
                surprise = max(surprise, measured.surprise)
                self._said |= measured.figures
                self._messages_said.add((message.template, message.block, message.subject))
                self._told += self._is_told(message)
            if kept:
                taken += 1
                if part.source == "supports":
                    surprise = max(surprise, self._newsworth(kept[0].angle))
                self.planned.append(Planned(part, tuple(kept), words, figures, joins, surprise))
        self._part_before_said = bool(taken) or (part.join == "part" and joins)
        return "" if taken else reason

    def _relation(self, part: Part, begun: bool) -> Relation:
        if not self.planned and not begun:
            return Relation.OPENING
        return Relation.CONTRAST if part.source == "counter" else Relation.ELABORATION

    def _is_told(self, message: Message) -> bool:
        return message.name in self._brief.told

    def _measure(self, message: Message, part: Part) -> Saying | str:
        if (message.template, message.block, message.subject) in self._messages_said:
            return "already said"
        if self._is_told(message) and self._told >= SHARED_MESSAGES and part.role not in ("lede", "nut_graf"):
            return "another story of the day has told it"
        measured = self._say(message)
        if isinstance(measured, str) or part.role in ("lede", "nut_graf"):
            return measured
        told = self._said | self._of_supports if part.source == "lead" else self._said
        known = len(measured.figures & told)
        if part.source == "messages" and part.drop and message.name in self._lately and measured.surprise < UNUSUAL:
            return "told lately, and nothing unusual"
        if part.source == "supports":  # news of its own: most of it must have been said
            return "already said" if known * 2 > len(measured.figures) else measured
        return "already said" if known * _REPEATED >= len(measured.figures) > 0 else measured

    def _newsworth(self, angle: str) -> float:
        """What a support is worth as news, on the scale of surprise: its score of 100."""
        return float(max(p.score for p in self._supports if p.angle == angle)) / 100

    def _support_figures(self) -> set[int]:
        """What the supports will say: the lead's details need not say it too."""
        said = [self._say(Message("support", f"angles/{p.angle}", "support", p.subject, p.angle)) for p in self._others]
        return {figure for saying in said if isinstance(saying, Saying) for figure in saying.figures}

    def _paragraphs(self, part: Part) -> list[list[Message]]:
        if part.source in ("lead", "top"):
            told = self._supports[0] if part.source == "top" and self._supports else self._lead
            return [[self._of(told, part, block) for block in part.blocks]]
        if part.source == "supports":
            return [[self._of(pitch, part, block) for block in part.blocks] for pitch in self._others]
        if part.source == "counter":
            return self._counter(part)
        return [[self._context(part, name) for name in part.messages]]

    def _counter(self, part: Part) -> list[list[Message]]:
        """The message that speaks most strongly against the lead's direction; none where none is large for its metric."""
        found: list[tuple[float, int, Message]] = []
        for place, named in enumerate(part.messages):
            name, _, figure = named.partition("=")
            message = self._context(part, name)
            sign, surprise = self._weigh(figure, message.subject)
            if sign * self._brief.rising < 0 and surprise >= COUNTER_SURPRISE:
                found.append((-surprise, place, message))
        strongest = (m for _, _, m in sorted(found, key=lambda item: item[:2]) if isinstance(self._measure(m, part), Saying))
        return [[m] for m in islice(strongest, 1)]

    @staticmethod
    def _of(pitch: Pitch, part: Part, block: str) -> Message:
        return Message(part.role, f"angles/{pitch.angle}", block, pitch.subject, pitch.angle)

    def _context(self, part: Part, name: str) -> Message:
        kind, _, subject = name.partition("@")
        return Message(part.role, f"messages/{kind}", "say", subject or self._brief.lead_asset, self._lead.angle)


def _fit(chooser: _Chooser, form: Form) -> list[Planned]:
    """Drop parts, the highest drop number first and the last of equals, until paragraphs and length fit."""
    chosen = list(chooser.planned)

    def drop(candidates: list[Planned]) -> bool:
        if not candidates:
            return False
        goes = max(reversed(candidates), key=lambda p: p.part.drop)
        index = chosen.index(goes)
        del chosen[index]
        if chosen[index:] and chosen[index].joins and not goes.joins:
            chosen[index] = replace(chosen[index], joins=_joins_before(chosen, index))
        chooser.left_out.extend((f"{m.template} {m.block} of {m.subject}", "no room") for m in goes.messages)
        return True

    while _paragraph_count(chosen) > form.paragraphs[1]:
        # What joins by its form goes with nothing gained; what was merged in is a paragraph of its own, and may go before the other.
        if not _merge(chosen) and not drop([p for p in chosen if p.part.drop and not (p.joins and p.part.join)]):
            break
    while sum(p.words for p in chosen) > form.words[1] - FIRST_MENTIONS:
        if not drop([p for p in chosen if p.part.drop]):
            break
    return chosen


def _joins_before(chosen: Sequence[Planned], index: int) -> bool:
    """Whether a part whose paragraph has lost its beginning goes on with the paragraph before it, and does not begin one."""
    if index == 0 or chosen[index].part.join != "paragraph":
        return False
    start = max(i for i in range(index) if not chosen[i].joins)
    end = next((i for i in range(index + 1, len(chosen)) if not chosen[i].joins), len(chosen))
    return sum(p.figures for p in chosen[start:end]) <= PARAGRAPH_FIGURES


def _merge(chosen: list[Planned]) -> bool:
    """Let the two neighbouring paragraphs of context with the fewest figures share one; false when no two fit."""
    starts = [i for i, p in enumerate(chosen) if not p.joins]
    paragraphs = [chosen[a:b] for a, b in pairwise([*starts, len(chosen)])]
    fits = {
        start: sum(p.figures for p in (*before, *after))
        for start, (before, after) in zip(starts[1:], pairwise(paragraphs), strict=True)
        if all(p.part.source == "messages" for p in (*before, *after))
        and sum(len(p.messages) for p in (*before, *after)) <= PARAGRAPH_MESSAGES
    }
    smallest = min(fits, key=fits.__getitem__, default=None)
    if smallest is None or fits[smallest] > PARAGRAPH_FIGURES:
        return False
    chosen[smallest] = replace(chosen[smallest], joins=True)
    return True


def _paragraph_count(chosen: Sequence[Planned]) -> int:
    return sum(not p.joins for p in chosen)


def _numbered(chosen: Sequence[Planned]) -> tuple[Message, ...]:
    """The messages with the number of their paragraph; a joining part takes the number of the one before."""
    numbered: list[Message] = []
    number = -1
    for planned in chosen:
        number += 0 if planned.joins and number >= 0 else 1
        numbered += [replace(m, paragraph=number) for m in planned.messages]
    return tuple(numbered)
