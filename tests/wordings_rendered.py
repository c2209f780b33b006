"""Which branch and which wording of each template the tests have rendered: `pytest --wordings=FOLDER`; in: a test run, out: a report.

Every `{% if %}`, `{% elif %}`, `{% else %}`, `{% vary %}` and `{% or %}` gets a mark that is counted when it is passed, and every small
choice (`one_of`, verbs, attributions) is counted where it is made. With several processes each writes its counts; the first adds them up.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2.ext import Extension

from newsgen.write.vary import Choices

TAG = re.compile(r"\{%-?\s*(if|elif|else|vary|or)\b[^%]*?-?%\}")
ROOT = Path(__file__).parent.parent / "templates"


@dataclass
class Counts:
    """How often each branch was passed, and each option of a small choice taken."""

    passed: Counter[str] = field(default_factory=Counter)  # "angles/ath/en.j2:12" counts
    taken: Counter[str] = field(default_factory=Counter)  # "one_of:stood at|0/3" counts

    def add(self, other: dict[str, dict[str, int]]) -> None:
        self.passed.update(other["passed"])
        self.taken.update(other["taken"])

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"passed": self.passed, "taken": self.taken}), "utf-8")


COUNTS = Counts()


class Marks(Extension):
    """Puts a mark behind each branching tag of a template's source; on the same line, so that faults keep theirs."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        self.environment.globals["_passed"] = passed
        return TAG.sub(lambda tag: f"{tag[0]}{{{{ _passed({f'{name}:{_line(source, tag.start())}:{tag[1]}'!r}) }}}}", source)


def passed(place: str) -> str:
    COUNTS.passed[place] += 1
    return ""


def _line(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1


def begin() -> None:
    """Count from now on; templates are compiled anew, since those in the cache hold no marks."""
    from newsgen import pipeline
    from newsgen.write import environment

    environment.EXTENSIONS.append(Marks)
    pipeline.cache_folder = lambda: None
    took = Choices.took

    def counted(self: Choices, place: str, taken: int, n: int) -> None:
        if "#" not in place:  # branches have their own marks
            COUNTS.taken[f"{place}|{taken}/{n}"] += 1
        took(self, place, taken, n)

    Choices.took = counted  # type: ignore[method-assign]


def all_branches() -> Iterator[str]:
    """Every branch of every shipped template."""
    for path in sorted(ROOT.rglob("en.j2")):
        source, name = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
        if name.startswith("desk/"):
            continue
        yield from (f"{name}:{_line(source, tag.start())}:{tag[1]}" for tag in TAG.finditer(source))


def report(counts: Counts) -> str:
    """The branches that no test has rendered, by template, and the small choices with an option that none has taken."""
    branches = [*all_branches()]
    missing = [b for b in branches if not counts.passed[b]]
    lines = [f"{len(branches) - len(missing)} of {len(branches)} branches rendered"]
    lines += [f"  not rendered: {b}" for b in missing]
    options: dict[str, set[int]] = {}
    sizes: dict[str, int] = {}
    for key in counts.taken:
        place, _, rest = key.rpartition("|")
        taken, n = rest.split("/")
        options.setdefault(place, set()).add(int(taken))
        sizes[place] = max(sizes.get(place, 0), int(n))
    short = {place: sizes[place] - len(found) for place, found in options.items() if len(found) < sizes[place]}
    lines.append(f"{sum(sizes.values()) - sum(short.values())} of {sum(sizes.values())} options of small choices taken")
    lines += [f"  {place}: {n} of {sizes[place]} never taken" for place, n in sorted(short.items())]
    return "\n".join(lines) + "\n"


def gather(folder: Path) -> Counts:
    """The counts of all processes of a run."""
    total = Counts()
    for path in sorted(folder.glob("*.json")):
        total.add(json.loads(path.read_text("utf-8")))
    return total
