"""The report of rendered wordings: a branch that no test passes is named, one that is passed is not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from jinja2 import DictLoader, Environment
from wordings_rendered import COUNTS, Counts, Marks, all_branches, gather, report

from newsgen.write.vary import Choices, Pick, VaryExtension

TEXT = "{% if up %}\nup{% elif flat %}flat{% else %}down {% vary %}a{% or %}b{% endvary %}{% endif %}"


def test_each_branch_that_is_passed_is_counted_with_its_line() -> None:
    environment = Environment(loader=DictLoader({"x/en.j2": TEXT}), extensions=[VaryExtension, Marks], autoescape=True)
    before = Counter(COUNTS.passed)
    environment.globals["_choose"] = Pick(lambda: Choices(0, "m"))
    assert environment.get_template("x/en.j2").render(up=True).strip() == "up"
    assert environment.get_template("x/en.j2").render(up=False, flat=False).strip() in ("down a", "down b")
    found = COUNTS.passed - before
    assert found["x/en.j2:1:if"] == 1 and found["x/en.j2:2:else"] == 1 and found["x/en.j2:2:elif"] == 0
    assert found["x/en.j2:2:vary"] + found["x/en.j2:2:or"] == 1
    for place in found:
        del COUNTS.passed[place]


def test_the_report_names_what_was_never_rendered() -> None:
    branches = [*all_branches()]
    counts = Counts(Counter(branches[1:]), Counter({"one_of:was at|0/3": 4, "one_of:was at|2/3": 1}))
    told = report(counts)
    assert f"{len(branches) - 1} of {len(branches)} branches rendered" in told and f"not rendered: {branches[0]}" in told
    assert "one_of:was at: 1 of 3 never taken" in told and len(branches) > 500


def test_the_counts_of_several_processes_are_added(tmp_path: Path) -> None:
    Counts(Counter({"a": 2}), Counter()).write(tmp_path / "gw0.json")
    Counts(Counter({"a": 3}), Counter({"b|0/2": 1})).write(tmp_path / "gw1.json")
    assert gather(tmp_path).passed == Counter({"a": 5}) and gather(tmp_path).taken == Counter({"b|0/2": 1})
