"""A covering set of wordings: every pair of choices is rendered, and what the checks hold is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from click.testing import CliRunner, Result
from desk import SAMPLES, edition, newsroom

from newsgen.cli import main
from newsgen.pipeline import Order
from newsgen.variants import covering, moments_of, try_angle
from newsgen.write import Choice, Choices

SHAPE = {"frame": 4, "verb": 3, "window": 5}


def made(seed: int) -> Sequence[Choice]:
    choices = Choices(seed, "m")
    return [Choice(place, choices.order(place, n)[0], n) for place, n in SHAPE.items()]


def test_every_pair_of_choices_stands_in_one_of_the_wordings() -> None:
    seeds = covering(made)
    for one, other in (("frame", "verb"), ("frame", "window"), ("verb", "window")):
        seen = {tuple(c.taken for c in made(seed) if c.place in (one, other)) for seed in seeds}
        assert seen == set(product(range(SHAPE[one]), range(SHAPE[other])))


def test_far_fewer_wordings_than_combinations_are_needed() -> None:
    assert 20 <= len(covering(made)) <= 30  # 4 x 5 pairs are the least, of 60 combinations


def test_single_choices_need_fewer_still() -> None:
    seeds = covering(made, together=1)
    assert len(seeds) <= 7 and {c.taken for seed in seeds for c in made(seed) if c.place == "window"} == set(range(5))


def test_a_message_that_cannot_be_said_is_tried_once() -> None:
    assert covering(lambda seed: None) == [0]


def test_an_angle_is_written_in_all_of_its_wordings() -> None:
    tried = try_angle(newsroom(), edition("2025-07-14-squeeze").view, Order("variants", "flash", angles=("short_squeeze",)))
    assert tried is not None and tried.held == ()
    assert tried.articles == max(tried.wordings.values()) > 1
    assert try_angle(newsroom(), edition("2025-07-14-squeeze").view, Order("variants", angles=("crash_day",))) is None


def test_moments_are_those_at_which_the_angle_fires() -> None:
    view = edition("2025-07-14-squeeze").view
    found = moments_of(newsroom(), view, datetime(2025, 7, 1, tzinfo=UTC), ["ath", "crash_day"])
    assert len(found["ath"]) == 1 and found["crash_day"] == []
    assert len(moments_of(newsroom(), view, datetime(2025, 7, 1, tzinfo=UTC), ["ath"], each=3)["ath"]) == 3


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["angle", "check", "--variants", "--edition", str(SAMPLES / "2025-07-14-squeeze"), *arguments])


def test_a_wording_that_is_wrong_in_one_combination_is_found(tmp_path: Path) -> None:
    """A desk's own lede that names the wrong side in one of its branches."""
    folder = tmp_path / "templates" / "angles" / "ath"
    folder.mkdir(parents=True)
    shipped = (Path(__file__).parent.parent / "templates" / "angles" / "ath" / "en.j2").read_text("utf-8")
    wordings = "{% or %}".join(
        f"{{{{ asset|name }}}} {what} {{{{ price.ath|price }}}}." for what in ("set a record of", "fell to a record low of")
    )
    wrong = f"{{% block flash %}}{{% vary %}}{wordings}{{% endvary %}}{{% endblock %}}"
    start = shipped.index("{% block flash %}")
    end = shipped.index("{% endblock %}", start) + len("{% endblock %}")
    (folder / "en.j2").write_text(shipped[:start] + wrong + shipped[end:], "utf-8")
    settings = tmp_path / "newsgen.toml"
    settings.write_text(f'templates = "{tmp_path / "templates"}"\n', "utf-8")
    told = CliRunner().invoke(
        main, ["--config", str(settings), "angle", "check", "--variants", "--angle", "ath", "--since", "2025-07-14T00:00:00Z",
               "--edition", str(SAMPLES / "2025-07-14-squeeze")],
    )  # fmt: skip
    assert told.exit_code == 2 and "record low" in told.output and "ath, flash" in told.output


def test_the_command_says_how_much_it_has_written() -> None:
    told = run("--angle", "short_squeeze", "--since", "2025-07-14T00:00:00Z")
    assert told.exit_code == 0 and "articles, no faults" in told.output
    assert run("--angle", "shrot_squeeze").exit_code == 2
