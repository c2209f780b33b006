"""Editors' verbs on stored articles: approve, hold, spike, correct, kill, resend; in: a database and a decision, out: rows.

Sends nothing: what becomes due is the outbox's. A text that a person has changed is held against the figures first, and only the sentences
that are new are judged, since the others were when they were written. What is approved is approved to the byte.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from newsgen import check as checking
from newsgen import notices
from newsgen.article_file import read_article, whole_article
from newsgen.config import SiteSettings
from newsgen.edited import as_draft, read_texts, with_texts
from newsgen.errors import ConfigError, HeldBack, VersionTaken
from newsgen.factcheck import CheckedLine, article_source, fact_check, load_check_words
from newsgen.gather import sources
from newsgen.market import iso
from newsgen.pipeline import Newsroom
from newsgen.publish import publishers
from newsgen.rewrite import Again, changed_values, visible
from newsgen.service import Service
from newsgen.settings_file import nearest
from newsgen.store.archive import SqlArchive
from newsgen.store.stops import Stop, active_stops
from newsgen.store.texts import text_of
from newsgen.store.versions import (
    Act,
    Stored,
    add_version,
    approve_article,
    decline_correction,
    find_article,
    hold_article,
    newest_version,
    propose_correction,
    reasons_of_hold,
    release_held,
    resend_article,
    spike_article,
    stop_and_hold,
    story_is_out,
    targets_with,
)
from newsgen.story import article_id
from newsgen.write import numbers as printed

__all__ = ["Newsdesk", "Prepared"]

_log = structlog.get_logger("newsdesk")
# Of figures as they were made: judged when the article was written, and no edit of a text changes them.
_OF_FIGURES = ("recompute", "record_scope", "staleness")
_OF_THE_DESK = ("desk", "stop")  # findings that name people and what they said: an approval answers them, and readers have no part in it


@dataclass(frozen=True, slots=True)
class Prepared:
    """A new version of a story, ready to be saved when a person has said so.

    Attributes:
        base: The version that readers have.
        fields: Printed values that it changes: (was, is).
        unreached: Targets that have the story and that the settings do not have any more: nothing is sent there.
    """

    base: Stored
    article: Mapping[str, Any]
    verb: str
    targets: Mapping[str, int]
    fields: tuple[tuple[str, str], ...] = ()
    unreached: tuple[str, ...] = ()

    @property
    def version(self) -> int:
        return int(self.article["version"])


@dataclass(frozen=True, slots=True)
class Newsdesk:
    """The desk of one database.

    Attributes:
        service: Its settings, database, clock and newsrooms; nothing of it runs.
        words: By site, loaded once: to look whether a template has changed costs more than all else that a verb does.
    """

    service: Service
    who: str
    words: dict[str, Newsroom] = field(default_factory=dict)

    def act(self, reason: str) -> Act:
        return Act(self.who, notices.sentence_of(reason).rstrip("."), self.service.clock())

    def find(self, given: str) -> Stored:
        return find_article(self.service.engine, given)

    # What has not gone out

    def approve(self, given: str, reason: str = "", text: Path | None = None) -> int:
        """Let a held article go out, as it is or with a person's text; returns how many deliveries are due.

        Raises:
            ConfigError: Nothing is held.
            HeldBack: The figures do not bear the text (names every claim), or it rests on something that is stopped or retired.
        """
        of = self.find(given)
        article = json.loads(of.body) if text is None else self._edited(of, text)
        findings = [f for f in article["verdict"]["findings"] if f["check"] not in _OF_THE_DESK]
        approved = text_of({**article, "verdict": {"decision": "publish", "findings": findings}})
        body = of.body if text is None and of.decision == "publish" else approved
        marks = {t.name: t.mark for t in self._site(of).targets}
        return approve_article(self.service.engine, of, body, self._lives(of), self.act(reason), marks)

    def held_for(self, given: str) -> list[str]:
        """What holds an article, for whoever is about to approve it."""
        return reasons_of_hold(self.service.engine, self.find(given))

    def hold(self, given: str, reason: str) -> tuple[int, list[str]]:
        """Keep what waits of an article; returns how many deliveries, and the targets that are being asked just now."""
        return hold_article(self.service.engine, self.find(given), self.act(reason))

    def spike(self, given: str, reason: str) -> None:
        """Stop an article for good before any reader has it."""
        spike_article(self.service.engine, self.find(given), self.act(reason))

    def resend(self, given: str, reason: str = "", targets: tuple[str, ...] = (), *, overwrite: bool = False) -> list[str]:
        """Send again what was refused, or given up; returns the targets.

        Raises:
            ConfigError: Nothing of it has ended so, or a target does not exist.
        """
        of = self.find(given)
        known = {t.name: t for t in self._site(of).targets}
        for name in targets:
            if name not in known:
                raise ConfigError(f"{of.site} has no target {name!r}; there are: {', '.join(known)}")
        anew = [name for name, t in known.items() if publishers()[t.kind].notifies]
        sent = resend_article(self.service.engine, of, self._lives(of), self.act(reason), targets=targets or tuple(known),
                              overwrite=overwrite, anew=anew)  # fmt: skip
        if not sent:
            raise ConfigError("nothing of it was refused or given up" + (f" at {', '.join(targets)}" if targets else ""))
        return sent

    def stop(self, scope: str, name: str, reason: str, site: str = "") -> Stop:
        """Stop something, and hold what waits and rests on it.

        Raises:
            ConfigError: Nothing has that name.
        """
        self.refuse_unknown(scope, name, site)
        return self.stop_at_once(scope, name, reason, site)

    def stop_at_once(self, scope: str, name: str, reason: str, site: str = "") -> Stop:
        """The same of what is surely there, or was: the desk may have taken a bad angle away already."""
        stop, held = stop_and_hold(self.service.engine, scope, name, self.act(reason), site)
        _log.warning("desk.stopped", stop=str(stop), deliveries_held=held)
        return stop

    def refuse_unknown(self, scope: str, name: str, site: str = "") -> None:
        """Refuse a name that nothing has.

        Raises:
            ConfigError: Names what is near, or what there is.
        """
        sites = [s.name for s in self.service.settings.sites]
        if site and site not in sites:
            raise ConfigError(f"no site {site!r}; there are: {', '.join(sites)}")
        known = self._names(scope, site)
        if known and name not in known:
            raise ConfigError(f"no {scope} {name!r}; {nearest(name, known) or 'there are: ' + ', '.join(known)}")

    def _names(self, scope: str, site: str) -> list[str]:
        """What may be stopped by name; none where any name will do."""
        first = self.service.settings.sites[0]
        match scope:
            case "target":
                return list(dict.fromkeys(t.name for s in self.service.settings.sites if site in ("", s.name) for t in s.targets))
            case "angle":
                return [r.name for r in self.service.newsroom(first).rules]
            case "source":
                stored = SqlArchive(self.service.engine).keys()
                return sorted({*sources(), *(key.source for key in stored)})
            case "asset":
                lexicon = self.service.newsroom(first).words.lexicon
                return sorted({*lexicon.assets, *lexicon.subjects, *(a for e in self.service.settings.editions for a in e.assets)})
        return []

    def resume(self, given: str) -> list[tuple[Stop, int]]:
        """Lift a stop by its number, or "all"; returns each with how many deliveries go on.

        Raises:
            ConfigError: There is no such stop.
        """
        stops = [s for s in self.stops() if given in ("all", str(s.id))]
        if not stops:
            raise ConfigError("nothing is stopped" if given == "all" else f"no stop {given} stands (newsgen stop list)")
        return [(stop, release_held(self.service.engine, stop, self.act(stop.reason))) for stop in stops]

    def stops(self) -> list[Stop]:
        """The stops that stand."""
        with self.service.engine.connect() as connection:
            return active_stops(connection)

    # What readers have

    def prepare_kill(self, given: str, reason: str = "") -> Prepared:
        """The withdrawal of a story: its headline marked, one paragraph of notice, the same address.

        Raises:
            ConfigError: No target has it, or it is withdrawn already.
        """
        base = self._readers(given)
        words, now = self.newsroom(base).words, self.service.clock()
        told = json.loads(base.body)
        note = notices.sentence_of(reason) or notices.default_reason(words)
        notice = _paragraph(base, notices.withdrawal(words, now, note))
        empty: dict[str, Any] = {"dek": _text(""), "key_points": [], "tables": [], "charts": [], "sources": [], "figures": {},
                                 "readings": {}, "columns": [], "angles": [], "messages": [], "reading_minutes": 1}  # fmt: skip
        fresh = {**told, **empty, "headline": _text(notices.withdrawal_headline(words, told["headline"]["text"])), "paragraphs": [notice]}
        return self._version(base, fresh, "kill", "withdrawal", note, ())

    def prepare_correction(self, given: str, note: str = "", text: Path | None = None) -> Prepared:
        """The correction of a story: written again from what is known now about its moment, or as a person has written it.

        Raises:
            ConfigError: It is no news any more, or nothing changes; says why.
            HeldBack: The checks hold it.
        """
        base = self._readers(given)
        if text is not None:
            return self._corrected(base, self._edited(base, text), note, ())
        again = self.write_again(base)
        if again.article is None:
            problem = f"it cannot be told any more: {again.problem} (newsgen kill withdraws it, --text FILE corrects it by hand)"
            raise HeldBack(problem) if again.held else ConfigError(problem)
        return self.correction(base, again, note)

    def correction(self, base: Stored, again: Again, note: str = "") -> Prepared:
        """The correction of a story by what it is, written again.

        Raises:
            ConfigError: Nothing changes.
        """
        if again.article is None:
            raise ValueError("a story that cannot be told is withdrawn, not corrected")
        fresh, told = again.article.as_json(), json.loads(base.body)
        if visible(fresh) == visible(told):
            raise ConfigError("nothing in it would change: what is known now gives the same text (--text FILE corrects it by hand)")
        return self._corrected(base, fresh, note, changed_values(told, fresh))

    def write_again(self, base: Stored, without: str = "") -> Again:
        """The story of that moment from what is known now, or why there is none.

        Args:
            without: An angle that may have no part in it.
        """
        return self.service.rewriter().again(base, without)

    def propose(self, of: Stored, reason: str) -> None:
        """Leave a correction to a person: `newsgen status` shows it until somebody has done something about the article."""
        propose_correction(self.service.engine, of, self.act(reason))

    def decline(self, given: str, reason: str) -> None:
        """Leave an article as it is, of which the engine proposes a correction."""
        decline_correction(self.service.engine, self.find(given), self.act(reason))

    def save(self, prepared: Prepared, reason: str) -> Prepared:
        """Give readers the new version: it goes to every target. A kill loses to nobody: it takes the place of what has come meanwhile too.

        Raises:
            VersionTaken: Another version has come before a correction.
        """
        try:
            add_version(self.service.engine, prepared.base, prepared.article, prepared.targets, prepared.verb, self.act(reason))
        except VersionTaken:
            if prepared.verb != "kill":
                raise
            return self.save(self.prepare_kill(prepared.base.id, prepared.article["change"]["note"]), reason)
        return prepared

    def _readers(self, given: str) -> Stored:
        """The version of a story that readers have, which some target has, or may have."""
        base = newest_version(self.service.engine, self.find(given), published=True)
        if base.decision != "publish" or not story_is_out(self.service.engine, base):
            raise ConfigError("no target has it: newsgen spike stops it, newsgen approve --text FILE lets it go with another text")
        if base.change == "withdrawal":
            raise ConfigError("it is withdrawn already")
        return base

    def _corrected(self, base: Stored, fresh: Mapping[str, Any], note: str, fields: tuple[tuple[str, str], ...]) -> Prepared:
        words = self.newsroom(base).words
        note = notices.sentence_of(note) or notices.default_note(words)
        notice = _paragraph(base, notices.correction(words, self.service.clock(), note, fields))
        earlier = [p for p in json.loads(base.body)["paragraphs"] if p["role"] == "correction"]
        own = [p for p in fresh["paragraphs"] if p["role"] != "correction"]
        return self._version(base, {**fresh, "paragraphs": [notice, *earlier, *own]}, "correct", "correction", note, fields)

    def _version(self, base: Stored, fresh: Mapping[str, Any], verb: str, kind: str, note: str,
                 fields: tuple[tuple[str, str], ...]) -> Prepared:  # fmt: skip
        """A text as the next version of its story: same id of the story, same address."""
        now, told = self.service.clock(), json.loads(base.body)
        version = newest_version(self.service.engine, base).version + 1
        seed = int(told["made_from"].get("seed", "0"))
        article = {
            **fresh, "id": article_id(base.site, base.locale, base.story, version, base.as_of, seed, told["form"]), "slug": told["slug"],
            "story": base.story, "version": version, "site": base.site, "locale": base.locale, "edition": base.edition,
            "written_at": iso(now), "stamps": {**told["stamps"], "written_at": printed.stamp(now, self.newsroom(base).words.style)},
            "change": {"kind": kind, "note": note, "at": iso(now), "by": self.who, "fields": [{"was": a, "is": b} for a, b in fields]},
            "verdict": {"decision": "publish", "findings": [f for f in fresh["verdict"]["findings"] if kind == "correction"]},
        }  # fmt: skip
        lives = self._lives(base)
        unreached = tuple(name for name in targets_with(self.service.engine, base) if name not in lives)
        return Prepared(base, article, verb, lives, fields, unreached)

    def _edited(self, of: Stored, text: Path) -> dict[str, Any]:
        """A person's text of an article.

        Raises:
            ConfigError: Nothing in it is changed.
            HeldBack: A claim is contradicted or unknown that was not before, or a check holds it.
        """
        newsroom, told = self.newsroom(of), json.loads(of.body)
        article = with_texts(told, read_texts(text), notices.edited(newsroom.words))
        if visible(article) == visible(told):
            raise ConfigError(f"{text} holds the article's own text: nothing in it is changed")
        problems = [*self._untrue(of, told, article), *self._faulty(of, newsroom, article)]
        if problems:
            raise HeldBack(f"{text} does not pass the checks: " + "; ".join(dict.fromkeys(problems)))
        return article

    def _untrue(self, of: Stored, told: Mapping[str, Any], article: Mapping[str, Any]) -> list[str]:
        roots = self.newsroom(of).roots
        site = self._site(of)
        words = load_check_words(roots, of.locale, site.style, site.readers_zone)
        source = article_source(read_article(of.body.encode(), of.id))
        known = {(line.claim.sentence, _untruth(line)) for line in fact_check(as_draft(told), "told.md", source, words).lines}
        # A sentence that is as it was may say something else now: "it" of another paragraph is another asset.
        new = [line for line in fact_check(as_draft(article), "text.md", source, words).lines
               if (line.claim.sentence, _untruth(line)) not in known]  # fmt: skip
        return [problem for line in new if (problem := _untruth(line))]

    def _faulty(self, of: Stored, newsroom: Newsroom, article: Mapping[str, Any]) -> list[str]:
        """What the checks of texts say of sentences that are new.

        A stored article has lost what its file does not hold (the ends of windows): what is said of the untouched text too is no fault
        of the edit.
        """
        before = {*self._blocks(newsroom, json.loads(of.body)), *(f["message"] for f in article["verdict"]["findings"])}
        return [message for message in self._blocks(newsroom, article) if message not in before]

    def _blocks(self, newsroom: Newsroom, article: Mapping[str, Any]) -> list[str]:
        without = {**article, "paragraphs": [p for p in article["paragraphs"] if p["role"] != "correction"]}
        read = [c for name, c in checking.checks().items() if name not in _OF_FIGURES]
        verdict = checking.check(whole_article(text_of(without)), words=newsroom.reader, banned=newsroom.words.style.banned,
                                 disclosures=self.service.settings.owed_texts, checks=read)  # fmt: skip
        return [f.message for f in verdict.findings if f.severity == "block"]

    # The desk's own

    def newsroom(self, of: Stored) -> Newsroom:
        """Rules and words of an article's site."""
        if of.site not in self.words:
            self.words[of.site] = self.service.newsroom(self._site(of))
        return self.words[of.site]

    def _site(self, of: Stored) -> SiteSettings:
        found = next((s for s in self.service.settings.sites if s.name == of.site), None)
        if found is None:
            raise ConfigError(f"the article is of the site {of.site!r}, which newsgen.toml does not have")
        return found

    def _lives(self, of: Stored) -> dict[str, int]:
        return {t.name: int(t.expiry.total_seconds()) for t in self._site(of).targets}

    def now(self) -> datetime:
        return self.service.clock()


def _text(text: str) -> dict[str, Any]:
    return {"text": text, "spans": []}


def _paragraph(base: Stored, text: str) -> dict[str, Any]:
    return {"role": "correction", "angle": base.angle, **_text(text)}


def _untruth(line: CheckedLine) -> str:
    """What is wrong with a claim; "" where nothing is."""
    if line.truth not in ("contradicted", "unknown"):
        return ""
    return f'"{line.claim.text}" is {line.truth}' + (f", the figure is {line.expected}" if line.expected else "")
